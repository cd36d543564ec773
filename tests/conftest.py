"""What every test shares: where MNIST is, small checkpoints, and a guard on the global random state."""

import contextlib
import gc
import io
import os
import re
import runpy
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

# A core for each of pytest's processes: more threads would wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What an earlier run computed must not hide what this code would.
os.environ["GAN_DEMO_CACHE"] = ""
# And ports of its own: between finding a free one and listening there, another process may take it.
os.environ["GRADIO_SERVER_PORT"] = str(10_000 + os.getpid() % 200 * 100)

import httpx
import pytest
import torch
from hub_server import Hub

from gan_demo import data
from gan_demo.config import Config, build
from gan_demo.gan import GAN
from gan_demo.networks import initialise

ROOT = Path(__file__).parent.parent
# One for all tests: each new client reads every certificate of this machine.
WEB = httpx.Client(timeout=60)
# Small enough to train a step in a millisecond.
SMALL = {
    "mlp": {"latent_dim": 5, "generator_widths": (12, 20), "discriminator_widths": (14, 10)},
    "dcgan": {"latent_dim": 5, "generator_widths": (8, 6), "discriminator_widths": (4, 6, 8)},
}


def mnist_is_here() -> bool:
    return all((data.default_data_dir() / file).exists() for file in data.SOURCES["mnist"].files)


def pytest_collection_modifyitems(items):
    if not mnist_is_here():
        skip = pytest.mark.skip(reason="MNIST is not on this machine: set GAN_DEMO_DATA, or train once")
        for item in items:
            if "mnist" in item.keywords:
                item.add_marker(skip)


def pytest_collection_finish():
    gc.freeze()  # a million objects of torch and gradio stay to the end: each collection would look at all of them


@pytest.fixture(autouse=True)
def the_global_random_state_is_not_ours():
    """No call of the project may move it: visible as soon as two things run side by side."""
    before = torch.random.get_rng_state()
    yield
    assert torch.equal(before, torch.random.get_rng_state()), "something moved the global random state"


def small_gan(model: str, seed: int = 0, **fields) -> GAN:
    """An untrained GAN with few weights, all of them, batch-norm statistics too, drawn from `seed`."""
    config = Config(model=model, **{**SMALL[model], **fields})
    generator, discriminator = build(config, "cpu")
    random = torch.Generator().manual_seed(seed)
    for network in (generator, discriminator):
        initialise(network, random)
        for name, buffer in network.named_buffers():
            if name.endswith("running_mean"):
                buffer.normal_(0, 0.1, generator=random)
        for name, parameter in network.named_parameters():
            if name.endswith(("scale", "shift")):  # of class batch norm, the same for all classes before training
                parameter.data.add_(torch.randn(parameter.shape, generator=random), alpha=0.3)
    return GAN(generator, discriminator, config)


def command(*arguments: object, timeout: float = 300, **environment: str) -> subprocess.CompletedProcess:
    """Run a Python command of the project as a person would."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def here(main: Callable[[list[str]], int], *arguments: object) -> subprocess.CompletedProcess:
    """The same in this process, which saves the seconds that importing torch takes; `main` is the command's."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:  # of argparse
            code = ended.code
    return subprocess.CompletedProcess(arguments, code, output.getvalue(), errors.getvalue())


def module(name: str, *arguments: object) -> subprocess.CompletedProcess:
    """`python -m name`, in this process too."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it was imported before it is run
        patch.setattr(sys, "argv", [name, *map(str, arguments)])
        return here(lambda words: runpy.run_module(name, run_name="__main__") and 0)


@contextlib.contextmanager
def opened(*checkpoints: Path, log: Path, **environment: str):
    """`python app.py` with these checkpoints in a process of its own: (the process, its address). `log`: its errors."""
    flags = [word for folder in checkpoints for word in ("--checkpoint", str(folder))]
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), *flags],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=checkpoints[0].parent,
            env={**os.environ, **environment},
        ) as process,
    ):
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert address, line + log.read_text()
        yield process, address[0]
        process.kill()


def at(address, monkeypatch):
    """What the variable HF_ENDPOINT does when huggingface_hub is imported."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", address)
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)


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
