"""How near real digits can be reached: measured, kept beside the weights, in docs/evaluation.md."""

import json

import numpy as np
import pytest
import torch
from helpers.commands import ROOT
from helpers.gans import small_gan

from gan_demo import cli, data, files
from gan_demo.checkpoint import INVERSION_FILE, WEIGHTS_FILE, checksum
from gan_demo.evaluation import reconstruction, tables
from gan_demo.latent import inversion


def test_the_reference_is_of_these_weights(tmp_path, monkeypatch, capsys):
    gan = small_gan("mlp", seed=2)
    gan.save_pretrained(tmp_path)
    assert reconstruction.read_reference(tmp_path) is None
    monkeypatch.setattr(reconstruction, "held_out", lambda dataset, data_dir: gan.sample(6, seed=1))
    assert cli.main(["invert", str(tmp_path), "--device", "cpu"]) == 0
    assert "6 real digits" in capsys.readouterr().out
    monkeypatch.setattr(data, "DIGIT_DATASETS", ())
    assert cli.main(["invert", str(tmp_path), "--device", "cpu"]) == 0
    assert "6 real pictures" in capsys.readouterr().out
    errors = reconstruction.read_reference(tmp_path)
    assert len(errors) == reconstruction.QUANTILES
    assert (np.diff(errors) >= 0).all()
    content = json.loads((tmp_path / INVERSION_FILE).read_text())
    assert errors[50] < content["errors_of_random"][50]
    for wrong in ({"errors": [1]}, {"errors": [2, 1]}, {"errors": "x"}, {"errors": [0, float("inf")]}):
        (tmp_path / INVERSION_FILE).write_text(json.dumps({**content, **wrong}))
        assert reconstruction.read_reference(tmp_path) is None
    (tmp_path / INVERSION_FILE).write_text(json.dumps(content))
    small_gan("mlp", seed=3).save_pretrained(tmp_path)
    assert reconstruction.read_reference(tmp_path) is None
    (tmp_path / WEIGHTS_FILE).unlink()
    assert reconstruction.read_reference(tmp_path) is None
    assert cli.main(["invert", str(tmp_path / "none")]) == 2
    assert "not a checkpoint" in capsys.readouterr().err


def test_the_table_has_what_the_files_say_the_nearest_first(tmp_path, capsys):
    for name, scale in (("too far", 2.0), ("near", 1.0)):
        small_gan("mlp").save_pretrained(tmp_path / name)
        reference = {
            "errors": [scale * value / 1000 for value in range(101)],
            "errors_of_random": [scale * value / 500 for value in range(101)],
            "weights_sha256": checksum(tmp_path / name),
        }
        files.write_json(tmp_path / name / INVERSION_FILE, reference)
    folders = [str(tmp_path / name) for name in ("too far", "near")]
    assert cli.main(["invert", "--table", *folders]) == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    assert rows == ["| near | 0.100 | 0.050 | 0.090 |", "| too far | 0.200 | 0.100 | 0.180 |"]
    small_gan("mlp", seed=9).save_pretrained(tmp_path / "too far")  # other weights
    assert cli.main(["invert", "--table", *folders]) == 2
    assert f'python -m gan_demo invert "{tmp_path / "too far"}" writes it' in capsys.readouterr().err


def test_a_style_generator_is_measured_in_each_space(tmp_path, monkeypatch, capsys):
    gan = small_gan("style", seed=2)
    gan.save_pretrained(tmp_path / "s")
    monkeypatch.setattr(reconstruction, "held_out", lambda dataset, data_dir: gan.sample(2, seed=1))
    monkeypatch.setattr(
        reconstruction, "whole", lambda some, space: inversion.whole(some, space)._replace(plan=((2, 11),))
    )
    assert cli.main(["invert", str(tmp_path / "s"), "--device", "cpu"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[1][:5] for line in told] == ["media", "in w ", "in w+"]
    content = json.loads((tmp_path / "s" / INVERSION_FILE).read_text())
    for space in ("w", "w+"):
        assert reconstruction.read_reference(tmp_path / "s", space=space).tolist() == content["spaces"][space]["errors"]
    assert cli.main(["invert", "--table", str(tmp_path / "s")]) == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    assert {row.split("|")[1] for row in rows} == {" s ", " s in w ", " s in w+ "}


def test_the_docs_have_the_table_of_all_shipped_models():
    text = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert reconstruction.table(tables.checkpoints(ROOT / "checkpoints")) in text


@pytest.mark.mnist
def test_held_out_digits_are_test_digits():
    some = reconstruction.held_out("mnist", count=5)
    assert some.shape == (5, 1, 28, 28)
    assert torch.equal(some, reconstruction.held_out("mnist", count=8)[:5])
