"""Which pictures are recognised as nothing that a D has ever seen: noise, letters, faces, scribbles, odd digits.

    python benchmarks/seen.py                        the method of gan_demo/belief/seen.py, as Markdown
    python benchmarks/seen.py --methods              the methods that it was chosen from
    python benchmarks/seen.py --limits               what 1 % of the real test digits exceed: the constants of seen.py

The limits are found on one half of those MNIST test digits that are not on the sheet, and tried on the other half.
Strangers are made from seeds (strangers.py). The last rows should not be caught: other people's digits, and what
generators draw, each held against its own cloud, too.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

import torch
from strangers import FAR, NEAR
from torch import Tensor

from gan_demo import GAN, data
from gan_demo.belief import seen
from gan_demo.classifier import load_classifier
from gan_demo.pictures import real_digits
from gan_demo.pixels import from_pixels, to_pixels

ROOT = Path(__file__).parent.parent
GENERATORS = ("dcgan", "mlp", "mlp-gan", "dcgan-conditional")
EXCEED = 0.01


def not_on_the_sheet(data_dir: str | None) -> Tensor:
    """The other 9,000 test digits of MNIST: (n, 1, 28, 28) uint8."""
    test = data.load("mnist", data_dir, train=False)
    left = torch.ones(len(test.images), dtype=torch.bool)
    left[real_digits.sheet().places] = False
    return test.images[left]


def sets(count: int, data_dir: str | None) -> dict[str, Tensor]:
    """Name -> pictures (n, 1, 28, 28) uint8. "limits" and "real test digits" are halves of what is not on the sheet."""
    others = not_on_the_sheet(data_dir)
    digits = others[1::2][:, 0].numpy()
    found = {"limits": others[::2], "real test digits": others[1::2]}
    for name, make in {**FAR, **NEAR}.items():
        random = np.random.default_rng(1)
        pictures = [make(number, random, digits[: 2 * count]) for number in range(count)]
        found[name] = torch.from_numpy(np.stack(pictures).astype(np.uint8))[:, None]
    found["digits of scikit-learn, enlarged"] = data.load("digits").images[:500]
    return found


def limits(images: Tensor) -> float:
    """The distance of strokes that, with PARTS, 1 % of real pictures exceed."""
    distances = seen.real().distances(seen.strokes(images))
    distances[seen.parts(images) > seen.PARTS] = torch.inf
    return float(distances.quantile(1 - EXCEED))


def by_method(pictures: dict[str, Tensor]) -> dict[str, dict[str, np.ndarray]]:
    """Method -> set -> how strange each picture is; the last three are those of seen.py."""
    network, sheet = load_classifier(), real_digits.sheet()

    @torch.inference_mode()
    def look(images: Tensor) -> dict[str, Tensor]:
        batches = [from_pixels(batch) for batch in images.split(seen.BATCH)]
        features = torch.cat([network.features(batch) for batch in batches])
        logits = network.head(features)
        return {
            "features": features.double(),
            "softmax": logits.softmax(1),
            "energy": logits.logsumexp(1),
            "strokes": seen.real().distances(seen.strokes(images)),
            "pixels": images.flatten(1).double() / 255,
            "parts": seen.parts(images).double(),
        }

    known = look(sheet.images)
    mean, labels = known["features"].mean(0), sheet.labels
    of_class = torch.stack([known["features"][labels == digit].mean(0) for digit in range(10)])
    whole = _precision(known["features"] - mean)
    within = _precision(known["features"] - of_class[labels])
    axes = torch.linalg.svd(known["pixels"] - known["pixels"].mean(0), full_matrices=False)[2][:64]

    def nearest(x: Tensor, cloud: Tensor, k: int = 1) -> Tensor:
        return torch.cdist(x, cloud).kthvalue(k, 1).values

    def by_class(x: Tensor) -> Tensor:
        return torch.stack([_length(x - middle, within) for middle in of_class]).amin(0)

    def residual(x: Tensor) -> Tensor:
        centred = x - known["pixels"].mean(0)
        return (centred - centred @ axes.T @ axes).norm(dim=1)

    def with_parts(found: dict[str, Tensor]) -> Tensor:
        return torch.where(found["parts"] > seen.PARTS, torch.inf, found["strokes"].double())

    methods = {
        "largest softmax (Hendrycks 2017)": lambda found: -found["softmax"].amax(1),
        "energy (Liu 2020)": lambda found: -found["energy"],
        "Mahalanobis": lambda found: _length(found["features"] - mean, whole),
        "Mahalanobis by class (Lee 2018)": lambda found: by_class(found["features"]),
        "relative Mahalanobis (Ren 2021)": lambda found: (
            by_class(found["features"]).square() - _length(found["features"] - mean, whole).square()
        ),
        "5th neighbour, features": lambda found: nearest(found["features"], known["features"], 5),
        "neighbour, features of length 1 (Sun 2022)": lambda found: nearest(
            torch.nn.functional.normalize(found["features"]), torch.nn.functional.normalize(known["features"])
        ),
        "neighbour, pixels": lambda found: nearest(found["pixels"], known["pixels"]),
        "residual of 64 principal components": lambda found: residual(found["pixels"]),
        "strokes": lambda found: found["strokes"],
        "parts": lambda found: found["parts"],
        "strokes and parts": with_parts,
    }
    looked = {name: look(images) for name, images in pictures.items()}
    return {
        method: {name: measure(found).numpy() for name, found in looked.items()} for method, measure in methods.items()
    }


def _precision(rows: Tensor) -> Tensor:
    covariance = torch.cov(rows.T)
    size = len(covariance)
    shrunk = 0.95 * covariance + 0.05 * covariance.trace() / size * torch.eye(size, dtype=rows.dtype)
    return torch.linalg.inv(shrunk)


def _length(rows: Tensor, precision: Tensor) -> Tensor:
    return ((rows @ precision) * rows).sum(1).clamp_min(0).sqrt()


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", action="store_true", help="compare methods")
    parser.add_argument("--limits", action="store_true", help="print what 1 %% of real test digits exceed")
    parser.add_argument("--count", type=int, default=200, help="pictures of each kind (default: 200)")
    parser.add_argument("--data-dir", help="where MNIST lies (default: GAN_DEMO_DATA, else data)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.limits:
        print(f"STROKES = {limits(not_on_the_sheet(arguments.data_dir)[::2]):.3f}")
        return 0
    pictures = sets(arguments.count, arguments.data_dir)
    if arguments.methods:
        _compare(pictures)
        return 0
    print("| pictures | recognised as never seen |\n|---|---|")
    for name, images in pictures.items():
        if name != "limits":
            print(f"| {name} | {100 * seen.far(images).double().mean():.1f} % |", flush=True)
    print(
        "\n| drawn by | far from real digits | and from its own | strangers caught | its cloud |\n|---|---|---|---|---|"
    )
    for name in GENERATORS:
        gan = GAN.from_pretrained(str(ROOT / "checkpoints" / name))
        started = time.perf_counter()
        cloud = seen.cloud_of(gan)
        taken = time.perf_counter() - started
        labels = [row % 10 for row in range(1000)] if gan.config.classes else None
        with torch.inference_mode():
            drawn = to_pixels(gan.generate(gan.latents(1000, 99), labels))
        shares = [seen.far(drawn, one).double().mean() for one in (None, cloud)]
        shares.append(torch.stack([seen.far(pictures[kind], cloud).double().mean() for kind in FAR]).mean())
        told = " | ".join(f"{100 * share:.1f} %" for share in shares)
        print(f"| {name} | {told} | {taken:.1f} s |", flush=True)
    one = pictures["real test digits"][:1]
    started = time.perf_counter()
    for _ in range(100):
        seen.far(one)
    print(f"\none picture: {10 * (time.perf_counter() - started):.2f} ms")
    return 0


def _compare(pictures: dict[str, Tensor]) -> None:
    kinds = [name for name in pictures if name != "limits"]
    strange = by_method(pictures)
    caught = {}
    for method, found in strange.items():
        limit = np.quantile(found["limits"], 1 - EXCEED)
        caught[method] = {name: 100 * float((found[name] > limit).mean()) for name in kinds}
    names = sorted(caught, key=lambda method: np.mean([caught[method][kind] for kind in FAR]))
    print(f"| caught, % | {' | '.join(names)} |\n|---{'|---' * len(names)}|")
    print(f"| mean of strangers | {' | '.join(f'{np.mean([caught[n][kind] for kind in FAR]):.0f}' for n in names)} |")
    for kind in kinds:
        print(f"| {kind} | {' | '.join(f'{caught[name][kind]:.1f}' for name in names)} |")


if __name__ == "__main__":
    sys.exit(main())
