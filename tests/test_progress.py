"""Bars of progress."""

import io
import itertools

import tqdm.std

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
