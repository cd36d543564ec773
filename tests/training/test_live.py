"""What a run shows of itself while it is at work, and that nothing it trains is changed by that."""

import json
import math
import os
import time
from itertools import pairwise

import pytest
import torch
from helpers.training import split, trainer, weights
from PIL import Image

from gan_demo.data import Split
from gan_demo.settings import Settings
from gan_demo.training import live, live_writer, milestones, run
from gan_demo.training.history_writer import HistoryWriter
from gan_demo.training.iteration import Trainer
from gan_demo.training.live_writer import LiveWriter

pytestmark = pytest.mark.usefixtures("small_networks")


@pytest.fixture
def watched(tmp_path):
    (tmp_path / live.FOLDER).mkdir()
    live.watch(tmp_path)
    return tmp_path


def test_the_time_left_is_told_once_the_pace_is_steady_and_does_not_jump():
    left = live_writer.Left()
    # The first steps take longer, up to ten times as long as the others.
    times, now = [], 0.0
    for step in range(1, 400):
        now += max(0.1, 1.0 - 0.05 * step)
        times.append((now, left.seconds(now, step, 1000), (1000 - step) * 0.1))
    told = [(said, true) for _, said, true in times if said is not None]
    assert times[5][1] is None
    assert len(told) > 250
    assert all(abs(said - true) < 0.5 * true for said, true in told)
    assert all(abs(one[0] - other[0]) < 0.1 * one[0] + 0.5 for one, other in pairwise(told))


def at_once(writer):
    """The next tick looks."""
    writer.next_look = 0.0


def test_a_look_writes_what_the_page_reads(watched):
    run_of, history = trainer(), HistoryWriter()
    writer = LiveWriter(run_of, history, watched)
    for _ in range(3):
        at_once(writer)
        assert writer.tick(run_of.iterate()) > 0
    said = live.read(watched)
    assert (said["phase"], said["step"], said["steps"], said["epoch"], said["epochs"]) == ("training", 3, 10, 0, 2)
    assert set(said["figures"]) == {*live.FIGURES, "penalty", "d_real", "d_fake"}
    assert sum(said["outputs"]["real"]) == sum(said["outputs"]["fake"]) == 40  # there are no more pictures
    assert said["outputs"]["low"] < said["outputs"]["high"]
    assert said["seconds_left"] is None  # nothing is known of its pace yet
    assert said["images_per_second"] > 0
    assert said["knobs"]["lr_g"] == run_of.settings.lr_g
    assert live.curve(watched)["step"] == [1, 2, 3]
    assert all(len(live.curve(watched)[name]) == 3 for name in live.FIGURES)
    sheet = Image.open(watched / live.FOLDER / live.DIGITS)
    assert (sheet.mode, sheet.size) == ("L", (224, 224))
    # The first row of the sheet is what the checkpoint draws of these latents.
    gan = run_of.gan()
    drawn = ((gan.sample(8, seed=0) + 1) * 127.5).round().to(torch.uint8)[:, 0]
    shown = torch.tensor(list(sheet.crop((0, 0, 224, 28)).tobytes()), dtype=torch.uint8).view(28, 8, 28)
    assert torch.equal(shown.transpose(0, 1), drawn)
    writer.next_look = math.inf
    for _ in range(5):
        writer.tick(run_of.iterate())
    before = (watched / live.FOLDER / live.DIGITS).read_bytes()
    writer.measuring("drawing samples")
    assert (watched / live.FOLDER / live.DIGITS).read_bytes() != before  # of the last step, as its number is
    assert (live.read(watched)["phase"], live.read(watched)["step"]) == ("measuring", 8)


@pytest.mark.parametrize(("classes", "columns", "rows"), [(10, 10, 6), (5, 10, 6), (7, 7, 9)])
def test_classes_have_columns_of_their_own(watched, classes, columns, rows):
    pictures = split()._replace(names=tuple("ABCDEFGHIJ"[:classes]))
    pictures = pictures._replace(labels=pictures.labels % classes)
    writer = LiveWriter(Trainer(Settings.of("mlp", conditional=True, batch_size=8), pictures), HistoryWriter(), watched)
    at_once(writer)
    writer.tick(writer.trainer.iterate())
    assert Image.open(watched / live.FOLDER / live.DIGITS).size == (28 * columns, 28 * rows)
    assert writer.sheet_labels.view(rows, columns).remainder(classes).eq(torch.arange(columns) % classes).all()


def test_little_is_written_while_nobody_looks(tmp_path):
    run_of = trainer()
    writer = LiveWriter(run_of, HistoryWriter(), tmp_path)
    assert writer.tick(run_of.iterate()) > 0  # who opens the page sees something
    writer.next_look = 0.0
    assert writer.tick(run_of.iterate()) == 0
    live.watch(tmp_path)
    writer.next_look = 0.0
    assert writer.tick(run_of.iterate()) > 0
    old = time.time() - 2 * live.WATCHED_SECONDS
    os.utime(tmp_path / live.FOLDER / live.WATCHED, (old, old))
    writer.next_look = 0.0
    assert writer.tick(run_of.iterate()) == 0
    assert live.read(tmp_path)["step"] == 3


def test_the_next_look_waits_for_as_long_as_this_one_was_slow(watched):
    run_of = trainer()
    writer = LiveWriter(run_of, HistoryWriter(), watched)
    took = writer.tick(run_of.iterate())
    pause = writer.next_look - writer.written - took
    assert pause >= max(live_writer.PAUSES[0], took / live_writer.SHARES[0]) - 1e-3
    assert took / (took + pause) <= 0.05


@pytest.mark.parametrize(
    "fields", [{}, {"recipe": "wgan"}, {"recipe": "sngan"}, {"conditional": True}, {"model": "style"}]
)
def test_equal_seeds_give_equal_weights_whether_somebody_looks_or_not(watched, monkeypatch, fields):
    monkeypatch.setattr(milestones, "due", lambda step: True)
    alone, shown = trainer(**fields), trainer(**fields)
    writer = LiveWriter(shown, HistoryWriter(), watched)
    for _ in range(4):
        alone.iterate()
        at_once(writer)
        writer.tick(shown.iterate())
    for name in ("generator", "discriminator", "average"):
        one, other = getattr(alone.state, name), getattr(shown.state, name)
        assert torch.equal(weights(one), weights(other))
        assert all(torch.equal(a, b) for a, b in zip(one.buffers(), other.buffers(), strict=True))
    assert torch.equal(alone.state.random.get_state(), shown.state.random.get_state())


def test_networks_that_broke_are_shown_without_numbers(watched):
    run_of = trainer()
    writer = LiveWriter(run_of, HistoryWriter(), watched)
    metrics = run_of.iterate()
    with torch.no_grad():
        run_of.state.discriminator.head.bias.fill_(math.nan)
    writer.tick(torch.full_like(metrics, math.inf))
    said = live.read(watched)
    assert said["outputs"] is None
    assert "loss_d" not in said["figures"]


def test_a_full_disk_does_not_end_a_training(watched, monkeypatch):
    def full(*arguments, **how):
        raise OSError(28, "No space left on device")

    run_of = trainer()
    writer = LiveWriter(run_of, HistoryWriter(), watched)
    monkeypatch.setattr(live_writer.files, "write_bytes", full)
    writer.tick(run_of.iterate())
    writer.measuring("drawing samples")
    assert live.read(watched) is None


def test_a_curve_keeps_its_length_and_its_whole_way(watched):
    history, run_of = HistoryWriter(), trainer()
    writer = LiveWriter(run_of, history, watched)
    for step in range(1, 2_000):
        run_of.state.step = step
        writer._curve(dict.fromkeys(live.FIGURES, float(step)))
    steps = history.curve["step"]
    assert len(steps) <= live.POINTS
    assert (steps[0], steps[-1] > 1_980) == (1, True)
    assert history.curve["ranked"] == list(map(float, steps))
    gaps = {after - before for before, after in pairwise(steps)}
    assert max(gaps) <= 4 * min(gaps)


def test_outputs_are_shown_in_a_range_that_grows_at_once_and_shrinks_slowly(tmp_path):
    writer = LiveWriter(trainer(), HistoryWriter(), tmp_path)
    low, high = writer._range(0.0, 1.0)
    assert (low, high) == pytest.approx((-0.051, 1.051))
    assert writer._range(-10.0, 1.0)[0] < -10
    assert writer._range(0.0, 1.0)[0] < -9


def test_a_run_that_has_finished_leaves_no_live_files_and_one_that_stops_does(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(run, "_finish", lambda *arguments: seen.append(arguments[-1]) or {})
    folder = tmp_path / "run"
    (folder / live.FOLDER).mkdir(parents=True)
    (folder / live.FOLDER / live.CONTROL).write_text('{"version": 1, "knobs": {"lr_d": 1.0}}')  # of an earlier run
    run.train(Settings.of("mlp", dataset="digits", epochs=1, max_steps=2), folder, quiet=True)
    assert isinstance(seen[0], LiveWriter)
    assert not (folder / live.FOLDER).exists()
    assert "changes" not in json.loads((folder / "config.json").read_text())["training"]

    folder = tmp_path / "interrupted"

    def interrupted(*arguments):
        at_work.append(live.is_at_work(live.read(folder)))
        raise KeyboardInterrupt

    at_work = []
    monkeypatch.setattr(run, "_finish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.train(Settings.of("mlp", dataset="digits", epochs=1, max_steps=2), folder, quiet=True)
    said = live.read(folder)
    assert (at_work, live.is_at_work(said), said["about_run"]["dataset"]) == ([True], False, "scikit-learn's digits")


def test_pictures_of_other_shapes_are_shown_too(watched):
    images = split().images.repeat(1, 3, 1, 1)
    run_of = Trainer(Settings.of("mlp", batch_size=8, epochs=1, dataset="mine"), Split(images, None))
    writer = LiveWriter(run_of, HistoryWriter(), watched)
    writer.tick(run_of.iterate())
    writer._measure()  # the classifier, which knows grey digits only, is not asked
    assert Image.open(watched / live.FOLDER / live.DIGITS).mode == "RGB"
