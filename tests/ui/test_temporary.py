"""The page on any machine: behind a proxy, and where others have the folder into which gradio puts uploads."""

import contextlib
import errno
import inspect
import io
import os
import signal
import stat
import tempfile
import time
import types
from pathlib import Path

import httpx
import pytest
from filelock import FileLock
from gradio import blocks as gradio_blocks
from gradio import networking
from helpers.commands import WEB, here, in_a_loop, opened
from helpers.gans import small_gan

from gan_demo import cli
from gan_demo.errors import UserError
from gan_demo.ui import gradio_workarounds, temporary

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny"
    small_gan("mlp", seed=4).save_pretrained(folder)
    return folder


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """Where temporary files go: a folder of this test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv(temporary.VARIABLE, raising=False)
    return tmp_path


@pytest.mark.parametrize(
    "proxies",
    [
        {"HTTP_PROXY": NOWHERE, "https_proxy": NOWHERE},
        {"all_proxy": "socks5://127.0.0.1:9"},  # whose package is not installed
        {"ALL_PROXY": "socks4://127.0.0.1:9", "no_proxy": "localhost"},  # which httpx does not know
        {"http_proxy": NOWHERE, "no_proxy": "localhost"},
        {"http_proxy": "nonsense", "NO_PROXY": "[::1],.example.org"},
    ],
    ids=["http", "socks5", "socks4", "no_proxy", "nonsense"],
)
def test_the_page_opens_whatever_the_environment_says_of_proxies(proxies, checkpoint, tmp_path):
    fresh = "socks5" in str(proxies)  # which ends every client that httpx makes, also while gradio is imported
    with opened(checkpoint, log=tmp_path / "log", fresh=fresh, **proxies) as (_, address):
        assert "ganDemo" in WEB.get(address).text
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_only_the_own_address_goes_past_the_proxy(monkeypatch):
    for module, name in gradio_workarounds.ASKS:
        monkeypatch.setattr(module, "httpx", httpx)
        asked = []
        monkeypatch.setattr(httpx, name, lambda url, asked=asked, **named: asked.append((url, named.get("trust_env"))))
        gradio_workarounds.around_proxies("machine.example")
        gradio_workarounds.around_proxies("machine.example")  # as a second page does
        for url in ("http://127.0.0.1:1/a", "http://machine.example:1/", "https://api.gradio.app/v3/tunnel-request"):
            getattr(module.httpx, name)(url, timeout=3)
        assert [trust for _, trust in asked] == [False, False, None]
        assert module.httpx.URL is httpx.URL


def test_gradio_still_asks_in_these_places():
    assert "httpx.get(" in inspect.getsource(gradio_blocks)
    assert "httpx.head(url" in inspect.getsource(networking)


def test_uploads_lie_in_a_folder_that_only_this_user_reads_and_that_goes_with_the_page(checkpoint, tmp_path):
    """As on a machine on which /tmp/gradio is somebody else's: here it is a file."""
    temporary_files = tmp_path / "tmp"
    temporary_files.mkdir()
    (temporary_files / "gradio").write_text("mine")
    with opened(checkpoint, log=tmp_path / "log", TMPDIR=str(temporary_files)) as (process, address):
        sent = WEB.post(f"{address}gradio_api/upload", files={"files": ("a.png", io.BytesIO(b"a picture"))})
        assert sent.status_code == 200, sent.text
        (folder,) = temporary_files.glob(f"{temporary.PREFIX}*")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert sent.json()[0].startswith(str(folder))
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert [path.name for path in temporary_files.iterdir()] == ["gradio"]


def test_a_folder_for_uploads_that_cannot_be_written_is_one_line(checkpoint, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(temporary.VARIABLE, str(tmp_path / "file" / "below"))
    said = here(cli.main, "page", "--checkpoint", checkpoint)
    assert said.returncode == 2
    (line,) = said.stderr.splitlines()
    assert line.startswith(
        f"gan-demo page: {temporary.VARIABLE} is {tmp_path}/file/below, where nothing can be written ("
    )
    monkeypatch.delenv(temporary.VARIABLE)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(UserError, match="there is nowhere to put uploads.*set GRADIO_TEMP_DIR"):
        temporary.check()


def test_a_persons_own_choice_holds_and_stays(monkeypatch, elsewhere):
    chosen = elsewhere / "chosen"
    monkeypatch.setenv(temporary.VARIABLE, str(chosen))
    with temporary.own_folder() as folder:
        assert folder.parent == chosen
        assert os.environ[temporary.VARIABLE].startswith(str(folder))
        assert tempfile.mkdtemp().startswith(str(folder))
    assert os.environ[temporary.VARIABLE] == str(chosen)
    assert tempfile.tempdir == str(elsewhere)
    assert list(chosen.iterdir()) == []


def test_what_a_killed_page_left_goes_and_what_an_open_one_has_stays(elsewhere):
    names = ("left", "young", "held", "later")
    left, young, held, later = (elsewhere / f"{temporary.PREFIX}{name}" for name in names)
    for folder in (left, young, held, later):
        folder.mkdir()
        (folder / "upload").write_text("")
    for folder in (left, held):
        os.utime(folder, (time.time() - 3600,) * 2)
    os.utime(later, (time.time() + 3600,) * 2)  # the clock was set back since
    with FileLock(held / temporary.LOCK):
        os.utime(held, (time.time() - 3600,) * 2)  # making the lock changed it
        with temporary.own_folder():
            assert (young.is_dir(), held.is_dir(), left.exists(), later.exists()) == (True, True, False, False)
    assert sorted(path.name for path in elsewhere.iterdir()) == [held.name, young.name]


@pytest.fixture
def written(monkeypatch):
    """When the files in a folder of a name were written, as the clock said."""
    times, real = {}, os.stat

    def stat(path, **more):
        facts = real(path, **more)
        when = times.get(path.parent.name, 0)
        return types.SimpleNamespace(st_mode=facts.st_mode, st_size=facts.st_size, st_ctime=when)

    monkeypatch.setattr(Path, "stat", stat)
    return times


def test_uploads_are_bounded_together_also_where_the_clock_is_set_back(tmp_path, written):
    def upload(name, when):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "file").write_bytes(b"x" * 100)
        written[name] = when
        arrivals.bound(tmp_path, 250)
        return sorted(path.name for path in tmp_path.iterdir())

    arrivals = temporary.Arrivals()
    upload("a", 100)
    assert upload("b", 101) == ["a", "b"]
    assert upload("c", 50) == ["b", "c"]
    assert upload("d", 51) == ["c", "d"]
    assert upload("c", 52) == ["c", "d"]  # once more: now it is the youngest
    assert upload("e", 10) == ["c", "e"]


def test_what_a_failed_upload_left_goes_when_none_is_under_way(elsewhere):
    """On a full disk no other would come, or else."""
    with temporary.own_folder() as folder:
        uploads, kept, opened_still = folder / "uploads", folder / "uploads" / "digest" / "a.png", []

        async def app(scope, receive, send):
            opened_still.append((uploads / "tmpx").open("wb", 0))
            opened_still[-1].write(b"half")
            kept.parent.mkdir(exist_ok=True)
            kept.write_bytes(b"whole")
            if scope["inner"]:
                with contextlib.suppress(OSError):
                    await bounded({**scope, "inner": False}, None, None)
                assert (uploads / "tmpx").exists()  # it may be of the other one
            raise OSError(errno.ENOSPC, "No space left on device")

        bounded = temporary.BoundedUploads(app)
        with pytest.raises(OSError, match="No space"):
            in_a_loop(bounded({"type": "http", "method": "POST", "path": "/upload", "inner": True}, None, None))
        assert [path for path in uploads.rglob("*") if path.is_file()] == [kept]
        assert {os.fstat(file.fileno()).st_size for file in opened_still} == {0}
        for file in opened_still:
            file.close()


def test_each_upload_is_followed_by_a_look_at_all_of_them(monkeypatch, elsewhere):
    looked = []
    monkeypatch.setattr(temporary.Arrivals, "bound", lambda self, folder: looked.append(folder))

    async def app(scope, receive, send):
        pass

    def ask(path):
        in_a_loop(temporary.BoundedUploads(app)({"type": "http", "method": "POST", "path": path}, None, None))

    with temporary.own_folder() as folder:
        ask("/gradio_api/upload")
        ask("/gradio_api/call/score")
        assert looked == [folder / "uploads"]
    monkeypatch.setenv(temporary.VARIABLE, str(elsewhere))  # a folder of others, too: nothing is removed there
    ask("/gradio_api/upload")
    assert len(looked) == 1
