"""What every test gets: where MNIST is, a server that plays the Hub, and a guard on the global random state."""

import gc

import pytest
import torch

from gan_demo import data
from gan_demo.ui.without_stubs import without_stubs
from helpers import forks
from helpers.hub import at
from helpers.hub_server import Hub
from helpers.training import make_small

STUBS = pytest.StashKey()


def mnist_is_here() -> bool:
    return all((data.default_data_dir() / file).exists() for file in data.SOURCES["mnist"].files)


def pytest_configure(config):
    """gradio is imported by the first test file that has use for it."""
    config.stash[STUBS] = without_stubs()
    config.stash[STUBS].__enter__()


def pytest_collection_modifyitems(items):
    if not mnist_is_here():
        skip = pytest.mark.skip(reason="MNIST is not on this machine: set GAN_DEMO_DATA, or train once")
        for item in items:
            if "mnist" in item.keywords:
                item.add_marker(skip)


def pytest_collection_finish(session):
    session.config.stash[STUBS].__exit__(None, None, None)
    forks.keep_a_copy(of_many=hasattr(session.config, "workerinput"))
    gc.freeze()  # a million objects of torch and gradio stay to the end: each collection would look at all of them


@pytest.fixture(autouse=True)
def the_global_random_state_is_not_ours():
    """No call of the project may move it: visible as soon as two things run side by side."""
    before = torch.random.get_rng_state()
    yield
    assert torch.equal(before, torch.random.get_rng_state()), "something moved the global random state"


@pytest.fixture
def small_networks(monkeypatch):
    """Whatever is trained has few weights."""
    make_small(monkeypatch)


@pytest.fixture(scope="module")
def server():
    with Hub() as hub:
        yield hub


@pytest.fixture
def there(server, monkeypatch, tmp_path):
    """The server, for huggingface_hub in this process; a fresh cache; Ada is logged in."""
    from huggingface_hub import constants

    at(server.address, monkeypatch)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_TOKEN", "write-ada")
    server.forget()
    return server
