"""Bars of progress."""

import io
import itertools

import tqdm.std

from gan_demo.cli import arguments
from gan_demo.progress import Bar


def test_a_bar_goes_on_where_the_clock_is_set_back(monkeypatch):
    clock = itertools.count(1.8e9, -3600)
    monkeypatch.setattr(tqdm.std, "time", lambda: next(clock))
    output = io.StringIO()
    with Bar(total=3, file=output, mininterval=0, bar_format="{n} of {total}, {rate_fmt}, {remaining};") as bar:
        for _ in range(3):
            bar.update()
    told = output.getvalue()
    assert all(f"{done} of 3" in told for done in range(4)), told
    assert "-" not in told


def test_in_a_log_progress_is_a_line_every_few_percent(capsys):
    with arguments.shares() as tick:
        for step in range(1001):
            tick("first" if step < 500 else "second", step / 1000)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0].split() for line in lines] == [
        ["first" if percent < 50 else "second", f"{percent}%"] for percent in range(0, 101, arguments.LOGGED)
    ]


def test_a_bar_in_a_log_does_not_flood_it(capsys):
    with Bar(total=5000, bar_format="{n} of {total};") as bar:
        for _ in range(5000):
            bar.update()
    assert capsys.readouterr().err.count(";") == 2  # its first, and its last
