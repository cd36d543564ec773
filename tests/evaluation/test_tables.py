"""The comparison of all checkpoints: from their files, current ones only."""

import json

import pytest
from helpers import records
from helpers.commands import ROOT, here
from helpers.gans import small_gan

from gan_demo import cli, files
from gan_demo.checkpoint import checksum
from gan_demo.errors import UserError
from gan_demo.evaluation import best_response_tables, evaluate, tables

FIGURES = {**records.FIGURES, "class_kl": 0.012}
ASKED = {"gan_test": 0.98, "gan_train": 0.965}
FLOOR = {**FIGURES, "frechet_distance": 0.1}


def metrics(model: dict, floor: dict = FLOOR, samples: int = 297) -> dict:
    return {"format": tables.FORMAT, "dataset": "digits", "samples": samples, "model": model, "floor": floor}


@pytest.fixture
def folder(tmp_path):
    """A checkpoint that was measured, a conditional one that is better, and one of which nothing is known."""
    training = {"dataset": "digits", "recipe": "wgan", "epochs_done": 20, "seconds": 1234.5}
    for seed, (name, classes) in enumerate([("a", 0), ("b", 10), ("c", 0)]):
        small_gan("mlp", seed, classes=classes, training=training).save_pretrained(tmp_path / name)
    write(tmp_path / "a", metrics(FIGURES))
    asked = {"gan_test": 0.999, "gan_train": 0.994}
    write(tmp_path / "b", metrics({**FIGURES, **ASKED, "frechet_distance": 2.5}, {**FLOOR, **asked}))
    return tmp_path


def write(folder, content):
    files.write_json(folder / "metrics.json", {**content, "weights_sha256": tables.checksum(folder)})


def test_comparison_has_the_best_first_and_the_floor_last(folder):
    rows = tables.comparison(folder)
    assert [row["name"] for row in rows] == ["b", "a", "c", "real pictures"]
    assert [row["frechet_distance"] for row in rows] == [2.5, 5.25, None, 0.1]
    assert [row["gan_train"] for row in rows] == [0.965, None, None, 0.994]
    assert [row["conditional"] for row in rows] == [True, False, False, None]
    assert [row["floor"] for row in rows] == [False, False, False, True]
    assert rows[1] == {
        **{"name": "a", "model": "mlp", "recipe": "wgan", "conditional": False, "epochs": 20, "seconds": 1234.5},
        **{"dataset": "digits", "samples": 297, "floor": False, **dict.fromkeys(tables.COMPARED_IF_ANY)},
        **{key: FIGURES[key] for key in tables.COMPARED},
    }
    json.dumps(rows, allow_nan=False)


def test_figures_of_other_weights_are_not_shown(folder):
    small_gan("mlp", 9, training={"dataset": "digits"}).save_pretrained(folder / "a")
    rows = {row["name"]: row for row in tables.comparison(folder)}
    assert rows["a"]["precision"] is None
    assert rows["b"]["precision"] == 0.9


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 1}'])
def test_metrics_that_cannot_be_used_are_missing(folder, content):
    (folder / "a" / "metrics.json").write_text(content)
    assert tables.current_metrics(folder / "a") is None


@pytest.mark.parametrize(
    "change", [{"model": 3}, {"floor": None}, {"samples": [1]}, {"dataset": None}, {"model": {"precision": "<b>"}}]
)
def test_figures_of_strangers_are_numbers_or_missing(folder, change):
    write(folder / "a", {**metrics(FIGURES), **change})
    rows = {row["name"]: row for row in tables.comparison(folder)}
    assert rows["a"]["precision"] is None
    assert tables.comparison_text(list(rows.values())).startswith(" ")


def test_markdown(folder):
    assert tables.comparison_markdown(tables.comparison(folder)).splitlines() == [
        "|  | network | recipe | epochs | seconds | Fréchet distance | precision | recall | density"
        " | coverage | class KL | near duplicates | GAN-test | GAN-train |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
        "| b | mlp, conditional | wgan | 20 | 1,234 | 2.50 | 0.900 | 0.800 | 0.700 | 0.600 | 0.0120"
        " | 1.00% | 98.00% | 96.50% |",
        "| a | mlp | wgan | 20 | 1,234 | 5.25 | 0.900 | 0.800 | 0.700 | 0.600 | 0.0120 | 1.00% | – | – |",
        "| c | mlp | wgan | 20 | 1,234 | – | – | – | – | – | – | – | – | – |",
        "| real pictures |  |  |  |  | 0.10 | 0.900 | 0.800 | 0.700 | 0.600 | 0.0120 | 1.00% | 99.90% | 99.40% |",
    ]


def test_several_data_sets_stand_one_after_the_other_each_with_its_floor(folder):
    small_gan("mlp", 4, training={"dataset": "my/letters"}).save_pretrained(folder / "letters")
    write(folder / "letters", {**metrics({**FIGURES, "frechet_distance": 1.0}), "dataset": "my/letters"})
    lines = tables.comparison_text(tables.comparison(folder)).splitlines()
    assert lines[0].split()[:3] == ["data", "set", "network"]
    shown = [" ".join(line.split()[:3]) for line in lines[1:]]
    assert shown == [
        *("letters letters mlp", "real pictures letters"),
        *("b scikit-learn's digits", "a scikit-learn's digits", "c scikit-learn's digits"),
        "real pictures scikit-learn's",
    ]


def test_columns_of_conditional_models_are_left_out_where_there_are_none(folder):
    rows = [row for row in tables.comparison(folder) if row["name"] == "a"]
    head, line = tables.comparison_text(rows).splitlines()
    assert "GAN-test" not in head
    assert line.split() == ["a", "mlp", "wgan", "20", "1,234", *"5.25 0.900 0.800 0.700 0.600 0.0120 1.00%".split()]


def test_the_command_measures_what_is_missing_and_nothing_else(folder, monkeypatch, capsys):
    asked = []

    def quickly(gan, dataset, data_dir, samples, progress):
        asked.append((dataset, samples))
        return metrics({**FIGURES, "frechet_distance": 7.0})

    monkeypatch.setattr(evaluate, "evaluate", quickly)
    small_gan("mlp", 5).save_pretrained(folder / "d")
    (folder / "d" / "state.pt").touch()  # in training
    arguments = ["evaluate", "--all", str(folder), "--samples", "300", "--device", "cpu"]
    assert cli.main(arguments) == 0
    assert asked == [("digits", 300)]  # only "c"
    output = capsys.readouterr()
    assert output.out == tables.comparison_text(tables.comparison(folder)) + "\n"
    assert "7.00" in output.out
    assert "c has no figures" in output.err
    assert cli.main([*arguments, "--markdown"]) == 0
    assert len(asked) == 1
    assert capsys.readouterr().out == tables.comparison_markdown(tables.comparison(folder)) + "\n"


def test_one_checkpoint_of_a_later_version_does_not_stop_the_comparison(folder, monkeypatch):
    monkeypatch.setattr(evaluate, "evaluate", lambda *arguments: metrics(FIGURES))
    (folder / "later").mkdir()
    (folder / "later" / "config.json").write_text('{"model_type": "of tomorrow"}')
    said = here(cli.main, "evaluate", "--all", folder)
    assert said.returncode == 0
    (line,) = [line for line in said.stderr.splitlines() if "left out" in line]
    assert line.startswith(f"gan-demo evaluate: {folder / 'later'} is left out: ")
    assert "later" not in said.stdout
    assert [line.split()[0] for line in said.stdout.splitlines()[1:]] == ["b", "a", "c", "real"]
    for path in folder.iterdir():
        (path / "config.json").write_text("{}")
    said = here(cli.main, "evaluate", "--all", folder)
    assert (said.returncode, said.stdout) == (2, "")
    assert "none of the checkpoints" in said.stderr.splitlines()[-1]


def test_a_folder_without_checkpoints(tmp_path):
    with pytest.raises(UserError, match="there are no checkpoints in"):
        tables.comparison(tmp_path)


def test_the_docs_have_the_table_that_the_command_prints():
    text = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert tables.comparison_markdown(tables.comparison(ROOT / "checkpoints")) in text


def test_the_docs_have_the_best_responses_and_what_has_been_learned_of_all_models_that_ship():
    text = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    shipped = tables.checkpoints(ROOT / "checkpoints")
    assert best_response_tables.table(shipped) in text
    learned = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| D of ")]
    assert sorted(learned) == sorted(
        ["D of a DCGAN before training", "D of an MLP before training", *(f"D of {one.name}" for one in shipped)]
    )
    for one in shipped:
        found = json.loads((one / "metrics.json").read_text())["few_labels"]["d"]
        row = " | ".join(f"{100 * mean:.1f} ± {100 * spread:.1f} %" for mean, spread in found)
        assert f"| D of {one.name} | {row} |" in text


def test_figures_of_different_numbers_of_samples_are_kept_apart(folder):
    small_gan("mlp", 4, training={"dataset": "digits"}).save_pretrained(folder / "few")
    write(folder / "few", {**metrics({**FIGURES, "frechet_distance": 1.0}), "samples": 100})
    rows = tables.comparison(folder)
    floors = ["real pictures (297 samples)", "real pictures (100 samples)"]
    assert [row["name"] for row in rows] == ["b", "a", "c", floors[0], "few", floors[1]]
    head, *lines = tables.comparison_text(rows).splitlines()
    assert head.split()[0] == "samples"
    assert [word in line for word, line in zip(["297", "297", "–", "297", "100", "100"], lines, strict=True)] == [
        True
    ] * 6


def test_fewer_samples_do_not_replace_more(folder, monkeypatch, capsys):
    monkeypatch.setattr(evaluate, "evaluate", lambda *asked: {**metrics(FIGURES), "samples": 100})
    before = (folder / "a" / "metrics.json").read_text()
    assert evaluate.evaluate_checkpoint(folder / "a", samples=100)["samples"] == 100
    assert (folder / "a" / "metrics.json").read_text() == before
    assert "metrics.json keeps its figures of 297 samples; those of 100 are shown." in capsys.readouterr().err
    evaluate.evaluate_checkpoint(folder / "c", samples=100)
    assert json.loads((folder / "c" / "metrics.json").read_text())["samples"] == 100
    assert capsys.readouterr().err == ""


def of_many(*sides: dict) -> dict:
    return metrics(*sides, samples=10_000)


def test_figures_that_may_be_misread_come_with_a_remark():
    assert tables.remarks(of_many(FIGURES)) == []
    few, distance = tables.remarks({**metrics(FIGURES), "samples": 100})
    assert few == "100 samples are few: chance alone moves a share by up to ±0.10."  # 2 sqrt(.25 / 100)
    assert distance == "The Fréchet distance of so few is too high, of real pictures, too."
    (noise,) = tables.remarks(of_many({**FIGURES, "recall": 0.0, "coverage": 0.004}))
    assert noise.startswith("Where recall is 0.000 and coverage is 0.004, precision means little")
    assert noise in tables.format_table(of_many({**FIGURES, "recall": 0.0, "coverage": 0.004}))
    nothing = dict.fromkeys(("precision", "recall", "density", "coverage"), 0.0)
    (copies,) = tables.remarks(of_many({**FIGURES, **nothing}, {**FLOOR, **nothing}))
    assert "each of them stands in the set many times" in copies
    # Samples that are no copies have balls around them, in which all real pictures may lie.
    assert tables.remarks(of_many({**FIGURES, **nothing}, {**FLOOR, **nothing, "recall": 1.0})) == [copies]
    alike, _ = tables.remarks(of_many({**FIGURES, "exact_duplicates": 1.0, "recall": 0.0}))
    assert alike.startswith("100% of the samples are the very same picture as another")
    known = {**metrics(FIGURES), "known_test": 0.9}
    assert "90% of the test pictures are training pictures, too" in tables.format_table(known)
    assert "1: new" not in tables.format_table(known)
    assert "1: new" in tables.format_table(metrics(FIGURES))


def test_what_the_best_d_says_stands_beside_the_other_figures(folder):
    best = {
        "format": 1,
        "dataset": "digits",
        "weights_sha256": checksum(folder / "a"),
        **{
            kind: {"accuracy": share, "accuracy_error": 0.01, "jsd": jsd, "area": 0.9}
            for kind, share, jsd in (("measure", 0.937, 0.53), ("page", 0.9, 0.4), ("real_against_real", 0.502, 0.001))
        },
    }
    (folder / "a" / "best_response.json").write_text(json.dumps(best))
    rows = {row["name"]: row for row in tables.comparison(folder)}
    assert [rows[name]["best_accuracy"] for name in ("a", "b", "real pictures")] == [0.937, None, 0.502]
    assert "told from real by the best D" in tables.comparison_markdown(list(rows.values()))
    assert "93.7%" in (text := tables.format_table(tables.current_metrics(folder / "a")))
    assert "0.530" in text
    metrics = json.loads((folder / "a" / "metrics.json").read_text())
    assert "best_accuracy" not in metrics["model"]
    assert tables.with_best_response(metrics, {**best, "dataset": "mnist"}) == metrics
    (folder / "a" / "best_response.json").write_text(json.dumps({**best, "weights_sha256": "of others"}))
    assert "best D" not in tables.format_table(tables.current_metrics(folder / "a"))
