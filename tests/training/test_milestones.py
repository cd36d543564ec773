"""Milestones of a training: when each is reached, and what is measured for it."""

import json

import pytest
import torch
from helpers.training import trainer

from gan_demo.networks import IMAGE_SHAPE
from gan_demo.pictures.real_digits import sheet
from gan_demo.pixels import from_pixels
from gan_demo.training import history, live, milestones
from gan_demo.training.history_writer import HistoryWriter


def reached(*looks):
    found = []
    for measures in looks:
        found += [{"name": name} for name, _ in milestones.newly_reached(found, measures)]
    return [each["name"] for each in found]


def test_the_page_knows_every_milestone():
    assert set(milestones.RULES) == set(live.MILESTONES)


def test_a_good_training_meets_them_in_their_order_and_each_once():
    stroke, digits = {"strokes": 0.9}, {"clear": 0.5, "digits": 6.0}
    ten = {"clear": 0.9, "digits": 10.0}
    assert reached({"strokes": 0.1, **digits}) == []  # the classifier is sure of noise, too
    assert reached(stroke, digits, ten, ten, stroke) == ["first stroke", "first digits", "all ten digits"]
    assert reached({**stroke, **ten}) == ["first stroke", "first digits", "all ten digits"]


def test_a_collapse_and_a_recovery_come_again_and_no_endless_list():
    start = {"strokes": 0.9, "clear": 0.9, "digits": 5.0}
    few, ten = {"digits_made": 2.0}, {"digits": 10.0}
    assert reached(few) == []
    names = reached(start, few, few, ten, few, ten)
    assert names[2:] == ["collapse", "all ten digits", "recovered", "collapse", "recovered"]
    assert len(reached(start, *[few, ten] * 100)) == milestones.MOST


def test_who_has_won_is_known_from_pairs():
    assert reached({"ranked": 0.9}, {"ranked": 0.999}, {"ranked": 0.999}) == ["D has won"]
    assert reached({"ranked": 0.999}, {"ranked": 0.3}, {"ranked": 0.999}) == ["D has won", "G has won", "D has won"]


@pytest.fixture(scope="module")
def real():
    return sheet()


def test_real_digits_are_strokes_and_noise_is_none(real):
    measurer = milestones.Measurer(real.images[::4], "mnist", None)
    scans = milestones.Measurer(255 - real.images[::4], "scans", None)
    assert measurer.strokes(real.images[1::4]).float().mean() > 0.9
    random = torch.Generator().manual_seed(0)
    noise = torch.randint(0, 256, (50, *IMAGE_SHAPE), generator=random, dtype=torch.uint8)
    salt = (torch.rand(50, *IMAGE_SHAPE, generator=random) < 0.15).to(torch.uint8) * 255  # as much ink as a digit
    # Half of the last is ink.
    blots = (torch.arange(28) < 14).to(torch.uint8).mul(255).expand_as(noise)
    for pixels in (noise, salt, torch.full_like(noise, 127), torch.zeros_like(noise), blots):
        assert not measurer.strokes(pixels).any()
        assert not scans.strokes(255 - pixels).any()
    assert scans.strokes(255 - real.images[1::4]).float().mean() > 0.9


class Draws(torch.nn.Module):
    """A generator that draws these pictures, whatever it is asked."""

    def __init__(self, pixels):
        super().__init__()
        self.pixels = pixels

    def forward(self, z, labels=None):
        return from_pixels(self.pixels[: len(z)])


def test_samples_are_measured_by_the_classifier(real):
    measurer = milestones.Measurer(real.images[:50], "mnist", None)
    ones = real.images[real.labels == 1]
    ten = measurer.measures(Draws(real.images[::4]), torch.zeros(250, 1))
    assert (ten["digits"], ten["digits_made"]) == (10, 10)
    assert min(ten["clear"], ten["strokes"]) > 0.9
    few = measurer.measures(Draws(ones), torch.zeros(len(ones), 1))
    assert few["digits_made"] == 1
    noise = torch.full_like(real.images[:100], 127)
    assert "digits_made" not in measurer.measures(Draws(torch.cat([ones[:30], noise])), torch.zeros(100, 1))


def test_what_only_the_classifier_takes_for_a_digit_is_none(real, monkeypatch):
    measurer = milestones.Measurer(real.images[:128], "mnist", None)
    # Blots with as much ink and as smooth as digits, of which it is made to be sure.
    random = torch.Generator().manual_seed(0)
    noise = torch.rand(60, 1, 7, 7, generator=random)
    blots = torch.nn.functional.interpolate(noise, size=28, mode="bilinear")
    blots = (((blots - 0.68).clamp(min=0) * 900).clamp(max=255)).to(torch.uint8)

    class Sure:
        def logits(self, images):
            return 50 * torch.nn.functional.one_hot(torch.arange(len(images)) % 10, 10).float()

    monkeypatch.setattr(milestones, "load_classifier", lambda device: Sure())
    blots = blots[measurer.strokes(blots)]
    assert len(blots) > 20
    told = measurer.measures(Draws(blots), torch.zeros(len(blots), 1))
    assert told["strokes"] == 1
    assert told["clear"] < 0.2
    assert told["digits"] < 10


def test_the_classifier_says_nothing_of_clothes(real):
    measurer = milestones.Measurer(real.images[:50], "fashion-mnist", None)
    assert set(measurer.measures(Draws(real.images), torch.zeros(9, 1))) == {"strokes"}


def test_a_line_of_history_keeps_the_milestones_of_its_epoch(tmp_path, small_networks):
    run_of, writer = trainer(), HistoryWriter()
    kept = []
    for epoch in range(2):
        writer.rows = [run_of.iterate().tolist() for _ in range(5)]
        step = run_of.state.step - 2
        name = ("first stroke", "D has won")[epoch]
        writer.milestones.append({"name": name, "step": step, "epoch": epoch, "seconds": 0.1, "measured": 0.75})
        kept.append(history.Milestone(name, step, 0.75))
        writer.finish_epoch(run_of, {})
    writer.write(tmp_path / "history.jsonl", run_of)
    assert [epoch.milestones for epoch in history.read_history(tmp_path)] == [(kept[0],), (kept[1],)]
    line = json.loads((tmp_path / "history.jsonl").read_text().splitlines()[0])
    line["milestones"] += ["x", {"name": "all ten digits"}, {"name": "unknown", "step": 1, "measured": 1}]
    (tmp_path / "history.jsonl").write_text(json.dumps(line))
    assert history.read_history(tmp_path)[0].milestones == (kept[0],)
