import json

import pytest
import torch
from helpers.gans import small_gan
from safetensors.torch import load_file, save_file

from gan_demo import GAN, Config, UserError
from gan_demo.networks import ARCHITECTURES
from gan_demo.pixels import from_pixels, to_pixels


@pytest.fixture(params=ARCHITECTURES)
def gan(request):
    return small_gan(request.param)


@pytest.fixture
def saved(tmp_path):
    small_gan("mlp").save_pretrained(tmp_path / "mlp")
    return tmp_path / "mlp"


def test_sample_and_score_shapes(gan):
    images = gan.sample(16, seed=42)
    assert images.shape == (16, 1, 28, 28)
    assert images.dtype == torch.float32
    assert images.abs().max() <= 1
    assert gan.score(images).shape == (16,)


@pytest.mark.parametrize("latent_dim", [1, 5, 16, 64, 100])
def test_row_of_a_seed_does_not_depend_on_the_number_of_rows(latent_dim):
    gan = small_gan("mlp", latent_dim=latent_dim)
    many = gan.latents(50, seed=7)
    for n in (1, 2, 3, 17):
        assert torch.equal(gan.latents(n, seed=7), many[:n])
    assert not torch.equal(gan.latents(50, seed=8), many)


def test_latents_are_normal_and_truncation_scales_them():
    z = small_gan("mlp", latent_dim=100).latents(20_000, seed=0)
    assert z.mean().abs() < 0.005
    assert (z.std() - 1).abs() < 0.005
    assert z.mean(0).abs().max() < 0.04
    # no column repeats another: the blocks of 16 are not copies
    assert (torch.corrcoef(z.T) - torch.eye(100)).abs().max() < 0.05
    gan = small_gan("mlp")
    torch.testing.assert_close(gan.latents(4, seed=1, truncation=0.5), gan.latents(4, seed=1) / 2)
    assert gan.latents(4, seed=1, truncation=0).abs().max() == 0


def test_a_picture_does_not_depend_on_the_others_in_its_batch(gan):
    many = gan.sample(20, seed=3)
    torch.testing.assert_close(gan.sample(1, seed=3), many[:1], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(gan.score(many[:1]), gan.score(many)[:1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_seed_out_of_range(gan, seed):
    with pytest.raises(UserError, match="seed"):
        gan.latents(1, seed)


def test_save_and_load_is_exact(gan, tmp_path):
    gan.save_pretrained(tmp_path)
    loaded = GAN.from_pretrained(tmp_path)
    assert loaded.config == gan.config
    images = gan.sample(9, seed=5)
    assert torch.equal(loaded.sample(9, seed=5), images)
    assert torch.equal(loaded.score(images), gan.score(images))
    loaded.save_pretrained(tmp_path / "again")
    for name in ("config.json", "model.safetensors"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_config_gets_the_defaults_of_its_model():
    config = Config(model="dcgan")
    for name, default in ARCHITECTURES["dcgan"].defaults.items():
        assert getattr(config, name) == default
    assert Config.from_json(json.dumps(config.to_dict())) == config


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"model": "vae"}, "unknown model 'vae': choose from mlp, dcgan"),
        ({"model": "mlp", "objective": "x"}, "unknown objective 'x'"),
        ({"model": "mlp", "generator_norm": "layer"}, "unknown generator norm 'layer'"),
        ({"model": "mlp", "latent_dim": 10**9}, "whole numbers from 1 to 8192"),
        ({"model": "mlp", "latent_dim": "64"}, "whole numbers"),
        ({"model": "mlp", "generator_widths": [True]}, "whole numbers"),
        ({"model": "dcgan", "generator_widths": [8]}, "generator_widths of a dcgan takes 2"),
        ({"model": "mlp", "version": 2}, "update gan_demo"),
        ({"model": "mlp", "generator_widths": 7}, "wrong type"),
        ({"model": "mlp", "colour": 1}, "unknown fields: colour"),
        ({"model": "mlp", "classes": 1}, "classes is 2 to 100 for a conditional model and 0 for others, not 1"),
        ({"model": "mlp", "classes": 101}, "classes is 2 to 100 for a conditional model and 0 for others, not 101"),
        ({"model": "mlp", "classes": 3, "class_names": ["a", "b"]}, "3 different names, one for each class"),
        ({"model": "mlp", "classes": 2, "class_names": ["a", "a"]}, "2 different names, one for each class"),
        ({"model": "mlp", "classes": 2, "class_names": ["a", "b\n"]}, "texts of 1 to 40 characters"),
        ({"model": "mlp", "class_names": ["a"]}, "0 different names"),
        ({"architectures": ["Bert"]}, "names no model"),
        ([1], "names no model"),
    ],
)
def test_bad_config(fields, message):
    with pytest.raises(UserError, match=message):
        Config.from_json(json.dumps(fields))


def refused(folder, message):
    with pytest.raises(UserError, match=message) as caught:
        GAN.from_pretrained(folder)
    assert "\n" not in str(caught.value)


def test_folder_that_is_no_checkpoint(tmp_path):
    refused(tmp_path, "is not a checkpoint: it has no config.json")
    refused(tmp_path / "nowhere", "is not a checkpoint")
    (tmp_path / "config.json").write_text("{")
    refused(tmp_path, "not JSON")
    (tmp_path / "config.json").write_bytes(b"\xff\xfe\x00")
    refused(tmp_path, "cannot be read")


def test_weights_missing_truncated_or_too_large(saved):
    path = saved / "model.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    refused(saved, "damaged")
    path.write_bytes(b"")
    refused(saved, "damaged")
    with path.open("wb") as file:
        file.truncate(100_000_001)
    refused(saved, "larger than 100 MB")
    path.unlink()
    refused(saved, "has no model.safetensors")


def test_strict_tensors_are_named(saved):
    path = saved / "model.safetensors"
    tensors = load_file(path)
    save_file({k: v for k, v in tensors.items() if k != "generator.layers.0.weight"}, path)
    refused(saved, "generator.layers.0.weight is missing")
    save_file({**tensors, "encoder.weight": torch.zeros(1)}, path)
    refused(saved, "encoder.weight does not belong")
    save_file({**tensors, "generator.layers.0.weight": torch.zeros(3, 3)}, path)
    refused(saved, r"generator.layers.0.weight is torch.float32 \(3, 3\), the config asks for torch.float32 \(12, 5\)")
    save_file({**tensors, "generator.layers.0.weight": tensors["generator.layers.0.weight"].double()}, path)
    refused(saved, "generator.layers.0.weight is torch.float64")


def test_weights_of_the_other_model_are_foreign(saved, tmp_path):
    small_gan("dcgan").save_pretrained(tmp_path / "dcgan")
    (saved / "model.safetensors").write_bytes((tmp_path / "dcgan" / "model.safetensors").read_bytes())
    refused(saved, "tensor .* (is missing|does not belong|asks for)")


def test_pixels_round_to_nearest_and_back():
    pixels = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(to_pixels(from_pixels(pixels)), pixels)
    images = torch.tensor([-1.0, -1 + 0.4 / 127.5, -1 + 0.6 / 127.5, 1.0])
    assert to_pixels(images).tolist() == [0, 0, 1, 255]


@pytest.mark.parametrize("model", ARCHITECTURES)
@pytest.mark.parametrize("norm", ["none", "spectral"])
def test_conditional_and_spectral_models_save_and_load_exactly(model, norm, tmp_path):
    gan = small_gan(model, classes=10, discriminator_norm=norm)
    gan.save_pretrained(tmp_path)
    loaded = GAN.from_pretrained(tmp_path)
    assert loaded.config == gan.config
    images = gan.sample(10, seed=5, labels=range(10))
    assert torch.equal(loaded.sample(10, seed=5, labels=range(10)), images)
    assert torch.equal(loaded.score(images, labels=7), gan.score(images, labels=7))


@pytest.mark.parametrize("model", ARCHITECTURES)
def test_a_latent_is_ten_digits_and_a_picture_is_scored_as_any_of_them(model):
    gan = small_gan(model, classes=10)
    z = gan.latents(1, seed=1).expand(10, -1)
    row = gan.generate(z, labels=range(10))
    assert len(row.flatten(1).unique(dim=0)) == 10
    one = gan.generate(z[:1], labels=4)
    torch.testing.assert_close(row[4:5], one, rtol=1e-4, atol=1e-5)
    assert len(gan.score(one.expand(10, -1, -1, -1), labels=torch.arange(10)).unique()) == 10
    assert torch.equal(gan.sample(3, seed=2, labels=4), gan.sample(3, seed=2, labels=[4, 4, 4]))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (10, "a label is a whole number from 0 to 9, not 10"),
        (-1, "from 0 to 9, not -1"),
        ([0, 1, 11], "from 0 to 9"),
        (2.0, "whole number from 0 to 9, not 2.0"),
        (True, "whole number"),
        ("7", "whole number from 0 to 9, not '7'"),
        ([1, [2]], "whole number"),
        (2**70, "whole number"),
        ([1, 2], r"labels are one for all or one for each of 3 rows, not of shape \(2,\)"),
        (None, "this model is conditional: say which class with labels"),
    ],
)
def test_labels_that_do_not_fit(labels, message):
    gan = small_gan("mlp", classes=10)
    for call in (lambda: gan.sample(3, seed=0, labels=labels), lambda: gan.score(torch.zeros(3, 1, 28, 28), labels)):
        with pytest.raises(UserError, match=message) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_an_unconditional_model_takes_no_labels(gan):
    for call in (lambda: gan.sample(1, seed=0, labels=3), lambda: gan.score(torch.zeros(1, 1, 28, 28), labels=[3])):
        with pytest.raises(UserError, match="this model is not conditional: leave out the labels"):
            call()


@pytest.mark.parametrize("model", ARCHITECTURES)
def test_half_precision_is_half_the_bytes_and_less_than_a_grey_level(model, tmp_path):
    gan = small_gan(model, generator_widths=(64, 48, 32), classes=10, discriminator_norm="spectral")
    gan.save_pretrained(tmp_path / "whole")
    gan.save_pretrained(tmp_path / "half", half=True)
    size = {name: (tmp_path / name / "model.safetensors").stat().st_size for name in ("whole", "half")}
    assert size["half"] < 0.6 * size["whole"]
    loaded = GAN.from_pretrained(tmp_path / "half")
    assert {p.dtype for part in (loaded.generator, loaded.discriminator) for p in part.parameters()} == {torch.float32}
    images = gan.sample(50, seed=1, labels=3)
    again = loaded.sample(50, seed=1, labels=3)
    assert not torch.equal(again, images)
    assert (to_pixels(again).int() - to_pixels(images).int()).abs().max() <= 1
    torch.testing.assert_close(loaded.score(images, 3), gan.score(images, 3), rtol=0, atol=2e-3)


def test_a_config_names_its_classes_only_where_they_have_names():
    assert "class_names" not in Config(model="mlp", classes=10).to_dict()
    named = Config(model="mlp", classes=2, class_names=("A", "B"))
    assert Config.from_json(json.dumps(named.to_dict())) == named
