"""Models of the Hub that strangers ask for on the page: fetched without anybody's token, few, and one at a time."""

import json
import threading

import pytest
from helpers.gans import small_gan
from helpers.hub import at
from helpers.hub_server import CORRUPT, CUT
from huggingface_hub import constants

from gan_demo import UserError, hub
from gan_demo.ui import from_hub, words
from gan_demo.ui.shared.catalogue import Catalogue


@pytest.fixture
def content(tmp_path):
    """A model as a repository has it."""
    return model(tmp_path / "content", 0)


def model(folder, seed):
    small_gan("mlp", seed).save_pretrained(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def catalogue(tmp_path):
    small_gan("mlp", 9).save_pretrained(tmp_path / "models" / "own")
    return Catalogue([tmp_path / "models"])


@pytest.fixture
def fetcher(there, catalogue):
    return from_hub.Fetcher(catalogue)


def fetch(fetcher, name):
    return fetcher.fetch(name, lambda share: None)


def refused(fetcher, name):
    with pytest.raises(UserError) as error:
        fetch(fetcher, name)
    assert "\n" not in str(error.value)
    return str(error.value)


def kept(fetcher):
    from pathlib import Path

    return len(list(Path(fetcher._place.name).iterdir()))


def test_a_model_is_fetched_with_progress_and_its_commit_is_a_fact(there, fetcher, catalogue, content, tmp_path):
    repository = there.add("ada/digits", content)
    shares = []
    assert fetcher.fetch(" ada/digits ", shares.append) == "ada/digits"
    assert shares == sorted(shares)
    assert shares[-1] == 1
    loaded = catalogue.load("ada/digits")
    assert dict(loaded.facts())["From the Hub"] == f"ada/digits @ {repository.branches['main'][:7]}"
    assert loaded.gan.sample(1, 0).equal(small_gan("mlp", 0).sample(1, 0))
    # Again: the same commit is the same model; a new one stands beside it.
    assert fetch(fetcher, "ada/digits") == "ada/digits"
    assert list(catalogue.folders()) == ["ada/digits", "own"]
    repository.commit("main", model(tmp_path / "newer", 1), "newer")
    newer = fetch(fetcher, "ada/digits")
    assert newer == f"ada/digits@{repository.branches['main'][:7]}"
    old, _ = repository.commits
    assert fetch(fetcher, f"ada/digits@{old}") == "ada/digits"
    assert not (tmp_path / "cache").exists()  # nothing outside the page's own folder
    assert kept(fetcher) == 2


@pytest.mark.parametrize(
    "name",
    [
        None,
        7,
        ["ada/digits"],
        {"path": "/etc/passwd"},
        "",
        "digits",
        "/etc/passwd",
        "../../etc",
        "ada/../digits",
        "ada/digits/more",
        "ada/digits@../../../etc/passwd",
        "ada/digits@a b",
        "ada/digits@a@b",
        "https://huggingface.co/ada/digits",
        "http://127.0.0.1/x",
        "file:///etc/passwd",
        "ada/digits?x=1",
        "ada/digits#x",
        "ada/" + "x" * 200,
        "ada\0/digits",
        "ада/digits",  # not the Latin a
    ],
)
def test_nothing_but_a_name_is_asked_for(there, fetcher, name):
    assert "is not the name of a repository" in refused(fetcher, name)
    assert not there.requests


def test_a_stranger_does_not_get_what_the_owner_of_the_page_may_see(there, fetcher, content, monkeypatch):
    there.add("ada/secret", content, private=True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(hub.pull("ada/secret").parents[2]))  # Ada's own copy
    assert "or it is private" in refused(fetcher, "ada/secret")
    there.fail("GET", "/api/models/", 500)
    assert "trouble" in refused(fetcher, "ada/secret")


@pytest.mark.parametrize(
    ("path", "what", "said"),
    [
        ("/api/models/", 401, "or it is private"),
        ("/api/models/", 403, "or it is private"),
        ("/api/models/", 404, "or it is private"),
        ("/api/models/", 429, "too many requests"),
        ("/api/models/", 500, "trouble of its own"),
        ("/api/models/", CUT, "cannot be reached"),
        ("/resolve/.*model.safetensors", 500, "trouble of its own"),
        ("/resolve/.*model.safetensors", CORRUPT, "damaged on its way"),
        ("/resolve/.*model.safetensors", CUT, "cannot be reached"),
    ],
)
def test_what_does_not_come_leaves_everything_as_it_was(there, fetcher, catalogue, content, path, what, said):
    there.add("ada/digits", content)
    before = catalogue.folders()
    there.fail("GET", path, what)
    assert said in refused(fetcher, "ada/digits")
    assert catalogue.folders() == before
    assert kept(fetcher) == 0
    there.heal()
    assert fetch(fetcher, "ada/digits") == "ada/digits"


def test_every_reason_is_said_in_both_languages(there, fetcher, content, monkeypatch):
    config = json.loads(content["config.json"])
    there.add("ada/digits", content)
    cases = {
        "ada/none": ({}, "The Hub has no ada/none", "Hub 上没有 ada/none"),
        "ada/digits@v9": (content, "ada/digits has no revision v9", "ada/digits 没有版本 v9"),
        "ada/bert": ({**content, "config.json": b'{"model_type": "bert"}'}, "cannot be shown here", "不是本项目的模型"),
        "ada/new": (
            {**content, "config.json": json.dumps({**config, "version": 99}).encode()},
            "has version 99",
            "配置版本是 99",
        ),
        "ada/other": (
            {**content, "config.json": json.dumps({**config, "latent_dim": 6}).encode()},
            "the tensor generator.",
            "与配置不符",
        ),
        "ada/pickle": ({"pytorch_model.bin": b"x"}, "it has no config.json", "缺少 config.json"),
        "ada/deep": ({**content, "config.json": b"[" * 100_000}, "is not JSON", "config.json 无法识别"),
        "ada/facts": ({**content, "metrics.json": b" " * 1_000_001}, "is too large", "太大"),
    }
    for name, (files, english, chinese) in cases.items():
        if name != "ada/none":
            there.add(name.partition("@")[0], files)
        assert english in refused(fetcher, name)
        with words.speaking("zh"):
            assert chinese in refused(fetcher, name)
    monkeypatch.setattr(hub.download, "MAX_JSON_BYTES", 10)
    assert "is too large" in refused(fetcher, "ada/digits")
    with monkeypatch.context() as patch:
        at("http://127.0.0.1:9", patch)
        assert "cannot be reached" in refused(fetcher, "ada/digits")
    assert there.asked("GET", r"pytorch_model\.bin") == 0


def test_one_at_a_time(there, fetcher, content):
    there.add("ada/digits", content)
    first = threading.Thread(target=fetch, args=(fetcher, "ada/digits"))
    with there.lock:  # the Hub hangs
        first.start()
        while not fetcher._busy.locked():
            pass
        assert "Somebody else is fetching" in refused(fetcher, "ada/digits")
    first.join()
    assert fetch(fetcher, "ada/digits") == "ada/digits"


def test_the_oldest_goes_when_there_are_many(there, fetcher, catalogue, tmp_path, monkeypatch):
    monkeypatch.setattr(from_hub, "KEPT", 2)
    for seed in range(3):
        there.add(f"ada/digits{seed}", model(tmp_path / str(seed), seed))
        assert fetch(fetcher, f"ada/digits{seed}") == f"ada/digits{seed}"
        assert kept(fetcher) <= 2
    assert list(catalogue.folders()) == ["ada/digits1", "ada/digits2", "own"]
    with pytest.raises(UserError, match="There is no model"):
        catalogue.load("ada/digits0")
    catalogue.load("ada/digits2")
