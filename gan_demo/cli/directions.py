"""gan-demo directions checkpoints/mlp"""

import argparse
from typing import TYPE_CHECKING

from gan_demo import files
from gan_demo.cli.arguments import add_device, check_here, stages

if TYPE_CHECKING:
    from gan_demo.latent.directions import Directions, Effect

UNITS = {"slant": "°", "width": " px", "size": " px", "roundness": ""}


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog=program,
        description="Find named directions in the latent space of a model, measure what they do, and write them into"
        " its folder as directions.safetensors. A style generator has some in z and some in w.",
        epilog="Slant, stroke width, size, roundness and each digit by linear models of the pictures; principal"
        " components of early features (GANSpace); eigenvectors of the first layer (SeFa).",
    )
    result.add_argument("checkpoints", nargs="+", metavar="FOLDER", help="a checkpoint, such as checkpoints/mlp")
    result.add_argument("--seed", type=int, metavar="N", help="of all latents (default: 20200408)")
    add_device(result)
    return result


def run(options: argparse.Namespace, program: str) -> None:
    """Find the directions of each checkpoint, and print what they do."""
    from gan_demo.devices import choose_device
    from gan_demo.latent import direction_search

    check_here(options.checkpoints)
    for folder in options.checkpoints:
        files.check_writable(folder)
    device = choose_device(options.device)
    seed = direction_search.SEED if options.seed is None else options.seed
    for folder in options.checkpoints:
        with stages(direction_search.STAGES) as advance:
            found = direction_search.find_for(folder, seed, device, advance)
        print(f"{folder}: {len(found.all)} directions\n\n{format_table(found)}\n", flush=True)
        if found.in_w:
            print(f"in w: {len(found.in_w.all)} directions\n\n{format_table(found.in_w)}\n", flush=True)
            print(f"{format_compared(found)}\n", flush=True)


def format_compared(found: "Directions") -> str:
    """What linear models explain of z and of w, for people: a line for each measure and digit."""
    lines = [f"{'how linear':<16}{'in z':>8}{'in w':>8}"]
    for one, other in found.compared():
        fit = "R2" if one.kind == "measure" else "AUC"
        lines.append(f"{f'{fit} of {one.name}':<16}{one.fit:>8.3f}{other.fit:>8.3f}")
    if means := found.linearity():
        lines.append(f"{'mean R2':<16}{means[0]:>8.3f}{means[1]:>8.3f}")
    return "\n".join(lines)


def format_table(found: "Directions") -> str:
    """What each direction does, for people: a line each."""
    lines = [f"{'direction':<12}{'a unit moves':<30}{'digit stays':>12}   others kept still"]
    for one in found.all:
        own = one.name if one.name in found.spread else one.mostly
        note = "" if one.mostly == own and one.name in found.spread else f"mostly {one.mostly}"
        texts = [_moved(effect, own) for effect in (one.effect, one.still) if effect]
        stays = ["-" if effect.stays is None else f"{effect.stays:.0%}" for effect in (one.effect, one.still) if effect]
        still = f"{texts[1]}, {stays[1]}" if one.still else ""
        lines.append(f"{one.name:<12}{texts[0] + ('  ' + note if note else ''):<30}{stays[0]:>12}   {still}".rstrip())
    return "\n".join(lines)


def _moved(effect: "Effect", measure: str) -> str:
    value = effect.moves[measure]
    return f"{value:+.1%} {measure}" if measure.startswith("digit") else f"{value:+.2f}{UNITS[measure]} {measure}"
