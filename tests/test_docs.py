"""README and docs: links lead somewhere, commands can be typed, examples run, tables are the code's own."""

import argparse
import importlib
import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.commands import ROOT

from gan_demo import cli, recipes
from gan_demo.evaluation import tables
from gan_demo.training import sweep
from gan_demo.ui.shared.address import Address

README = ROOT / "README.md"
TEXTS = [README, *sorted(ROOT.glob("C*.md")), *sorted((ROOT / "docs").glob("*.md"))]
SHELL = ("", "bash", "sh", "shell", "console")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MOST_LINES = 150  # of the README, which is for somebody who has a minute


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def read(path: str | Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """A text without its blocks of code."""
    return BLOCK.sub("", read(path))


def blocks(path: Path, *languages: str) -> list[str]:
    return [code for language, code in BLOCK.findall(read(path)) if language in languages]


def anchors(path: Path) -> set[str]:
    """The fragments by which GitHub and the Hub know the headings of a text."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(path: Path) -> list[list[str]]:
    """Every command of ours that a text shows, in blocks or within a line, as words without comments."""
    lines = [line for block in blocks(path, *SHELL) for line in block.replace("\\\n", " ").splitlines()]
    lines += re.findall(r"`([^`\n]+)`", prose(path))
    found = []
    for line in lines:
        for part in re.split(r"&&|;|\|", re.sub(r"(^|\s)#.*", "", line)):
            if re.match(r"\s*(\w+=\S* )*(\$ )?(python (?!-X|-c|-m (?!gan_demo))|gan-demo |torchrun )", part):
                words = shlex.split(part)
                found.append(words[next(i for i, w in enumerate(words) if w in ("python", "gan-demo", "torchrun")) :])
    return found


LINKS = [
    pytest.param(path, link, id=f"{name(path)}:{link}")
    for path in TEXTS
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(path)) + re.findall(r"(?:src|href)=\"([^\"]+)\"", prose(path))
    if not re.match(r"https?:|mailto:", link)
]


@pytest.mark.parametrize(("path", "link"), LINKS)
def test_a_link_leads_somewhere(path, link):
    target, _, fragment = link.partition("#")
    there = path.parent / target if target else path
    assert there.exists()
    assert not fragment or fragment in anchors(there)


class Understood(BaseException):
    """The command line was read to its end. No handler of the commands catches it."""


def understood(monkeypatch, words: list[str]) -> None:
    """Give a command line to the parser that it is for; nothing is run. SystemExit where it makes no sense."""
    read_words = argparse.ArgumentParser.parse_args

    def only_read(parser, *rest, **options):
        parser.allow_abbrev = False
        chosen = read_words(parser, *rest, **options)
        if parser.prog == "gan-demo":  # the words of the sub-command are still to be read
            return chosen
        raise Understood

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", only_read)
    program, *rest = words
    if program == "torchrun":
        rest = rest[rest.index("train.py") :]
    if program == "gan-demo" or rest[:2] == ["-m", "gan_demo"]:
        cli.main(rest if program == "gan-demo" else rest[2:])
    elif rest[0].startswith("benchmarks/") and not rest[1:]:
        assert (ROOT / rest[0]).is_file()  # some have no flags and would begin at once
        raise Understood
    else:
        monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
        monkeypatch.setattr(sys, "argv", rest)
        runpy.run_path(str(ROOT / rest[0]), run_name="__main__")


COMMANDS = [pytest.param(words, id=f"{name(path)}:{shlex.join(words)}") for path in TEXTS for words in commands(path)]


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_can_be_typed(words, monkeypatch, capsys):
    try:
        understood(monkeypatch, words)
    except Understood:
        return
    except SystemExit as stopped:
        assert stopped.code == 0, capsys.readouterr().err  # --help
        return
    pytest.fail("nothing read this command")


@pytest.mark.parametrize(
    "line",
    [
        "python -m gan_demo evaluate --every",
        "python -m gan_demo evaluate --al",
        "python -m gan_demo measure checkpoints/mlp",
        "python train.py --model transformer",
        "python app.py --checkpiont x",
        "python benchmarks/page_speed.py --klicks 3",
        "torchrun --nproc-per-node 2 train.py --modell dcgan",
        "gan-demo push checkpoints/dcgan",
    ],
)
def test_a_command_that_nobody_understands_is_found(line, monkeypatch, capsys):
    with pytest.raises(SystemExit) as stopped:
        understood(monkeypatch, shlex.split(line))
    assert stopped.value.code == 2


@pytest.mark.skipif(os.name == "nt", reason="a script of bash")
def test_the_call_for_a_gpu_asks_what_the_commands_understand(monkeypatch, tmp_path):
    """Where there is none: a Python that only writes down what it was asked takes the place of the real one."""
    (tmp_path / "python").write_text(
        '#!/bin/sh\n[ "$1" = -c ] && echo "gan, r3gan" && exit\necho "$@" >>"$ASKED"\n[ "$2" != pytest ]\n'
    )
    (tmp_path / "python").chmod(0o755)
    path = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "ASKED": str(tmp_path / "asked")}
    ended = subprocess.run([ROOT / "benchmarks" / "gpu.sh", tmp_path / "gpu"], env=path, capture_output=True, text=True)
    assert ended.returncode == 1
    assert re.search(r"^== tests: \d+ s, exit code 1", ended.stdout, re.MULTILINE)  # seconds are the machine's
    asked = [line.split() for line in (tmp_path / "asked").read_text().splitlines()]
    assert (tmp_path / "gpu" / "summary.txt").read_text().count("== ") == len(asked) == ended.stdout.count("exit code")
    for words in asked:
        if words[1] == "pytest":
            assert (ROOT / words[-1]).is_file()
            continue
        with monkeypatch.context() as patch, pytest.raises(Understood):
            understood(patch, ["python", *words])
    sweeps = [sweep.read(words[-1])[1] for words in asked if "sweep" in words]
    assert [[task.chosen["recipe"] for task in tasks] for tasks in sweeps] == [["gan", "r3gan"]] * 2


def test_commands_are_found_in_blocks_and_lines():
    shown = [shlex.join(words) for words in commands(README)]
    assert "python app.py" in shown
    assert "python train.py --epochs 50" in shown
    assert "python -m gan_demo --help" in shown
    assert len(COMMANDS) > 40


def test_every_flag_within_a_line_exists():
    sources = [*ROOT.glob("*.py"), *ROOT.glob("gan_demo/**/*.py"), *ROOT.glob("benchmarks/*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources) + '"--help"'
    for path in TEXTS:
        for words in re.findall(r"`([^`\n]+)`", prose(path)):
            if not re.match(r"pip|hf|git|pytest|torchrun|ruff|mypy", words):
                for flag in re.findall(r"(?<!\S)--[a-z][a-z0-9-]+", words):
                    assert f'"{flag}"' in code, f"{name(path)}: {words}"


def test_what_is_installed_from_exists():
    for path in TEXTS:
        for file in re.findall(r"pip install (?:.* )?-[rc] (\S+)", read(path)):
            assert (ROOT / file.strip("`")).is_file(), f"{name(path)}: {file}"


EXAMPLES = [
    pytest.param(code, id=f"{name(path)}:{number}")
    for path in TEXTS
    if path.name not in ("adding-a-tab.md", "decisions.md")  # a test of its own builds that tab; these take minutes
    for number, code in enumerate(blocks(path, "python"))
    if "gradio_client" not in code  # test_app.py runs it against a page
]


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_runs(code, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # an example may write files
    Path("checkpoints").symlink_to(ROOT / "checkpoints")
    exec(compile(code, "example", "exec"), {})


def test_there_are_examples():
    assert len(EXAMPLES) >= 5


def test_what_an_example_imports_exists():
    for path in TEXTS:
        for code in blocks(path, "python"):
            for line in re.findall(r"^from gan_demo[\w.]* import [\w, ]+$", code, re.MULTILINE):
                exec(line, {})


def test_the_readme_is_short_and_starts_with_the_settings_of_a_space():
    lines = read(README).splitlines()
    assert len(lines) <= MOST_LINES
    assert lines[0] == "---"
    assert all(f"(docs/{path.name})" in read(README) for path in (ROOT / "docs").glob("*.md"))


def test_the_chinese_readme_shows_the_same_pictures_and_commands():
    english, chinese = README, ROOT / "docs" / "README.zh-CN.md"
    pictures = [re.findall(r"!\[[^\]]+\]\((?:docs/)?([\w-]+\.\w+)\)", prose(path)) for path in (english, chinese)]
    assert pictures[0] == pictures[1]
    assert len(pictures[0]) == 12
    shown = [{shlex.join(words) for words in commands(path)} for path in (english, chinese)]
    assert shown[1] <= shown[0]
    assert all("pip install -r requirements-dev.txt && pytest" in read(path) for path in (english, chinese))


def test_the_commands_of_the_readme_work_when_pasted(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("checkpoints").symlink_to(ROOT / "checkpoints")
    section = read(README).partition("Without the page:")[2]
    lines = BLOCK.search(section)[2].splitlines()
    assert len(lines) == 4
    for line in lines:
        words = shlex.split(line, comments=True)
        assert words[:3] == ["python", "-m", "gan_demo"]
        assert not cli.main(words[3:]), line
    assert (tmp_path / "digit.png").is_file()
    assert len(list((tmp_path / "my-digits").glob("*/*.png"))) == 100
    output = capsys.readouterr().out
    assert "dcgan-conditional" in output
    assert "wgan-gp" in output


def test_every_flag_of_the_training_is_documented():
    parser = importlib.import_module("gan_demo.cli.train").parser("train.py")
    texts = read("docs/training.md") + read("docs/hub.md")
    for flag in set(re.findall(r"--[a-z][a-z0-9-]+", parser.format_help())) - {"--help", "--nproc-per-node"}:
        assert re.search(rf"{flag}\b(?!-)", texts), flag


def test_the_recipes_are_those_of_the_code():
    table = read("docs/training.md").partition("| recipe | paper |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `([\w-]+)`", table, re.MULTILINE) == list(recipes.RECIPES)


def test_what_a_figure_means_is_what_the_command_says():
    text = read("docs/evaluation.md")
    for row in tables.ROWS:
        assert f"{row.label.strip()} | {row.meaning} | {row.better} |" in text


def test_the_addresses_are_addresses():
    table = read("docs/page.md").partition("| address | picture |")[2].partition("\n\n")[0]
    shown = re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)
    assert len(shown) > 3
    assert [str(Address.parse(text)) for text in shown] == shown


def test_the_rooms_are_those_of_the_tree():
    text = read("docs/code.md")
    for path in re.findall(r"`([\w./]+(?:\.py|/))`", text):
        assert any((folder / path).exists() for folder in (ROOT, ROOT / "gan_demo", ROOT / "gan_demo" / "ui")), path
    shown = set(re.findall(r"`([\w./]+)`", text.partition("\n## ")[0]))
    for path in (ROOT / "gan_demo").iterdir():
        room = f"gan_demo/{path.name}/" if path.is_dir() else f"gan_demo/{path.name}"
        if not path.name.startswith(("_", ".")) and (path.suffix == ".py" or (path / "__init__.py").exists()):
            assert room in shown, f"docs/code.md says nothing of {room}"
