"""Loops and ends of strokes that are known by hand, and of real digits."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from gan_demo.latent import strokes
from gan_demo.pictures import real_digits

# Each stroke is a chain of points (x, y) on a sheet of 28x28.
RING = [(14 + 6 * np.cos(angle), 14 + 6 * np.sin(angle)) for angle in np.linspace(0, 2 * np.pi, 25)]
SMALL = [(14 + 4 * np.cos(angle), 8 + 4 * np.sin(angle)) for angle in np.linspace(0, 2 * np.pi, 25)]
BELOW = [(x, y + 10) for x, y in SMALL]
SHAPES = {
    "nothing": ([], 0, 0),
    "bar": ([[(14, 4), (14, 24)]], 0, 2),
    "slanted": ([[(9, 5), (19, 23)]], 0, 2),
    "corner": ([[(8, 6), (20, 6), (12, 24)]], 0, 2),
    "t": ([[(6, 6), (22, 6)], [(14, 6), (14, 24)]], 0, 3),
    "plus": ([[(5, 14), (23, 14)], [(14, 5), (14, 23)]], 0, 4),
    "ring": ([RING], 1, 0),
    "nine": ([SMALL, [(18, 8), (18, 25)]], 1, 1),
    "eight": ([SMALL, BELOW], 2, 0),
    "two bars": ([[(8, 4), (8, 24)], [(20, 4), (20, 24)]], 0, 4),
}


def drawn(chains, radius=1.3):
    """(28, 28) uint8: everything within `radius` of a chain is ink."""
    y, x = np.mgrid[:28, :28]
    inked = np.zeros((28, 28), bool)
    for chain in chains:
        for (x1, y1), (x2, y2) in pairwise(chain):
            along = np.clip(((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2), 0, 1)
            inked |= np.hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1)) < radius
    return torch.from_numpy(inked * np.uint8(255))


@pytest.mark.parametrize("radius", [0.8, 1.3, 2.0])
def test_loops_and_ends_of_shapes(radius):
    pictures = torch.stack([drawn(chains, radius) for chains, *_ in SHAPES.values()])
    assert strokes.loops(pictures).tolist() == [loops for _, loops, _ in SHAPES.values()]
    assert strokes.ends(pictures).tolist() == [ends for _, _, ends in SHAPES.values()]
    assert strokes.loops(pictures[:, None]).equal(strokes.loops(pictures))
    for measure in (strokes.loops, strokes.ends):
        assert measure(255 - pictures).equal(measure(pictures))  # black ink on light ground


def test_lines_are_one_pixel_wide_and_lie_in_the_stroke():
    ink = torch.stack([drawn(chains, 2.0) for chains, *_ in SHAPES.values()]).numpy() > 0
    lines = strokes.thinned(ink)
    assert not (lines & ~ink).any()
    square = lines[:, 1:, 1:] & lines[:, :-1, 1:] & lines[:, 1:, :-1] & lines[:, :-1, :-1]
    assert not square.any()
    assert np.abs(lines[1].sum() - 20) <= 4  # of a bar that is 20 pixels long


def test_loops_and_ends_of_real_digits():
    """On average over 100 of each class; some are drawn open, and a 2 may have a loop."""
    sheet = real_digits.sheet()
    labels = torch.as_tensor(sheet.labels)
    loops, ends = (measure(torch.as_tensor(sheet.images)) for measure in (strokes.loops, strokes.ends))
    for digit, usual in ((0, 1), (1, 0), (3, 0), (5, 0), (6, 1), (7, 0), (8, 2), (9, 1)):
        assert loops[labels == digit].mean().item() == pytest.approx(usual, abs=0.4), digit
    for digit, usual in ((0, 0), (1, 2), (3, 3), (5, 2), (6, 1), (7, 2), (9, 1)):
        assert ends[labels == digit].mean().item() == pytest.approx(usual, abs=0.5), digit
