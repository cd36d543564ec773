"""Trainings as processes of their own: a queue, what is found again, and what a kill -9 leaves."""

import errno
import shutil
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from helpers.commands import ROOT, start
from helpers.jobs import Process, Processes

from gan_demo import GAN, UserError, files
from gan_demo.cli import job as of_a_job
from gan_demo.training import jobs

RUN = ("--dataset", "digits", "--epochs", "40", "--batch-size", "32", "--device", "cpu", "--no-best-response")


class Queue(jobs.Jobs):
    """Jobs whose processes are of this one, and that are looked after when a test says so."""

    def __init__(self, root, **options):
        self.started = []
        super().__init__(root, launch=lambda job: self.started.append(Process(job)) or self.started[-1], **options)
        self._closed.set()

    def states(self):
        return [self.state(job) for job in self.all()]


@pytest.fixture
def desk(tmp_path):
    return Queue(tmp_path / ".trainings", most=2)


def eventually(claim, seconds=180):
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)


def test_one_at_a_time_and_the_others_wait_in_their_order(desk, tmp_path):
    first, second, third = (desk.add(RUN, tmp_path / name) for name in ("a", "b", "c"))
    assert desk.states() == ["running", "waiting", "waiting"]
    assert [desk.turn(job) for job in (first, second, third)] == [0, 1, 2]
    with pytest.raises(UserError, match="2 trainings are waiting already"):
        desk.add(RUN, tmp_path / "d")
    desk.stop(second)  # it has not begun
    assert desk.states() == ["running", "stopped", "waiting"]
    with pytest.raises(UserError, match="at work in a"):
        desk.add(RUN, tmp_path / "a")
    desk.started[0].end()
    desk.look_after()
    assert desk.states() == ["finished", "stopped", "running"]
    desk.go_on(second)
    assert desk.states() == ["finished", "waiting", "running"]
    with pytest.raises(UserError, match="this training has finished"):
        desk.go_on(first)
    with pytest.raises(UserError, match="stop it first"):
        desk.remove(third)
    desk.remove(first)
    assert [job.name for job in desk.all()] == ["b", "c"]
    assert third.arguments == (*RUN, "--output", str(tmp_path / "c"))


def test_whoever_comes_later_waits_longer_also_where_the_clock_is_set_back(desk, tmp_path, monkeypatch):
    names, now = ["a", "b", "c"], time.time()
    for index, name in enumerate(names):
        monkeypatch.setattr(jobs.time, "time", lambda index=index: now - 3600 * index)
        desk.add(RUN, tmp_path / name)
    assert [job.name for job in desk.all()] == names


def test_two_pages_look_at_one_training_and_neither_takes_the_other_for_it(desk, tmp_path):
    ended, other = desk.add(RUN, tmp_path / "a"), Queue(desk.root)
    desk.started[0].end()
    with ThreadPoolExecutor(2) as threads:
        seen = threads.map(lambda page: {page.state(ended) for _ in range(300)}, (desk, other))
    assert list(seen) == [{"finished"}] * 2


def test_how_a_training_ended_is_known_on_a_full_disk(desk, tmp_path, monkeypatch, capsys):
    """Its log has no room for the line, and `ended.json` gets that of a file which was kept for it."""
    job, room, write = desk.add(RUN, tmp_path / "a"), [True], files.write_bytes
    desk.started[0].lock.release()

    def write_bytes(path, content, **how):
        if not room and (job.place / of_a_job.ROOM).exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, content, **how)

    def train(name, words, program, say):
        room.clear()
        say("train.py: No space left on device: a/state.pt")
        return 2

    monkeypatch.setattr(files, "write_bytes", write_bytes)
    monkeypatch.setattr(of_a_job.cli, "run", train)
    monkeypatch.setattr(of_a_job, "_let_others_go_first", lambda: None)
    assert of_a_job.main([str(job.place)]) == 2
    assert desk.ended(job) == {"code": 2, "line": "train.py: No space left on device: a/state.pt"}
    assert {path.name for path in job.place.iterdir()} == {jobs.JOB, jobs.STARTED, jobs.LOCK, jobs.ENDED}


def test_a_pair_runs_side_by_side(desk, tmp_path):
    for name, group in (("a", "pair"), ("b", "pair"), ("c", "")):
        desk.add(RUN, tmp_path / name, group)
    assert desk.states() == ["running", "running", "waiting"]
    desk.started[0].end()
    desk.look_after()
    assert desk.states() == ["finished", "running", "waiting"]


def test_what_became_of_a_training(desk, tmp_path):
    job = desk.add(RUN, tmp_path / "a")
    (process,) = desk.started
    desk.stop(job)
    assert (desk.state(job), (job.place / "stop").exists()) == ("stopping", True)
    process.end(130)
    assert (desk.state(job), job.can_go_on) == ("stopped", False)
    assert jobs.arguments_of(job) == list(job.arguments)  # nothing was saved: from the beginning
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "state.pt").touch()
    assert jobs.arguments_of(job) == ["--resume", "--output", str(tmp_path / "a"), "--no-best-response"]
    desk.go_on(job)
    assert (desk.state(job), (job.place / "stop").exists()) == ("running", False)
    desk.started[-1].end(2, "train.py: the disk is full")
    assert (desk.state(job), desk.ended(job)["line"]) == ("failed", "train.py: the disk is full")
    desk.go_on(job)
    desk.started[-1].end(-9)
    assert Queue(desk.root).state(job) == "lost"  # another page sees the same
    job.place.joinpath("job.json").write_text("[]")
    assert desk.all() == []


def test_one_that_goes_on_at_once_is_not_lost_when_its_first_process_ends_late(tmp_path):
    desk = Queue(tmp_path / ".trainings")
    job = desk.add(RUN, tmp_path / "a")
    (first,) = desk.started
    first.end(130)
    first.code = None  # its lock is free, and it lives a moment longer
    desk._launch = lambda job: SimpleNamespace(poll=lambda: None)  # imports torch before it takes the lock
    desk.go_on(job)
    first.code = 130
    desk.look_after()
    assert desk.state(job) == "running"


def test_the_minutes_of_a_training_are_those_of_all_its_parts(desk, tmp_path, monkeypatch):
    job = desk.add(RUN, tmp_path / "a", minutes=1.0)
    desk.started[-1].end(-9)
    assert (job.spent, job.is_over) == (0.0, False)
    stopped = []
    monkeypatch.setattr(of_a_job._thread, "interrupt_main", stopped.append)
    clock = iter([0.0, 20.0, 20.5, 24.0, 30.0])
    # In the place of the module, for other threads ask it for the time, too.
    here = SimpleNamespace(monotonic=lambda: next(clock), sleep=lambda seconds: None)
    monkeypatch.setattr(of_a_job, "time", here)
    with pytest.raises(StopIteration):  # a kill: nothing is written at the end
        of_a_job._wait_for_stop(job)
    assert (job.spent, job.is_over, stopped) == (30.0, False, [])
    desk.go_on(job)
    clock = iter([100.0, 129.0, 130.0])
    of_a_job._wait_for_stop(job)
    assert (job.spent, job.is_over, len(stopped)) == (60.0, True, 1)
    desk.started[-1].end(130)
    with pytest.raises(UserError, match="has had its 1 minutes"):
        desk.go_on(job)
    assert not desk.add(RUN, tmp_path / "b").is_over


def test_a_training_whose_page_was_killed_ends_when_the_next_page_deletes_what_that_left(desk, tmp_path, monkeypatch):
    job = desk.add(RUN, tmp_path / "a", minutes=1.0)
    ends = []
    monkeypatch.setattr(of_a_job, "os", SimpleNamespace(_exit=lambda code: ends.append(code) or sys.exit()))
    # More than once, as a thread of another test may still look at its training.
    deletes = SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda _: shutil.rmtree(desk.root, ignore_errors=True))
    monkeypatch.setattr(of_a_job, "time", deletes)
    with pytest.raises(SystemExit):
        of_a_job._wait_for_stop(job)
    assert ends == [1]
    assert not list(desk.root.rglob("*"))  # nor is anything written there again


@pytest.mark.parametrize("id", ["..", "../../etc", "a/b", "", None, 7, ".trainings", "é" * 20, "x" * 100, "a" * 22])
def test_only_its_id_leads_to_a_training(desk, tmp_path, id):
    desk.add(RUN, tmp_path / "a")
    with pytest.raises(UserError, match="there is no such training"):
        desk.get(id)


def test_a_log_reads_as_a_terminal_shows_it(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"first\r\n 1 %\r 2 %\r100 %\nlast \xff\n")
    assert jobs.read_log(path) == "first\n100 %\nlast \ufffd\n"
    assert jobs.read_log(tmp_path / "none") == ""


PAGE = """
import os, signal, sys
from gan_demo.training import jobs
jobs.Jobs(sys.argv[1]).add(sys.argv[3:], sys.argv[2])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows ends processes otherwise")
def test_kill_9_of_the_page_and_of_the_training_lose_nothing_that_was_saved(tmp_path):
    root, folder = tmp_path / ".trainings", tmp_path / "run"
    with start("-c", PAGE, root, folder, *RUN, log=tmp_path / "log") as page:
        assert page.wait() == -signal.SIGKILL
    started = Processes()
    desk = jobs.Jobs(root, launch=started)  # the page, started again
    (job,) = desk.all()
    eventually(lambda: (folder / "snapshots" / "epoch-0000.png").exists())
    assert desk.state(job) == "running"
    desk.stop(job)
    eventually(lambda: desk.state(job) == "stopped")
    assert job.can_go_on
    assert "Stopped and saved" in desk.ended(job)["line"]
    saved = (folder / "state.pt").read_bytes()
    desk.go_on(job)
    eventually((job.place / jobs.LOCK).exists)
    started[0].kill()
    eventually(lambda: desk.state(job) == "lost")
    assert (folder / "state.pt").read_bytes() == saved
    assert GAN.from_pretrained(folder).config.training["seed"] == 0
    assert jobs.arguments_of(job)[0] == "--resume"
    started.close()
    desk.close()


GOES_LAST = """
import os
from pathlib import Path
from gan_demo.cli import job
os.setsid()
job._let_others_go_first()
session = Path("/proc/self/autogroup")
print(os.nice(0), session.read_text().split()[-1] if session.exists() else job.NICE)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows starts it with a lower priority")
def test_a_training_lets_the_page_go_first_which_is_in_another_session(tmp_path):
    with start("-c", GOES_LAST, log=tmp_path / "log") as process:
        assert process.stdout.read().split() == [str(of_a_job.NICE)] * 2, (tmp_path / "log").read_text()


def test_what_is_started_has_the_code_of_the_page(tmp_path, monkeypatch):
    seen = {}
    monkeypatch.setattr(jobs.subprocess, "Popen", lambda words, **options: seen.update(options, words=words) or Gone())
    desk = jobs.Jobs(tmp_path / ".trainings", environment={"OMP_NUM_THREADS": "1"})
    job = desk.add(RUN, tmp_path / "run")
    desk.close()
    assert seen["words"] == [sys.executable, "-m", "gan_demo.cli.job", str(job.place)]
    assert seen["env"]["PYTHONPATH"].startswith(str(ROOT))
    assert seen["env"]["OMP_NUM_THREADS"] == "1"
    assert seen.get("start_new_session") or "creationflags" in seen


class Gone:
    def poll(self):
        return 1
