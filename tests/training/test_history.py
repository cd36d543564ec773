"""Reading how a model learned: what is there, and what a stranger may have put there."""

import math

import numpy as np
import pytest
from helpers.commands import ROOT
from helpers.records import grid_png, lines, snapshots

from gan_demo import files
from gan_demo.errors import UserError
from gan_demo.pictures import encoding
from gan_demo.training import history


def test_a_shipped_history_is_read():
    epochs = history.read_history(ROOT / "checkpoints" / "mlp")
    assert [epoch.number for epoch in epochs] == list(range(1, len(epochs) + 1))
    assert 0 < epochs[-1].figures["d_fake"] < epochs[-1].figures["d_real"] < 1
    assert epochs[-1].evaluation["frechet_distance"] > 0


def test_only_finite_numbers_and_known_warnings_are_believed(tmp_path):
    line = (
        '{"epoch": 3, "loss_d": NaN, "loss_g": 1, "value": "much", "evaluation": [7], "warnings": ["G has won", {}]}\n'
    )
    files.write_text(tmp_path / "history.jsonl", line)
    assert history.read_history(tmp_path) == [history.Epoch(3, {"epoch": 3.0, "loss_g": 1.0}, {}, ("G has won",))]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[1, 2]\n", "line 1 is not a JSON object"),
        ('{"epoch": 1}\n{"epoch": 1}\n', "line 2: epoch is not a whole number above 1"),
        ('{"epoch": true}\n', "line 1: epoch"),
        ("[" * 100_000, "line 1 is not a JSON object"),
        ("\0\xff\n", "line 1 is not a JSON object"),
        (" " * 2_000_001, "larger than 2,000 kB"),
    ],
)
def test_a_damaged_history_is_one_line(tmp_path, text, wrong):
    files.write_text(tmp_path / "history.jsonl", text)
    with pytest.raises(UserError, match=wrong) as caught:
        history.read_history(tmp_path)
    assert str(tmp_path) not in str(caught.value)


def test_without_files_there_is_nothing(tmp_path):
    assert history.read_history(tmp_path) == []
    assert history.read_snapshots(tmp_path) == []


def test_snapshots_are_those_whose_picture_is_there(tmp_path):
    snapshots(tmp_path, 0, 1, 2)
    (tmp_path / "snapshots" / "epoch-0001.png").unlink()
    found = history.read_snapshots(tmp_path)
    assert [(one.epoch, one.outputs[99]) for one in found] == [(0, 0.0), (2, 0.2)]
    assert found[1].png() == grid_png(2)


def test_of_many_snapshots_more_early_ones_are_kept_and_the_last(tmp_path):
    snapshots(tmp_path, *range(101))
    kept = [one.epoch for one in history.read_snapshots(tmp_path)]
    assert kept[:2] == [0, 1]
    assert kept[-1] == 100
    assert len(kept) <= history.MAX_SNAPSHOTS
    assert np.all(np.diff(kept) > 0)
    assert sum(epoch < 50 for epoch in kept) > len(kept) / 2


@pytest.mark.parametrize("outputs", [[], [1.0] * 201, ["1"] * 100, "x", [10**400] * 100])
def test_damaged_outputs_are_one_line(tmp_path, outputs):
    files.write_text(tmp_path / "snapshots" / "outputs.jsonl", lines({"epoch": 0, "outputs": outputs}))
    with pytest.raises(UserError, match="line 1: outputs are not 1 to 200 numbers"):
        history.read_snapshots(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a" * 9, *(encoding.png_bytes(encoding.grid(np.zeros((n, 28, 28), np.uint8), 9)) for n in (1, 99))],
)
def test_a_picture_of_another_kind_or_size_is_refused(tmp_path, content):
    snapshots(tmp_path, 4)
    files.write_bytes(tmp_path / "snapshots" / "epoch-0004.png", content)
    with pytest.raises(UserError, match="is not a grid of 100 digits"):
        history.read_snapshots(tmp_path)[0].png()


@pytest.mark.parametrize(
    ("classes", "grid"),
    [(0, (10, 10)), (2, (10, 10)), (3, (10, 9)), (6, (10, 6)), (10, (10, 10)), (11, (10, 11)), (26, (8, 13))],
)
def test_a_class_has_columns_of_its_own(classes, grid):
    assert history.grid_of(classes) == grid
    columns = grid[1]
    below = [
        {number % classes for number in range(column, 10 * columns, columns)} for column in range(columns) if classes
    ]
    assert all(len(kinds) == max(1, classes // columns) for kinds in below)


def test_a_picture_too_large_to_be_a_grid_is_refused(tmp_path):
    snapshots(tmp_path, 4)
    files.write_bytes(tmp_path / "snapshots" / "epoch-0004.png", grid_png() + bytes(history.MAX_PNG_BYTES))
    with pytest.raises(UserError, match="larger than 120 kB"):
        history.read_snapshots(tmp_path)[0].png()


def test_a_d_that_broke_says_nan(tmp_path):
    text = lines({"epoch": 0, "outputs": [math.nan] * 100})
    files.write_text(tmp_path / "snapshots" / "outputs.jsonl", text)
    files.write_bytes(tmp_path / "snapshots" / "epoch-0000.png", grid_png())
    assert math.isnan(history.read_snapshots(tmp_path)[0].outputs[0])
