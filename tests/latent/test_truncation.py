"""Truncation: where latents are led, how long they stay, and the file of typical latents."""

import math

import pytest
import torch
from helpers.gans import small_gan
from safetensors.torch import save_file

from gan_demo import UserError
from gan_demo.checkpoint import TYPICAL_FILE
from gan_demo.gan import GAN
from gan_demo.latent import truncation

TYPICAL = torch.tensor([[3.0, 0.0], [0.0, 1.0]])


def test_each_latent_goes_to_the_nearest_by_angle_along_the_arc():
    z = torch.tensor([[2.0, 1.9], [0.1, 4.0], [3 * math.cos(1.0), -3 * math.sin(1.0)]])
    assert truncation.nearest(z, TYPICAL).tolist() == [0, 1, 0]  # the length plays no part
    assert torch.equal(truncation.towards_typical(z, 1, TYPICAL), z)
    assert torch.equal(truncation.towards_typical(z, 0, TYPICAL), TYPICAL[[0, 1, 0]])
    # A radian away and as long as the typical one: half of the way is half a radian.
    wanted = torch.tensor([3 * math.cos(0.5), -3 * math.sin(0.5)])
    torch.testing.assert_close(truncation.towards_typical(z, 0.5, TYPICAL)[2], wanted)
    beyond = torch.tensor([3 * math.cos(1.5), -3 * math.sin(1.5)])
    torch.testing.assert_close(truncation.towards_typical(z[2], 1.5, TYPICAL), beyond)


def test_on_the_way_latents_are_as_long_as_random_ones():
    random = torch.Generator().manual_seed(0)
    z, typical = torch.randn(500, 64, generator=random), torch.randn(64, 64, generator=random)
    for psi in (0.2, 0.5, 0.8):
        assert truncation.towards_typical(z, psi, typical).norm(dim=1).mean() == pytest.approx(8, rel=0.02)


def test_a_model_goes_its_own_way_unless_it_is_told():
    gan = small_gan("mlp")
    assert gan.truncations == ("middle",)
    z = gan.latents(4, 7)
    assert torch.equal(gan.latents(4, 7, 0.5), z * 0.5)
    with pytest.raises(UserError, match="towards middle, not 'typical'"):
        gan.latents(4, 7, 0.5, "typical")
    gan.typical = gan.latents(3, 99)
    assert gan.truncations == ("typical", "middle")
    led = truncation.towards_typical(z, 0.5, gan.typical)
    assert torch.equal(gan.latents(4, 7, 0.5), led)
    assert torch.equal(gan.latents(4, 7, 0.5, "middle"), z * 0.5)
    assert torch.equal(gan.sample(4, 7, 0.5), gan.generate(led))
    assert torch.equal(gan.latents(4, 7), z)


def test_typical_latents_lie_beside_the_weights_that_they_are_of(tmp_path):
    gan = small_gan("mlp")
    gan.save_pretrained(tmp_path)
    assert GAN.from_pretrained(tmp_path).typical is None
    gan.typical = gan.latents(6, 1)
    gan.save_pretrained(tmp_path)
    assert torch.equal(GAN.from_pretrained(tmp_path).typical, gan.typical.half().float())
    small_gan("mlp", seed=1).save_pretrained(tmp_path)  # other weights
    assert GAN.from_pretrained(tmp_path).typical is None


@pytest.mark.parametrize("wrong", [torch.zeros(3, 5), torch.ones(3, 4), torch.full((3, 5), torch.nan), torch.ones(5)])
def test_a_strangers_file_of_typical_latents_is_as_good_as_none(tmp_path, wrong):
    gan = small_gan("mlp")
    gan.save_pretrained(tmp_path)
    truncation.save(tmp_path, gan.latents(3, 1))
    whole = (tmp_path / TYPICAL_FILE).read_bytes()
    truncation.save(tmp_path, wrong)
    assert truncation.read(tmp_path, 5) is None
    save_file({"typical": gan.latents(3, 1)}, tmp_path / TYPICAL_FILE)  # says nothing of weights
    assert truncation.read(tmp_path, 5) is None
    (tmp_path / TYPICAL_FILE).write_bytes(whole[:-7])
    assert truncation.read(tmp_path, 5) is None
