"""Each program under benchmarks/ explains itself, from a checkout in which nothing of the project is installed."""

import json
import os
import subprocess
import sys

import pytest
from helpers.commands import ROOT

# What the programs import takes seconds: one process does it, and a fork of it is each program.
ALL = """
import json, os, runpy, signal, sys, tempfile
root, *names = sys.argv[1:]
os.chdir(root)
sys.path[:] = [place for place in sys.path if os.path.realpath(place) != os.path.realpath(root)]
sys.meta_path[:] = [finder for finder in sys.meta_path if "__editable__" not in repr(finder)]
import gradio, PIL.Image, scipy.ndimage, torch, torchvision.transforms
assert "gan_demo" not in sys.modules
told = {}
for name in names:
    output = tempfile.TemporaryFile()
    child = os.fork()
    if not child:
        os.setsid()
        signal.alarm(60)  # which ends one that works
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        sys.argv = [name, "--help"]
        sys.path.insert(0, os.path.dirname(name))
        code = 1
        try:
            runpy.run_path(name, run_name="__main__")
        except SystemExit as ended:
            code = ended.code
        except BaseException as error:
            print(repr(error))
        sys.stdout.flush()
        os._exit(code or 0)
    _, status = os.waitpid(child, 0)
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        pass
    output.seek(0)
    told[name] = os.waitstatus_to_exitcode(status), output.read().decode()
print(json.dumps(told))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_every_benchmark_explains_itself_and_does_not_begin_to_work():
    programs = [path for path in sorted((ROOT / "benchmarks").glob("*.py")) if "__main__" in path.read_text("utf-8")]
    assert len(programs) > 30
    names = [path.relative_to(ROOT).as_posix() for path in programs]
    run = subprocess.run([sys.executable, "-c", ALL, str(ROOT), *names], capture_output=True, text=True, timeout=900)
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout.splitlines()[-1])
    assert list(told) == names
    assert not {name: found for name, found in told.items() if found[0] or "usage: " not in found[1]}
