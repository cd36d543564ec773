"""What strangers may send to the page: how many tracebacks, wrong answers, megabytes?

    python benchmarks/hostile.py                            1,000 pictures and 2,000 calls, some minutes
    python benchmarks/hostile.py --pictures 100 --calls 0 --seed 4

Opens the page in a process of its own. Pictures (hostile_files.py) take the way of a browser: the route for uploads,
with names that are hostile too, then /score or /invert. Calls are right ones of every end point in which some values
were replaced, or forged requests for events and files of the page. Wrong is an answer that is neither what was asked
for nor one line; a sound picture whose digit is not found; a hidden file; a number that is not finite; an error of the
server; and, after each hundred, a plain question that is answered otherwise than before. Ends with one line of figures;
exit code 1 where something was wrong.
"""

import argparse
import base64
import io
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import httpx
import numpy as np
from hostile_files import Given, encoded, picture
from PIL import Image

from gan_demo import GAN
from gan_demo.pictures import opening, preparing
from gan_demo.pixels import to_pixels

MODELS = ("mlp", "dcgan-conditional")
WORKERS = 4
NEAR = 12  # grey levels, a mean over pixels, by which a digit in a rare file may differ from the same in a plain one
META = {"_type": "gradio.FileData"}
SECRETS = re.compile(r"root:x:|Traceback|site-packages|File \"/|HF_TOKEN")
NAMES = (
    "digit.png",
    "../../../etc/passwd",
    "a" * 300 + ".png",
    "CON",
    "数字.png",
    "x\ny.png",
    "..",
    ".png",
    "a b?.svg",
    "💥",
)
DEEP: Any = 0
for _ in range(200):
    DEEP = [DEEP]
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 0.5, -0.0, 1e308, 2**63, 2**63 - 1, -(2**70), 10**400),
    *(math.nan, math.inf, -math.inf, "", "0", "mlp", "mlp:1:0", "nobody", "a" * 100_000, "\0", "\ud800", "数字💥"),
    *(
        "../../etc/passwd",
        "/etc/passwd",
        "<script>alert(1)</script>",
        "mlp:99999999999999999999:0",
        "mlp:1:0:t9",
        "zAAAA",
    ),
    *([], {}, [[]], [None], [1, "2", None], list(range(1000)), {"path": "/etc/passwd", "meta": META}, DEEP),
    *({"path": None}, {"path": "\0", "meta": META}, {"url": "http://127.0.0.1:9/", "meta": META}, {"slant": math.nan}),
    *({"path": "app.py", "url": "file:///etc/passwd", "meta": META}, {"slant": "2"}, {"": 1}, {"z0": 1e300}),
)
RIGHT: dict[str, tuple[Any, ...]] = {
    "models": (),
    "sample": ("mlp", 5, 4, 0.8, None),
    "interpolate": ("mlp", "mlp:5:1", 7, 4, "linear", None),
    "map": ("dcgan-conditional", 5, 0.5, 1.0, 0.25, 3, 2, 4),
    "score": ("mlp", {"path": "nothing.png", "meta": META}, None, 0),
    "invert": ("mlp", {"path": "nothing.png", "meta": META}, "enlarge", None, None, 0),
    "directions": ("mlp", "mlp:5:1", {"slant": 1.0}, False, None, None, None, None),
}
PATHS = (
    *(
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=../../etc/passwd",
        "/gradio_api/file=app.py",
        "/static/../app.py",
    ),
    *("/gradio_api/file=checkpoints/mlp/config.json", "/gradio_api/file%3d/etc/passwd", "/assets/..%2f..%2fapp.py"),
    *(
        "/gradio_api/proxy=http://127.0.0.1:9/",
        "/gradio_api/file=\\\\host\\share",
        "/gradio_api/stream/x/y/z/playlist.m3u8",
    ),
    *(
        "/gradio_api/component_server",
        "/?" + "a=1&" * 5000,
        "/?tab=%00&link=%ff",
    ),
)


class Page:
    """A page in a process of its own, and what is asked of it."""

    def __init__(self, place: Path) -> None:
        self.log = place / "log"
        flags = [word for name in MODELS for word in ("--checkpoint", str(ROOT / "checkpoints" / name))]
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), *flags],
            env={**os.environ, "TMPDIR": str(place), "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=self.log.open("wb"),
            encoding="utf-8",
        )
        assert self.process.stdout
        found = re.search(r"http://[^/]+:\d+", self.process.stdout.readline())
        assert found, "the page does not open"
        self.web = httpx.Client(base_url=found[0], timeout=120, trust_env=False)
        self.events = len(self.web.get("/config").json()["dependencies"])

    def megabytes(self) -> tuple[float, float]:
        """Memory now, and the most there was."""
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = dict(re.findall(r"(VmRSS|VmHWM):\s*(\d+) kB", text))
        return int(found["VmRSS"]) / 1000, int(found["VmHWM"]) / 1000

    def tracebacks(self) -> int:
        """How many the server has written."""
        return self.log.read_text(encoding="utf-8", errors="replace").count("Traceback (most recent call last)")

    def ask(self, name: str, body: bytes) -> tuple[str, str]:
        """Call an end point with raw JSON; returns the event and its data, or "refused" and the words."""
        asked = self.web.post(f"/gradio_api/call/{name}", content=body, headers={"Content-Type": "application/json"})
        if asked.status_code >= 500:
            return "broken", f"{asked.status_code}: {asked.text[:200]}"
        if asked.status_code != 200:
            return "refused", asked.text
        text = self.web.get(f"/gradio_api/call/{name}/{asked.json()['event_id']}").text
        found = re.findall(r"^event: (\w+)\ndata: (.*)$", text, re.MULTILINE)
        return found[-1] if found else ("broken", text[:200])

    def upload(self, name: str, content: bytes) -> httpx.Response:
        """Send a file as a browser does."""
        return self.web.post("/gradio_api/upload", files={"files": (name, content, "image/png")})


def judged(event: str, data: str) -> str:
    """What is wrong with an answer to a hostile question; nothing if it is one line, or an answer."""
    if SECRETS.search(data):
        return f"tells too much: {data[:200]}"
    if event == "complete":
        return "" if re.search(r"\bNaN\b|\bInfinity\b", data) is None else f"a number that is none: {data[:200]}"
    if event == "refused":
        return ""
    if event != "error":
        return f"{event}: {data[:200]}"
    try:
        said = json.loads(data)
    except ValueError:
        return f"no JSON: {data[:200]}"
    words = said.get("error") if isinstance(said, dict) else said
    if not isinstance(words, str) or not words.strip() or "\n" in words.strip():
        return f"not one line: {data[:200]}"
    return ""


def bring(page: Page, number: int, ink: Image.Image, wanted: np.ndarray) -> str:
    """Upload the picture of a number and have it judged; returns what was wrong."""
    dice = random.Random(number)
    given = picture(ink, number)
    sent = page.upload(dice.choice(NAMES), given.content)
    if sent.status_code != 200:
        return f"{given.kind}: {sent.status_code} {sent.text[:200]}" if given.sound or sent.status_code >= 500 else ""
    file = {"path": sent.json()[0], "meta": META}
    if dice.random() < 0.05 and not given.sound:
        values: list[Any] = ["mlp", file, dice.choice(["enlarge", "nearest", "repair"]), file, None, 0]
        return _told(given, judged(*page.ask("invert", json.dumps({"data": values}).encode())))
    event, data = page.ask("score", json.dumps({"data": ["mlp", file, None, 0]}).encode())
    wrong = judged(event, data)
    if not wrong and event == "complete":
        seen = seen_by_d(json.loads(data)[0]["picture"])
        if seen.shape != (28, 28):
            wrong = f"D saw {seen.shape}"
        elif given.sound and np.abs(seen.astype(int) - wanted).mean() > NEAR:
            wrong = f"D saw another digit: {np.abs(seen.astype(int) - wanted).mean():.1f} grey levels"
    elif not wrong and given.sound:
        wrong = f"refused: {data[:200]}"
    return _told(given, wrong)


def _told(given: Given, wrong: str) -> str:
    return f"{given.kind}: {wrong}" if wrong else ""


def seen_by_d(url: str) -> np.ndarray:
    """The picture of a data URL."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))))


def call(page: Page, number: int) -> str:
    """Ask the hostile question of a number; returns what was wrong."""
    dice = random.Random(f"call {number}")
    what = dice.random()
    if what < 0.1:
        path = dice.choice(PATHS)
        answer = page.web.get(path)
        return _of_server(path, answer)
    if what < 0.3:  # an event of the page, as its script sends it
        body = {
            "data": [dice.choice(VALUES) for _ in range(dice.randint(0, 8))],
            "fn_index": dice.choice([*range(page.events)] * 3 + [-1, 10**9, None, "0"]),
            "session_hash": dice.choice([f"s{number}", "", None, 5, "a" * 10_000, "../x"]),
            "trigger_id": dice.choice([None, 1, "x"]),
        }
        answer = page.web.post("/gradio_api/queue/join", content=_json(body), headers=JSON)
        return _of_server(f"event {body['fn_index']}", answer) or _stream(page, answer, body)
    name = dice.choice([*RIGHT, "nobody"])
    values = list(RIGHT.get(name, ()))
    for _ in range(dice.randint(1, 2)):
        if values and dice.random() < 0.9:
            values[dice.randrange(len(values))] = dice.choice(VALUES)
        elif dice.random() < 0.5:
            values.append(dice.choice(VALUES))
        elif values:
            values.pop()
    body_of = [{"data": values}, {"data": values}, {"data": values}, {"data": dice.choice(VALUES)}, values, {}]
    raw = _json(dice.choice(body_of))
    if dice.random() < 0.1:
        raw = raw[: dice.randint(0, len(raw))] + dice.choice([b"", b"\xff\xfe", b"{", b"\0"])
    event, data = page.ask(name, raw)
    wrong = judged(event, data)
    return f"{name} {raw[:150]!r}: {wrong}" if wrong else ""


JSON = {"Content-Type": "application/json"}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def _of_server(asked: str, answer: httpx.Response) -> str:
    if answer.status_code >= 500:
        return f"{asked[:100]}: {answer.status_code} {answer.text[:200]}"
    return f"{asked[:100]}: tells too much" if SECRETS.search(answer.text) else ""


def _stream(page: Page, joined: httpx.Response, body: dict[str, Any]) -> str:
    """Read what an event of the page says; returns what was wrong."""
    session = body["session_hash"]
    if joined.status_code != 200 or not isinstance(session, str) or not session.startswith("s"):
        return ""
    lines, late = [], time.monotonic() + 60
    with page.web.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        for line in stream.iter_lines():
            lines.append(line)
            if time.monotonic() > late:
                return f"event {body['fn_index']}: no end: {lines[-3:]}"[:300]
            if '"process_completed"' in line or '"close_stream"' in line or '"unexpected_error"' in line:
                break
    text = "\n".join(lines)
    return f"event {body['fn_index']} tells too much: {text[:300]}" if SECRETS.search(text) else ""


def main() -> int:
    """Send all of it; print what was wrong and the line of figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="of the first picture and the first call (default: 0)")
    options = parser.parse_args()
    drawn = to_pixels(GAN.from_pretrained(ROOT / "checkpoints" / "dcgan").sample(20, 3))[:, 0].numpy()
    inks = [Image.fromarray(255 - pixels).resize((168, 168), Image.Resampling.BICUBIC) for pixels in drawn]
    wanted = [preparing.to_digit(opening.open_picture(encoded(ink))) for ink in inks]
    started, wrongs = time.monotonic(), Counter[str]()
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(WORKERS) as workers:
        page = Page(Path(place))
        try:
            plain = json.dumps({"data": ["mlp", 5, 4]}).encode()
            for number in range(40):  # what is loaded once is loaded: models, and the latents that searches begin with
                bring(page, -1 - number, inks[0], wanted[0])
            for name, values in RIGHT.items():
                page.ask(name, json.dumps({"data": values}).encode())
            file = {"path": page.upload("digit.png", encoded(inks[0])).json()[0], "meta": META}
            for look in ("nearest", "enlarge"):
                page.ask("invert", json.dumps({"data": ["mlp", file, look, None, None, 0]}).encode())
            usual = page.ask("sample", plain)
            before, _ = page.megabytes()
            jobs = [("picture", number) for number in range(options.seed, options.seed + options.pictures)]
            jobs += [("call", number) for number in range(options.seed, options.seed + options.calls)]

            def done(job: tuple[str, int]) -> str:
                kind, number = job
                try:
                    if number % 100 == 99 and page.ask("sample", plain) != usual:
                        return "a plain question is answered otherwise"
                    if kind == "call":
                        return call(page, number)
                    return bring(page, number, inks[number % len(inks)], wanted[number % len(inks)])
                except httpx.HTTPError as error:
                    return f"no answer: {type(error).__name__} {error}"

            for job, wrong in zip(jobs, workers.map(done, jobs), strict=True):
                if wrong:
                    wrongs[wrong] += 1
                    print(f"WRONG {job[0]} {job[1]}: {wrong}", flush=True)
            tracebacks, (_, peak) = page.tracebacks(), page.megabytes()
            if tracebacks:
                print(page.log.read_text(encoding="utf-8", errors="replace")[-6000:])
        finally:
            page.process.kill()
            page.process.communicate()
    print(
        f"{options.pictures:,} hostile pictures and {options.calls:,} hostile calls from seed {options.seed}:"
        f" {tracebacks} tracebacks, {sum(wrongs.values())} wrong answers,"
        f" memory grew by {peak - before:.0f} MB at most,"
        f" {time.monotonic() - started:.0f} s"
    )
    return int(bool(tracebacks or wrongs))


if __name__ == "__main__":
    sys.exit(main())
