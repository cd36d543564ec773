import json

import pytest
import torch
from conftest import small_gan
from safetensors.torch import load_file, save_file

from gan_demo import GAN, Config, UserError
from gan_demo.gan import from_pixels, to_pixels
from gan_demo.networks import ARCHITECTURES


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
    assert (config.latent_dim, config.generator_widths, config.discriminator_norm) == (64, (128, 64), "none")
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
        ({"model": "dcgan", "generator_widths": [8]}, "generator_widths of a dcgan takes 2 to 16 numbers"),
        ({"model": "mlp", "version": 2}, "update gan_demo"),
        ({"model": "mlp", "generator_widths": 7}, "wrong type"),
        ({"model": "mlp", "colour": 1}, "unknown fields: colour"),
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
    save_file({**tensors, "generator.layers.0.weight": tensors["generator.layers.0.weight"].half()}, path)
    refused(saved, "generator.layers.0.weight is torch.float16")


def test_weights_of_the_other_model_are_foreign(saved, tmp_path):
    small_gan("dcgan").save_pretrained(tmp_path / "dcgan")
    (saved / "model.safetensors").write_bytes((tmp_path / "dcgan" / "model.safetensors").read_bytes())
    refused(saved, "tensor .* (is missing|does not belong|asks for)")


def test_pixels_round_to_nearest_and_back():
    pixels = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(to_pixels(from_pixels(pixels)), pixels)
    images = torch.tensor([-1.0, -1 + 0.4 / 127.5, -1 + 0.6 / 127.5, 1.0])
    assert to_pixels(images).tolist() == [0, 0, 1, 255]
