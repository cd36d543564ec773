"""The best answer to a generator: that it finds what is there to find, and nothing where there is nothing."""

import errno
import itertools
import json
import math
import threading
from types import SimpleNamespace

import pytest
import torch
from helpers.gans import small_gan
from safetensors.torch import load_file, save_file

from gan_demo import cli, data, files
from gan_demo.belief import best_response as beside
from gan_demo.checkpoint import BEST_RESPONSE_FILE, BEST_RESPONSE_WEIGHTS, WEIGHTS_FILE
from gan_demo.errors import UserError
from gan_demo.evaluation import best_response, best_response_tables, cache, what_it_sees
from gan_demo.evaluation.calibration import calibration
from gan_demo.pixels import from_pixels


@pytest.fixture(scope="module")
def short():
    """Some steps that are enough for an untrained generator."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(best_response, "STEPS", 20)
        patch.setattr(best_response, "LOOKS", 2)
        patch.setattr(best_response, "SEEDS", 2)
        patch.setattr(what_it_sees, "MOST", 40)
        patch.setattr(what_it_sees, "STEEP", 10)
        yield


@pytest.fixture(scope="module")
def written(short, tmp_path_factory):
    """A checkpoint with the best answer to its generator, and the figures that the run returned."""
    folder = tmp_path_factory.mktemp("best") / "m"
    small_gan("mlp", 0, training={"dataset": "digits"}).save_pretrained(folder)
    told = []
    figures = best_response.write_best_response(folder, tick=lambda about, share: told.append((about, share)))
    assert told[-1][1] == pytest.approx(1)
    assert [share for _, share in told] == sorted(share for _, share in told)
    return folder, figures


def test_an_untrained_generator_is_told_from_digits_and_real_ones_are_not(written):
    folder, figures = written
    assert figures["measure"]["accuracy"] > 0.98
    assert 0.6 < figures["measure"]["jsd"] < 0.69315 + 1e-9
    real = figures["real_against_real"]
    assert abs(real["accuracy"] - 0.5) < 3 * real["accuracy_error"]
    assert real["jsd"] < 3 * max(real["jsd_error"], 0.01)
    assert figures["page"]["accuracy"] > 0.95
    assert figures["measure"]["seeds"] == 2
    assert set(figures["measure"]["sees"]) == set(what_it_sees.CHANGES)
    assert (folder / BEST_RESPONSE_WEIGHTS).stat().st_size < beside.MAX_BYTES
    assert not (folder / best_response.STATE_FOLDER).exists()
    text = best_response_tables.text(figures)
    assert "real against real" in text
    assert f"{100 * figures['page']['accuracy']:.1f}" in text


def test_what_is_read_says_what_was_measured(written):
    folder, figures = written
    best = beside.read(folder)
    assert best.network.levels == beside.COARSE
    test = data.load("digits", train=False).images
    outputs = best.logits(from_pixels(test))
    # Rounded to float16 on the way.
    assert (outputs > 0).double().mean() > 0.9
    assert outputs.double().median().item() == pytest.approx(best.reference.real[250], rel=0.05)
    raw = best.network(from_pixels(test[:3]))
    assert torch.allclose(outputs[:3], raw / figures["page"]["temperature"] + figures["page"]["shift"], atol=1e-4)
    assert outputs.abs().max() < 30  # no surer than so few pictures can make it


def test_what_is_of_other_weights_or_damaged_is_not_shown(written, tmp_path):
    folder, figures = written
    for name in ("config.json", WEIGHTS_FILE, BEST_RESPONSE_FILE, BEST_RESPONSE_WEIGHTS):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    assert beside.read(tmp_path) is not None
    for wrong in ({"format": 99}, {"weights_sha256": "0"}, {"measure": {}}, {"page": {**figures["page"], "levels": 3}}):
        (tmp_path / BEST_RESPONSE_FILE).write_text(json.dumps({**figures, **wrong}))
        assert beside.read(tmp_path) is None, wrong
    for temperature in (0, math.nan, "hot"):
        wrong = {"page": {**figures["page"], "temperature": temperature}}
        (tmp_path / BEST_RESPONSE_FILE).write_text(json.dumps({**figures, **wrong}))
        assert beside.read(tmp_path) is None, wrong
    (tmp_path / BEST_RESPONSE_FILE).write_text(json.dumps(figures))
    tensors = load_file(folder / BEST_RESPONSE_WEIGHTS)
    for wrong in ({"head.bias": torch.full((1,), math.nan)}, {"head.bias": torch.zeros(2)}, {"more": torch.zeros(1)}):
        save_file({**tensors, **wrong}, tmp_path / BEST_RESPONSE_WEIGHTS)
        assert beside.read(tmp_path) is None, wrong
    (tmp_path / BEST_RESPONSE_WEIGHTS).write_bytes(b"no")
    assert beside.read(tmp_path) is None
    small_gan("mlp", 1, training={"dataset": "digits"}).save_pretrained(tmp_path)
    assert beside.current_figures(tmp_path) is None
    with pytest.raises(UserError, match="of its present weights"):
        best_response_tables.table([tmp_path])


def test_a_run_that_was_stopped_goes_on(short, tmp_path, monkeypatch):
    small_gan("mlp", 0, training={"dataset": "digits"}).save_pretrained(tmp_path)
    monkeypatch.setattr(best_response, "STEPS", 2)
    monkeypatch.setenv(cache.VARIABLE, "")
    monkeypatch.setattr(best_response, "time", SimpleNamespace(perf_counter=itertools.count().__next__))
    whole, done = best_response.one_answer, []

    def counted(*arguments, **named):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(arguments[1:3])
        return whole(*arguments, **named)

    monkeypatch.setattr(best_response, "one_answer", counted)
    with pytest.raises(KeyboardInterrupt):
        best_response.write_best_response(tmp_path)
    assert not (tmp_path / BEST_RESPONSE_FILE).exists()
    done.insert(0, None)  # two more places
    again = []
    monkeypatch.setattr(best_response, "one_answer", lambda *a, **named: again.append(a[1:3]) or whole(*a, **named))
    written = best_response.write_best_response(tmp_path)
    assert written["seconds"] == 4  # one for each part, those of the stopped run, too
    assert "seconds" not in written["page"]
    fine, coarse = beside.FINE, beside.COARSE
    assert done[1:] == [(0, fine), (0, coarse)]
    assert again == [(1, fine), (0, fine), (1, fine)]  # the last two are real against real


def test_two_at_a_time_find_what_one_after_the_other_do(short, tmp_path, monkeypatch):
    small_gan("mlp", 0, training={"dataset": "digits"}).save_pretrained(tmp_path)
    monkeypatch.setattr(best_response, "STEPS", 3)
    monkeypatch.setattr(best_response, "SEEDS", 3)
    monkeypatch.setenv(cache.VARIABLE, "")
    whole, threads, before = best_response.one_answer, [], torch.get_num_threads()

    def seen(*arguments, **named):
        threads.append(threading.current_thread())
        return whole(*arguments, **named)

    def written(cores):
        threads.clear()
        torch.set_num_threads(cores)
        shares = []
        figures = best_response.write_best_response(tmp_path, tick=lambda about, share: shares.append(share))
        assert shares == sorted(shares)
        return {**figures, "seconds": 0, "weights": (tmp_path / BEST_RESPONSE_WEIGHTS).read_bytes()}

    monkeypatch.setattr(best_response, "one_answer", seen)
    try:
        one = written(cores=1)
        assert threads == [threading.main_thread()] * 7
        assert written(cores=2) == one
        assert len(threads) == 7
        assert threading.main_thread() not in threads
        with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
            judged, calls = best_response.judged, itertools.count()
            patch.setattr(best_response, "judged", lambda *sets: judged(*sets) if next(calls) < 2 else 1 / 0)
            written(cores=2)
        assert written(cores=2) == one  # what was finished is not done again
        assert len(threads) == 5
    finally:
        torch.set_num_threads(before)


def test_a_disk_that_fills_up_is_told_at_once_and_what_was_finished_is_kept(short, tmp_path, monkeypatch, capsys):
    small_gan("mlp", 0, training={"dataset": "digits"}).save_pretrained(tmp_path)
    monkeypatch.setattr(best_response, "STEPS", 2)
    monkeypatch.setenv(cache.VARIABLE, "")
    whole, done = files.write_bytes, []

    def full(path, content):
        done.append(path.name)
        if len(done) > 1:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        whole(path, content)

    monkeypatch.setattr(files, "write_bytes", full)
    assert cli.run("best-response", [str(tmp_path)]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert "best-response: No space left on device: " in said
    assert said.endswith("What was finished before is kept; when this is mended, the same command goes on")
    assert len(done) == 2
    assert [path.name for path in (tmp_path / best_response.STATE_FOLDER).iterdir()] == done[:1]


def test_who_stops_it_is_told_how_it_goes_on(tmp_path, monkeypatch, capsys):
    small_gan("mlp", 0, training={"dataset": "digits"}).save_pretrained(tmp_path)

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(best_response, "write_best_response", stopped)
    assert cli.run("best-response", [str(tmp_path)]) == 130
    assert (
        capsys.readouterr().err.splitlines()[-1]
        == "Stopped. The same command goes on: trainings that had ended are kept, others begin anew."
    )


def test_equal_seeds_give_equal_networks(short, monkeypatch):
    monkeypatch.setattr(best_response, "STEPS", 3)
    train, test = (data.load("digits", train=half) for half in (True, False))
    sets = best_response.real_halves(train, test, 0)
    first, second, other = (best_response.fit(sets, seed, beside.FINE, "cpu").head.weight for seed in (0, 0, 1))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_no_picture_is_in_two_sets():
    images = torch.arange(400, dtype=torch.int64)[:, None, None, None]
    train, test = data.Split(images, None), data.Split(images + 1000, None)
    sets = best_response.real_halves(train, test, 3)
    together = torch.cat([pictures.flatten() for pair in sets for pictures in pair])
    assert len(together.unique()) == len(together) == 800
    assert len(sets.held.real) == len(sets.held.generated) == 20


def test_samples_of_a_conditional_model_have_the_classes_of_the_data(monkeypatch):
    gan = small_gan("mlp", 0, classes=2)
    images, labels = torch.zeros(300, 1, 28, 28, dtype=torch.uint8), (torch.arange(300) % 10 == 0).long()
    asked = []
    gan.generate = lambda z, labels: asked.extend(labels.tolist()) or torch.zeros(len(z), 1, 28, 28)
    sets = best_response.against_samples(gan, data.Split(images, labels), data.Split(images, labels))
    assert [len(pair.generated) for pair in sets] == [270, 30, 300]
    monkeypatch.setattr(best_response, "STEPS", 2)
    few = best_response.against_samples(gan, data.Split(images, labels), data.Split(images, labels))
    assert [len(pair.generated) for pair in few] == [64, 30, 300]
    assert 0.06 < sum(asked) / len(asked) < 0.14  # a tenth, as in the data


def test_the_temperature_makes_logits_calibrated():
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(20_000, generator=random).double() * 2
    real = torch.rand(20_000, generator=random) < logits.sigmoid()
    found = calibration(logits[real] * 3, logits[~real] * 3)
    assert (found.temperature, found.shift) == (pytest.approx(3, rel=0.05), 0)
    found = calibration(logits[real] * 3 - 6, logits[~real] * 3 - 6, shifted=True)
    assert (found.temperature, found.shift) == (pytest.approx(3, rel=0.05), pytest.approx(2, abs=0.1))
    sure = torch.full((998,), 500.0).double()
    temperature = torch.tensor(calibration(sure, -sure).temperature)
    assert torch.sigmoid(500 / temperature).item() == pytest.approx(1 - 1 / 1000, abs=1e-5)


def test_too_few_pictures_are_refused(tmp_path, monkeypatch):
    small_gan("mlp", 0, training={"dataset": "digits"}).save_pretrained(tmp_path)
    monkeypatch.setattr(best_response, "LEAST", 10_000)
    with pytest.raises(UserError, match="at least 10000 pictures"):
        best_response.write_best_response(tmp_path)


def test_changes_take_away_what_they_say():
    levels = torch.tensor([0, 3, 5, 6, 130, 255], dtype=torch.uint8)
    images = from_pixels(levels.view(1, 1, 1, -1).expand(1, 1, 6, -1).contiguous())
    after = {
        name: ((change(images) + 1) * 127.5).round()[0, 0, 2].tolist() for name, change in what_it_sees.CHANGES.items()
    }
    assert after["as they are"] == levels.tolist()
    assert after["levels 1 to 5 cleared"] == [0, 0, 0, 6, 130, 255]
    assert after["16 grey levels"] == [0, 0, 0, 0, 136, 255]
    assert after["black and white"] == [0, 0, 0, 0, 255, 255]
    assert after["blurred"] != levels.tolist()


def test_varied_pictures_stay_in_range_and_differ():
    random = torch.Generator().manual_seed(0)
    images = from_pixels(data.load("digits", train=False).images[:20])
    same = what_it_sees.varied(images, random, 0.0)
    assert torch.allclose(same, images, atol=1e-5)
    changed = what_it_sees.varied(images, random)
    assert changed.min() >= -1 and changed.max() <= 1
    differs = (changed - images).abs().amax((1, 2, 3))
    assert ((differs == 0) | (differs > 0.1)).all()
    assert 5 <= (differs > 0.1).sum() <= 15  # about half of them stay as they are


def test_on_light_ground_the_same_is_done_to_dark_ink():
    pixels = data.load("digits", train=False).images[:20].clamp(min=20)  # paper is not quite white
    images = from_pixels(pixels)
    for name, change in what_it_sees.CHANGES.items():
        torch.testing.assert_close(change(-images), -change(images), msg=name)
    varied, other = (what_it_sees.varied(sign * images, torch.Generator().manual_seed(0)) * sign for sign in (1, -1))
    torch.testing.assert_close(varied, other)
    assert (varied[:, :, 0, 0] + 1).min() > 0.05  # nothing but paper comes in
    network = SquareSum()
    looks = [what_it_sees.where_it_looks(network, some, some) for some in (pixels, 255 - pixels)]
    assert looks[0] == looks[1]


class SquareSum(torch.nn.Module):
    """Its slope is steepest in white and in black."""

    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(()))

    def forward(self, images, labels=None):
        return self.scale * images.square().sum((1, 2, 3))


def test_the_slope_goes_through_the_rounding():
    images = torch.full((1, 1, 2, 2), 0.3, requires_grad=True)
    beside.coarser(images).sum().backward()
    assert torch.equal(images.grad, torch.ones_like(images))


@pytest.mark.parametrize("levels", [beside.FINE, beside.COARSE])
def test_logits_of_pixels_are_those_of_the_pictures(levels):
    with torch.device("meta"):
        network = beside.ResponseNetwork(levels)
    network = network.to_empty(device="cpu").requires_grad_(False)
    random = torch.Generator().manual_seed(0)
    for parameter in network.parameters():
        parameter.normal_(0, 0.1, generator=random)
    one = beside.BestResponse(network, 2.0, 0.5, None, {})
    pixels = torch.randint(0, 256, (5, 1, 28, 28), generator=random, dtype=torch.uint8)
    torch.testing.assert_close(one.logits_of_pixels(pixels), one.logits(from_pixels(pixels)))
