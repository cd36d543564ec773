"""What goes wrong between here and the Hub, in one line: rights, proxies, a cache that nobody may write."""

import errno
import os
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest
from helpers.commands import start
from helpers.hub import environment, files, refused
from helpers.hub_server import CORRUPT, GARBAGE, HANG, HOLLOW, SHORT, sha256
from huggingface_hub import constants, file_download

from gan_demo import GAN, hub
from gan_demo.hub import client


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
    assert "a token of the account ada that only reads; one that writes may write to ada/…, acme/… and lab/…" in reads
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
import os, huggingface_hub
from gan_demo import GAN, UserError, hub
for proxy in ("socks5://127.0.0.1:9", "socks4://127.0.0.1:9"):
    os.environ["ALL_PROXY"] = proxy
    huggingface_hub.close_session()
    GAN.from_pretrained({folder!r})
    try:
        hub.pull("ada/digits")
    except UserError as error:
        print(error)
"""


def test_a_proxy_that_cannot_be_used_is_one_line_where_the_hub_is_used(there, folder, tmp_path):
    log, words = tmp_path / "log", ("-c", PULL.format(folder=str(folder)))
    with start(*words, log=log, **environment(there, tmp_path, NO_PROXY="", no_proxy="")) as process:
        lines = process.stdout.read().splitlines()
        assert process.wait(60) == 0, log.read_text()
    assert not log.read_text()
    assert len(lines) == 2
    assert all("was not fetched before" in line for line in lines)
    assert "pip install socksio" in lines[0]
    assert "is none: Unknown scheme" in lines[1]


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


def test_a_full_disk_is_one_line(there, folder, monkeypatch, recwarn):
    def full(*arguments, **named):
        raise OSError(errno.ENOSPC, "No space left on device")

    there.add("ada/digits", files(folder))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=0))
    monkeypatch.setattr(file_download, "http_get", full)
    line = refused(hub.pull, "ada/digits")
    assert line.startswith("the cache of the Hub (") and "cannot be written (No space left on device)" in line
    assert not list(recwarn)


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


@pytest.mark.parametrize("what", [GARBAGE, HOLLOW])
def test_a_login_page_in_the_place_of_the_hub_is_said_to_be_none(there, folder, what):
    there.add("ada/digits", files(folder))
    for method, path in (
        ("GET", "/api/models/"),
        ("HEAD", "/resolve/"),
        ("POST", "/repos/create"),
        ("POST", "/commit/"),
        ("POST", "/preupload/"),
        ("POST", "/objects/batch"),
    ):
        there.fail(method, path, what)
        call = (hub.push, folder, hub.Target("ada/digits")) if method == "POST" else (hub.pull, "ada/digits")
        assert f"what answers at {there.address} does not answer as the Hub does" in refused(*call)
        there.heal()
    good = hub.pull("ada/digits")
    there.fail("GET", "/api/models/", what)
    assert hub.pull("ada/digits") == good  # as without a network


def test_a_file_that_comes_in_part_is_said_to(there, folder):
    there.add("ada/digits", files(folder))
    there.fail("GET", "/resolve/.*safetensors", SHORT)
    assert refused(hub.pull, "ada/digits") == "a file of ada/digits came only in part: try again"
    there.heal()
    hub.pull("ada/digits")


def test_a_damaged_config_comes_the_next_time(there, folder):
    there.add("ada/digits", files(folder))
    there.fail("GET", "/resolve/.*config.json", CORRUPT, times=1)
    assert "config.json of ada/digits was damaged on its way" in refused(hub.pull, "ada/digits")
    hub.pull("ada/digits")


def test_a_model_that_is_here_is_not_lost_over_a_note(there, folder):
    there.add("ada/digits", files(folder))
    there.fail("HEAD", "/resolve/main/config.json", 403)
    assert files(hub.pull("ada/digits"))["model.safetensors"] == files(folder)["model.safetensors"]


def test_another_refusal_says_why(there, folder):
    there.fail("POST", "/commit/", 400)
    line = refused(hub.push, folder, hub.Target("ada/digits"))
    assert line == "the Hub refuses this to ada/digits (error 400, it says: a fault that a test asked for)"


def test_a_hub_that_never_answers_is_given_up(there, folder, monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT", 0.2)
    there.fail("POST", "/repos/create", HANG)
    started = time.monotonic()
    assert "cannot be reached: timed out" in refused(hub.push, folder, hub.Target("ada/digits"))
    assert time.monotonic() - started < 5
    there.woken.set()
    there.woken.clear()
