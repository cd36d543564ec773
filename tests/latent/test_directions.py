"""Directions of a model: found, measured, written, read back strictly."""

import json
import shutil

import pytest
import torch
from helpers.commands import here
from helpers.gans import small_gan
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from gan_demo import GAN, UserError, cli, files
from gan_demo.checkpoint import checksum
from gan_demo.cli.directions import format_table
from gan_demo.latent import direction_methods, direction_search, ink
from gan_demo.latent.directions import Directions


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "small"
    small_gan("mlp", seed=1, latent_dim=24).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def gan(folder):
    return GAN.from_pretrained(folder)


@pytest.fixture(scope="module")
def found(folder, gan):
    found = direction_search.find(gan, checksum(folder), samples=600, probes=20)
    found.save(folder)
    return found


def test_they_are_unit_vectors_with_names(found, gan):
    names = [direction.name for direction in found.all]
    assert names[:4] == list(ink.MEASURES)
    assert names[-16:] == [f"{kind}-{n}" for kind in ("pca", "sefa") for n in range(1, 9)]
    for vectors in (found.vectors, found.still):
        assert vectors.shape == (len(names), gan.config.latent_dim)
        assert torch.allclose(vectors.norm(dim=1), torch.ones(len(names)), atol=1e-5)


def test_the_same_seed_finds_the_same(found, gan):
    again = direction_search.find(gan, found.weights, samples=600, probes=20)
    assert torch.equal(again.vectors, found.vectors)
    assert again.all == found.all


def test_an_effect_is_what_the_pictures_do(found, gan):
    """Recomputed by hand: a step both ways from the same latents."""
    z = gan.latents(20, direction_search.SEED + 1)
    for name in ("slant", "pca-2"):
        effect = next(one for one in found.all if one.name == name).effect
        up, down = (direction_search.measure(gan, found.move(z, {name: way})) for way in (2.0, -2.0))
        assert effect.moves["slant"] == pytest.approx(((up - down)[:, 0].mean() / 4).item(), rel=1e-3, abs=1e-3)
        digit = direction_search.measure(gan, z)[:, 4:].argmax(1)
        same = torch.cat([way[:, 4:].argmax(1) == digit for way in (up, down)])
        assert effect.stays == pytest.approx(same.double().mean().item(), abs=1e-4)


def test_components_are_called_by_what_they_move_most(found):
    for one in found.all:
        moved = {
            name: abs(value) / found.spread[name] for name, value in one.effect.moves.items() if found.spread[name]
        }
        assert moved[one.mostly] == max(moved.values())
        if one.kind in ("pca", "sefa"):
            assert one.effect.moves[one.mostly] > 0  # the sign is chosen so


def test_still_directions_leave_the_linear_models_of_the_others(found):
    for name in ink.MEASURES:
        others = [one.name for one in found.all if one.kind in ("measure", "digit") and one.name != name]
        normals = torch.stack([found.vector(other) for other in others]).double()
        assert (normals @ found.vector(name, still=True).double()).abs().max() < 1e-5


def test_a_conditional_model_has_no_directions_of_digits_and_keeps_the_others_still():
    gan = small_gan("dcgan", seed=2, classes=10, latent_dim=8)
    found = direction_search.find(gan, samples=300, probes=10)
    assert not [one for one in found.all if one.kind == "digit"]
    for name in ink.MEASURES:
        others = torch.stack([found.vector(other) for other in ink.MEASURES if other != name])
        assert (others @ found.vector(name, still=True)).abs().max() < 1e-5
        assert next(one for one in found.all if one.name == name).still is not None


def test_pictures_that_are_no_digits_have_no_recognised_digit():
    gan = small_gan("mlp", training={"dataset": "fashion-mnist"})
    found = direction_search.find(gan, samples=200, probes=10)
    assert set(found.spread) == set(ink.MEASURES)
    assert {one.effect.stays for one in found.all} == {None}
    assert "digit-0" not in format_table(found)


def test_moving_adds_units_of_unit_vectors(found, gan):
    z = gan.latents(3, 0)
    moved = found.move(z, {"slant": 2.0, "sefa-1": -0.5})
    assert torch.allclose(moved - z, 2 * found.vector("slant") - 0.5 * found.vector("sefa-1"), atol=1e-6)
    assert torch.equal(found.move(z, {}), z)
    with pytest.raises(UserError, match="no direction 'slope': choose from slant, width"):
        found.move(z, {"slope": 1.0})


def test_a_generator_without_variety_or_numbers_is_one_line(gan):
    flat = small_gan("mlp")
    for parameter in flat.generator.parameters():
        parameter.data.zero_()
    with pytest.raises(UserError, match="alike"):
        direction_search.find(flat, samples=50, probes=5)
    for parameter in flat.generator.parameters():
        parameter.data.fill_(torch.nan)
    with pytest.raises(UserError, match="NaN"):
        direction_search.find(flat, samples=50, probes=5)


def test_what_is_written_is_read_back(found, folder):
    again = Directions.from_pretrained(folder)
    assert torch.equal(again.vectors, found.vectors)
    assert torch.equal(again.still, found.still)
    assert (again.all, again.spread, again.weights) == (found.all, found.spread, found.weights)
    assert again.probes == 20


def rewritten(folder, target, change_tensors=lambda tensors: None, change=lambda about: None):
    """A copy of a checkpoint with other content in its directions."""
    shutil.copytree(folder, target)
    path = target / "directions.safetensors"
    tensors = load_file(path)
    with safe_open(path, "pt") as file:
        about = json.loads(file.metadata()["directions"])
    change_tensors(tensors)
    change(about)
    save_file(tensors, path, metadata={"directions": json.dumps(about)})
    return target


def of_w(length):
    """Add the tensors of directions in w, of a length."""
    return lambda tensors: tensors.update(w_vectors=length * tensors["vectors"], w_still=tensors["still"].clone())


@pytest.mark.parametrize(
    ("tensors", "about", "words"),
    [
        (lambda t: t.update(vectors=t["vectors"][:, :3].contiguous()), lambda a: None, r"vectors is torch.float32 \("),
        (lambda t: t.update(still=t["still"][:2].contiguous()), lambda a: None, r"still is torch.float32 \(2"),
        (lambda t: t.update(vectors=t["vectors"].double()), lambda a: None, "vectors is torch.float64"),
        (lambda t: t["vectors"].fill_(torch.nan), lambda a: None, "not of length 1"),
        (lambda t: t["still"].mul_(2), lambda a: None, "not of length 1"),
        (lambda t: t.pop("still"), lambda a: None, "tensors vectors"),
        (lambda t: t.update(more=torch.zeros(1)), lambda a: None, "tensors more, still, vectors"),
        (lambda t: None, lambda a: a.update(version=2), "tensors still, vectors"),
        (of_w(1), lambda a: a.update(version=2, in_w=a["directions"][1:]), r"w_vectors is torch.float32 \("),
        (of_w(0), lambda a: a.update(version=2, in_w=a["directions"]), "w_vectors holds a row without a length"),
        (of_w(1e39), lambda a: a.update(version=2, in_w=a["directions"]), "w_vectors holds a row without a length"),
        (of_w(1), lambda a: a.update(version=2), "damaged or not of this project"),
        (lambda t: None, lambda a: a.update(version=9), "version 9"),
        (lambda t: None, lambda a: a["directions"][0].update(name="<b>"), "unknown direction"),
        (lambda t: None, lambda a: a["directions"][1].update(name="slant"), "two directions"),
        (lambda t: None, lambda a: a["directions"][0].update(fit="1e9"), "no share"),
        (lambda t: None, lambda a: a["directions"][0].update(fit=None), "unknown direction"),
        (lambda t: None, lambda a: a["directions"][0]["effect"].update(moves={}), "other measures"),
        (lambda t: None, lambda a: a["spread"].update(slant=float("nan")), "no number"),
        (lambda t: None, lambda a: a["directions"].pop(), "not float32"),
        (lambda t: None, lambda a: a.update(directions=7), "damaged or not of this project"),
        (lambda t: None, lambda a: a.pop("spread"), "damaged or not of this project"),
        (lambda t: None, lambda a: a.update(weights_sha256="0" * 64), 'on other weights: run python -m .* ".*a copy"$'),
    ],
)
def test_reading_is_strict(found, folder, tmp_path, tensors, about, words):
    with pytest.raises(UserError, match=words) as error:
        Directions.from_pretrained(rewritten(folder, tmp_path / "a copy", tensors, about))
    assert "\n" not in str(error.value)


def test_a_checkpoint_without_or_with_torn_ones_is_one_line(found, folder, tmp_path):
    copy = tmp_path / "my copy"
    shutil.copytree(folder, copy)
    path = copy / "directions.safetensors"
    for content in (b"", path.read_bytes()[:300], b"{}" * 100):
        files.write_bytes(path, content)
        with pytest.raises(UserError, match="damaged"):
            Directions.from_pretrained(copy)
    path.unlink()
    with pytest.raises(UserError, match=r'no directions yet: find .* python -m gan_demo directions ".*my copy"$'):
        Directions.from_pretrained(copy)


def test_the_command_writes_and_prints_them(tmp_path, monkeypatch, capsys):
    small_gan("mlp", seed=1).save_pretrained(tmp_path / "m")
    monkeypatch.setattr(direction_search, "SAMPLES", 200)
    monkeypatch.setattr(direction_search, "PROBES", 5)
    assert cli.main(["directions", str(tmp_path / "m"), "--device", "cpu"]) == 0
    printed = capsys.readouterr().out
    assert "digit stays" in printed
    assert "sefa-1" in printed
    assert Directions.from_pretrained(tmp_path / "m").all
    for wrong, words in ((tmp_path, "is not a checkpoint"), (tmp_path / "none", "is not a checkpoint")):
        assert cli.main(["directions", str(wrong), "--device", "cpu"]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert words in line


def test_help_is_in_words():
    result = here(cli.main, "directions", "--help")
    assert result.returncode == 0
    assert "GANSpace" in result.stdout


def test_half_of_the_latents_do_not_turn_a_component():
    """What is found is the model's, not the sample's."""
    gan = small_gan("mlp", seed=4)
    found = [
        direction_methods.ganspace(z.double(), direction_methods.early_features(gan, z), 1)[0]
        for z in gan.latents(4096, 5).split(2048)
    ]
    assert (found[0] * found[1]).sum().abs() > 0.97
