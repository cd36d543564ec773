"""A page that runs: what it imports, what it answers to programs, and how it ends."""

import contextlib
import html
import io
import json
import re
import shutil
import signal
import subprocess

import httpx
import numpy as np
import pytest
import torch
from helpers.commands import ROOT, WEB, ask, opened
from helpers.drawings import one, pixels_of
from helpers.gans import small_gan
from PIL import Image

from gan_demo import GAN, belief
from gan_demo.checkpoint import checksum
from gan_demo.classifier import load_classifier
from gan_demo.latent import direction_methods, direction_search, directions, endless_map, ink, paths
from gan_demo.pictures import opening, preparing
from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.ui.shared.address import Address, Found

NOT_NEEDED = {"gan_demo.training.iteration", "gan_demo.training.run", "gan_demo.evaluation.evaluate"}
NOT_NEEDED |= {"torchvision", "sklearn"}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny-model"
    gan = small_gan("dcgan", seed=3)
    gan.typical = gan.latents(3, 99)
    gan.save_pretrained(folder)
    quantiles = {"real": np.linspace(-1, 1, 501).tolist(), "generated": np.linspace(-2, 0, 501).tolist()}
    (folder / "metrics.json").write_text(json.dumps({"discriminator": quantiles}))
    direction_search.find(gan, checksum(folder), samples=200, probes=5).save(folder)
    return folder


@pytest.fixture(scope="module")
def conditional(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "asked"
    small_gan("mlp", seed=4, classes=10).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def started(checkpoint, conditional, tmp_path_factory):
    """The page as `python app.py` opens it, its address, and its log, which names all that it imports."""
    log = tmp_path_factory.mktemp("log") / "stderr"
    with opened(checkpoint, conditional, log=log, fresh=True, PYTHONPROFILEIMPORTTIME="1") as (process, address):
        yield process, address, log


@pytest.fixture(scope="module")
def client(started):
    gradio_client = pytest.importorskip("gradio_client")
    return gradio_client.Client(started[1], verbose=False)


def said(log):
    """What the page has logged, without what it has imported."""
    return [line for line in log.read_text().splitlines() if not line.startswith("import time:")]


def test_opening_the_page_pays_for_nothing_it_does_not_use(started):
    imported = set(re.findall(r"^import time: .*\| +(\S+)$", started[2].read_text(), re.MULTILINE))
    assert {"torch", "gradio", "gan_demo.ui.page"} <= imported
    assert not imported & NOT_NEEDED


def test_samples_are_those_of_the_checkpoint(client, checkpoint):
    gan = GAN.from_pretrained(checkpoint)
    answer = client.predict("tiny-model", seed=5, count=3, truncation=0.7, api_name="/sample")
    wanted = to_pixels(gan.sample(3, seed=5, truncation=0.7))
    assert np.array_equal(np.stack([pixels_of(digit["picture"]) for digit in answer]), wanted[:, 0].numpy())
    outputs = gan.score(from_pixels(wanted)).tolist()
    assert [digit["output"] for digit in answer] == pytest.approx(outputs, abs=1e-6)
    assert [digit["belief"] for digit in answer] == [belief.belief("non-saturating", raw).number for raw in outputs]


def test_an_interpolation_is_the_path_between_two_seeds(client, checkpoint):
    gan = GAN.from_pretrained(checkpoint)
    z = [gan.latents(1, seed)[0] for seed in (1, 2**63 - 1)]
    for kind in paths.PATHS:
        answer = client.predict("tiny-model", 1, 2**63 - 1, 4, kind, api_name="/interpolate")
        wanted = to_pixels(gan.generate(paths.path(*z, 4, kind)))
        assert np.array_equal(np.stack([pixels_of(digit["picture"]) for digit in answer]), wanted[:, 0].numpy())


def test_the_models_are_described(client):
    (tiny,) = (model for model in client.predict(api_name="/models") if model["name"] == "tiny-model")
    assert tiny["architecture"] == "dcgan"
    assert tiny["conditional"] is False
    assert tiny["output"] == "probability of being real"


def test_addresses_name_the_digits_and_lead_back_to_them(client):
    digits = client.predict("tiny-model", seed=5, count=3, truncation=0.7, api_name="/sample")
    shorter = client.predict("tiny-model", 5, 1, 0.7, None, "middle", api_name="/sample")
    assert [digit["address"] for digit in [*digits, *shorter]] == [
        f"tiny-model:5:{at}" for at in ("0:c0.7", "1:c0.7", "2:c0.7", "0:t0.7")
    ]
    way = client.predict("tiny-model", digits[2]["address"], digits[0]["address"], 3, api_name="/interpolate")
    assert [frame["address"] for frame in way] == [digits[2]["address"], None, digits[0]["address"]]
    assert way[0]["picture"] == digits[2]["picture"]
    assert way[-1]["picture"] == digits[0]["picture"]


def test_a_piece_of_the_map_is_drawn_row_by_row(client, checkpoint):
    gan = GAN.from_pretrained(checkpoint)
    answer = client.predict("tiny-model", world=7, x=-0.5, y=2, step=0.5, columns=3, rows=2, api_name="/map")
    points = [(-0.5, 2), (0, 2), (0.5, 2), (-0.5, 2.5), (0, 2.5), (0.5, 2.5)]
    wanted = to_pixels(endless_map.sample(gan, 7, points))
    assert np.array_equal(np.stack([pixels_of(digit["picture"]) for digit in answer]), wanted[:, 0].numpy())
    assert [digit["address"] for digit in answer] == [f"tiny-model:7:x{x:g}:y{y:g}" for x, y in points]
    assert [digit["output"] for digit in answer] == pytest.approx(gan.score(from_pixels(wanted)).tolist(), abs=1e-6)
    assert [digit["read"] for digit in answer] == load_classifier().predict(from_pixels(wanted)).tolist()
    way = client.predict("tiny-model", answer[1]["address"], answer[5]["address"], 2, api_name="/interpolate")
    assert [frame["picture"] for frame in way] == [answer[1]["picture"], answer[5]["picture"]]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((-1,), "World (a seed) is a whole number"),
        ((1, 1e7), "x is a number from -1e+06 to 1e+06"),
        ((1, 0, float("nan")), "y is a number"),
        ((1, 1e6, 0, 1, 2, 1), "x is a number from -1e+06 to 1e+06, not 1000001"),
        ((1, 0, 0, 0), "step is a number from 0.015625 to 64"),
        ((1, 0, 0, 1, 17, 1), "columns is a whole number from 1 to 16"),
        ((1, 0, 0, 1, 1, 10**9), "rows is a whole number from 1 to 16"),
        ((1, 0, 0, 1, 1, 1, 3), "only conditional models"),
    ],
)
def test_a_map_that_makes_no_sense_is_refused_in_words(started, values, words):
    assert words in ask(started[1], "map", "tiny-model", *values)


def test_a_digit_is_for_conditional_models(started):
    assert "only conditional models" in ask(started[1], "sample", "tiny-model", 1, 1, 1, 5)


def test_a_call_without_its_last_values_takes_the_defaults(started):
    assert "event: complete" in ask(started[1], "sample", "tiny-model")
    assert "There is no model None" in ask(started[1], "sample")


def test_a_picture_is_scored_as_the_page_would(client, checkpoint, tmp_path):
    from gradio_client import handle_file

    answer = client.predict("tiny-model", handle_file(one(tmp_path / "one.png")), api_name="/score")
    pixels = preparing.to_digit(opening.open_picture(tmp_path / "one.png"))
    assert np.array_equal(pixels_of(answer["picture"]), pixels)
    raw = float(GAN.from_pretrained(checkpoint).score(from_pixels(torch.from_numpy(pixels)[None, None]))[0])
    assert (answer["output"], answer["never_seen"]) == (pytest.approx(raw, abs=1e-6), False)
    assert answer["ranks"]["real"] == pytest.approx((raw + 1) / 2, abs=1e-3)
    assert answer["ranks"]["generated"] == pytest.approx(min((raw + 2) / 2, 1), abs=1e-3)
    Image.new("L", (60, 60), 255).save(tmp_path / "blank.png")
    with pytest.raises(Exception, match="nothing drawn on this picture"):
        client.predict("tiny-model", handle_file(tmp_path / "blank.png"), api_name="/score")


def test_an_inversion_answers_with_the_digit_of_its_address(client, started, checkpoint, tmp_path):
    gradio_client = pytest.importorskip("gradio_client")
    gan, picture = GAN.from_pretrained(checkpoint), gradio_client.handle_file(str(one(tmp_path / "one.png")))
    (found,) = client.predict("tiny-model", picture, api_name="/invert")
    wanted = to_pixels(gan.generate(Address.parse(found["address"]).latent(gan)[None]))[0, 0]
    assert np.abs(pixels_of(found["picture"]).astype(int) - wanted.numpy()).max() <= 1
    assert 0 < found["error"] < 1
    # Where an address is expected, one of these will do.
    way = client.predict("tiny-model", found["address"], "tiny-model:5:0", 3, api_name="/interpolate")
    assert way[0]["picture"] == found["picture"]
    Image.new("L", (28, 28), 0).save(tmp_path / "mask.png")
    mask = gradio_client.handle_file(str(tmp_path / "mask.png"))
    for arguments, words in (
        ((picture, "repair"), "Send the picture itself"),
        ((picture, "repair", mask), "mask a part of the picture"),
        ((picture, "find"), "look is one of nearest, repair, enlarge"),
        ((picture, "nearest", None, 5), "only conditional models"),
    ):
        with pytest.raises(gradio_client.exceptions.AppError, match=words):
            client.predict("tiny-model", *arguments, api_name="/invert")


def test_directions_are_listed_and_move_an_address(client, checkpoint):
    gan, found = GAN.from_pretrained(checkpoint), directions.Directions.from_pretrained(checkpoint)
    listed = client.predict("tiny-model", api_name="/directions")
    assert listed["digit"] is None
    assert [one["name"] for one in listed["directions"]] == [one.name for one in found.all]
    assert listed["directions"][0]["effect"]["moves"]["slant"] == found.all[0].effect.moves["slant"]
    assert any(one["label"].startswith("PCA 2 (mostly ") for one in listed["directions"])
    z = [gan.latents(row + 1, 5)[row] for row in range(3)]
    for asked, wanted in (
        ({"amounts": {"slant": 2, "z3": -1}}, found.move(z[1], {"slant": 2.0}) - torch.eye(5)[3]),
        ({"amounts": {"slant": 1.5}, "still": True}, found.move(z[1], {"slant": 1.5}, still=True)),
        ({"minus": "5:2", "plus": "5:0"}, direction_methods.analogy(z[1], z[2], z[0])),
        (
            {"amounts": {"own": 2}, "these": ["5:0", "5:1"], "those": ["5:2"]},
            z[1] + 2 * direction_methods.difference(torch.stack(z[:2]), z[2][None]).float(),
        ),
    ):
        digit = client.predict("tiny-model", "tiny-model:5:1", **asked, api_name="/directions")["digit"]
        wanted = wanted.half().float()  # as its address holds it
        assert digit["address"] == str(Found.of("tiny-model", wanted))
        pixels = to_pixels(gan.generate(wanted[None]))
        assert np.array_equal(pixels_of(digit["picture"]), pixels[0, 0].numpy())
        assert digit["output"] == pytest.approx(gan.score(from_pixels(pixels)).item(), abs=1e-5)
        assert digit["recognised"] == int(load_classifier().predict(from_pixels(pixels))[0])
        assert digit["measures"]["slant"] == pytest.approx(ink.slant(pixels).item())
        assert digit["length"] == pytest.approx(wanted.norm().item(), rel=1e-5)
        assert digit["link"].startswith("?tab=directions&model=tiny-model&start=tiny-model:5:1")
    assert "move=own:2&loose=1&these=tiny-model:5:0,tiny-model:5:1&those=tiny-model:5:2" in digit["link"]
    unmoved = client.predict("tiny-model", "tiny-model:5:1", api_name="/directions")["digit"]
    assert unmoved["address"] == "tiny-model:5:1"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("tiny-model", "nonsense"), "is not an address"),
        (("tiny-model", "5:1", {"slope": 1}), "has no direction 'slope'"),
        (("tiny-model", "5:1", {"z5": 1}), "has no direction 'z5'"),
        (("tiny-model", "5:1", {"slant": "much"}), "An amount is a number from -20 to 20"),
        (("tiny-model", "5:1", {"slant": 1e9}), "An amount is a number from -20 to 20"),
        (("tiny-model", "5:1", {"slant": float("nan")}), "An amount is a number from -20 to 20"),
        (("tiny-model", "5:1", [1, 2]), "names of directions with a number each"),
        (("tiny-model", "5:1", {"own": 1}, False, None, None, ["5:0"] * 13), "At most 12 addresses"),
        (("asked", "5:1", {"slant": 1}), "This model has no directions yet: python -m gan_demo directions asked"),
    ],
)
def test_directions_that_make_no_sense_are_refused_in_words(started, values, words):
    answer = ask(started[1], "directions", *values)
    assert words in html.unescape(answer), answer
    assert "event: error" in answer


def test_a_model_without_directions_has_its_coordinates(client, conditional):
    gan = GAN.from_pretrained(conditional)
    answer = client.predict("asked", "asked:5:0:d3", {"z0": 2}, api_name="/directions")
    assert answer["directions"] == []
    moved = gan.latents(1, 5) + 2 * torch.eye(5)[:1]
    wanted = to_pixels(gan.generate(moved.half().float(), 3))
    assert np.array_equal(pixels_of(answer["digit"]["picture"]), wanted[0, 0].numpy())


def documented(started, picture):
    """The examples of docs/api.md for other programs, for the page and the model of these tests."""
    section = (ROOT / "docs" / "api.md").read_text(encoding="utf-8").partition("## From other programs")[2]
    port = re.search(r":(\d+)/", started[1])[1]
    for old, new in (
        (":7860", f":{port}"),
        ("dcgan", "tiny-model"),
        ("checkpoints/tiny-model/samples.png", str(picture)),
    ):
        assert old in section
        section = section.replace(old, new)
    return re.findall(r"```(\w*)\n(.*?)```", section, re.DOTALL)[:2]


def test_the_examples_of_the_docs_work_when_pasted(started, tmp_path):
    pytest.importorskip("gradio_client")
    (kind, python), (other, shell) = documented(started, one(tmp_path / "one.png"))
    assert (kind, other) == ("python", "")
    calls = [line for line in python.splitlines() if line.startswith("client.predict")]
    assert len(calls) == 7
    for call in calls:
        python = python.replace(call, f"print(len(str({call})))")
    with contextlib.redirect_stdout(io.StringIO()) as answer:
        exec(python, {})
    assert all(int(line) > 100 for line in answer.getvalue().splitlines()[-7:])
    if shutil.which("curl") and shutil.which("bash"):
        answer = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, timeout=120)
        assert answer.stdout.count('{"data":[') == 7, answer.stdout
        assert '{"error"' not in answer.stdout


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("tiny-model", -1, 1, 1), "Seed is a whole number from 0 to 2^63 - 1, not -1"),
        (("tiny-model", 2**63, 1, 1), "Seed is a whole number"),
        (("tiny-model", 0.5, 1, 1), "Seed is a whole number"),
        (("tiny-model", "1", 1, 1), "Seed is a whole number"),
        (("tiny-model", True, 1, 1), "Seed is a whole number"),
        (("tiny-model", None, 1, 1), "Seed is a whole number"),
        (("tiny-model", {"path": "/etc/passwd"}, 1, 1), "Seed is a whole number"),
        (("tiny-model", float("nan"), 1, 1), "Seed is a whole number"),
        (("tiny-model", 1, 0, 1), "How many is a whole number from 1 to 100"),
        (("tiny-model", 1, 10**9, 1), "How many is a whole number from 1 to 100"),
        (("tiny-model", 1, 1, 1.6), "Truncation is a number from 0 to 1.5"),
        (("tiny-model", 1, 1, float("inf")), "Truncation is a number from 0 to 1.5"),
        (("tiny-model", 1, 1, float("nan")), "Truncation is a number from 0 to 1.5"),
        (("<b>x</b>", 1, 1, 1), "There is no model '&lt;b&gt;x&lt;/b&gt;'"),
        ((["tiny-model"], 1, 1, 1), "There is no model"),
        (("../tiny-model", 1, 1, 1), "There is no model"),
    ],
)
def test_settings_out_of_range_are_refused_in_words(started, values, words):
    answer = ask(started[1], "sample", *values)
    assert words in answer
    assert "event: error" in answer


META = {"_type": "gradio.FileData"}


@pytest.mark.parametrize(
    "picture",
    [
        {"path": "/etc/passwd"},
        {"path": __file__},
        {"path": "http://127.0.0.1:1/one.png", "meta": META},
        {"path": "http://example.com/one.png", "meta": META},
        {"path": None, "url": "data:image/png;base64,iVBORw0KGgo="},
        {"path": "data:image/png;base64,iVBORw0KGgo="},
        {"path": "\0"},
        {"path": ["a"]},
        "one.png",
        7,
        None,
    ],
)
def test_nothing_but_an_upload_is_opened(started, picture):
    answer = ask(started[1], "score", "tiny-model", picture)
    assert "Send the picture itself" in answer
    assert "event: error" in answer


def test_a_file_of_the_server_is_not_handed_over(started, checkpoint):
    stolen = {"path": str(checkpoint / "config.json"), "meta": META}
    answer = ask(started[1], "score", "tiny-model", stolen)
    assert "event: error" in answer
    assert "latent_dim" not in answer
    assert WEB.get(f"{started[1]}gradio_api/file={checkpoint / 'config.json'}").status_code in (403, 404)


def test_the_end_points_are_the_documented_ones(client):
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(endpoints) == {"/models", "/sample", "/interpolate", "/map", "/directions", "/score", "/invert"}


def test_ctrl_c_ends_it_cleanly(started):
    process, address, log = started  # the last test of this module: it ends the page
    assert httpx.get(address).status_code == 200
    said_before = said(log)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
    assert said(log) == said_before
    with pytest.raises(httpx.TransportError):
        httpx.get(address)
