"""The command line: the table of its commands, and how each of them ends."""

import argparse
import errno
import importlib
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.commands import ROOT, command, here, module, start

from gan_demo import classifier, cli, shell
from gan_demo.cli import outcome
from gan_demo.errors import Stopped, UserError
from gan_demo.evaluation import evaluate
from gan_demo.latent import direction_search


def test_the_overview_has_a_line_for_each_command_and_needs_no_torch():
    result = command("-X", "importtime", "-m", "gan_demo", "--help")
    assert result.returncode == 0
    for name, about in cli.COMMANDS.items():
        assert f"  {name:<{max(map(len, cli.COMMANDS))}}  {about}\n" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100
    assert "gan_demo.cli.commands" in result.stderr
    assert "torch" not in result.stderr


@pytest.mark.parametrize("name", sorted(set(cli.COMMANDS) - {"train"}))
def test_the_help_of_a_command_needs_no_torch(name):
    script = (
        "import sys; from gan_demo import cli\n"
        f"try: cli.main(['{name}', '--help'])\nfinally: assert 'torch' not in sys.modules"
    )
    result = command("-c", script)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"usage: gan-demo {name} [-h]")
    assert max(map(len, result.stdout.splitlines())) <= 100


@pytest.mark.skipif(sys.platform != "linux", reason="the OpenMP of other systems does not say what it has read")
def test_threads_sleep_while_they_wait_for_each_other_unless_somebody_says_otherwise():
    for told, spins in (({}, "0"), ({"GOMP_SPINCOUNT": "77"}, "77")):
        result = command("train.py", "--list-recipes", OMP_DISPLAY_ENV="VERBOSE", **told)
        assert f"GOMP_SPINCOUNT = '{spins}'" in result.stderr


def test_the_module_and_the_table_are_the_same_command():
    assert module("gan_demo", "recipes").stdout == here(cli.main, "recipes").stdout
    with pytest.raises(SystemExit) as left:
        cli.main(["fly"])
    assert left.value.code == 2


def test_without_a_command_it_says_where_they_are_listed(capsys):
    with pytest.raises(SystemExit) as left:
        cli.main([])
    assert left.value.code == 2
    assert capsys.readouterr().err.endswith("which COMMAND? gan-demo --help lists them\n")


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_each_command_is_a_file_with_a_parser_and_says_what_it_does(name):
    parser = importlib.import_module(f"gan_demo.cli.{name.replace('-', '_')}").parser(f"gan-demo {name}")
    assert isinstance(parser, argparse.ArgumentParser)
    assert parser.prog == f"gan-demo {name}"
    assert parser.description


def test_the_help_has_the_defaults_of_the_code():
    """They are written down twice: `--help` does not wait for the modules that know them."""
    for name, flag, default in (
        ("evaluate", "--samples", evaluate.SAMPLES),
        ("directions", "--seed", direction_search.SEED),
        ("classifier", "--epochs", classifier.EPOCHS),
    ):
        parser = importlib.import_module(f"gan_demo.cli.{name}").parser("x")
        (action,) = (action for action in parser._actions if flag in action.option_strings)
        assert action.default is None
        assert action.help.endswith(f"(default: {default})")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (None, 0, ""),
        (UserError("no such thing: try another"), 2, "gan-demo x: no such thing: try another\n"),
        (PermissionError(errno.EACCES, "Permission denied", "a/b"), 2, "gan-demo x: Permission denied: a/b\n"),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "gan-demo x: No space left on device\n"),
        (KeyboardInterrupt(), 130, ""),
        (KeyboardInterrupt("Nothing was saved."), 130, "Nothing was saved.\n"),
        (Stopped(signal.SIGTERM), 143, ""),
        (Stopped(signal.SIGINT, "Go on with: this"), 130, "Go on with: this\n"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141, ""),
    ],
)
def test_how_a_command_ends(error, code, words):
    def work():
        if error is not None:
            raise error

    ended = here(lambda _: outcome.guarded("gan-demo x", work))
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", words)


@pytest.mark.parametrize("error", [ValueError("a bug"), OSError("of no file"), KeyError("x")])
def test_a_bug_keeps_its_traceback(error):
    def work():
        raise error

    with pytest.raises(type(error)):
        outcome.guarded("gan-demo x", work)


# `python -m gan_demo recipes` in a process that need not import torch again, when something has become of its output.
RECIPES = "import os, select, sys; from gan_demo import cli\n{}\nsys.exit(cli.main(['recipes']))"
UNREAD = "reader = select.poll(); reader.register(1, 0); reader.poll(60_000)"  # until nobody reads any more
FULL = "full = os.open('/dev/full', os.O_WRONLY); os.dup2(full, 1); os.dup2(full, 2)"


def test_whoever_reads_no_further_sees_no_traceback(tmp_path):
    with start("-c", RECIPES.format(UNREAD), log=tmp_path / "log") as process:
        process.stdout.close()
        assert process.wait(60) == 141
    assert (tmp_path / "log").read_bytes() == b""


def test_a_package_that_is_not_installed_is_one_line(capsys):
    """Whoever forgets to start the environment has no use for a traceback."""

    def work():
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    assert outcome.guarded("train.py", work) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"train.py: the package torch is not installed for {sys.executable}: ")
    assert line.endswith("pip install -r requirements.txt")
    with pytest.raises(ModuleNotFoundError):  # a mistake in the code
        outcome.guarded("train.py", lambda: importlib.import_module("gan_demo.nothing"))
    imported = {"pillow": "PIL", "scikit-learn": "sklearn", "pyyaml": "yaml"}  # others as they are called
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    names = {re.match("[a-z-]*", line)[0] for line in lines if not line.startswith("#")}
    assert {imported.get(name, name.replace("-", "_")) for name in names} == outcome.REQUIRED


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_an_output_that_does_not_fit_on_the_disk_is_one_line(tmp_path):
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "gan_demo", "recipes"], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert (ended.returncode, ended.stderr) == (2, "gan-demo recipes: No space left on device\n")
    with start("-c", RECIPES.format(FULL), log=tmp_path / "log") as process:  # nor do its errors
        assert process.wait(60) == 2


def test_the_scripts_call_themselves_by_their_own_names(tmp_path):
    for script in ("app.py", "train.py"):
        with start(script, "--nonsense", log=tmp_path / script) as process:
            assert process.wait(60) == 2
        *_, last = (tmp_path / script).read_text().splitlines()
        assert last == f"{script}: error: unrecognized arguments: --nonsense"
    said = here(cli.main, "train", "--dataset", "letters", "--output", str(tmp_path / "run")).stderr
    assert "gan-demo train: unknown dataset 'letters'" in said


def test_a_printed_command_is_in_one_piece():
    assert shell.command("directions", "runs/mine") == "python -m gan_demo directions runs/mine"
    assert shell.command("push", "my run", "ada/run") == 'python -m gan_demo push "my run" ada/run'
    assert shell.command("invert", 'a "b" $c') == "python -m gan_demo invert 'a \"b\" $c'"


@pytest.mark.parametrize("name", ["evaluate", "directions", "invert"])
def test_what_measures_a_repository_says_how_to_fetch_it_first(name, tmp_path, monkeypatch):
    """It writes beside the model. Without a word it would make a folder of that name, which hides the repository."""
    monkeypatch.chdir(tmp_path)
    for repository in ("ada/digits", "ada/digits@v2"):
        said = here(cli.main, name, repository)
        assert said.returncode == 2
        (line,) = said.stderr.splitlines()
        assert line.startswith(f"gan-demo {name}: {repository} is no folder here")
        assert line.endswith(f"fetch it first: python -m gan_demo pull {shell.quoted(repository)} --output runs/digits")
    assert not list(tmp_path.iterdir())
