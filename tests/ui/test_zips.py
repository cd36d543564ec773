"""A ZIP that somebody uploads: nothing but pictures comes out of it, whatever it holds."""

import stat

import pytest
from helpers.zips import archive

from gan_demo import UserError
from gan_demo.ui import words
from gan_demo.ui.trainer import zips


def unpacked(tmp_path, content):
    path = tmp_path / "sent.zip"
    path.write_bytes(content)
    zips.unpack(path, tmp_path / "out")
    return sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*"))


def link(entry):
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16


@pytest.mark.parametrize(
    "entries, change, said",
    [
        ({"../up.png": b""}, None, "leads elsewhere"),
        ({"a/../../up.png": b""}, None, "leads elsewhere"),
        ({"/etc/up.png": b""}, None, "leads elsewhere"),
        ({"C:\\up.png": b""}, None, "leads elsewhere"),
        ({"a\\..\\..\\up.png": b""}, None, "leads elsewhere"),
        ({"a.png": b"/etc/passwd"}, link, "a link or a device"),
        ({"readme.txt": b"hello"}, None, "holds no pictures"),
        ({".hidden.png": b"", "__MACOSX/a.png": b""}, None, "holds no pictures"),
        ({"a.png": b"\0" * 3_000_000}, None, "holds too much"),
    ],
)
def test_what_no_honest_zip_has(tmp_path, monkeypatch, entries, change, said):
    monkeypatch.setattr(zips, "MAX_PICTURE_BYTES", 2_000_000)
    with pytest.raises(UserError, match=said):
        unpacked(tmp_path, archive(entries, change))
    with words.speaking("zh"), pytest.raises(UserError) as error:
        unpacked(tmp_path, archive(entries, change))
    with words.speaking("zh"):
        assert words.tell(error.value).startswith("ZIP 中")
    assert not (tmp_path / "out").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sent.zip"]


def test_a_zip_that_lies_about_its_size_or_is_cut_short(tmp_path, monkeypatch):
    monkeypatch.setattr(zips, "MAX_BYTES", 1_000_000)
    with pytest.raises(UserError, match="unpacks to more"):
        unpacked(tmp_path, archive({f"{n}.png": b"\0" * 300_000 for n in range(9)}))
    honest = archive({"a.png": b"\0" * 900_000})
    for content in (honest.replace((900_000).to_bytes(4, "little"), (10).to_bytes(4, "little")), honest[:200], b""):
        with pytest.raises(UserError, match="no sound ZIP|too much"):
            unpacked(tmp_path, content)
    monkeypatch.setattr(zips, "MAX_FILES", 3)
    with pytest.raises(UserError, match="4 files, and 3 are unpacked"):
        unpacked(tmp_path, archive({f"{n}.png": b"" for n in range(4)}))


def test_names_in_a_zip_become_numbers_and_classes(tmp_path):
    names = ("top/eins/a.png", "top/eins/a b.JPG", "top/ZWEI/deep/c.png", "top/con<>/x.png", "top/notes.txt")
    assert unpacked(tmp_path, archive(dict.fromkeys(names, b"x"))) == [
        "ZWEI/000002.png",
        "con/000003.png",
        "eins/000000.png",
        "eins/000001.jpg",
    ]


def test_a_zip_without_classes_is_flat(tmp_path):
    assert unpacked(tmp_path, archive({"all/a.png": b"x", "all/b.png": b"y"})) == ["000000.png", "000001.png"]
