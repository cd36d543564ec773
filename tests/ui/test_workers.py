"""Two processes behind a balancer without affinity: every answer comes, and is the right one."""

import base64
import io
import json

import numpy as np
import pytest
from gradio_client import Client, handle_file
from helpers.commands import WEB
from helpers.drawings import one
from helpers.gans import small_gan
from helpers.workers import balanced
from PIL import Image

from gan_demo.pixels import to_pixels


@pytest.fixture(scope="module")
def gan():
    return small_gan("mlp", seed=3)


@pytest.fixture(scope="module")
def balancer(tmp_path_factory, gan):
    folder = tmp_path_factory.mktemp("workers")
    gan.save_pretrained(folder / "models" / "tiny")
    with balanced(folder, folder / "models" / "tiny") as balancer:
        yield balancer


@pytest.fixture(scope="module")
def client(balancer):
    return Client(balancer.address, verbose=False)


def pixels_of(answer):
    pictures = [base64.b64decode(digit["picture"].partition(",")[2]) for digit in answer]
    return np.stack([np.asarray(Image.open(io.BytesIO(picture))) for picture in pictures])


def drawn(gan, count, seed):
    return to_pixels(gan.sample(count, seed))[:, 0].numpy()


def test_programs_get_their_answers(balancer, client, gan, tmp_path):
    for seed in range(4):
        assert np.array_equal(pixels_of(client.predict("tiny", seed, 3, api_name="/sample")), drawn(gan, 3, seed))
    ends = client.predict("tiny", 1, 2, 5, api_name="/interpolate")
    assert np.array_equal(pixels_of([ends[0], ends[-1]]), np.concatenate([drawn(gan, 1, 1), drawn(gan, 1, 2)]))
    one(tmp_path / "digit.png")
    for _ in range(2):  # what one process was given, the other reads, too
        assert client.predict("tiny", handle_file(tmp_path / "digit.png"), api_name="/score")["verdict"]
    found = client.predict("tiny", handle_file(tmp_path / "digit.png"), api_name="/invert")
    assert found[0]["error"] < 1
    joined = {server for server, asked in balancer.asked if asked == "POST /gradio_api/queue/join"}
    assert joined == {0, 1}  # so half of the requests had to find their way


@pytest.mark.parametrize("version", ["", "v2/"])
@pytest.mark.parametrize("session", [{}, {"session_hash": "somebody"}])
def test_an_event_is_told_by_whoever_has_it(balancer, gan, version, session):
    url = f"{balancer.address}gradio_api/call/{version}sample"
    asked = {"model": "tiny", "seed": 7, "count": 2} if version else {"data": ["tiny", 7, 2], **session}
    for _ in range(3):
        event = WEB.post(url, json=asked).json()["event_id"]
        said = WEB.get(f"{url.replace('v2/', '')}/{event}").text
        answer = json.loads(said.partition("event: complete\ndata: ")[2].partition("\n")[0])
        assert np.array_equal(pixels_of(answer[0]), drawn(gan, 2, 7))


def test_a_request_that_claims_to_be_handed_on_is_nobodys(balancer):
    forged = {"x-gan-demo-group": "guess", "x-gan-demo-visitor": "10.0.0.1"}
    asked = {"data": ["tiny", 7, 1], "session_hash": "somebody"}
    for _ in range(2):
        answer = WEB.post(f"{balancer.address}gradio_api/call/sample", json=asked, headers=forged)
        assert answer.json()["event_id"].endswith(("~0", "~1"))
    for wrong in ("{", "[]", '{"session_hash": 7, "data": []}', '{"session_hash": "' + "x" * 300 + '", "data": []}'):
        assert WEB.post(f"{balancer.address}gradio_api/queue/join", content=wrong).status_code == 400
    assert WEB.get(f"{balancer.address}gradio_api/call/sample/nothing~7").status_code == 200
