"""Every fault that the Hub can play, at every request of push, pull and deploy: is it one clear line, and nothing lost?

    python benchmarks/hub_faults.py                  all of them, some minutes
    python benchmarks/hub_faults.py --only pull --lines

A small server on this machine plays the Hub (tests/helpers/hub_server.py), for the real huggingface_hub. Each thing
that is done is done once without a fault, to learn what it asks; then once for each request, each fault, and the
fault once or for ever. It must succeed or end in one line, write nothing else, leave the Hub and this machine either
as they were or whole and new, keep what is the owner's there, and succeed when there is no fault any more. The waits
of huggingface_hub between its attempts are left out. Ends with one line of figures; exit code 1 where something was
wrong.
"""

import argparse
import contextlib
import io
import json
import os
import re
import shutil
import sys
import tempfile
import time
import traceback
import types
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ |= {"HF_TOKEN": "write-ada", "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "NO_PROXY": "*"}
os.environ["HF_ENDPOINT"] = "http://127.0.0.1:9"  # nobody: whatever did not heed the server below goes nowhere

from helpers import hub_server
from huggingface_hub import constants, file_download
from huggingface_hub.utils import _http

from gan_demo import UserError, hub
from gan_demo.config import Config, build
from gan_demo.gan import GAN
from gan_demo.hub import client, download, spaces
from gan_demo.settings import Settings

STATUSES = (400, 401, 403, 404, 409, 412, 413, 429, 500, 502, 503)
WORDS = ("cut", "corrupt", "short", "lost", "slow", "hang", "garbage", "hollow")
PATIENCE, LONG = 0.4, 30.0  # seconds until a request is given up: where the Hub hangs, and else
MINE = {"mine.txt": b"mine", "checkpoints/mine/config.json": b"mine"}
OUR_CARD = "---\ntitle: Ours\nsdk: gradio\nsdk_version: 6.31.0\napp_file: app.py\n---\n\nOur words.\n"


@dataclass
class Thing:
    """Something that is done with the Hub."""

    prepare: Callable[[], None]  # what lies on the Hub and here before
    act: Callable[[], object]
    done: Callable[[object], bool]  # whether all is there; is given what `act` returned, None if it failed
    kept: Callable[[], bool] = lambda: True  # whether what others own is there


class World:
    """The server, a checkpoint, a small project, and what can be done with them."""

    def __init__(self, server: hub_server.Hub, place: Path) -> None:
        self.server, self.place, self.folder, self.cache = server, place, place / "model", place / "cache"
        for seed, name in enumerate(("old", "model")):
            self._checkpoint(place / name, seed)
        self.local = self._files(self.folder)
        self.page = place / "project"
        for name in ("LICENSE", "app.py", "train.py", "requirements.txt", "gan_demo/gan.py"):
            self._write(self.page / name, f"{name}, new")
        for name in ("config.json", "model.safetensors", "samples.png"):
            self._write(self.page / "checkpoints" / "a" / name, f"{name}, new")
        self._write(self.page / "README.md", OUR_CARD)
        spaces.ROOT = self.page
        target = hub.Target("ada/digits")
        branch = hub.Target("ada/digits", private=True, revision="next")
        self.things = {
            "push, new": Thing(lambda: None, lambda: hub.push(self.folder, target), self._pushed),
            "push, private, a branch": Thing(
                lambda: None,
                lambda: hub.push(self.folder, branch),
                lambda _: self._pushed(_, "next"),
                lambda: not self._model() or self._model().private,
            ),
            "push, again": Thing(self._with_a_model, lambda: hub.push(self.folder, target), self._pushed, self._kept),
            "pull, new": Thing(self._with_a_model, lambda: hub.pull("ada/digits"), self._pulled),
            "pull, known": Thing(self._with_a_copy, lambda: hub.pull("ada/digits"), self._pulled),
            "deploy, new": Thing(lambda: None, lambda: hub.deploy("ada/page"), self._deployed),
            "deploy, again": Thing(self._with_a_space, lambda: hub.deploy("ada/page"), self._deployed, self._kept),
        }

    @staticmethod
    def _checkpoint(folder: Path, seed: int) -> None:
        import torch

        settings = Settings.of("mlp")
        facts = {"epochs_done": 1, "steps_done": 1, "seconds": 1.0, "hardware": "none", "torch": torch.__version__}
        config = settings.config(**facts)
        config = Config(
            **{**config.to_dict(), "latent_dim": 5, "generator_widths": (8, 8), "discriminator_widths": (8, 8)}
        )
        torch.manual_seed(seed)
        GAN(*build(config, "cpu"), config).save_pretrained(folder)
        (folder / "history.jsonl").write_text('{"epoch": 1}\n', encoding="utf-8")
        (folder / "samples.png").write_bytes(b"a picture")

    @staticmethod
    def _write(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    @staticmethod
    def _files(folder: Path) -> dict[str, bytes]:
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def _model(self) -> hub_server.Repository | None:
        return self.server.repositories.get(("model", "ada/digits"))

    def _with_a_model(self) -> None:
        hub.push(self.place / "old", hub.Target("ada/digits"))
        text = self._model().files()["README.md"].decode()
        card = text.replace("\n---\n", "\ntitle: Mine\n---\n", 1) + "\nMy words.\n"
        self._model().commit("main", {**self._model().files(), "README.md": card.encode(), "mine.txt": b"mine"}, "mine")

    def _with_a_copy(self) -> None:
        self._with_a_model()
        hub.pull("ada/digits")
        self._model().commit("main", {**self._model().files(), **self.local}, "newer")

    def _with_a_space(self) -> None:
        hub.deploy("ada/page")
        space = self.server.repositories["space", "ada/page"]
        card = space.files()["README.md"].decode().replace("title: Ours", "title: Mine") + "\nMy words.\n"
        files = {**space.files(), **MINE, "README.md": card.encode()}
        for name in ("app.py", "checkpoints/a/samples.png"):
            files[name] = b"old"
        told = json.loads(files[".deployed.json"])
        for name in ("app.py", "checkpoints/a/samples.png"):  # as if an earlier deploy had written them
            told["files"][name] = [download.git_digest(b"old"), download.sha256(b"old")]
        files[".deployed.json"] = json.dumps(told).encode()
        space.commit("main", files, "mine")

    def _pushed(self, _: object, branch: str = "main") -> bool:
        model = self._model()
        if model is None or branch not in model.branches:
            return False
        there = model.files(branch)
        return all(there.get(name) == content for name, content in self.local.items()) and b"gan.sample" in there.get(
            "README.md", b""
        )

    def _pulled(self, folder: object) -> bool:
        origin = hub.origin(folder) if folder else None
        if origin is None or origin.commit not in self._model().commits:
            return False
        remote = self._model().commits[origin.commit]
        return all((Path(folder) / n).read_bytes() == remote[n] for n in download.PULLED if n in remote)

    def _deployed(self, _: object) -> bool:
        space = self.server.repositories.get(("space", "ada/page"))
        if space is None or ".deployed.json" not in space.files():
            return False
        ours = self._files(self.page)
        del ours["README.md"]
        return all(space.files().get(name) == content for name, content in ours.items())

    def _kept(self) -> bool:
        """Whether what the owner wrote and added is there."""
        for (kind, _), repository in self.server.repositories.items():
            files, card = repository.files(), repository.files()["README.md"]
            if b"title: Mine" not in card or b"My words.\n" not in card or files.get("mine.txt") != b"mine":
                return False
            if kind == "space" and any(files.get(name) != content for name, content in MINE.items()):
                return False
        return True

    def reset(self, thing: Thing) -> dict:
        """As before `thing` is done; returns what the Hub holds."""
        self.server.forget()
        shutil.rmtree(self.cache, ignore_errors=True)
        thing.prepare()
        self.server.heal()
        return self.state()

    def state(self) -> dict:
        """What the Hub holds, by repository and branch."""
        return {
            (*name, branch): repository.files(branch)
            for name, repository in self.server.repositories.items()
            for branch in repository.branches
        }

    def cache_is_sound(self) -> bool:
        """Whether each file that the cache shows is that of its commit."""
        for path in self.cache.glob("models--*/snapshots/*/*"):
            if path.read_bytes() != self._model().commits[path.parent.name].get(path.name):
                return False
        return True


def learn(world: World, thing: Thing) -> list[tuple[str, str]]:
    """What `thing` asks: (method, regular expression) of each request, in order."""
    world.reset(thing)
    if not thing.done(thing.act()) or not thing.kept():
        raise SystemExit("it does not even work without a fault")
    asked = {}
    for method, path in world.server.requests:
        asked[method, re.sub(r"[0-9a-f]{40,64}", "[0-9a-f]+", re.escape(path))] = None
    return list(asked)


def played(world: World, thing: Thing, method: str, path: str, fault: int | str, times: int) -> tuple[str, list[str]]:
    """Do `thing` with a fault; returns how it ended ("done" or the line) and what was wrong about that."""
    before = world.reset(thing)
    world.server.fail(method, f"^{path}$", fault, times)
    patient(PATIENCE if fault == hub_server.HANG else LONG)
    wrong, result, outcome = [], None, "done"
    written = io.StringIO()
    with contextlib.redirect_stderr(written), contextlib.redirect_stdout(written), warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        try:
            result = thing.act()
        except UserError as error:
            outcome = str(error)
        except Exception:  # a traceback is what is looked for
            outcome, wrong = "traceback", [traceback.format_exc()]
    if outcome != "done" and (not outcome or len(outcome.splitlines()) != 1 or "write-ada" in outcome):
        wrong.append("no one line")
    if written.getvalue().strip():
        wrong.append(f"it writes {written.getvalue().strip()!r}")
    if outcome == "done" and not thing.done(result):
        wrong.append("it says that it is done, and it is not")
    now = world.state()
    for place, files in before.items():
        if outcome != "done" and now.get(place) != files and not thing.done(result):
            wrong.append(f"half of it is in {place}")
    if not thing.kept():
        wrong.append("what others own is lost")
    if world._files(world.folder) != world.local:
        wrong.append("the checkpoint here was changed")
    if not world.cache_is_sound():
        wrong.append("the cache shows what is not in the commit")
    world.server.heal()
    patient(LONG)
    try:
        again = thing.act()
        if not thing.done(again) or not thing.kept():
            wrong.append("and again without a fault: not done")
    except Exception as error:
        wrong.append(f"and again without a fault: {error}")
    return outcome, wrong


def without_waits() -> None:
    """Leave out the waits of huggingface_hub between its attempts."""
    _http.time = file_download.time = types.SimpleNamespace(**{**vars(time), "sleep": lambda seconds: None})


def patient(seconds: float) -> None:
    """Give a request up after so long."""
    client.TIMEOUT = download.TIMEOUT = file_download._ETAG_RETRY_TIMEOUT = seconds
    constants.HF_HUB_ETAG_TIMEOUT = constants.HF_HUB_DOWNLOAD_TIMEOUT = seconds


def main() -> int:
    """Run the campaign and print its figures; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="the things whose name has this in it, such as pull")
    parser.add_argument("--fault", help="only this one: a status, or " + ", ".join(WORDS))
    parser.add_argument("--lines", action="store_true", help="print each different line, and how often it came")
    options = parser.parse_args()
    faults = [fault for fault in (*STATUSES, *WORDS) if options.fault in (None, str(fault))]
    without_waits()
    runs, done, lines, failures, started = 0, 0, Counter(), [], time.monotonic()
    with hub_server.Hub() as server, tempfile.TemporaryDirectory() as place:
        server.slow, server.hang = PATIENCE / 4, 4 * PATIENCE
        constants.ENDPOINT = server.address
        constants.HUGGINGFACE_CO_URL_TEMPLATE = server.address + "/{repo_id}/resolve/{revision}/{filename}"
        world = World(server, Path(place))
        constants.HF_HUB_CACHE = str(world.cache)
        for name, thing in world.things.items():
            if options.only not in name:
                continue
            requests = learn(world, thing)
            for method, path in requests:
                for fault in faults:
                    for times in (1, 1_000_000):
                        outcome, wrong = played(world, thing, method, path, fault, times)
                        runs += 1
                        done += outcome == "done"
                        if outcome != "done":
                            lines[re.sub(r"[0-9a-f]{20,}|127\.0\.0\.1:\d+|Root=[\w-]+|[\w-]{36}", "…", outcome)] += 1
                        for what in wrong:
                            failures.append(what)
                            often = "once" if times == 1 else "always"
                            print(
                                f"WRONG {name}: {method} {path} {fault} {often}: {what} [{outcome[:150]}]", flush=True
                            )
            print(
                f"{name}: {len(requests)} requests, {runs} runs so far, {time.monotonic() - started:.0f} s", flush=True
            )
    if options.lines:
        for line, count in lines.most_common():
            print(f"{count:5} {line}")
    print(
        f"{runs:,} faults: {done:,} survived, {runs - done:,} one line ({len(lines)} different), {len(failures)} wrong,"
        f" {time.monotonic() - started:.0f} s"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
