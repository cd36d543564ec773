"""What goes wrong between here and the Hub, in one line: rights, proxies, a cache that nobody may write."""

import os
from pathlib import Path

import huggingface_hub
import pytest
from helpers.commands import command
from helpers.hub import environment, files, refused
from helpers.hub_server import sha256
from huggingface_hub import constants

from gan_demo import GAN, hub


def test_a_refusal_names_the_account_and_where_it_may_write(there, folder):
    there.groups["ada"] = {"acme": "write", "lab": "admin", "club": "read"}
    there.add("bob/digits", {})
    for call, *arguments in (
        (hub.push, folder, hub.Target("bob/new")),
        (hub.push, folder, hub.Target("bob/digits")),
        (hub.push, folder, hub.Target("club/digits")),
        (hub.deploy, "bob/page"),
    ):
        line = refused(call, *arguments)
        assert "has not the right" in line
        assert "a token of the account ada, which may write to ada/…, acme/… and lab/…" in line
        assert "club/…" not in line
    reads = refused(hub.push, folder, hub.Target("ada/digits", token="read-ada"))
    assert "ada and only reads, which may write with a token that may to ada/…" in reads
    hub.push(folder, hub.Target("acme/digits"))  # and that is true
    assert "config.json" in there.model("acme/digits").files()


@pytest.mark.parametrize("what", [403, 429, 500, "cut"])
def test_a_hub_that_does_not_say_who_asks_still_refuses_in_one_line(there, folder, what):
    there.fail("GET", "/whoami", what)
    line = refused(hub.push, folder, hub.Target("bob/new"))
    assert line.startswith("the token has not the right to do this to bob/new (it says: ")


def test_an_upload_without_the_right_names_the_account_too(there, folder):
    there.fail("PUT", "/storage/", 403)
    assert "a token of the account ada" in refused(hub.push, folder, hub.Target("ada/digits"))


PULL = """
from gan_demo import GAN, UserError, hub
GAN.from_pretrained({folder!r})
try:
    hub.pull("ada/digits")
except UserError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("proxy", "words"), [("socks5://127.0.0.1:9", "pip install socksio"), ("socks4://127.0.0.1:9", "is none: ")]
)
def test_a_proxy_that_cannot_be_used_is_one_line_where_the_hub_is_used(there, folder, tmp_path, proxy, words):
    values = environment(there, tmp_path, ALL_PROXY=proxy, NO_PROXY="", no_proxy="")
    said = command("-c", PULL.format(folder=str(folder)), **values)
    assert said.returncode == 0, said.stderr
    assert not said.stderr
    (line,) = said.stdout.splitlines()
    assert words in line
    assert "was not fetched before" in line


def test_with_a_proxy_that_cannot_be_used_the_last_good_copy_is(there, folder, monkeypatch):
    there.add("ada/digits", files(folder))
    good = hub.pull("ada/digits")
    huggingface_hub.close_session()
    try:
        with monkeypatch.context() as patch:
            patch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
            patch.delenv("no_proxy", raising=False)
            patch.delenv("NO_PROXY", raising=False)
            assert hub.pull("ada/digits") == good
            assert "pip install socksio" in refused(hub.push, folder, hub.Target("ada/digits"))
    finally:
        huggingface_hub.close_session()


def test_a_cache_that_cannot_be_written_is_one_line(there, folder, tmp_path, monkeypatch):
    there.add("ada/digits", files(folder))
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "file" / "hub"))
    line = refused(GAN.from_pretrained, "ada/digits")
    assert f"the cache of the Hub ({tmp_path / 'file' / 'hub'}) cannot be written" in line
    assert "HF_HOME" in line


def test_what_a_cache_holds_is_used_where_it_cannot_be_written(there, folder, monkeypatch):
    repository = there.add("ada/digits", files(folder))
    good = hub.pull("ada/digits")
    make = os.makedirs

    def read_only(path, *arguments, **named):
        if not Path(path).is_dir():
            raise PermissionError(30, "Read-only file system", str(path))
        return make(path, *arguments, **named)

    monkeypatch.setattr(os, "makedirs", read_only)
    assert hub.pull("ada/digits") == good
    repository.commit("main", {**files(folder), "metrics.json": b"{}"}, "newer")
    assert "cannot be written" in refused(hub.pull, "ada/digits")


def test_a_cache_of_copies_is_checked_and_mended(there, folder, monkeypatch):
    """Windows has no links unless one asks for them: huggingface_hub copies."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_SYMLINKS", True)
    repository = there.add("ada/digits", files(folder))
    pulled = hub.pull("ada/digits")
    assert not any(path.is_symlink() for path in pulled.iterdir())
    assert files(pulled)["model.safetensors"] == files(folder)["model.safetensors"]
    assert hub.origin(pulled) == hub.Origin("ada/digits", repository.branches["main"])
    for path in (pulled / "model.safetensors", pulled / "metrics.json"):
        path.write_bytes(path.read_bytes()[:-1] + b"!")
        assert "damaged" in refused(hub.pull, "ada/digits")
        assert files(hub.pull("ada/digits"))[path.name] == files(folder)[path.name]


def test_a_damaged_blob_of_which_a_copy_was_made_is_fetched_anew(there, folder, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_SYMLINKS", True)
    there.add("ada/digits", files(folder))
    pulled = hub.pull("ada/digits")
    blobs = pulled.parent.parent / "blobs"
    weights = pulled / "model.safetensors"
    (blobs / sha256(weights.read_bytes())).write_bytes(b"torn")
    weights.unlink()
    assert "damaged" in refused(hub.pull, "ada/digits")
    assert files(hub.pull("ada/digits"))["model.safetensors"] == files(folder)["model.safetensors"]
