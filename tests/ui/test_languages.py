"""Where visitors are sent who ask for a language."""

from urllib.parse import urljoin

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from gan_demo.ui.languages import ByBrowser

HERE = "http://here"


@pytest.fixture
def sent():
    """Where a path is sent on to, by a browser that asks for English."""
    client = TestClient(Starlette(middleware=[Middleware(ByBrowser)]), HERE, follow_redirects=False)

    def sent(path):
        answer = client.get(path, headers={"accept-language": "en"})
        assert answer.status_code == 307
        return urljoin(HERE + path, answer.headers["location"]).removeprefix(HERE)

    return sent


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/?lang=zh&tab=lab", "/zh?lang=zh&tab=lab"),
        ("/zh?lang=en&tab=lab", "/?lang=en&tab=lab"),
        ("/zh/?tab=lab", "/zh?tab=lab"),  # a slash too many, which people and their programs add
        ("/zh/?lang=en&tab=lab", "/?lang=en&tab=lab"),
    ],
)
def test_what_a_link_says_comes_along_to_the_page_in_its_language(sent, path, place):
    assert sent(path) == place
