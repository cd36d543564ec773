"""Deploying to a Space that its owner has made theirs: that stays, and what is to be changed is shown and asked."""

import builtins
import json
import sys

import huggingface_hub
import pytest
from helpers.commands import here
from helpers.hub import refused
from helpers.hub_server import SPACE_CARD

from gan_demo import cli, hub
from gan_demo.hub import space_plan, spaces

README = """---
title: Digits
emoji: 1
colorFrom: blue
colorTo: yellow
sdk: gradio
sdk_version: 6.31.0
python_version: "3.11"
app_file: app.py
license: mit
tags:
  - gan
---

# Digits

{text}
"""


@pytest.fixture
def ours(tmp_path, monkeypatch):
    """A small project, in the place of this one; writes a file of it."""
    root = tmp_path / "project"

    def write(name, content):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    for name in (*spaces.SPACE_FILES, "gan_demo/gan.py", "gan_demo/old.py"):
        write(name, f"{name}, first")
    for model in ("a", "b", "c"):
        write(f"checkpoints/{model}/config.json", f"{model}, first")
        write(f"checkpoints/{model}/model.safetensors", f"weights of {model}, first")
    write("docs/hub.md", "docs, first")
    write("README.md", README.format(text="First."))
    monkeypatch.setattr(spaces, "ROOT", root)
    return write


@pytest.fixture
def space(there, ours):
    """A Space with the small project."""
    hub.deploy("ada/page")
    return there.repositories["space", "ada/page"]


def change(repository, **named):
    """A commit by the owner: {path: content}, with None for what they take out."""
    files = {**repository.files(), **named["files"]}
    repository.commit("main", {name: content for name, content in files.items() if content is not None}, "mine")


def deployed(**named):
    """Deploy; returns what `confirm` was shown."""
    shown = []
    hub.deploy("ada/page", confirm=shown.append, **named)
    return shown[0] if shown else None


def card(repository):
    return huggingface_hub.RepoCard(repository.files()["README.md"].decode())


def test_a_new_space_gets_our_card_and_is_not_asked_about(space):
    assert card(space).data.to_dict()["title"] == "Digits"
    assert "pinned" not in card(space).data.to_dict()
    assert "# Digits\n\nFirst." in card(space).text
    before = dict(space.files())
    assert deployed() is None
    assert space.messages == ["initial commit", "Upload the page"]
    asked = []
    hub.deploy("ada/other", confirm=asked.append)
    assert not asked
    assert space.files() == before


def test_what_is_ours_is_updated_and_goes(space, ours):
    ours("gan_demo/gan.py", "second")
    ours("gan_demo/new.py", "new")
    (spaces.ROOT / "gan_demo" / "old.py").unlink()
    ours("checkpoints/a/model.safetensors", "second")
    for name in ("config.json", "model.safetensors"):
        (spaces.ROOT / "checkpoints" / "c" / name).unlink()
    ours("README.md", README.format(text="Second.").replace("title: Digits", "title: Numbers"))
    change(space, files={"mine.txt": b"mine", "gan_demo/mine.py": b"mine"})
    plan = deployed()
    assert plan.added == ("gan_demo/new.py",)
    assert plan.updated == (
        ".deployed.json",
        "README.md",
        "checkpoints/a/model.safetensors",
        "gan_demo/gan.py",
    )
    assert plan.removed == ("checkpoints/c/config.json", "checkpoints/c/model.safetensors", "gan_demo/old.py")
    assert plan.kept == ("gan_demo/mine.py", "mine.txt")
    now = space.files()
    assert now["gan_demo/gan.py"] == b"second"
    assert now["mine.txt"] == now["gan_demo/mine.py"] == b"mine"
    assert not {"gan_demo/old.py", "checkpoints/c/config.json"} & set(now)
    assert card(space).data.to_dict()["title"] == "Numbers"
    assert "Second." in card(space).text
    assert "First." not in card(space).text
    assert deployed() is None


@pytest.mark.parametrize("content", [b"mine", None])
def test_what_we_have_no_more_and_the_owner_changed_or_took_out_is_left_alone(space, content):
    change(space, files={"gan_demo/old.py": content, "checkpoints/a/config.json": content})
    (spaces.ROOT / "gan_demo" / "old.py").unlink()
    (spaces.ROOT / "checkpoints" / "a" / "config.json").unlink()
    assert not deployed().removed
    assert space.files().get("gan_demo/old.py") == space.files().get("checkpoints/a/config.json") == content


def test_what_the_owner_wrote_into_the_card_stays(space, ours):
    text = space.files()["README.md"].decode()
    text = text.replace("title: Digits", "title: My page").replace("colorFrom: blue", "colorFrom: red")
    text = text.replace("license: mit\n", "").replace("tags:", "models:\n  - ada/digits\ntags:")
    text = text.replace("6.31.0", "5.0.0").replace("\n<!--", "\nAbove.\n\n<!--", 1) + "\nBelow.\n"
    change(space, files={"README.md": text.encode()})
    ours("README.md", README.format(text="Second.").replace("colorTo: yellow", "colorTo: pink"))
    for _ in range(2):
        plan = deployed()
        fields = card(space).data.to_dict()
        assert fields["title"] == "My page"
        assert fields["colorFrom"] == "red"
        assert fields["colorTo"] == "pink"
        assert fields["models"] == ["ada/digits"]
        assert fields["sdk_version"] == "6.31.0"  # it goes with the code
        assert "license" not in fields
        assert card(space).text.strip().startswith("Above.")
        assert card(space).text.strip().endswith("Below.")
        assert "Second." in card(space).text
        assert "First." not in card(space).text
        if plan:
            assert [line for line in plan.kept if "README" in line] == [
                "README.md: colorFrom",
                "README.md: license",
                "README.md: models",
                "README.md: title",
            ]

    changed = space.files()["README.md"].decode().replace("Second.", "My own words.")
    change(space, files={"README.md": changed.encode()})
    ours("README.md", README.format(text="Third.").replace("colorTo: yellow", "colorTo: gray"))
    for _ in range(2):
        plan = deployed() or plan
        assert "README.md: its text" in plan.kept
        assert "My own words." in card(space).text
        assert "Third." not in card(space).text
        assert card(space).data.to_dict()["colorTo"] == "gray"
        ours("README.md", README.format(text="Fourth.").replace("colorTo: yellow", "colorTo: gray"))
    change(space, files={"README.md": changed.replace("My own words.", "Second.").encode()})  # as it was
    deployed()
    assert "Fourth." in card(space).text


@pytest.mark.parametrize(
    "front", ["---\ntitle: [\n---\n", "", "---\r\ntitle: Mine\r\n---\r\n", "\ufeff---\na: 1\n---\n"]
)
def test_a_card_that_is_hard_to_read_keeps_its_text_and_the_page_runs(space, front):
    change(space, files={"README.md": (front + "\nMine é\n").encode()})
    deployed()
    assert space.files()["README.md"].strip().endswith("Mine é".encode())
    assert b"sdk: gradio" in space.files()["README.md"]


def test_a_card_that_is_no_text_is_said_to_be_and_stays(there, space, folder, ours):
    change(space, files={"README.md": b"\xff"})
    ours("app.py", "second")
    assert "README.md of ada/page is not UTF-8 text" in refused(hub.deploy, "ada/page")
    assert space.messages[-1] == "mine"
    model = there.add("ada/digits", {"README.md": b"\xff"})
    assert "README.md of ada/digits is not UTF-8 text" in refused(hub.push, folder, hub.Target("ada/digits"))
    assert model.messages == ["by hand"]


def test_models_and_files_of_the_owner_stay(space, ours):
    mine = {
        "checkpoints/mine/config.json": b"mine",
        "checkpoints/a/model.safetensors": b"trained anew",  # a is theirs now
        "checkpoints/b/config.json": None,  # b is taken out
        "checkpoints/b/model.safetensors": None,
        "checkpoints/c/notes.txt": b"mine",  # c is still ours
        "checkpoints/d/config.json": b"mine",  # we have one of this name later
        "requirements.txt": b"mine",
        "docs/hub.md": None,
    }
    change(space, files=mine)
    for model in ("a", "b", "c", "d"):
        ours(f"checkpoints/{model}/config.json", "second")
    ours("requirements.txt", "second")
    for turn in range(2):
        plan = deployed()
        now = space.files()
        for name, content in mine.items():
            assert now.get(name) == (content if name != "docs/hub.md" else b"docs, first")
        assert now["checkpoints/a/config.json"] == b"a, first"
        assert now["checkpoints/c/config.json"] == (b"second" if turn == 0 else b"third")
        assert set(plan.kept) == {
            "checkpoints/a/",
            "checkpoints/b/",
            "checkpoints/c/notes.txt",
            "checkpoints/d/",
            "checkpoints/mine/",
            "requirements.txt",
        }
        ours("checkpoints/c/config.json", "third")
    change(space, files={"requirements.txt": None, "checkpoints/a/config.json": None})
    deployed()
    assert space.files()["requirements.txt"] == b"second"  # theirs no more, and the page needs one


def test_a_space_that_we_know_nothing_of_loses_nothing(there, ours):
    owned = {
        "README.md": b"---\ntitle: Mine\nsdk: static\n---\n\nMy words.\n",
        "app.py": b"another app",
        "index.html": b"mine",
        "gan_demo/extra.py": b"mine",
        "checkpoints/a/model.safetensors": b"mine",
        "checkpoints/mine/config.json": b"mine",
    }
    for marker in ({}, {space_plan.MARKER: b"not JSON"}, {space_plan.MARKER: b'{"files": [1]}'}):
        repository = there.add("ada/page", {**owned, **marker}, kind="space")
        plan = deployed()
        assert not plan.removed
        assert {"app.py", "README.md"} <= set(plan.updated)
        now = repository.files()
        assert all(now[name] == content for name, content in owned.items() if name not in ("app.py", "README.md"))
        assert now["app.py"] == b"app.py, first"
        assert "checkpoints/a/config.json" not in now  # that would be half a model
        assert card(repository).data.to_dict()["title"] == "Mine"
        assert card(repository).data.to_dict()["sdk"] == "gradio"
        assert card(repository).text.strip() == "My words."
    there.add("ada/page", {"README.md": SPACE_CARD}, kind="space")
    deployed()  # made on the Hub's own page: its title and colours were chosen, its text was not
    made = card(there.repositories["space", "ada/page"])
    assert made.data.to_dict()["title"] == "Page"
    assert "First." in made.text
    assert "configuration reference" not in made.text


def test_what_does_not_come_whole_is_not_merged(there, space, ours):
    ours("app.py", "second")
    before = dict(space.files())
    for name in ("README.md", space_plan.MARKER):
        there.fail("GET", f"/resolve/.*/{name}", "corrupt")
        assert f"{name} of ada/page was damaged" in refused(hub.deploy, "ada/page")
        there.heal()
    assert space.files() == before


def test_who_changes_a_space_meanwhile_does_not_lose(space, ours):
    ours("app.py", "second")
    meanwhile = {**space.files(), "app.py": b"mine"}
    line = refused(hub.deploy, "ada/page", confirm=lambda plan: space.commit("main", meanwhile, "meanwhile"))
    assert "somebody else changed ada/page" in line
    assert space.files()["app.py"] == b"mine"


def test_private_is_not_taken_lightly(space):
    assert "exists and is public" in refused(hub.deploy, "ada/page", private=True)


# The command ----------------------------------------------------------------------------------------------


def test_the_command_shows_and_needs_a_yes(space, ours, monkeypatch):
    ours("app.py", "second")
    ours("gan_demo/new.py", "new")
    change(space, files={"checkpoints/mine/config.json": b"mine", "requirements.txt": b"mine"})
    said = here(cli.main, "deploy", "ada/page")
    assert said.returncode == 2
    (line,) = said.stderr.splitlines()
    assert line.startswith("gan-demo deploy: ada/page is there already, and nobody is here to ask: add --yes")
    assert space.messages[-1] == "mine"

    class Terminal:
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    for answer in ("", "n", "no!"):
        monkeypatch.setattr(builtins, "input", lambda question, answer=answer: answer)
        said = here(cli.main, "deploy", "ada/page")
        assert (said.returncode, said.stderr) == (2, "gan-demo deploy: nothing was changed\n")
        assert space.messages[-1] == "mine"
    monkeypatch.setattr(builtins, "input", lambda question: "Y")
    said = here(cli.main, "deploy", "ada/page")
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines() == [
        "ada/page: 1 added, 2 updated, 0 removed",
        "  + gan_demo/new.py",
        "  ~ .deployed.json",
        "  ~ app.py",
        "  = checkpoints/mine/ is yours and stays",
        "  = requirements.txt is yours and stays",
        f"It is at {space_address()}",
    ]
    monkeypatch.setattr(sys, "stdin", None)
    ours("app.py", "third")
    said = here(cli.main, "deploy", "ada/page", "--yes")
    assert said.returncode == 0, said.stderr
    assert space.files()["app.py"] == b"third"
    assert here(cli.main, "deploy", "ada/page").stdout == f"It is at {space_address()}\n"


def space_address():
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/spaces/ada/page"


def test_the_marker_says_what_it_is(space):
    told = json.loads(space.files()[space_plan.MARKER])
    assert "deploy" in told["about"]
    assert set(told["files"]) == set(space.files()) - {"README.md", space_plan.MARKER, ".gitattributes"}
