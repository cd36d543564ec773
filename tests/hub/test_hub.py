"""The Hub: the real huggingface_hub client against a local server that plays it, with faults on demand."""

import json
import shlex
import time

import huggingface_hub
import pytest
from helpers.commands import here
from helpers.hub import at, files, refused, save
from helpers.hub_server import CORRUPT, CUT
from huggingface_hub import constants

from gan_demo import GAN, cli, hub
from gan_demo.evaluation import card
from gan_demo.pixels import to_pixels

NOWHERE = "http://127.0.0.1:9"  # nobody listens there


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


@pytest.mark.parametrize(("name", "pushed"), [("my letters", "my letters"), ("mnist", "./mnist")])
def test_where_pictures_lie_on_this_machine_is_not_pushed(there, folder, name, pushed):
    (folder / "inversion.json").write_text("{}")
    for file, part in (("config.json", "training"), ("metrics.json", None), ("inversion.json", None)):
        content = json.loads((folder / file).read_text())
        place = f"/home/ada/secret/{name}"
        (content[part] if part else content)["dataset"] = place
        if part:  # it went on from another run of these pictures
            before = shlex.join(["python", "train.py", "--dataset", place])
            content[part]["init_from"] = {"name": "first", "epochs": 1, "dataset": name, "commands": [before]}
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
