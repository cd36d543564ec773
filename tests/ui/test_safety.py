"""What strangers may send to the page: bad pictures, nonsense to every event, and requests for what is not theirs."""

import base64
import io
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest
from helpers.commands import ROOT, WEB, opened
from helpers.drawings import bilevel_png, encoded, photo, three
from helpers.gans import small_gan
from PIL import ExifTags, Image

from gan_demo.pictures import preparing

MOST = 300  # megabytes that a picture may take beside what the page has
META = {"_type": "gradio.FileData"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where the page runs: folders for its working directory, its home and its temporary files."""
    root = tmp_path_factory.mktemp("place")
    for name in ("home", "temp", "work"):
        (root / name).mkdir()
    small_gan("mlp", seed=3, classes=10).save_pretrained(root / "work" / "asked")
    small_gan("dcgan", seed=3).save_pretrained(root / "work" / "tiny")
    return root


@pytest.fixture(scope="module")
def page(place):
    """(the process, its address, what it has logged)"""
    environment = {"HOME": str(place / "home"), "TMPDIR": str(place / "temp"), "HF_HOME": str(place / "home" / "hf")}
    log, models = place / "log", (place / "work" / "tiny", place / "work" / "asked")
    with opened(*models, log=log, **environment) as (process, address):
        yield process, address, log


@pytest.fixture(scope="module")
def files_before(place, page):
    return outside(place)


def outside(place):
    """Every file that is not in the folder for temporary ones."""
    return {path for name in ("home", "work") for path in (place / name).rglob("*")}


def score(address, content, name="digit.png", **more):
    """What the page says of an uploaded file: (a word, the answer)."""
    files = {"files": (name, content, "image/png")}
    sent = WEB.post(f"{address}gradio_api/upload", files=files)
    if sent.status_code != 200:
        return "refused", sent.text
    picture = {"path": sent.json()[0], "meta": META}
    # A session for each thread: gradio takes longer to make one than the page to answer.
    asked = {"data": ["tiny", picture], "session_hash": threading.current_thread().name}
    event = WEB.post(f"{address}gradio_api/call/score", json=asked).json()
    answer = WEB.get(f"{address}gradio_api/call/score/{event['event_id']}").text
    return re.search(r"event: (\w+)", answer)[1], answer


def ink():
    return Image.fromarray(np.uint8(255 - 255 * three()))


def rotated():
    """Lying on its side, with the note that says so."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    return encoded(ink().transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=95)


def clear():
    picture = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    picture.putalpha(Image.fromarray(np.uint8(255 * three())))
    return encoded(picture)


GOOD = {
    "plain": lambda: encoded(ink()),
    "cmyk": lambda: encoded(ink().convert("CMYK"), "JPEG", quality=95),
    "16 bits": lambda: encoded(Image.fromarray(np.uint16(65535 - 65535 * three()))),
    "palette": lambda: encoded(ink().convert("P")),
    "alpha": clear,
    "exif": rotated,
    "animated": lambda: encoded(ink(), "GIF", save_all=True, append_images=[Image.new("L", (400, 400), 9)]),
}
BAD = {
    "100 megapixels": (lambda: bilevel_png(10_000, 10_000), "too large"),
    "endless": (lambda: bilevel_png(1, 50_000_000), "too large"),
    "truncated": (lambda: encoded(photo(three(), 0).convert("L"))[:9000], "damaged"),
    "svg": (
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        "not a picture",
    ),
    "text": (lambda: b"these are only words", "not a picture"),
    "empty": (lambda: b"", "not a picture"),
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_rare_kind_of_picture_gives_the_right_digit(page, kind):
    event, answer = score(page[1], GOOD[kind]())
    assert event == "complete"
    url = re.search(r'"(data:image/png;base64,[^"]+)"', answer)[1]
    seen = np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))))
    wanted = preparing.to_digit(Image.merge("LA", [ink(), Image.new("L", ink().size, 255)]))
    assert np.abs(seen.astype(int) - wanted).mean() < 4


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_picture_is_one_line(page, kind):
    content, said = BAD[kind]
    event, answer = score(page[1], content())
    assert event == "error"
    assert said in answer
    assert "Traceback" not in answer


def memory(process, reset=False):
    """Megabytes: (now, the most since the last reset)."""
    root = Path(f"/proc/{process.pid}")
    if not (root / "clear_refs").exists():
        pytest.skip("needs Linux's /proc")
    if reset:
        (root / "clear_refs").write_text("5")
    found = dict(re.findall(r"(VmRSS|VmHWM):\s*(\d+) kB", (root / "status").read_text()))
    return int(found["VmRSS"]) / 1000, int(found["VmHWM"]) / 1000


def test_many_large_pictures_at_once_take_little_memory(page):
    process, address, _ = page
    contents = [
        encoded(Image.new("RGB", (4000, 3999), (200, 10, 10))),
        encoded(Image.new("P", (4000, 4000)), transparency=0),
        encoded(Image.new("RGBA", (4000, 3999))),
        encoded(Image.fromarray(np.zeros((4000, 4000), np.uint16))),
        bilevel_png(10_000, 10_000),
    ]
    score(address, encoded(ink()))
    before, _ = memory(process, reset=True)
    with ThreadPoolExecutor(10) as pool:
        answers = [answer for _, answer in pool.map(lambda content: score(address, content), contents * 2)]
    assert sum("too large" in answer for answer in answers) == 2
    _, most = memory(process)
    assert most - before < MOST, f"{most - before:.0f} MB more"


NONSENSE = (None, float("nan"), 2**64 - 1, "\0" + "x" * 5000, {"path": "/etc/passwd"}, [[]])


def test_nonsense_to_every_event_gives_words_and_no_traceback(page):
    process, address, log = page
    config = WEB.get(f"{address}config").json()
    events = [one for one in config["dependencies"] if one["backend_fn"]]
    assert len(events) > 10
    before = log.read_text()
    for number, value in enumerate(NONSENSE):
        for event in events[number % 2 :: 2]:  # three kinds each: gradio takes 30 ms an event
            body = {"fn_index": event["id"], "session_hash": f"s{number}", "data": [value] * len(event["inputs"])}
            content = json.dumps(body)
            where = "queue/join" if event["queue"] is not False else "run/predict"
            headers = {"Content-Type": "application/json"}
            answer = WEB.post(f"{address}gradio_api/{where}", content=content, headers=headers)
            assert "Traceback" not in answer.text
        with WEB.stream("GET", f"{address}gradio_api/queue/data", params={"session_hash": f"s{number}"}) as stream:
            for line in stream.iter_lines():
                if '"close_stream"' in line:
                    break
    for component in config["components"]:
        for name in component["props"].get("server_fns") or component["props"].get("server_functions") or []:
            for value in NONSENSE:
                body = {"component_id": component["id"], "fn_name": name, "session_hash": "s", "data": [value]}
                headers = {"Content-Type": "application/json"}
                WEB.post(f"{address}gradio_api/component_server", content=json.dumps(body), headers=headers)
    assert process.poll() is None, process.returncode
    said = log.read_text()[len(before) :]
    assert "Traceback" not in said, said[-3000:]
    assert score(address, encoded(ink()))[0] == "complete"


MALFORMED = {
    "call/nobody": b'{"data": []}',
    "call/sample": b'{"data": NaN}',
    "call/score": b"[NaN]",
    "call/map": b"{",
    "run/map": b'{"data": [1%s]}' % (b"0" * 30),
    "call/map/": b'{"data": [1%s]}' % (b"0" * 30),  # of more than 64 bits: gradio ends a stream over it
    "queue/join": b'{"data": [], "fn_index": 1000000000, "session_hash": "s"}',
    "queue/join/": b'{"data": [], "fn_index": 0, "session_hash": ""}',
    "run/predict": b'{"data": []}',
    "call/v2/nobody": b"{}",
    "call/v2/sample": b'{"nothing": 1}',
    "call/v2/sample/": b'{"model": "tiny", "session_hash": "s"}',
    "call/v2/score": b"{}",
    "call/v2/map": b"[]",
    "component_server": b'{"component_id": 0, "fn_name": "x", "session_hash": "s", "data": []}',
    "component_server/": b'{"component_id": "x", "fn_name": "__class__", "session_hash": "s", "data": []}',
}
NO_FILES = ('name="files"', "name=\"files\"; filename*=UTF-8''%e2.png", 'name="files"; filename=".."', "")


def test_what_gradio_fails_over_beside_events_is_one_line(page):
    _, address, log = page
    before, root = log.read_text(), f"{address}gradio_api"
    for said in NO_FILES:
        form = f"--x\r\nContent-Disposition: form-data; {said}\r\n\r\nabc\r\n--x--\r\n"
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = WEB.post(f"{root}/upload", content=form.encode(), headers=kind)
        assert (answer.status_code, len(answer.text.splitlines())) == (400, 1), said
    for route in ("queue/data?session_hash=nobody", "call/sample/nothing", "call/v2/nobody/nothing"):
        assert "event" in WEB.get(f"{root}/{route}").text
    (path,) = WEB.post(f"{root}/upload", files={"files": ("a.png", b"0123456789")}).json()
    for sent, body in (("bytes=0-0,3-4", b"0123456789"), ("x-y-z", b"0123456789"), ("bytes=2-4", b"234")):
        assert WEB.get(f"{root}/file={path}", headers={"Range": sent}).content == body
    for host in ("a b", "[::1", "x\x7f"):
        assert "ganDemo" in WEB.get(address, headers={"X-Forwarded-Host": host}).text
    assert "Traceback" not in log.read_text()[len(before) :]


def test_a_request_of_another_shape_is_one_line(page):
    _, address, log = page
    before = log.read_text()
    for route, body in MALFORMED.items():
        answer = WEB.post(f"{address}gradio_api/{route}", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, (route, answer.text)
        assert len(answer.json()["detail"].splitlines()) == 1
    for body in ({"data": ["tiny"] * 9}, {"data": ["tiny", {"path": "\0", "meta": META}]}):
        event = WEB.post(f"{address}gradio_api/call/score", json=body).json()
        answer = WEB.get(f"{address}gradio_api/call/score/{event['event_id']}", timeout=30).text
        assert "another number of values" in answer or "Send the picture itself" in answer
    for values in (["nobody"], ["tiny", -1], ["tiny", 0, 101]):
        answer = WEB.post(f"{address}gradio_api/run/sample", json={"data": values})
        assert answer.status_code == 400, answer.text
        assert len(answer.json()["error"].splitlines()) == 1
    config = WEB.get(f"{address}config").json()
    (browser, *_) = [one["id"] for one in config["dependencies"] if not one["backend_fn"]]
    for number, values in ((browser, []), (0, [1] * 50)):
        body = {"fn_index": number, "session_hash": "shape", "data": values}
        assert WEB.post(f"{address}gradio_api/queue/join", json=body).status_code == 200
        with WEB.stream("GET", f"{address}gradio_api/queue/data", params={"session_hash": "shape"}) as stream:
            assert any("another number of values" in line for line in stream.iter_lines())
    assert "Traceback" not in log.read_text()[len(before) :]
    assert score(address, encoded(ink()))[0] == "complete"


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "{work}/tiny/config.json",
        "{root}/app.py",
        "{root}/gan_demo/gan.py",
        "{temp}/../log",
        "..",
        "/proc/self/environ",
    ],
)
@pytest.mark.parametrize("route", ["file=", "file/", "stream/", "static/", "../", "custom_component/"])
def test_no_file_of_the_machine_is_handed_out(page, place, path, route):
    path = path.format(work=place / "work", temp=place / "temp", root=ROOT)
    for form in (path, path.replace("/", "%2F"), path.replace("..", "%2e%2e")):
        answer = WEB.get(f"{page[1]}gradio_api/{route}{form}")
        assert answer.status_code >= 300 or "<!doctype html" in answer.text[:100].lower(), answer.text[:200]


def test_no_address_is_fetched(page):
    asked = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_POST = do_GET

        def log_message(self, *arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Canary) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/digit.png"
        _, address, _ = page
        for picture in ({"path": url, "meta": META}, {"path": None, "url": url, "meta": META}, {"url": url}, url):
            event = WEB.post(f"{address}gradio_api/call/score", json={"data": ["tiny", picture]}).json()
            assert "event: error" in WEB.get(f"{address}gradio_api/call/score/{event['event_id']}").text
        for route in ("proxy=", "file=", "stream/"):
            assert WEB.get(f"{address}gradio_api/{route}{url}").status_code >= 400
        server.shutdown()
    assert not asked


@pytest.mark.parametrize("path", ["/etc/passwd", "{work}/tiny/config.json", "../log", "nothing.png"])
def test_a_path_in_the_place_of_an_upload_is_refused_in_words(page, place, path):
    _, address, log = page
    before = log.read_text()
    picture = {"path": path.format(work=place / "work"), "meta": META}
    event = WEB.post(f"{address}gradio_api/call/score", json={"data": ["tiny", picture]}).json()
    answer = WEB.get(f"{address}gradio_api/call/score/{event['event_id']}", timeout=30).text
    assert "Send the picture itself" in answer
    assert "Traceback" not in log.read_text()[len(before) :]


def test_nothing_is_written_but_temporary_files(page, place, files_before):
    score(page[1], encoded(ink()), name="../../../evil.png")
    assert outside(place) == files_before  # since before the first test of this module
    assert not list(place.glob("evil*"))
    assert {path.name for path in place.iterdir()} == {"home", "temp", "work", "log"}
