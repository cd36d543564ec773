"""The Hub: the real huggingface_hub client against a local server that plays it, with faults on demand."""

import json
import os
import re
import shlex
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import huggingface_hub
import pytest
from helpers.commands import ROOT, command, here, module
from helpers.hub import environment, files, refused, save
from helpers.hub_server import CORRUPT, CUT, at
from helpers.training import make_small
from huggingface_hub import constants

import app
import train
from gan_demo import GAN, cli, hub
from gan_demo.cli import page
from gan_demo.evaluation import card, evaluate
from gan_demo.hub import spaces
from gan_demo.latent import direction_search
from gan_demo.pixels import to_pixels
from gan_demo.ui.shared.catalogue import Catalogue

NOWHERE = "http://127.0.0.1:9"  # nobody listens there


# Push and load --------------------------------------------------------------------------------------------


def test_what_is_pushed_and_loaded_again_is_byte_for_byte_the_same(there, folder, monkeypatch):
    before = files(folder)
    assert hub.push(folder, hub.Target("ada/digits")) == f"{there.address}/ada/digits"
    assert files(folder) == before
    repository = there.model("ada/digits")
    assert repository.messages == ["initial commit", "Upload the model"]
    assert not repository.private
    assert set(repository.files()) == {*before, ".gitattributes"}
    assert all(repository.files()[name] == content for name, content in before.items() if name != "README.md")

    monkeypatch.delenv("HF_TOKEN")  # a stranger
    shares = []
    pulled = hub.pull("ada/digits", progress=shares.append)
    assert files(pulled) == {name: before[name] for name in hub.PULLED if name in before}
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert hub.origin(pulled) == hub.Origin("ada/digits", repository.branches["main"])
    assert hub.origin(folder) is None
    ours, theirs = GAN.from_pretrained(folder), GAN.from_pretrained("ada/digits")
    assert to_pixels(ours.sample(9, seed=1)).equal(to_pixels(theirs.sample(9, seed=1)))
    assert ours.config == theirs.config


def test_pushing_again_updates_and_keeps_what_people_wrote(there, folder):
    hub.push(folder, hub.Target("ada/digits"))
    repository = there.model("ada/digits")
    written = repository.files()["README.md"].decode()
    edited = written.replace("license: mit", "license: cc0-1.0").replace(card.BEGIN, f"My first words.\n{card.BEGIN}")
    edited = edited.replace("## Limits", "## Limits of mine") + "My last words.\n"
    repository.commit("main", {**repository.files(), "README.md": edited.encode(), "notes.txt": b"mine"}, "edited")

    save(folder, seed=1, frechet_distance=77.25)
    hub.push(folder, hub.Target("ada/digits"))
    now = repository.files()
    assert now["notes.txt"] == b"mine"
    assert now["model.safetensors"] == (folder / "model.safetensors").read_bytes()
    text = now["README.md"].decode()
    parsed = huggingface_hub.ModelCard(text)
    assert parsed.data.license == "cc0-1.0"
    assert 77.25 in [result.metric_value for result in parsed.data.eval_results]
    assert "77.25" in text.split(card.BEGIN)[1].split(card.END)[0]
    assert "My first words." in text
    assert text.endswith("My last words.\n")
    assert "Limits of mine" not in text
    assert text.count(card.BEGIN) == 1

    repository.commit("main", {**now, "README.md": b"All of it is mine: 5 words.\n"}, "no markers")
    hub.push(folder, hub.Target("ada/digits"))
    assert repository.files()["README.md"].decode().endswith("\nAll of it is mine: 5 words.\n")


def test_private_branch_and_nothing_but_ours(there, folder, monkeypatch):
    (folder / "state.pt").write_bytes(b"never")
    hub.push(folder, hub.Target("ada/secret", private=True, revision="next"))
    repository = there.model("ada/secret")
    assert repository.private
    assert set(repository.files("main")) == {".gitattributes"}
    assert "model.safetensors" in repository.files("next")
    assert "state.pt" not in repository.files("next")
    assert hub.pull("ada/secret", "next") == hub.pull("ada/secret@next")
    assert hub.pull("ada/secret", repository.branches["next"]) == hub.pull("ada/secret@next")
    monkeypatch.setenv("HF_TOKEN", "read-bob")
    assert "private" in refused(hub.pull, "ada/secret", "next")


def test_what_cannot_be_pushed_is_said_before_anything_is_made(there, folder, monkeypatch):
    def push(name, **named):
        return refused(hub.push, folder, hub.Target(name, **named))

    assert "looks like owner/name" in push("digits")
    assert "looks like owner/name" in push("ada/digits@main")
    assert "cannot be the name" in push("ada/two--dashes")
    assert "right" in push("bob/digits")
    assert "right" in push("ada/digits", token="read-ada")
    assert "does not accept the token" in push("ada/digits", token="expired")
    assert "--private" in (there.add("ada/public", {}) and push("ada/public", private=True))
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", "/nowhere/token")
    assert "hf auth login" in push("ada/digits")
    (folder / "model.safetensors").write_bytes(b"torn")
    assert "damaged" in push("ada/digits")
    assert list(there.repositories) == [("model", "ada/public")]
    assert "write-" not in repr(hub.Target("ada/digits", token="write-ada"))


# Faults ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "what", "words"),
    [
        ("POST", "/repos/create", 401, "does not accept the token"),
        ("POST", "/repos/create", 403, "has not the right"),
        ("POST", "/repos/create", 429, "asks for a pause"),
        ("POST", "/repos/create", 500, "trouble of its own (error 500)"),
        ("GET", "/auth-check/write", 403, "has not the right"),
        ("GET", "/auth-check/write", 404, "finds nothing"),
        ("POST", "/objects/batch", 401, "token"),
        ("PUT", "/storage/", 403, "has not the right"),
        ("POST", "/commit/", 409, "somebody else is changing"),
        ("POST", "/commit/", 412, "somebody else changed"),
        ("POST", "/commit/", 429, "asks for a pause"),
        ("POST", "/commit/", 500, "trouble of its own"),
        ("POST", "/commit/", CUT, "cannot be reached"),
    ],
)
def test_a_push_that_fails_is_one_line_and_changes_nothing(there, folder, method, path, what, words):
    hub.push(folder, hub.Target("ada/digits"))
    on_the_hub = dict(there.model("ada/digits").files())
    save(folder, seed=1)
    here = files(folder)
    there.fail(method, path, what)
    name = "ada/new" if "create" in path else "ada/digits"
    assert words in refused(hub.push, folder, hub.Target(name))
    assert list(there.repositories) == [("model", "ada/digits")]
    assert there.model("ada/digits").files() == on_the_hub
    assert files(folder) == here
    there.heal()
    hub.push(folder, hub.Target("ada/digits"))
    assert there.model("ada/digits").files()["model.safetensors"] == here["model.safetensors"]


@pytest.mark.parametrize(
    ("method", "path", "what", "asked"),
    [("PUT", "/storage/", CUT, 3), ("POST", "/commit/", 412, 2), ("POST", "/commit/", 409, 2)],  # weights and picture
)
def test_a_push_survives_one_fault(there, folder, method, path, what, asked):
    there.fail(method, path, what, times=1)
    hub.push(folder, hub.Target("ada/digits"))
    assert there.asked(method, path) == asked
    assert there.model("ada/digits").files()["model.safetensors"] == (folder / "model.safetensors").read_bytes()


def test_snapshots_are_pushed_and_old_ones_go(there, folder):
    snapshots = folder / "snapshots"
    snapshots.mkdir()
    for name in ("epoch-0000.png", "epoch-0001.png", "outputs.jsonl", "mine.txt"):
        (snapshots / name).write_bytes(name.encode())
    hub.push(folder, hub.Target("ada/digits"))
    (snapshots / "epoch-0001.png").rename(snapshots / "epoch-0002.png")
    hub.push(folder, hub.Target("ada/digits"))
    names = {name for name in there.model("ada/digits").files() if name.startswith("snapshots/")}
    assert names == {"snapshots/epoch-0000.png", "snapshots/epoch-0002.png", "snapshots/outputs.jsonl"}


@pytest.mark.parametrize(("name", "pushed"), [("letters", "letters"), ("mnist", "./mnist")])
def test_where_pictures_lie_on_this_machine_is_not_pushed(there, folder, name, pushed):
    for file, part in (("config.json", "training"), ("metrics.json", None)):
        content = json.loads((folder / file).read_text())
        (content[part] if part else content)["dataset"] = f"/home/ada/secret/{name}"
        (folder / file).write_text(json.dumps(content))
    hub.push(folder, hub.Target("ada/own"))
    assert not [file for file, content in there.model("ada/own").files().items() if b"secret" in content]
    assert GAN.from_pretrained("ada/own").config.dataset == pushed
    assert "secret" in (folder / "config.json").read_text()


def test_an_edit_during_the_push_is_kept(there, folder):
    hub.push(folder, hub.Target("ada/digits"))
    repository = there.model("ada/digits")
    save(folder, seed=1)
    commit, raced = huggingface_hub.HfApi.create_commit, []

    def overtaken(*arguments, **named):
        if not raced:
            text = repository.files()["README.md"] + b"Written meanwhile.\n"
            raced.append(repository.commit("main", {**repository.files(), "README.md": text}, "meanwhile"))
        return commit(*arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(huggingface_hub.HfApi, "create_commit", overtaken)
        hub.push(folder, hub.Target("ada/digits"))
    assert repository.files()["README.md"].endswith(b"Written meanwhile.\n")
    assert repository.files()["model.safetensors"] == (folder / "model.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("path", "what", "words"),
    [
        ("/api/models/", 401, "token"),
        ("/api/models/", 403, "has not the right"),
        ("/api/models/", 404, "finds nothing"),
        ("/api/models/", 429, "was not fetched before, and the Hub asks for a pause"),
        ("/api/models/", 500, "was not fetched before, and the Hub has trouble"),
        ("/api/models/", CUT, "was not fetched before, and the Hub (http"),
        ("/resolve/.*model.safetensors", 403, "has not the right"),
        ("/resolve/.*model.safetensors", 500, "trouble of its own"),
        ("/resolve/.*model.safetensors", CORRUPT, "model.safetensors of ada/digits was damaged on its way"),
        ("/resolve/.*metrics.json", CORRUPT, "metrics.json of ada/digits was damaged on its way"),
        ("/resolve/.*config.json", CORRUPT, "ada/digits"),
    ],
)
def test_a_model_that_does_not_come_is_one_line_and_comes_the_next_time(there, folder, path, what, words):
    there.add("ada/digits", files(folder))
    there.fail("GET", path, what)
    started = time.monotonic()
    assert words in refused(GAN.from_pretrained, "ada/digits")
    assert time.monotonic() - started < 3
    there.heal()
    if "config.json" not in path:
        assert files(hub.pull("ada/digits"))["model.safetensors"] == files(folder)["model.safetensors"]


def test_a_download_that_is_cut_goes_on_where_it_was(there, folder):
    there.add("ada/digits", files(folder))
    there.fail("GET", "/resolve/.*model.safetensors", CUT, times=1)
    assert files(hub.pull("ada/digits"))["model.safetensors"] == files(folder)["model.safetensors"]
    assert there.asked("GET", "/resolve/.*model.safetensors") == 2


def test_without_a_network_the_last_good_copy_is_used(there, folder, monkeypatch):
    repository = there.add("ada/digits", files(folder))
    good = hub.pull("ada/digits")
    for what in (429, 500, CUT):
        there.heal()
        there.fail("GET", "/api/models/", what)
        assert hub.pull("ada/digits") == good
    there.heal()
    repository.commit("main", {**files(folder), "model.safetensors": b"broken"}, "a bad commit")
    assert "damaged" in refused(hub.pull, "ada/digits")
    with monkeypatch.context() as patch:
        at(NOWHERE, patch)
        assert hub.pull("ada/digits") == good
        assert hub.pull("ada/digits", good.name) == good
        started = time.monotonic()
        line = refused(hub.pull, "ada/never-seen")
        assert "ada/never-seen is no folder here and was not fetched before, and the Hub" in line
        assert f"({NOWHERE}) cannot be reached" in line
        assert time.monotonic() - started < 2
    with monkeypatch.context() as patch:
        patch.setattr(constants, "HF_HUB_OFFLINE", True)
        huggingface_hub.close_session()
        assert hub.pull("ada/digits") == good
        assert "was not fetched before" in refused(hub.pull, "ada/never-seen")
    huggingface_hub.close_session()
    weights = (good / "model.safetensors").resolve()
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")  # the disk
    there.fail("GET", "/api/models/", 500)
    assert "damaged" in refused(hub.pull, "ada/digits")
    there.heal()
    assert "has no revision v9" in refused(hub.pull, "ada/digits", "v9")
    assert "neither a folder here nor a repository" in refused(hub.pull, "ada/never-seen")


def test_foreign_models_are_refused_before_their_weights_come(there, folder, tmp_path):
    ours = files(folder)
    config = json.loads(ours["config.json"])
    cases = {
        "no config.json": {"model.safetensors": b"x"},
        "no model.safetensors": {"config.json": ours["config.json"], "pytorch_model.bin": b"x"},
        "not of this project": {**ours, "config.json": b'{"model_type": "bert"}'},
        "version 99": {**ours, "config.json": json.dumps({**config, "version": 99}).encode()},
        "not JSON": {**ours, "config.json": b"{"},
    }
    for words, content in cases.items():
        there.add("eve/other", content)
        assert words in refused(hub.pull, "eve/other")
    there.add("eve/other", ours)
    assert "no more than 0 are fetched" in refused(hub.pull, "eve/other", max_bytes=1000)
    assert there.asked("GET", "safetensors|pytorch_model") == 0
    there.add("eve/other", {**ours, "config.json": json.dumps({**config, "latent_dim": 6}).encode()})
    line = refused(hub.pull, "eve/other")
    assert "the tensor generator." in line
    assert "eve/other" in line
    assert str(tmp_path) not in line


def test_samples_of_a_repository_are_exported_without_a_word(there, folder, tmp_path):
    there.add("ada/digits", files(folder))
    said = here(cli.main, "export", "ada/digits", "--output", tmp_path / "out.npz", "--samples", 2, "--device", "cpu")
    assert said.returncode == 0, said.stderr
    assert (tmp_path / "out.npz").exists()


def test_a_local_folder_wins(there, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "ada" / "digits")
    there.add("ada/digits", {})
    assert GAN.from_pretrained("ada/digits").config.model == "mlp"
    assert not there.requests
    assert "no revisions" in refused(GAN.from_pretrained, "ada/digits", revision="main")
    assert "no revisions" in refused(GAN.from_pretrained, str(tmp_path / "none"), revision="main")
    assert "names a revision" in refused(GAN.from_pretrained, "ada/other@a", revision="b")
    for name in ("digits", "./ada/x", "../x", "/ada/x", "ada/x/", "ada/x/y", "~/x"):
        assert not hub.is_repository(name)


# While training -------------------------------------------------------------------------------------------


def test_a_push_in_the_background_holds_nothing_up(there, folder, capsys):
    publisher = hub.Publisher(folder, hub.Target("ada/digits"), every=1)
    (folder / "metrics.json").unlink()  # as during a training
    with there.lock:  # the Hub hangs
        started = time.monotonic()
        publisher.epoch(1)
        publisher.epoch(2)
        assert time.monotonic() - started < 1
        assert "Epoch 2 is not pushed: the push before it is still under way" in capsys.readouterr().err
    publisher._thread.join()
    assert there.model("ada/digits").messages == ["initial commit", "Upload the model after epoch 1"]
    assert card.NOT_MEASURED in there.model("ada/digits").files()["README.md"].decode()
    there.fail("POST", "/commit/", 500)
    publisher.epoch(3)
    publisher._thread.join()
    assert "Epoch 3 was not pushed" in capsys.readouterr().err
    there.heal()
    (folder / "model.safetensors").write_bytes(b"torn")
    publisher.epoch(4)
    assert "Epoch 4 was not pushed (" in capsys.readouterr().err


def refused_training(*flags):
    said = here(train.main, "--dataset", "digits", *flags)
    assert said.returncode == 2
    assert not said.stdout
    (line,) = said.stderr.splitlines()
    return line


def test_a_training_that_could_not_be_pushed_does_not_start(there, tmp_path):
    flags = ["--output", tmp_path / "run", "--push-to-hub"]
    assert "right" in refused_training(*flags, "bob/digits")
    assert "accept the token" in refused_training(*flags, "ada/digits", "--hub-token", "expired")
    assert "owner/name" in refused_training(*flags, "digits")
    assert "--push-to-hub" in refused_training(*flags[:2], "--private")
    assert "number of epochs" in refused_training(*flags, "ada/digits", "--push-every", "-1")
    assert not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def trained(server, tmp_path_factory):
    """train.py with --push-every, whose first and last push the Hub refuses; its folder and its result."""
    server.forget()
    server.fail("POST", "/commit/", 500, times=1)  # the first epoch's
    tmp_path = tmp_path_factory.mktemp("training")
    server.add("ada/run", {})
    words = "--dataset digits --epochs 3 --max-steps 3 --batch-size 1500 --latent-dim 8 --device cpu"
    words += f" --push-to-hub ada/run --push-every 1 --output {tmp_path / 'run'} --hub-token write-ada"
    measure = evaluate.evaluate_checkpoint

    def refuse_and_evaluate(*arguments, **named):
        server.fail("POST", "/commit/", 503)
        return measure(*arguments, **named, samples=200)

    with pytest.MonkeyPatch.context() as patch:
        make_small(patch)
        at(server.address, patch)
        patch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        patch.setenv("HF_TOKEN", "expired")
        patch.setattr(evaluate, "evaluate_checkpoint", refuse_and_evaluate)
        patch.setattr(direction_search, "SAMPLES", 200)
        patch.setattr(direction_search, "PROBES", 5)
        result = here(train.main, *words.split())
    server.heal()
    return tmp_path / "run", result


def test_a_training_survives_the_hub_and_says_how_to_push_later(trained, server, monkeypatch):
    folder, result = trained
    output, errors = result.stdout, result.stderr
    assert result.returncode == 2, errors
    assert "Traceback" not in output + errors
    assert "write-ada" not in output + errors
    assert "Fréchet distance" in output
    assert f"The checkpoint is in {folder}" in output
    line = errors.splitlines()[-1]
    assert f"train.py: the training is done and lies whole in {folder}, but was not pushed: the Hub has trouble" in line
    later = shlex.split(line.split("Push it later with: ")[1])
    assert later == ["python", "-m", "gan_demo", "push", str(folder), "ada/run"]

    monkeypatch.setenv("HF_TOKEN", "write-ada")
    with monkeypatch.context() as patch:
        at(NOWHERE, patch)
        refused = here(cli.main, *later[3:])
    assert refused.returncode == 2
    assert re.fullmatch(r"gan-demo push: the Hub \(.*\) cannot be reached: .*\n", refused.stderr)
    assert cli.main([*later[3:], "--revision", "two words"]) == 2
    at(server.address, monkeypatch)
    pushed = module(*later[2:])
    assert pushed.returncode == 0, pushed.stderr
    assert pushed.stdout == f"It is at {server.address}/ada/run\n"
    assert not pushed.stderr
    mine, pushed = files_of_checkpoint(folder), server.model("ada/run").files()
    assert {name: pushed[name] for name in mine} == mine


def files_of_checkpoint(folder):
    return {name: (folder / name).read_bytes() for name in hub.PUSHED if (folder / name).exists()}


def test_the_card_works_when_pasted(there, folder, tmp_path):
    hub.push(folder, hub.Target("ada/digits"))
    text = there.model("ada/digits").files()["README.md"].decode()
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    assert len([line for line in code.splitlines() if line]) == 3
    script = (
        f"import sys; from gan_demo import GAN; GAN.from_pretrained({str(folder)!r});"
        f"assert 'huggingface_hub' not in sys.modules\n{code}\nprint(images.sum().item())"
    )
    values = environment(there, tmp_path, HF_TOKEN="", HF_TOKEN_PATH="/nowhere/token")
    result = command("-c", script, **values)
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) == pytest.approx(float(GAN.from_pretrained(folder).sample(16, seed=42).sum()), rel=1e-4)


# The page -------------------------------------------------------------------------------------------------


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


def open_page(folder, **values):
    """`python app.py` in `folder`; the process and the line that says where the page is."""
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=folder,
        env={**os.environ, **values},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # On a Space gradio has a line of its own before ours.
    places = (re.search(r"The page is at https?://[^/]+:(\d+)/", line) for line in process.stdout)
    place = next(filter(None, places), None)
    assert place, process.stderr.read()  # the output has ended, and so has the process
    return process, f"http://127.0.0.1:{place[1]}/"


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
    process, address = open_page(ROOT, **environment(there, tmp_path, GAN_DEMO_CHECKPOINT="ada/digits"))
    try:
        again = Catalogue([], [folder]).load("model").draw(GAN.from_pretrained(folder).latents(2, 3))
        from PIL import Image

        from gan_demo.pictures import encoding

        wanted = [encoding.data_url(encoding.png_bytes(Image.fromarray(pixels))) for pixels in again.pixels]
        assert sample(address, "ada/digits") == wanted
    finally:
        process.kill()
        process.communicate()


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
    assert not [name for name in names if re.search(r"test|benchmark|cache|\.pyc|state\.pt|/progress/|\.git/", name)]
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
    process, address = open_page(
        space,
        SYSTEM="spaces",
        SPACE_ID="ada/page",
        GRADIO_SERVER_NAME="0.0.0.0",
        GRADIO_SERVER_PORT="7871",
        GAN_DEMO_CHECKPOINT="ada/digits",
        GAN_DEMO_DATA=str(tmp_path / "no-data"),
        HF_ENDPOINT=NOWHERE,
        HF_HOME=str(tmp_path / "home"),
        PYTHONPATH=str(tmp_path / "fake"),
    )
    try:
        text = urllib.request.urlopen(address, timeout=60).read().decode()
        assert "ada/digits cannot be shown: ada/digits is no folder here" in text
        assert "The page offers its own models instead." in text
        assert all(url.startswith("data:image/png") for url in sample(address, "tiny"))
        assert (tmp_path / "fake" / "asked").exists()
    finally:
        process.kill()
        _, errors = process.communicate()
    # Gradio misses the real package `spaces`, which lets the owner of a Space edit it while it runs.
    assert errors.count("Traceback") == errors.count("required to run hot-reloading in Spaces")
    assert {path for path in space.rglob("*") if "__pycache__" not in path.parts} == before


def test_the_folder_of_the_project_is_the_root():
    assert spaces.ROOT == ROOT
    assert all((ROOT / name).exists() for name in (*spaces.SPACE_FILES, *spaces.SPACE_FOLDERS))
    assert Path(app.__file__).parent == ROOT
