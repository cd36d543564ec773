"""A model of the Hub, asked for by its name on the page, from a local server that plays the Hub."""

import numpy as np
import pytest
from helpers.gans import small_gan
from helpers.hub import at
from helpers.hub_server import CORRUPT, Hub

from gan_demo.pixels import to_pixels

from .conftest import eventually, open_about, pictures, same, served, toast


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub") / "digits"
    small_gan("mlp", seed=7).save_pretrained(folder)
    content = {path.name: path.read_bytes() for path in folder.iterdir()}
    with Hub() as hub, pytest.MonkeyPatch.context() as patch:
        at(hub.address, patch)
        for name in ("ada/digits", "ada/damaged"):
            hub.add(name, content)
        hub.add("ada/secret", content, private=True)
        hub.add("ada/bert", {"config.json": b"{}", "model.safetensors": b"x"})
        hub.fail("GET", "/ada/damaged/resolve/.*safetensors", CORRUPT)
        yield hub


@pytest.fixture(scope="module")
def address(checkpoints, server):
    """A page of this module, whose picker nobody else looks at."""
    with served(checkpoints) as address:
        yield address


def ask(page, name):
    field = page.locator("#hub-name").get_by_role("textbox")
    if not page.locator("#about").is_visible():
        open_about(page)
    if not field.is_visible():
        page.locator("#from-hub > button").click()
    field.fill(name)
    field.press("Enter")


def drawn(gan):
    return list(to_pixels(gan.sample(24, seed=42))[:, 0].numpy())


def test_a_model_of_the_hub_is_shown_with_its_commit_and_what_fails_changes_nothing(page, server, gans, lend):
    server.heal()
    server.fail("GET", "/ada/damaged/resolve/.*safetensors", CORRUPT)
    open_about(page)
    before = page.locator("#facts").inner_text()
    assert same(pictures(page, "samples-stage"), drawn(gans["first"]))
    for name, said in (
        ("ada/none", "The Hub has no ada/none, or it is private"),
        ("ada/secret", "or it is private"),
        ("ada/bert", "ada/bert cannot be shown here"),
        ("ada/damaged", "damaged on its way here"),
        ("https://huggingface.co/ada/digits", "is not the name of a repository"),
        ("<b>x</b>/y", "<b>x</b>/y is not the name"),
    ):
        ask(page, name)
        told = toast(page)
        assert told.startswith("That did not work") and said in told
    eventually(lambda: not page.locator("#hub-told").is_visible())  # gradio would leave a red "Error" there
    assert page.locator("#facts").inner_text() == before
    assert same(pictures(page, "samples-stage"), drawn(gans["first"]))

    ask(page, "ada/digits")
    commit = server.model("ada/digits").branches["main"][:7]
    page.get_by_text(f"ada/digits @ {commit}").wait_for()
    eventually(lambda: same(pictures(page, "samples-stage"), drawn(small_gan("mlp", seed=7))))
    assert page.locator("#model input").input_value().startswith("ada/digits")
    page.wait_for_url("**/*model=ada/digits*")

    with lend(locale="zh-CN") as other:  # somebody else opens the link
        other.goto(page.url)
        other.get_by_text(f"ada/digits @ {commit}").wait_for(state="attached")
        ask(other, "ada/none")
        told = toast(other)
        assert told.startswith("没有成功") and "Hub 上没有 ada/none" in told
    assert np.ptp(pictures(page, "samples-stage")[0]) > 0
