"""What is measured besides: truncation, and what D has learned. A part of metrics.json and of the card."""

import json
import math

import pytest
import torch
from helpers.commands import ROOT
from helpers.gans import small_gan
from helpers.records import METRICS

from gan_demo import cli, data
from gan_demo.checkpoint import checksum
from gan_demo.data import Split
from gan_demo.evaluation import by_heart, card, evaluate, few_labels, part_tables, parts, tables, told_apart, truncation
from gan_demo.settings import Settings

LEVELS = [
    {"truncation": level, "precision": level / 2, "density": 1.0, "coverage": 0.5, "confidence": 0.9}
    for level in part_tables.LEVELS
]
TRUNCATION = {"samples": 100, "levels": LEVELS, "real_confidence": 0.99}
FEW = {"labels": [10, 100], **{reader: [[0.5, 0.01], [0.75, 0.02]] for reader in part_tables.READERS}}


def test_shorter_latents_are_measured_each_with_its_own_pictures(monkeypatch):
    gan, asked = small_gan("mlp"), []

    def draw(gan, n, seed, truncation):
        asked.append(truncation)
        real = data.load("digits", train=False).images[:n]
        return real if truncation == 1 else torch.zeros_like(real)

    monkeypatch.setattr(truncation, "draw", draw)
    found = truncation.measure(gan, "digits", None, 200)
    assert asked == list(part_tables.LEVELS)
    assert [row["truncation"] for row in found["levels"]] == asked
    whole, blank = found["levels"][-1], found["levels"][0]
    assert whole["coverage"] > 0.9 > 0.1 > blank["coverage"]
    assert whole["confidence"] == pytest.approx(found["real_confidence"], abs=0.05)
    monkeypatch.setattr(data, "DIGIT_DATASETS", ())  # how sure a classifier of digits is of letters says nothing
    letters = truncation.measure(gan, "digits", None, 200)
    assert "confidence" not in str(letters)
    head, first, *_, last = part_tables.cells({"truncation": letters}, "truncation")
    assert head == ["truncation", "precision", "density", "coverage"]
    assert (len(first), last[0]) == (4, "1")


def test_the_nearest_level_that_was_measured_is_told():
    short, whole, samples = part_tables.truncated({"truncation": TRUNCATION}, 0.33, "middle")
    assert samples == 100
    assert (short.truncation, short.precision, whole.precision) == (0.3, 0.15, 0.5)
    assert part_tables.truncated({"truncation": {**TRUNCATION, "towards": "typical"}}, 0.3, "middle") is None
    wrong = {"levels": LEVELS[:2]}, {"levels": [{}]}, {"levels": [{**LEVELS[-1], "precision": 7}]}, {"samples": "many"}
    for content in (None, {}, *({**TRUNCATION, **part} for part in wrong)):
        assert part_tables.truncated({"truncation": content}, 0.3, "middle") is None


def test_another_way_of_truncation_is_measured_anew(tmp_path):
    gan = small_gan("mlp")
    gan.save_pretrained(tmp_path)
    about = {"format": tables.FORMAT, "dataset": "digits", "weights_sha256": checksum(tmp_path)}
    (tmp_path / "metrics.json").write_text(json.dumps({**METRICS, **about, "truncation": TRUNCATION}))
    assert parts.measured(tmp_path, "truncation")
    gan.typical = gan.latents(3, 1)
    gan.save_pretrained(tmp_path)
    assert not parts.measured(tmp_path, "truncation")
    assert not parts.measured(tmp_path, "few_labels")


def test_labelled_pictures_are_equally_many_of_each_class():
    labels = torch.arange(3000) % 10
    found = few_labels.draws(Split(torch.zeros(3000, 1, 28, 28, dtype=torch.uint8), labels), "mine")
    assert len(found) == few_labels.DRAWS
    for chosen in found:
        assert len(set(chosen.tolist())) == 1000
        for count in few_labels.LABELS:
            assert (labels[chosen[:count]].bincount() == count // 10).all()
    assert not torch.equal(found[0], found[1])


def test_a_feature_that_is_the_label_reads_everything_and_a_constant_nothing(monkeypatch):
    monkeypatch.setattr(few_labels, "DRAWS", 2)
    labels = torch.arange(3000) % 10
    images = (labels * 20).to(torch.uint8)[:, None, None, None].expand(-1, 1, 28, 28)
    split = Split(images, labels)
    rows = few_labels.draws(split, "mine")
    one_hot = few_labels._accuracies(
        lambda x: [torch.nn.functional.one_hot(((x[:, 0, 0, 0] + 1) * 127.5 / 20).round().long(), 10).float()],
        *(split, split, rows),
    )
    assert one_hot == [[1.0, 0.0]] * 3
    nothing = few_labels._accuracies(lambda x: [torch.ones(len(x), 3)], split, split, rows)
    assert all(mean == pytest.approx(0.1, abs=0.02) for mean, _ in nothing)


@pytest.mark.parametrize("model", ["mlp", "dcgan"])
def test_features_are_those_of_the_hidden_layers(model):
    gan = small_gan(model)
    images = torch.rand(2, 1, 28, 28, generator=torch.Generator().manual_seed(1)) * 2 - 1
    blocks = few_labels.hidden(gan.discriminator)(images)
    assert [block.shape[1] for block in blocks] == ([14, 10] if model == "mlp" else [4 * 16, 6 * 16, 8 * 16])
    if model == "mlp":
        last = gan.discriminator.head(blocks[-1]).squeeze(1)
        assert torch.allclose(last, gan.score(images), atol=1e-5)


def test_d_before_training_is_the_one_that_the_seed_gives(small_networks):
    from gan_demo.training.iteration import Trainer

    settings = Settings.of("mlp", seed=5, batch_size=8)
    trainer = Trainer(settings, Split(torch.zeros(40, 1, 28, 28, dtype=torch.uint8), None))
    wanted = trainer.state.discriminator.state_dict()
    found = few_labels.untrained(trainer.gan()).state_dict()
    assert all(torch.equal(found[name], tensor) for name, tensor in wanted.items())


def test_a_part_is_added_printed_and_kept(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "one"
    small_gan("mlp", training={"dataset": "digits"}).save_pretrained(folder)
    monkeypatch.setitem(parts.PARTS, "truncation", lambda *asked: TRUNCATION)
    assert cli.main(["evaluate", "--truncation", str(folder), "--device", "cpu"]) == 2
    assert "has no figures of these weights" in capsys.readouterr().err
    monkeypatch.setattr(evaluate, "evaluate", lambda *asked: {**METRICS, "format": tables.FORMAT, "dataset": "digits"})
    evaluate.evaluate_checkpoint(folder)
    assert cli.main(["evaluate", "--truncation", str(folder), "--device", "cpu"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split() == ["truncation", "precision", "density", "coverage", "confidence"]
    assert shown[2].split() == ["0.3", "0.150", "1.000", "0.500", "0.900"]
    monkeypatch.setitem(parts.PARTS, "truncation", lambda *asked: 1 / 0)  # it is not measured again
    assert cli.main(["evaluate", "--truncation", str(folder), "--device", "cpu", "--markdown"]) == 0
    assert "|  | truncation | precision | density | coverage | confidence |" in capsys.readouterr().out
    evaluate.evaluate_checkpoint(folder)  # the other figures anew
    assert json.loads((folder / "metrics.json").read_text())["truncation"] == TRUNCATION


def test_the_card_and_the_comparison_have_what_was_measured_besides(tmp_path):
    config = Settings.of("mlp").config(epochs_done=1, steps_done=2, seconds=3.0, hardware="a laptop", torch="2.15")
    text = card.render(config, {**METRICS, "truncation": TRUNCATION, "few_labels": FEW})
    assert "Under truncation, which makes latents shorter," in text
    led = {**TRUNCATION, "towards": "typical"}
    assert "which leads each latent to the nearest of some" in card.render(config, {**METRICS, "truncation": led})
    assert "D's features" in text
    assert "75.0% ± 2.0%" in text
    plain = card.render(config, METRICS)
    assert "Under truncation" not in plain
    assert card.render(config, {**METRICS, "truncation": {"levels": 7}, "few_labels": [1]}) == plain  # a stranger's
    folder = tmp_path / "one"
    small_gan("mlp", training={"dataset": "digits"}).save_pretrained(folder)
    metrics = {**METRICS, "format": tables.FORMAT, "dataset": "digits", "weights_sha256": tables.checksum(folder)}
    for content, shown in ((FEW, 0.75), ({"labels": [10]}, None), (None, None)):
        (folder / "metrics.json").write_text(json.dumps({**metrics, "few_labels": content}))
        assert tables.compared([folder])[0]["labels_100"] == shown


def test_a_failure_is_read_from_the_figures():
    def metrics(real, generated, least=0.1):
        quantiles = {"real": [real, real + 1], "generated": [generated, generated + 1]}
        return {"discriminator": quantiles, "model": {"class_histogram": [least, *[0.1] * 9]}}

    assert part_tables.failure(metrics(0, 0)) is None
    assert part_tables.failure(metrics(0, 0, least=0.004)) == "collapsed"
    assert part_tables.failure(metrics(5, -5, least=0.004)) == "D has won"
    assert part_tables.failure(metrics(-5, 5)) is None  # it lags behind
    for strange in (None, [], {"discriminator": 3}, {"discriminator": {"real": "x", "generated": []}}):
        assert part_tables.failure(strange) is None
    for name, how in (("mlp-d-won", "D has won"), ("mlp-collapsed", "collapsed"), ("mlp", None)):  # those that ship
        assert part_tables.failure(tables.current_metrics(ROOT / "checkpoints" / name)) == how
    config = Settings.of("mlp").config(epochs_done=1, steps_done=2, seconds=3.0, hardware="a laptop", torch="2.15")
    failed = {**METRICS, "discriminator": metrics(5, -5)["discriminator"]}
    assert f"**{part_tables.FAILURES['D has won']}**" in card.render(config, failed)
    assert "**" not in card.render(config, METRICS)


def test_pairs_are_counted_as_by_hand():
    real, generated = torch.tensor([3.0, 1.0, 2.0]), torch.tensor([2.0, 0.0])
    # 3 is above both, 1 above one, 2 above one and equal to the other: 2 + 1 + 1.5 of 6.
    assert told_apart.area(real, generated) == pytest.approx(4.5 / 6)
    assert told_apart.area(generated, generated) == 0.5


def test_a_d_that_knows_its_training_pictures_is_found_out(monkeypatch):
    known = {picture.numpy().tobytes() for picture in data.load("digits").images}
    gan = small_gan("mlp")

    def score(images, labels=None):
        pixels = ((images + 1) * 127.5).round().to(torch.uint8)
        return torch.tensor([1.0 if picture.numpy().tobytes() in known else 0.0 for picture in pixels])

    monkeypatch.setattr(gan, "score", score)
    found = by_heart.measure(gan, "digits", None, 100)
    assert found["pictures"] == 100
    assert found["ranked"] == [1.0, 0.5]
    log_half, log_d = math.log(0.5), math.log(1 / (1 + math.exp(-1)))
    assert found["value"] == pytest.approx([log_d + log_half, 2 * log_half], abs=1e-4)
    critic = small_gan("mlp", objective="wasserstein")
    assert set(by_heart.measure(critic, "digits", None, 50)) == {"pictures", "ranked"}


def test_memory_is_read_from_metrics_and_a_strangers_is_not():
    content = {"pictures": 100, "ranked": [0.64, 0.62], "value": [-1.36, -1.37]}
    assert part_tables.by_heart({"by_heart": content}) == ([0.64, 0.62], [-1.36, -1.37])
    assert part_tables.cells({"by_heart": content}, "by_heart")[1] == ["pairs in the right order", "64.0%", "62.0%"]
    for wrong in ({}, {"ranked": [0.5]}, {"ranked": [2, 0.5]}, {**content, "value": [math.nan, 0]}, None, [1]):
        assert part_tables.by_heart({"by_heart": wrong}) is None
