"""Output that cannot hold every letter ends nothing, and what must happen comes before what is printed."""

import io
import sys

import pytest
from helpers.commands import start
from helpers.hub import environment
from helpers.records import METRICS

from gan_demo import cli
from gan_demo.cli import terminal, train
from gan_demo.evaluation import tables

ENCODINGS = ("cp1251", "cp1252", "cp932", "cp949", "gbk", "ascii")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("words", [["recipes"], ["train", "--help"], ["--help"], ["page", "--checkpoint", "é中"]])
def test_every_command_speaks(words, encoding, monkeypatch):
    raw, errors = io.BytesIO(), io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(errors, encoding))
    try:
        code = cli.main(words)
    except SystemExit as left:
        code = left.code
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    assert code == (2 if words[0] == "page" else 0)
    text = (raw.getvalue() or errors.getvalue()).decode(encoding)
    if words == ["recipes"]:
        assert "\nwgan-gp: Gulrajani et al. 2017" in text
    if words[0] == "page":
        said = {"ascii": "e\\u4e2d", "gbk": "é中", "cp932": "e中", "cp1252": "é\\u4e2d"}.get(encoding, "e")
        assert f"page: {said}" in text


def test_what_is_not_there_is_said_in_plain_letters():
    assert terminal.plain("Fréchet 5 – λ‖∇D‖² ≥ −3 × 2° “naïve” Ω 你") == (
        'Frechet 5 - lambda||grad D||^2 >= -3 x 2 degrees "naive" Omega \\u4f60'
    )


def test_whoever_chose_how_errors_are_treated_has_it_so(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "ascii", errors="ignore"))
    terminal.show_what_it_can()
    print("é", end="", flush=True)
    assert raw.getvalue() == b""


# Few samples are measured, and few latents moved: both have tests of their own.
TRAIN = """
import functools, sys, train
from gan_demo.evaluation import evaluate
from gan_demo.latent import direction_search

evaluate.evaluate_checkpoint = functools.partial(evaluate.evaluate_checkpoint, samples=200)
direction_search.SAMPLES, direction_search.PROBES = 200, 5
sys.exit(train.main())
"""


def test_a_training_is_pushed_though_the_terminal_cannot_show_its_table(server, tmp_path):
    """The whole command, as `python train.py > log` has it on a Windows machine in Russia."""
    server.forget()
    server.add("ada/run", {})
    words = "--dataset digits --max-steps 3 --latent-dim 8 --device cpu --push-to-hub ada/run --output"
    named = environment(server, tmp_path, PYTHONIOENCODING="cp1251")
    with start("-c", TRAIN, *words.split(), tmp_path / "run", log=tmp_path / "log", trains=True, **named) as process:
        output = process.stdout.read()
        assert process.wait(60) == 0, (tmp_path / "log").read_text()
    assert "Frechet distance" in output
    assert "model.safetensors" in server.model("ada/run").files()


class Deaf(io.StringIO):
    """Output that fails, whatever is printed."""

    def write(self, text):
        raise OSError("nobody listens")


def test_pushing_comes_before_printing(monkeypatch, tmp_path):
    done = []

    class Publisher:
        def finish(self):
            done.append("pushed")
            return "address"

    monkeypatch.setattr(sys, "stdout", Deaf())
    with pytest.raises(OSError, match="nobody listens"):
        train._end(METRICS, tmp_path, "python app.py", Publisher())
    assert done == ["pushed"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_tables_are_printed(encoding, monkeypatch, tmp_path):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding))
    terminal.show_what_it_can()
    print(tables.format_table(METRICS), tables.NO_FIGURE, flush=True)
    assert b"chet distance" in raw.getvalue()
