"""The folder of a run: one run at a time, known at once whether it can be written, whole when a disk is full."""

import errno
import functools
import os
from pathlib import Path

import pytest
from helpers.commands import here, start
from helpers.gans import small_gan
from helpers.records import METRICS

import train
from gan_demo import cli, files
from gan_demo.cli import train as command
from gan_demo.errors import UserError
from gan_demo.evaluation import evaluate, tables
from gan_demo.latent import direction_search
from gan_demo.training import run, run_folder

RUN = ("--dataset", "digits", "--epochs", "2", "--max-steps", "60", "--batch-size", "32", "--device", "cpu")
HOLD = """
import sys, time
from pathlib import Path
from gan_demo.training import run_folder
with run_folder.alone(Path(sys.argv[1])):
    print("here", flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def quick(small_networks, monkeypatch):
    monkeypatch.setattr(direction_search, "SAMPLES", 200)
    monkeypatch.setattr(direction_search, "PROBES", 5)
    monkeypatch.setattr(run, "SAVE_EVERY_SECONDS", 0)
    monkeypatch.setattr(evaluate, "evaluate_checkpoint", functools.partial(evaluate.evaluate_checkpoint, samples=200))


def full(monkeypatch, name, times=None):
    """From the given call on, a file of that name no longer fits on the disk."""
    write, calls = files.write_bytes, []

    def write_bytes(path, content, **how):
        calls.append(path)
        if str(path).endswith(name):
            calls.append(name)
            if times is None or calls.count(name) >= times:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write(path, content, **how)

    monkeypatch.setattr(files, "write_bytes", write_bytes)


def test_a_second_run_in_a_folder_is_refused_and_a_killed_one_leaves_no_lock(tmp_path):
    folder = tmp_path / "run"
    with start("-c", HOLD, folder, log=tmp_path / "log") as process:
        assert process.stdout.readline() == "here\n"
        early = here(train.main, *RUN, "--output", folder, "--resume")  # before the first has saved anything
        assert early.stderr.startswith(f"train.py: a training is at work in {folder}: wait until it has ended")
        small_gan("mlp").save_pretrained(folder)
        (folder / "state.pt").touch()
        for flags in (["--overwrite"], ["--resume"]):
            said = here(train.main, *RUN, "--output", folder, *flags)
            assert said.returncode == 2, flags
            if flags == ["--overwrite"]:
                (line,) = said.stderr.splitlines()
                assert line.startswith(f"train.py: a training is at work in {folder}: wait until it has ended")
        assert (folder / "model.safetensors").exists()
        process.kill()
    assert (folder / run_folder.LOCK_FILE).exists()
    assert here(train.main, *RUN, "--output", folder, "--overwrite").returncode == 0
    assert not (folder / run_folder.LOCK_FILE).exists()


def test_a_resumed_run_is_refused_while_the_first_is_at_work(tmp_path):
    (tmp_path / "state.pt").touch()
    with run_folder.alone(tmp_path):
        with pytest.raises(UserError, match="a training is at work"):
            run_folder.check_folder(tmp_path, resume=True, overwrite=False)
        with pytest.raises(UserError, match="a training is at work"), run_folder.alone(tmp_path):
            pass
    run_folder.check_folder(tmp_path, resume=True, overwrite=False)


def test_what_a_lock_left_is_no_other_file(tmp_path):
    (tmp_path / run_folder.LOCK_FILE).touch()
    run_folder.check_folder(tmp_path, resume=False, overwrite=False)


def test_a_file_system_without_locks_is_used_as_before(tmp_path, monkeypatch):
    def unknown(self):
        raise NotImplementedError("no flock here")

    monkeypatch.setattr(run_folder.FileLock, "acquire", unknown)
    with run_folder.alone(tmp_path):
        pass


@pytest.mark.parametrize("below", ["file/run", "file"])
def test_where_nothing_can_be_written_is_one_line_before_anything_is_read(below, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(run.data, "load", None)  # it is not come to
    monkeypatch.setattr(command, "publisher_of", None)
    said = here(train.main, *RUN, "--output", tmp_path / below)
    assert said.returncode == 2
    (line,) = said.stderr.splitlines()
    assert "Not a directory" in line or "is a file" in line


def test_a_disk_that_fills_in_mid_run_is_one_line_and_the_run_goes_on_later(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    with monkeypatch.context() as patch:
        full(patch, "state.pt", times=2)
        said = here(train.main, *RUN, "--output", folder)
    assert said.returncode == 2
    line = said.stderr.splitlines()[-1]
    assert line.startswith(f"train.py: No space left on device: {folder / 'state.pt'}. What was saved last is whole;")
    assert line.endswith(f"go on with: python train.py --resume --output {folder}")
    said = here(train.main, "--resume", "--output", folder)
    assert said.returncode == 0, said.stderr
    assert "Fréchet distance" in said.stdout


def test_epochs_that_could_be_played_again_make_room_for_the_state_on_a_full_disk(tmp_path, monkeypatch):
    folder, write = tmp_path / "run", files.write_bytes

    def write_bytes(path, content, **how):
        kept = len([*folder.glob("epochs/*/model.safetensors")])
        if kept and ("epochs" in Path(path).parts or Path(path).name == "state.pt"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write(path, content, **how)

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_bytes", write_bytes)
        patch.setattr(run, "SAVE_EVERY_SECONDS", 1000)
        said = here(train.main, *RUN, "--output", folder)
    assert said.returncode == 2
    assert "What was saved last is whole; when this is mended, go on with:" in said.stderr.splitlines()[-1]
    said = here(train.main, "--resume", "--output", folder)
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize("name", ["metrics.json", "README.md"])
def test_a_disk_that_is_full_at_the_end_still_shows_the_table(name, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    with monkeypatch.context() as patch:
        full(patch, name)
        said = here(train.main, *RUN, "--output", folder)
    assert said.returncode == 2
    assert "Fréchet distance" in said.stdout
    line = said.stderr.splitlines()[-1]
    assert line == (
        f"train.py: {folder / name} cannot be written (No space left on device); what was measured is above"
    )
    assert (folder / "state.pt").exists()  # --resume measures again


def test_what_was_measured_is_printed_though_it_cannot_be_written(tmp_path, monkeypatch):
    small_gan("mlp", training={"dataset": "digits"}).save_pretrained(tmp_path)
    monkeypatch.setattr(evaluate, "evaluate_checkpoint", evaluate.evaluate_checkpoint.func)
    monkeypatch.setattr(evaluate, "evaluate", lambda *arguments: METRICS | {"seconds": 1.0, "dataset": "digits"})
    full(monkeypatch, "metrics.json")
    said = here(cli.main, "evaluate", tmp_path)
    assert said.returncode == 2
    assert tables.format_table(METRICS) in said.stdout
    assert said.stderr.splitlines()[-1].endswith("(No space left on device); what was measured is above")


@pytest.mark.parametrize("name", ["evaluate", "directions", "invert"])
def test_a_model_that_cannot_be_written_beside_is_known_before_it_is_measured(name, tmp_path, monkeypatch):
    def refuse(folder):
        raise UserError(f"{folder} cannot be written")

    small_gan("mlp", training={"dataset": "digits"}).save_pretrained(tmp_path)
    monkeypatch.setattr(files, "check_writable", refuse)
    said = here(cli.main, name, tmp_path)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == f"gan-demo {name}: {tmp_path} cannot be written\n"
