import errno
import os
import stat
from pathlib import Path

import pytest

from gan_demo import files
from gan_demo.errors import UserError


def test_failed_write_leaves_the_previous_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    files.write_bytes(path, b"whole")

    def full_disk(descriptor):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        files.write_bytes(path, b"half")
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_being_read_is_replaced_when_it_is_free(tmp_path, monkeypatch):
    """As on Windows, which refuses to rename onto a file that is open."""
    path, tries, replace = tmp_path / "history.jsonl", [], Path.replace

    def refused(source, target):
        tries.append(source)
        if len(tries) < free_after:
            raise PermissionError(errno.EACCES, "Access is denied")
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", refused)
    monkeypatch.setattr(files, "PAUSES", (0.0,) * 3)
    monkeypatch.setattr(files, "WINDOWS", True)
    free_after = 3
    files.write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    free_after = 100
    with pytest.raises(PermissionError):
        files.write_bytes(path, b"newer")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"new"


def test_an_error_names_the_file(tmp_path, monkeypatch):
    def full_disk(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left") as error:
        files.write_bytes(tmp_path / "state.pt", b"half")
    assert error.value.filename == str(tmp_path / "state.pt")
    with pytest.raises(UserError, match=r"cannot be written \(No space left on device\)"):
        files.check_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_is_known_before(tmp_path):
    files.check_writable(tmp_path)
    files.check_writable(tmp_path / "new" / "folder")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below", "/proc/gan-demo/run"):
        with pytest.raises(UserError, match=f"{place} cannot be written "):
            files.check_writable(place)


def test_folders_are_made_and_others_may_read(tmp_path):
    path = tmp_path / "new" / "folder" / "config.json"
    files.write_json(path, {"name": "数字"})
    assert path.read_text(encoding="utf-8") == '{\n  "name": "数字"\n}\n'
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask
