"""What works on one system only, found by reading the code: this suite runs on Linux, and people do not."""

import ast
import os
import subprocess
import sys

import pytest
from helpers.commands import ROOT

# Modules and names that Windows has not, and what starts processes in ways that differ between systems.
MODULES = {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "posix", "multiprocessing"}
NAMES = {
    "os": "getuid geteuid getgid fork forkpty killpg setsid getsid getpgid sched_getaffinity chown mkfifo nice uname"
    " statvfs getloadavg symlink link sync pathconf O_NOFOLLOW O_DIRECTORY O_CLOEXEC",
    "signal": "SIGKILL SIGHUP SIGQUIT SIGUSR1 SIGUSR2 SIGPIPE SIGALRM alarm pause setitimer pthread_sigmask",
    "time": "tzset clock_settime",
}
OPENERS = {"read_text", "write_text", "fdopen", "open", "NamedTemporaryFile", "TemporaryFile"}
NOT_FILES = {"Image", "av", "WEB", "os", "archive"}  # their open() takes no text
SPAWNS = "gan_demo/training/sweep.py"  # it asks multiprocessing for new processes, which every system has
OWN = {"files", "client"}  # modules of the project whose functions write UTF-8


def sources(*folders):
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))
    yield from (ROOT / name for name in ("app.py", "train.py"))


def without_encoding(tree):
    """Calls that read or write text as the machine's country has it: on Windows that is not UTF-8."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if any(word.arg == "text" and ast.unparse(word.value) == "True" for word in node.keywords):  # of a process
            yield f"{node.lineno}: {ast.unparse(node)[:80]}"
            continue
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        owner = ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""
        if name not in OPENERS or owner in NOT_FILES | OWN or any(word.arg == "encoding" for word in node.keywords):
            continue
        if name in ("read_text", "write_text") and not owner:
            continue  # a function of the project
        words = (
            []
            if name in ("read_text", "write_text")
            else [*node.args, *(word.value for word in node.keywords if word.arg == "mode")]
        )
        modes = [word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str)]
        binary = any("b" in mode and set(mode) <= set("rwxab+") for mode in modes)
        # gzip.open reads bytes unless told otherwise, and temporary files are of bytes, too.
        bytes_by_itself = owner in ("gzip", "tempfile") and not any("t" in mode for mode in modes)
        if not (binary or bytes_by_itself):
            yield f"{node.lineno}: {ast.unparse(node)[:80]}"


def of_one_system(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names if alias.name.partition(".")[0] in MODULES]
        elif isinstance(node, ast.ImportFrom):
            found = [node.module] if (node.module or "").partition(".")[0] in MODULES else []
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found = [node.attr] if node.attr in NAMES.get(node.value.id, "").split() else []
        else:
            continue
        yield from (f"{node.lineno}: {name}" for name in found)


@pytest.mark.parametrize(
    "code, wrong",
    [
        ("open('a')", True),
        ("open('a', 'w')", True),
        ("path.open('x')", True),
        ("path.read_text()", True),
        ("path.write_text('b')", True),
        ("gzip.open(path, 'rt')", True),
        ("subprocess.run(words, text=True)", True),
        ("subprocess.run(words, encoding='utf-8')", False),
        ("open('a', encoding='utf-8')", False),
        ("path.open('rb')", False),
        ("path.open(mode='wb')", False),
        ("gzip.open(path)", False),
        ("Image.open(file)", False),
    ],
)
def test_what_is_found(code, wrong):
    assert bool(list(without_encoding(ast.parse(code)))) == wrong


def test_text_is_read_and_written_as_utf_8():
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources("gan_demo", "benchmarks", ".ci")
        for line in without_encoding(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not wrong


def test_nothing_of_one_system_only():
    assert list(of_one_system(ast.parse("import fcntl\nos.getuid()\nsignal.SIGTERM"))) == ["1: fcntl", "2: getuid"]
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources("gan_demo")
        for line in of_one_system(ast.parse(path.read_text(encoding="utf-8")))
        if not (path == ROOT / SPAWNS and line.endswith("multiprocessing"))
    ]
    assert not wrong
    assert 'get_context("spawn")' in (ROOT / SPAWNS).read_text(encoding="utf-8")


def test_names_of_files_can_be_checked_out_on_windows():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.decode().split("\0") if name]
    parts = {part for name in names for part in name.split("/")}
    assert not [part for part in parts if set(part) & set('<>:"\\|?*') or part.endswith((".", " "))]
    assert not {part.partition(".")[0].lower() for part in parts} & {"con", "prn", "aux", "nul", "com1", "lpt1"}
    assert len({name.lower() for name in names}) == len(names)


BARE = """
mount --make-rprivate / && mount -t tmpfs -o ro none /dev/shm || exit 99
for place in "$1" "$HOME"; do mount --bind "$place" "$place" && mount -o remount,ro,bind "$place" || exit 99; done
cd "$1" && shift && exec "$@"
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount")
def test_a_read_only_home_and_checkout_without_dev_shm_on_one_core(tmp_path):
    (tmp_path / "home").mkdir()
    one = ["taskset", "-c", str(min(os.sched_getaffinity(0)))]
    words = ["unshare", "-m", "bash", "-c", BARE, "bare", str(ROOT), *one, sys.executable, "train.py"]
    done = subprocess.run(
        [*words, "--dataset", "digits", "--max-steps", "1"],
        env={**os.environ, "HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode in (1, 99, 127) and "Traceback" not in done.stderr:
        pytest.skip(f"no mounts here: {done.stderr}")
    assert (done.returncode, done.stderr) == (
        2,
        "train.py: runs/mlp-digits cannot be written (Read-only file system)\n",
    )
