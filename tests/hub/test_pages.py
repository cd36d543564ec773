"""Pages that show models of the Hub, and a page on a Space."""

import contextlib
import json
import re
import urllib.request
from pathlib import Path

import huggingface_hub
import pytest
from helpers.commands import ROOT, start
from helpers.hub import environment, files, refused, save

import app
from gan_demo import GAN, hub
from gan_demo.cli import page
from gan_demo.evaluation import card
from gan_demo.hub import spaces
from gan_demo.ui.shared.catalogue import Catalogue

NOWHERE = "http://127.0.0.1:9"  # nobody listens there


def test_the_page_shows_a_model_of_the_hub_and_its_commit(there, folder, tmp_path, capsys):
    repository = there.add("ada/digits", files(folder))
    first, notes = page.models(["ada/digits"], "ada/digits@main")
    assert not notes
    catalogue = Catalogue([tmp_path], first)
    assert list(catalogue.folders()) == ["ada/digits", "model"]
    assert (
        dict(catalogue.load("ada/digits").facts())["From the Hub"] == f"ada/digits @ {repository.branches['main'][:7]}"
    )
    assert "From the Hub" not in dict(catalogue.load("model").facts())
    repository.commit("main", files(save(tmp_path / "other", seed=1)), "newer")
    catalogue.add(hub.pull("ada/digits"))
    assert list(catalogue.folders())[1] == f"ada/digits@{repository.branches['main'][:7]}"

    there.fail("GET", "/api/models/", 403)
    first, notes = page.models([str(folder), "ada/digits"], str(tmp_path / "none"))
    assert first == [folder]
    assert "ada/digits cannot be shown: the token has not the right" in notes[0]
    assert notes[1].startswith("none cannot be shown: none is not a checkpoint")
    assert refused(page.models, [str(tmp_path / "none")], None)


@contextlib.contextmanager
def opened(folder, log, **values):
    """`python app.py` in `folder`: its address."""
    with start("app.py", cwd=folder, log=log, **values) as process:
        # On a Space gradio has a line of its own before ours.
        places = (re.search(r"The page is at https?://[^/]+:(\d+)/", line) for line in process.stdout)
        place = next(filter(None, places), None)
        assert place, log.read_text()  # the output has ended, and so has the process
        try:
            yield f"http://127.0.0.1:{place[1]}/"
        finally:
            process.kill()


def sample(address, model):
    """The PNGs of two digits, as data URLs, from the page's end point."""
    request = urllib.request.Request(
        f"{address}gradio_api/call/sample",
        json.dumps({"data": [model, 3, 2, 1.0]}).encode(),
        {"Content-Type": "application/json"},
    )
    event = json.load(urllib.request.urlopen(request, timeout=60))["event_id"]
    stream = urllib.request.urlopen(f"{address}gradio_api/call/sample/{event}", timeout=60).read().decode()
    return [digit["picture"] for digit in json.loads(re.search(r"^data: (.*)$", stream, re.MULTILINE)[1])[0]]


def test_a_page_opens_with_a_model_of_the_hub(there, folder, tmp_path):
    there.add("ada/digits", files(folder))
    named = environment(there, tmp_path, GAN_DEMO_CHECKPOINT="ada/digits")
    with opened(ROOT, tmp_path / "log", **named) as address:
        again = Catalogue([], [folder]).load("model").draw(GAN.from_pretrained(folder).latents(2, 3))
        from gan_demo.pictures import encoding

        wanted = [encoding.data_url(encoding.grey_png(pixels)) for pixels in again.pixels]
        assert sample(address, "ada/digits") == wanted


@pytest.fixture
def space(there, tmp_path):
    """What `deploy` puts onto a Space, in a folder that nobody may write to."""
    assert hub.deploy("ada/page", hardware="zero-a10g") == f"{there.address}/spaces/ada/page"
    repository = there.repositories["space", "ada/page"]
    for name, content in repository.files().items():
        path = tmp_path / "space" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    save(tmp_path / "space" / "checkpoints" / "tiny")  # one more, so that this does not hang on those that ship
    for path in [tmp_path / "space", *(tmp_path / "space").rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return tmp_path / "space"


def test_a_space_gets_the_page_and_nothing_else(there, space):
    repository = there.repositories["space", "ada/page"]
    assert repository.created["sdk"] == "gradio"
    assert repository.created["hardware"] == "zero-a10g"
    names = set(repository.files())
    assert {"app.py", "README.md", "LICENSE", "requirements.txt", "gan_demo/ui/page.py"} <= names
    assert any(re.fullmatch(r"checkpoints/\w+/model.safetensors", name) for name in names)
    assert not [
        name for name in names if re.search(r"test|benchmark|__pycache|\.pyc|state\.pt|/progress/|\.git/", name)
    ]
    assert max(map(len, repository.files().values())) < 10_000_000
    front = huggingface_hub.RepoCard(repository.files()["README.md"].decode()).data.to_dict()
    assert front["sdk"] == "gradio"
    assert (space / front["app_file"]).is_file()
    assert re.fullmatch(r"6\.\d+\.\d+", front["sdk_version"])
    assert str(front["python_version"]) in ("3.10", "3.11", "3.12")
    assert front["license"] == card.LICENSE
    assert len(front["short_description"]) <= 60
    colors = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
    assert {front["colorFrom"], front["colorTo"]} <= colors

    repository.commit("main", {**repository.files(), "mine.txt": b"x"}, "by hand")
    hub.deploy("ada/page")
    assert "mine.txt" in repository.files()
    there.fail("POST", "/repos/create", 402)
    assert "paid plan" in refused(hub.deploy, "ada/other")


def test_a_space_without_network_and_mnist_falls_back_to_its_own_models(space, tmp_path):
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "spaces.py").write_text(
        "import sys, pathlib\n"
        "def GPU(function):\n"
        "    assert 'torch' not in sys.modules\n"
        "    pathlib.Path(__file__).with_name('asked').touch()\n"
        "    return function\n"
        "def gradio_auto_wrap(function):\n"
        "    return function\n"
    )
    before = {path for path in space.rglob("*") if "__pycache__" not in path.parts}
    with opened(
        space,
        tmp_path / "log",
        fresh=True,
        SYSTEM="spaces",
        SPACE_ID="ada/page",
        GRADIO_SERVER_NAME="0.0.0.0",
        GRADIO_SERVER_PORT="7871",
        GAN_DEMO_CHECKPOINT="ada/digits",
        GAN_DEMO_DATA=str(tmp_path / "no-data"),
        HF_ENDPOINT=NOWHERE,
        HF_HOME=str(tmp_path / "home"),
        PYTHONPATH=str(tmp_path / "fake"),
    ) as address:
        text = urllib.request.urlopen(address, timeout=60).read().decode()
        assert "ada/digits cannot be shown: ada/digits is no folder here" in text
        assert "The page offers its own models instead." in text
        assert all(url.startswith("data:image/png") for url in sample(address, "tiny"))
        assert (tmp_path / "fake" / "asked").exists()
    errors = (tmp_path / "log").read_text()
    # Gradio misses the real package `spaces`, which lets the owner of a Space edit it while it runs.
    assert errors.count("Traceback") == errors.count("required to run hot-reloading in Spaces")
    assert {path for path in space.rglob("*") if "__pycache__" not in path.parts} == before


def test_the_folder_of_the_project_is_the_root():
    assert spaces.ROOT == ROOT
    assert all((ROOT / name).exists() for name in (*spaces.SPACE_FILES, *spaces.SPACE_FOLDERS))
    assert Path(app.__file__).parent == ROOT
