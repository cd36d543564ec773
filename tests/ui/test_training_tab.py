"""What the training tab shows of a history."""

import html
import json
import math
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.commands import ROOT
from helpers.gans import small_gan
from helpers.records import history_lines, lines, snapshots

from gan_demo import files, hub
from gan_demo.evaluation import tables
from gan_demo.training import history
from gan_demo.ui import words
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.tabs.training import model_table
from gan_demo.ui.tabs.training import tab as training
from gan_demo.ui.words import say


@pytest.fixture
def models(tmp_path):
    """Folder of a model -> what the catalogue says of it."""
    catalogue = Catalogue([tmp_path])

    def save(name, **fields):
        small_gan("mlp", **fields).save_pretrained(tmp_path / name)
        return lambda: catalogue.load(name), tmp_path / name

    return SimpleNamespace(save=save, catalogue=catalogue)


def sent(markup):
    return json.loads(html.unescape(re.search('data-run="(.*?)"', markup)[1]))


def test_curves_of_a_probability(models):
    model, folder = models.save("one")
    files.write_text(folder / "history.jsonl", lines(*history_lines(4)))
    snapshots(folder, 0, 1, 4)
    shown = training.view(model())
    run = sent(shown)
    assert run["epochs"] == [1, 2, 3, 4]
    assert run["frames"] == [0, 1, 4]
    assert len(run["charts"]) == 8
    belief, value, digits = run["charts"][1], run["charts"][2], run["charts"][7]
    assert belief["level"][0] == 0.5
    assert belief["lines"][0]["y"] == [0.51, 0.52, 0.53, 0.54]
    assert value["level"][0] == pytest.approx(-1.386294, abs=1e-6)
    assert value["lines"][-1]["y"] == pytest.approx([0.0431472] * 4, abs=1e-6)  # (-1.3 + log 4) / 2
    assert digits["lines"][0]["y"] == [None, 9, None, 9]
    assert digits["marks"] == [2, 4]
    assert "Epoch 2, 4: digits missing." in shown


def test_what_d_knows_by_heart_is_said_beside_the_curves(models):
    model, folder = models.save("one")
    files.write_text(folder / "history.jsonl", lines(*history_lines(4)))
    assert "by-heart" not in training.view(model())
    for ranked, meaning in (((0.81, 0.65), "what it knows by heart"), ((0.64, 0.635), "knows hardly any by heart")):
        part = {"pictures": 10_000, "ranked": ranked, "value": [-1.2, -1.3]}
        known = {"real": [0.0, 1.0], "generated": [-1.0, 0.5]}
        files.write_json(folder / "metrics.json", {"discriminator": known, "by_heart": part})
        shown = training.view(models.catalogue.load("one"))
        assert f"against 10,000 samples: D puts {100 * ranked[0]:.1f}\u00a0% of pairs of training pictures" in shown
        assert meaning in shown
        assert "V is −1.200 and −1.300." in shown
        assert "kept no curve of test pictures" in shown
        # So the gap at the end is a ring on each chart.
        assert shown.count("test, at end") == 2
        rings = [line["y"] for chart in sent(shown)["charts"] for line in chart["lines"] if line["dashed"]]
        assert rings == [[None, None, None, -1.3], [None, None, None, ranked[1]]]
    with words.speaking("zh"):  # which has no space between sentences
        assert "。V 分别为 −1.200 和 −1.300。" in training.view(models.catalogue.load("one"))
    newer = [{**line, "ranked_test": 0.6} for line in history_lines(4)]
    files.write_text(folder / "history.jsonl", lines(*newer))
    shown = training.view(models.catalogue.load("one"))
    assert "kept no curve" not in shown
    assert "test, at end" not in shown
    dashed = [line["y"] for chart in sent(shown)["charts"] for line in chart["lines"] if line["dashed"]]
    assert dashed == [[0.6] * 4]


def test_curves_of_a_critic_have_no_probability(models):
    model, folder = models.save("critic", objective="wasserstein")
    files.write_text(folder / "history.jsonl", lines(*history_lines(3, logit=False)))
    run = sent(training.view(model()))
    assert len(run["charts"]) == 8
    assert run["charts"][2]["level"] is None
    assert run["charts"][2]["lines"][0]["y"] == [3.0, 3.0, 3.0]


def test_an_old_history_has_fewer_curves(models):
    model, folder = models.save("old")
    files.write_text(folder / "history.jsonl", lines({"epoch": 1, "loss_d": 1.0}))
    assert len(sent(training.view(model()))["charts"]) == 1


def test_what_is_missing_or_damaged_is_said_in_a_line(models):
    model, folder = models.save("bare")
    assert "bare came without its history" in training.view(model())
    files.write_text(folder / "history.jsonl", "<b>\n")
    files.write_text(folder / "snapshots" / "outputs.jsonl", "7\n")
    shown = training.view(model())
    assert "The history cannot be shown: history.jsonl, line 1 is not a JSON object." in shown
    assert "The pictures of each epoch cannot be shown: outputs.jsonl, line 1" in shown
    with words.speaking("zh"):
        assert "无法显示训练记录：history.jsonl 第 1 行不是 JSON 对象。" in training.view(model())


def test_frames_say_what_the_d_of_their_epoch_said(models):
    model, folder = models.save("one")
    snapshots(folder, 0, 10)
    first, last = training.frames(model())
    assert (first["epoch"], first["lean"][0], first["number"][0], first["verdict"][0]) == (0, 0, "50\u00a0%", 2)
    assert (last["epoch"], last["number"][5], last["verdict"][5], last["real"]) == (10, "73\u00a0%", 3, 100)


def test_a_critic_leans_as_far_as_it_ranks_among_the_scores_of_that_epoch():
    figures = {"score_real": 3.0, "score_fake": 1.0}
    # Their spread is 2: 0 and 4 are 0.5 and 1.5 spreads from the means, where the normal distribution has
    # 38.3 % and 86.6 % within.
    said = training.of_then("wasserstein", [0.0, 4.0, math.nan], figures)
    assert [one.lean for one in said] == pytest.approx([-0.6246, 0.6246, 0], abs=1e-4)
    assert [one.verdict for one in said] == ["rather low", "rather high", "cannot tell"]
    said = training.of_then("wasserstein", [1.9, 2.0, 2.1], figures)  # far from both means
    assert [one.verdict for one in said] == ["in the middle"] * 3
    # A D that cannot tell has equal means: only the order among the scores is left.
    said = training.of_then("wasserstein", [-7.0, 1.0, 9.0], {"score_real": 1.0, "score_fake": 1.01})
    assert [one.verdict for one in said] == ["rather low", "in the middle", "rather high"]
    assert training.of_then("wasserstein", [5.0, 6.0], {})[0].lean == 0
    assert training.of_then("wasserstein", [5.0], figures)[0].lean == 0  # no spread
    assert training.of_then("wasserstein", [], figures) == []
    assert training.of_then("hinge", [0.5], figures)[0].lean == 0.5


def test_epochs_as_people_write_them():
    assert training.ranges([1, 2, 3, 7, 9, 10]) == ["1–3", "7", "9–10"]
    assert training.ranges([]) == []


def test_all_models_are_compared_and_the_chosen_one_is_marked(models):
    models.save("one")
    model, _ = models.save("two", classes=10)
    shown = model_table.view(models.catalogue, model())
    assert re.findall('<th scope="row">(.*?)</th>', shown) == ["one", "two"]
    assert shown.index("<tr>") < shown.index('<tr aria-current="true">') < shown.index("MLP (conditional)")


def test_models_are_compared_with_those_of_their_own_data_set(models, tmp_path):
    measured = {"format": tables.FORMAT, "samples": 300}
    for name, dataset, distance in (("one", "mnist", 9.0), ("two", "mnist", 5.0), ("three", "my/letters", 2.0)):
        _, folder = models.save(name, training={"dataset": dataset})
        figures = {"model": {"frechet_distance": distance}, "floor": {"frechet_distance": len(dataset) / 10}}
        checksum = {"weights_sha256": tables.checksum(folder)}
        figures["few_labels"] = {"labels": [10, 100], "d": [[0.4, 0.1], [distance / 10, 0.1]]}
        files.write_json(folder / "metrics.json", {**measured, **figures, **checksum, "dataset": dataset})
    models.save("torn")[1].joinpath("config.json").write_text("{")
    small_gan("mlp", training={"dataset": "my/letters"}).save_pretrained(tmp_path / "else" / "where")
    models.catalogue.add(tmp_path / "else" / "where")
    for chosen, title, names, floor in (
        ("one", "MNIST", ["two", "one", "Real pictures"], "0.50"),
        ("three", "letters", ["three", "where", "Real pictures"], "1.00"),
    ):
        shown = model_table.view(models.catalogue, models.catalogue.load(chosen))
        assert f"All models of {title}" in shown
        assert re.findall('<th scope="row">(.*?)</th>', shown) == names
        assert f">{floor}<" in shown.split("Real pictures")[1]
        assert "300 samples against as many test pictures are few" in shown and "±0.06" in shown
        assert re.findall('data-label="100 labels[^>]*>([^<]*)<', shown)[0] == ("50.0%" if chosen == "one" else "20.0%")
    assert shown.count("by guessing") == 0 and shown.count("a linear reader of D") == 1
    assert set(model_table.NAMES) == {*tables.COMPARED, *tables.COMPARED_IF_ANY}


def test_what_somebody_has_published_is_compared_only_while_it_is_looked_at(models, monkeypatch):
    model, _ = models.save("own")
    _, folder = models.save("theirs")
    files.write_json(folder / "metrics.json", {"format": tables.FORMAT, "model": 3, "weights_sha256": "0"})
    published = hub.Origin("ada/digits", "0" * 40)
    monkeypatch.setattr(hub, "origin", lambda path: published if path == folder else None)
    assert "ada/digits" not in model_table.view(models.catalogue, model())
    assert "ada/digits" in model_table.view(models.catalogue, models.catalogue.load("ada/digits"))


def snapshot(epoch, real):
    return history.Snapshot(epoch, (5.0,) * real + (-5.0,) * (100 - real), Path(f"epoch-{epoch:04d}.png"))


def test_the_greatest_swing_of_d_is_found_and_no_small_one():
    counts = {0: 100, 1: 4, 2: 83, 3: 23, 5: 30, 9: 90, 12: 10, 20: 95}
    found = training.turn("minimax", [snapshot(*one) for one in counts.items()], [])
    assert found == [(1, 4), (9, 90), (12, 10)]
    steady = [snapshot(epoch, 40 + 10 * epoch) for epoch in range(1, 5)] + [snapshot(5, 50)]
    assert training.turn("minimax", steady, []) is None
    assert training.turn("wasserstein", [snapshot(*one) for one in counts.items()], []) is None  # it has no scale


def test_a_swing_is_told_of_as_many_as_the_grid_has(models):
    model, _ = models.save("six")
    few = [history.Snapshot(at, (5.0,) * n + (-5.0,) * (60 - n), Path("no")) for at, n in ((1, 2), (2, 50), (3, 4))]
    assert "takes 2, then 50, then 4 of these 60 for real" in training._growing(model(), few, [])


def test_the_shipped_gan_has_such_a_swing():
    folder = ROOT / "checkpoints" / "mlp-gan"
    found = training.turn("minimax", history.read_snapshots(folder), history.read_history(folder))
    assert [count for _, count in found] == [4, 83, 8]


@pytest.mark.parametrize(
    ("losses", "apart"),
    [([(1.3, 0.7), (1.2, 0.9)], False), ([(-0.1, -7.9), (-0.2, 6.0)], True), ([(1.3, 0.7), (1.38, 40.0)], True)],
)
def test_losses_of_two_scales_have_an_axis_each(models, losses, apart):
    model, folder = models.save("losses")
    epochs = [{"epoch": epoch, "loss_d": d, "loss_g": g} for epoch, (d, g) in enumerate(losses, 1)]
    files.write_text(folder / "history.jsonl", lines(*epochs))
    shown = [[line["y"] for line in chart["lines"]] for chart in sent(training.view(model()))["charts"]]
    both = [[d for d, _ in losses], [g for _, g in losses]]
    assert shown == ([[both[0]], [both[1]]] if apart else [both])
    titles = re.findall("<figcaption><b>(.*?)</b>", training.view(model()))
    assert titles == (["Loss of D", "Loss of G"] if apart else ["Losses"])


def test_test_pictures_and_the_join_are_drawn_where_the_history_has_them(models):
    model, folder = models.save("joined")
    epochs = list(history_lines(4))
    for line in epochs[1:]:
        line |= {"value_test": -1.35, "ranked_test": 0.55}
    epochs[2]["changed"] = {"short_latents": 0.25, "recipe": "gan"}
    for line in epochs:
        line["step"] = 100 * line["epoch"]
    stroke, won = ({"name": name, "measured": 1.0} for name in ("first stroke", "D has won"))
    epochs[0]["milestones"] = [{**stroke, "step": 25}]
    epochs[2] |= {"milestones": [{**stroke, "step": 50}], "changes": [{"step": 60, "lr_d": 0.01}]}
    epochs[3]["milestones"] = [{**won, "step": 150}]
    files.write_text(folder / "history.jsonl", lines(*epochs))
    text = training.view(model())
    charts = sent(text)["charts"]
    assert len(charts) == 8
    dashed = [line["y"] for chart in charts for line in chart["lines"] if line["dashed"]]
    assert dashed == [[None, -1.35, -1.35, -1.35], [None, 0.55, 0.55, 0.55]]
    assert all(chart["stops"] == [2.5] for chart in charts)
    assert say("joined short", epoch=3, share="25\u00a0%") in text
    # Its events counted from its own start: the strokes were there before, and its step 50 is the 250th.
    told = re.findall(r"<li>step (.*?)</li>", text)
    assert told == ["25: the first stroke", "260: changed by hand: Rate of D 0.01", "350: D has won"]
    epochs[1]["changed"] = epochs[3]["changed"] = {"recipe": "gan"}
    files.write_text(folder / "history.jsonl", lines(*epochs))
    text = training.view(models.catalogue.load("joined"))  # two of one kind are named together
    assert "Dotted lines: from epochs 2, 4 on trained further · Dotted line: from epoch 3 on 25" in text


def test_a_critic_shows_how_far_it_tells_the_two_apart(models):
    model, folder = models.save("critic", objective="wasserstein")
    files.write_text(folder / "history.jsonl", lines(*history_lines(3, logit=False)))
    gap = sent(training.view(model()))["charts"][0]  # the first to be seen
    assert gap["level"] == [0.0, "0"]
    assert gap["lines"][0]["y"] == [2.0, 2.0, 2.0]  # 3 of real, 1 of generated
