"""The charts' files: as published, and handed out alone."""

import hashlib
import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gan_demo.ui.shared import charts


def table():
    """File -> (name, version, licence, where from, SHA-256)."""
    rows = re.findall(r"^\| (\S+\.\w+) \| (.+) \|$", (charts.VENDOR / "README.md").read_text(encoding="utf-8"), re.M)
    return {name: row.split(" | ") for name, row in rows}


def test_every_vendored_file_is_as_it_was_published():
    rows = table()
    assert set(rows) == {path.name for path in charts.VENDOR.iterdir() if path.is_file()} - {"README.md"}
    for name, (library, version, licence, source, checksum) in rows.items():
        assert hashlib.sha256((charts.VENDOR / name).read_bytes()).hexdigest() == checksum
        assert licence == "MIT"
        assert f"{library.lower()}-{version}.tgz" in source
        assert f"{library}.LICENSE" in rows


@pytest.fixture
def browser():
    with TestClient(Starlette(routes=[charts.ROUTE])) as client:
        yield client


@pytest.mark.parametrize("name", charts.FILES)
def test_a_file_is_sent_with_its_type_and_only_once(browser, name):
    answer = browser.get(f"/charts/{name}")
    folder, kind = charts.FILES[name]
    assert answer.content == (folder / name).read_bytes()
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    again = browser.get(f"/charts/{name}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "name", ["charts.py", "README.md", "", "..%2fpage.py", "..%2F..%2Fgan.py", "%2fetc%2fpasswd", "../page.py"]
)
def test_nothing_else_is_sent(browser, name):
    assert browser.get(f"/charts/{name}").status_code == 404
