"""The address of a picture: text and back, what is no address, and the latent it names."""

import html
import shlex
import subprocess
from dataclasses import replace
from urllib.parse import parse_qs

import numpy as np
import pytest
import torch
from helpers.commands import ROOT
from helpers.gans import small_gan
from PIL import Image

from gan_demo import GAN, UserError, cli
from gan_demo.gan import MAX_SEED
from gan_demo.latent import endless_map, paths
from gan_demo.latent.truncation import towards_typical
from gan_demo.pixels import to_pixels
from gan_demo.shell import quoted
from gan_demo.ui.shared.address import MAX_LENGTH, MAX_ZOOM, Address, Found, addresses
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.edit import Edit
from gan_demo.ui.tabs.directions import texts as directions
from gan_demo.ui.tabs.invert import tab as invert

CANONICAL = (
    ("dcgan:42:3", Address("dcgan", 42, 3)),
    ("dcgan:42:3:t0.7", Address("dcgan", 42, 3, 0.7)),
    ("dcgan:42:3:c0.7", Address("dcgan", 42, 3, 0.7, towards="typical")),
    ("asked:42:x1:y2:c0:r1:v0:d5", Address("asked", 42, 0, 0, 5, (1, 2), radius=1.0, towards="typical")),
    ("cdcgan:0:0:d5", Address("cdcgan", 0, 0, digit=5)),
    ("cdcgan:9:9999:t1.5:d0", Address("cdcgan", 9, 9999, 1.5, 0)),
    ("user/my-repo_2.0:9223372036854775807:1", Address("user/my-repo_2.0", 2**63 - 1, 1)),
    ("手写:1:2:t0", Address("手写", 1, 2, 0.0)),
    ("42:1:2", Address("42", 1, 2)),
    ("dcgan:42:3:r0.3:v5", Address("dcgan", 42, 3, radius=0.3, variation=5)),
    ("asked:42:3:t0.7:r1:v0:d5", Address("asked", 42, 3, 0.7, 5, radius=1.0)),
    ("dcgan:42:x1.25:y-3", Address("dcgan", 42, point=(1.25, -3))),
    ("user/repo:0:x-1000000:y0.015625:t0.5:d3:z-1", Address("user/repo", 0, 0, 0.5, 3, (-1e6, 1 / 64), -1.0)),
    ("x:1:x0:y0:z2.5", Address("x", 1, point=(0, 0), zoom=2.5)),
)


@pytest.mark.parametrize(("text", "address"), CANONICAL)
def test_an_address_is_the_same_as_text_and_in_a_link(text, address):
    assert str(address) == text
    assert Address.parse(text) == address
    assert Address.parse(f" {text}\n") == address
    assert parse_qs(f"a={text},{text}")["a"] == [f"{text},{text}"]


def test_the_forms_a_person_may_type():
    assert Address.parse("42", "mlp") == Address("mlp", 42, 0)
    assert Address.parse("42:3", "mlp") == Address("mlp", 42, 3)
    assert Address.parse("42:3:t0.50:d7", "mlp") == Address("mlp", 42, 3, 0.5, 7)
    assert Address.parse("dcgan:42:3", "mlp").model == "dcgan"
    assert str(Address.parse("mlp:007:01:t1.0")) == "mlp:7:1"
    assert str(Address.parse("mlp:007:01:c1.0")) == "mlp:7:1"
    assert str(Address.parse("mlp:7:1:r0.0:v3")) == "mlp:7:1"  # no way from it: it is the latent itself
    assert Address.parse("mlp:7:1:t0.5:r0.20:v3").short == "7:1:t0.5:r0.2:v3"
    assert str(Address.parse("style:7:1:t-0.50")) == "style:7:1:t-0.5"
    assert str(Address.parse("style:7:1:t-0")) == "style:7:1:t0"
    assert Address.parse("7:x1:y2", "mlp") == Address("mlp", 7, point=(1, 2))
    assert str(Address.parse("mlp:7:x-0.0:y01.50:z-0")) == "mlp:7:x0:y1.5:z0"
    assert str(Address("mlp", 7, point=(1 / 3, -1e-9))) == "mlp:7:x0.333333:y0"


@pytest.mark.parametrize(
    "text",
    [
        *("", "dcgan", "dcgan:42", "42", "42:3", "dcgan:-1:0", "dcgan:1:-1", "dcgan:1.5:0", "dcgan:1:10000"),
        *(
            "dcgan:9223372036854775808:0",
            "dcgan:1:0:t1.51",
            "dcgan:1:0:tnan",
            "dcgan:1:0:t-1.01",
            "dcgan:1:0:c-0.5",
            "dcgan:1:0:t",
            "dcgan:1:0:c",
            "dcgan:1:0:c1.6",
            "dcgan:1:0:c0.5:t0.5",
            "dcgan:1:0:d100",
            "dcgan:1:0:d05",
        ),
        *("dcgan:1:0:d5:t1", "dcgan:1:0:0.7", "a b:1:0", "a,b:1:0", "<b>:1:0", "a&b:1:0", "dcgan:1:0:d٣", "dcgan:١:0"),
        *("dcgan:1:0:r0.3", "dcgan:1:0:v3", "dcgan:1:0:v3:r0.3", "dcgan:1:0:r1.1:v3", "dcgan:1:0:r0.3:v10000"),
        *("dcgan:1:x1", "dcgan:1:x1:2", "dcgan:1:y1:x1", "dcgan:1:x1e3:y0", "dcgan:1:x+1:y0", "dcgan:1:x.5:y0"),
        *("dcgan:1:x1000001:y0", "dcgan:1:x0:y-1000000.5", "dcgan:1:x0.1234567:y0", "dcgan:1:0:x1:y1", "dcgan:x1:y1"),
        *("dcgan:1:x0:y0:z8.5", "dcgan:1:x0:y0:z-2", "dcgan:1:0:z2", "dcgan:1:x0:y0:z2:d5", "dcgan:1:x0:y0:znan"),
        *("x" * 300 + ":1:0", "dcgan:1:0\ndcgan:1:1", None, 7, ["dcgan:1:0"], {"a": 1}),
    ],
)
def test_nonsense_is_refused_in_one_line(text):
    with pytest.raises(UserError) as error:
        Address.parse(text)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize(
    "parts",
    [
        *({"seed": -1}, {"seed": 2**63}, {"seed": True}, {"seed": 1.0}, {"row": 10_000}, {"row": -1}),
        *({"radius": -0.1}, {"radius": 1.1}, {"radius": float("nan")}, {"radius": 0.5, "variation": -1}),
        *(
            {"truncation": 1.6},
            {"truncation": -1.1},
            {"truncation": -0.1, "towards": "typical"},
            {"truncation": float("nan")},
            {"towards": "nowhere"},
            {"digit": 100},
            {"digit": -1},
        ),
        *({"point": (1e7, 0)}, {"point": (0, float("nan"))}, {"zoom": 1.0}, {"point": (0, 0), "zoom": MAX_ZOOM + 0.1}),
    ],
)
def test_parts_out_of_range_are_refused(parts):
    with pytest.raises(UserError):
        Address(**{"model": "mlp", "seed": 1, **parts})


def test_its_latent_is_the_row_of_the_seed():
    gan = small_gan("mlp")
    assert torch.equal(Address("mlp", 5, 3, 0.5).latent(gan), gan.latents(10, 5, 0.5)[3])
    assert [str(place) for place in addresses("m", 2, 7, 0.5, [4, 5])] == ["m:7:0:t0.5:d4", "m:7:1:t0.5:d5"]


def test_a_point_of_the_map_has_the_maps_latent():
    gan = small_gan("mlp")
    address = Address.parse("mlp:5:x1.25:y-3:t0.5:z4")
    assert torch.equal(address.latent(gan), endless_map.latents(gan, 5, [(1.25, -3)])[0] * 0.5)


def test_a_variation_is_a_blend_that_the_prior_would_draw_too():
    gan = small_gan("mlp", latent_dim=64)
    noise = gan.latents(8, MAX_SEED - 5)[7]
    for place, z in (("5:3", gan.latents(4, 5)[3]), ("5:x1.25:y-3", endless_map.latents(gan, 5, [(1.25, -3)])[0])):
        near = Address.parse(f"{place}:t0.5:r0.6:v7", "mlp").latent(gan)
        torch.testing.assert_close(near, 0.5 * (0.8 * z + 0.6 * noise))
        assert not torch.equal(near, Address.parse(f"{place}:t0.5:r0.6:v8", "mlp").latent(gan))


def test_a_truncation_towards_typical_latents_comes_last_and_others_take_their_own_way():
    gan = small_gan("mlp")
    gan.typical = gan.latents(3, 99)
    z, noise = gan.latents(4, 5)[3], gan.latents(8, MAX_SEED - 5)[7]
    near = Address.parse("5:3:c0.5:r0.6:v7", "mlp").latent(gan)
    assert torch.equal(near, towards_typical(paths.vary(z, noise, 0.6), 0.5, gan.typical))
    assert torch.equal(Address.parse("5:3:c0.5", "mlp").latent(gan), towards_typical(z, 0.5, gan.typical))
    point = endless_map.latents(gan, 5, [(1.25, -3)])[0]
    assert torch.equal(Address.parse("5:x1.25:y-3:c0", "mlp").latent(gan), towards_typical(point, 0, gan.typical))
    assert torch.equal(Address.parse("5:3:t0.5", "mlp").latent(gan), z * 0.5)  # as when it had none
    assert torch.equal(Address.parse("5:3:c0.5", "mlp").latent(small_gan("mlp")), z * 0.5)


# The mean grey level of each of 4x4 parts of the picture, row by row.
KNOWN = {
    "42:3": (0, 0, 0, 0, 0, 57, 116, 0, 0, 36, 45, 0, 0, 59, 0, 0),
    "42:3:t0.7": (0, 0, 0, 0, 0, 63, 135, 0, 0, 40, 53, 0, 0, 64, 0, 0),
    "42:3:t0.7:r0.3:v5": (0, 0, 0, 0, 0, 76, 141, 0, 0, 43, 53, 0, 0, 67, 0, 0),
    "7:x1.25:y-3:t0.5": (0, 57, 84, 17, 0, 136, 103, 49, 4, 134, 132, 0, 3, 96, 44, 0),
    "42:3:c0.3": (0, 23, 27, 0, 11, 81, 103, 0, 0, 117, 102, 45, 0, 63, 2, 0),
    "42:3:c0.3:r0.3:v5": (0, 0, 6, 0, 0, 85, 102, 0, 0, 45, 75, 1, 0, 23, 22, 0),
    "7:x1.25:y-3:c0.5": (0, 29, 65, 37, 0, 96, 57, 45, 44, 34, 122, 6, 8, 59, 33, 0),
}


def test_addresses_of_the_shipped_model_draw_what_they_drew_when_they_were_written_down():
    gan = GAN.from_pretrained(ROOT / "checkpoints" / "dcgan")
    z = torch.stack([Address.parse(text, "dcgan").latent(gan) for text in KNOWN])
    found = to_pixels(gan.generate(z)).float().reshape(-1, 4, 7, 4, 7).mean((2, 4)).flatten(1)
    assert (found - torch.tensor(list(KNOWN.values()))).abs().max() < 1


ADDRESSES = (
    "5:2:c0.3",
    "5:x-1.25:y3:c0.3",
    "9:1:c0.5:r0.4:v6:d3",
    "5:2:t0.5",
    "5:2:t0.5:d4",
    "5:x-1.25:y3:t0.5",
    "5:x-1.25:y3:d4",
    "9:1:r0.4:v6:d3",
    "9:x1:y-2:t0.5:r0.4:v6",
)


@pytest.mark.parametrize("text", ADDRESSES)
def test_the_line_of_python_and_the_command_make_the_picture(text, tmp_path, monkeypatch):
    address = Address.parse(text, "mlp")
    gan = small_gan("mlp", classes=0 if address.digit is None else 10)
    with torch.no_grad():
        for weight in gan.generator.parameters():
            weight.mul_(6 if weight.ndim > 1 else 1)  # new networks draw nothing but grey
    gan.typical = gan.latents(4, 99).half().float()
    gan.save_pretrained(tmp_path / "mlp")
    # To a grey level: batches of another size are added up in another order.
    wanted = to_pixels(gan.generate(address.latent(gan)[None], address.digit)[0]).int()
    assert wanted.float().std() > 30
    names = {}
    exec(address.python(str(tmp_path / "mlp")), names)
    assert (to_pixels(names["image"]).int() - wanted).abs().max() <= 1
    monkeypatch.chdir(tmp_path)
    python, module, name, *arguments = shlex.split(address.command("mlp"))
    assert (python, module, name, arguments[0]) == ("python", "-m", "gan_demo", "export")
    assert cli.main(arguments) == 0
    (written,) = tmp_path.glob("*.png")
    assert (torch.from_numpy(np.array(Image.open(written)).astype(int)) - wanted[0]).abs().max() <= 1


def test_the_command_is_one_that_a_shell_takes():
    line = Address("m", 42, 3, 0.7, 5).command("checkpoints/my gan")
    wanted = (
        "python -m gan_demo export|checkpoints/my gan|--seed 42 --row 3 --truncation 0.7 --towards middle --labels 5"
    )
    first, folder, rest = wanted.split("|")
    assert shlex.split(line) == [*first.split(), folder, *rest.split(), "--output", "m-42-3-t0.7-d5.png"]
    line = Address("m", 42, digit=5, point=(-1.25, 3)).command("checkpoints/m")
    wanted = "python -m gan_demo export checkpoints/m --seed 42 --point -1.25 3 --labels 5 --output "
    assert line == f"{wanted}m-42-x-1.25-y3-d5.png"
    plain = "python -m gan_demo export checkpoints/m --seed 1 --row 0 --output m-1-0.png"
    assert Address("m", 1).command("checkpoints/m") == plain
    words = shlex.split(Address("ada/a;b|c", 1).command("checkpoints/m"))
    assert words[-1] == "ada-a;b-c-1-0.png"  # a file's name everywhere, and one word


@pytest.mark.parametrize("name", ["mlp", "checkpoints/my gan (a)", "it's [b]", 'a"b', "$HOME`ls`", "c!", "手写"])
def test_what_is_quoted_is_one_word_to_a_shell(name):
    for text in (name, Address(name, 1).python(name)):
        run = subprocess.run(["sh", "-c", f"printf %s {quoted(text)}"], capture_output=True, text=True, check=True)
        assert run.stdout == text
    assert quoted("checkpoints/my gan (a)") == '"checkpoints/my gan (a)"'  # as cmd.exe has it, too


def test_where_a_folder_is_on_this_machine_is_not_said_whatever_it_is_called(tmp_path):
    for name in ("mlp", "my gan (a)", "it's mine"):
        small_gan("mlp").save_pretrained(tmp_path / name)
        told = str(directions._read(tmp_path / name, name, ()))
        assert f"python -m gan_demo directions {quoted(name)}" in told
        assert str(tmp_path) not in told


def test_every_command_of_the_page_takes_the_folder_as_one_word(tmp_path):
    small_gan("mlp").save_pretrained(tmp_path / "$my gan (a)")
    catalogue = Catalogue([tmp_path])
    model = catalogue.load(next(iter(catalogue.folders())))
    edit = Edit.read({"start": "1:0"}, model)
    with pytest.raises(UserError) as refused:
        edit.vector("slant", model, None)
    found = Found.of(model.name, torch.zeros(5))
    for text in (
        model.why_unmeasured,
        html.unescape(invert.error_told(model, 0.1)),
        str(refused.value),
        str(directions._read(model.folder, model.checkpoint, ())),
        Address("m", 1).command(model.checkpoint),
        found.command(model.checkpoint),
    ):
        assert " '$my gan (a)'" in text


# Latents that have no seed -----------------------------------------------------------------------------------


def test_a_latent_is_an_address_and_comes_back_exactly():
    z = torch.randn(64, generator=torch.Generator().manual_seed(1)).half().float()
    for digit in (None, 7):
        address = Found.of("user/repo", z, digit)
        assert Address.parse(str(address)) == address
        assert Address.parse(f" {address} ") == address
        assert torch.equal(Address.parse(str(address)).latent(small_gan("mlp", latent_dim=64)), z)
        assert parse_qs(f"a={address},{address}")["a"] == [f"{address},{address}"]
        assert len(str(address)) < MAX_LENGTH
    assert Address.parse(str(address).partition(":")[2], "mlp") == Found.of("mlp", z, 7)
    assert Found.of("mlp", z) != Found.of("mlp", -z)


def test_the_numbers_of_a_latent_by_hand():
    # float16 of 1 is 0x3c00, of -2 it is 0xc000, little end first.
    assert paths.pack(torch.tensor([1.0, -2.0])) == "ADwAwA"
    assert paths.unpack("ADwAwA").tolist() == [1.0, -2.0]
    assert str(Found.of("m", torch.tensor([1.0, -2.0]))) == "m:LADwAwA"


@pytest.mark.parametrize(
    "text",
    # Odd bytes, no base64, a second spelling of the same bytes, NaN, infinity, too many, a digit too large.
    [
        *(
            "m:LADw",
            "m:LAD=w",
            "m:LADwAwB",
            "m:LAH4",
            "m:LAHw",
            "m:L",
            "m:L" + "A" * 684,
            "m:LADwAwA:d100",
            "LADwAwA",
            ":LADwAwA",
        )
    ],
)
def test_what_is_no_latent_is_refused(text):
    if text == "m:LADw":  # one number is a latent, of some model
        assert Address.parse(text).numbers == "ADw"
        with pytest.raises(UserError, match="1 numbers"):
            Address.parse(text).latent(small_gan("mlp"))
    else:
        with pytest.raises(UserError):
            Address.parse(text)


def test_a_latent_too_long_for_an_address_is_refused():
    with pytest.raises(UserError, match="256"):
        Found.of("m", torch.zeros(257))
    assert len(paths.unpack(Found.of("m", torch.zeros(256)).numbers)) == 256


@pytest.mark.parametrize("digit", [None, 4])
def test_its_lines_make_the_picture(digit, tmp_path, monkeypatch):
    gan = small_gan("mlp", classes=0 if digit is None else 10)
    gan.save_pretrained(tmp_path / "mlp")
    address = Found.of("mlp", gan.latents(1, 3)[0], digit)
    wanted = to_pixels(gan.generate(address.latent(gan)[None], digit)[0])
    made = {}
    exec(address.python(str(tmp_path / "mlp")), made)
    assert torch.equal(to_pixels(made["image"]), wanted)
    near = replace(address, radius=0.3, variation=5)
    assert Address.parse(str(near)) == near
    exec(near.python(str(tmp_path / "mlp")), made)
    again = gan.generate(gan.vary(address.latent(gan), 5, 0.3, 0)[None], digit)[0]
    assert torch.equal(to_pixels(made["image"]), to_pixels(again))
    assert not torch.equal(to_pixels(again), wanted)
    monkeypatch.chdir(tmp_path)
    for place, drawn in ((address, wanted), (near, to_pixels(again))):
        assert cli.main(shlex.split(place.command("mlp"))[3:]) == 0
        (written,) = tmp_path.glob("*.png")
        assert (torch.from_numpy(np.array(Image.open(written)).astype(int)) - drawn[0]).abs().max() <= 1
        written.unlink()
