"""Training from the page: who may, what a form comes to, and what strangers may send."""

import json
import re
import shutil
import time

import numpy as np
import pytest
from helpers.desks import FORM, desk_of
from helpers.gans import small_gan
from helpers.training import trainer
from PIL import Image

from gan_demo import UserError, files
from gan_demo.settings import Settings
from gan_demo.training import jobs, live, speed
from gan_demo.training.control import Control
from gan_demo.training.history import Epoch, Milestone
from gan_demo.training.history_writer import HistoryWriter
from gan_demo.training.live_writer import LiveWriter
from gan_demo.ui import words
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.tabs.training import overlay, tab
from gan_demo.ui.trainer import form, machine, part


@pytest.fixture
def full(tmp_path, monkeypatch):
    desk = desk_of(tmp_path, monkeypatch, machine.FULL)
    yield desk
    desk.close()


@pytest.mark.parametrize(
    "host, share, asked, variable, space, kind, local",
    [
        ("127.0.0.1", False, None, "", "", "full", True),
        ("localhost", False, None, "", "", "full", True),
        ("::1", False, None, "", "", "full", True),
        ("127.0.0.1", True, None, "", "", "off", False),
        ("127.0.0.1", False, None, "", "me/space", "off", False),
        ("0.0.0.0", False, None, "", "", "off", False),
        ("demo.example.org", False, None, "", "", "off", False),
        ("0.0.0.0", False, "bounded", "", "", "bounded", False),
        ("0.0.0.0", False, None, "bounded", "me/space", "bounded", False),
        ("0.0.0.0", False, "full", "off", "", "full", False),
        ("127.0.0.1", False, None, "off", "", "off", True),
    ],
)
def test_whose_machine_it_is(host, share, asked, variable, space, kind, local, monkeypatch):
    monkeypatch.setenv(machine.VARIABLE, variable)
    monkeypatch.setenv("SPACE_ID", space)
    rules = machine.rules(host, share, asked)
    assert (rules.kind, rules.local) == (kind, local)
    assert rules.own_pictures == (kind == "full")


def test_a_word_that_allows_nothing(monkeypatch):
    monkeypatch.setenv(machine.VARIABLE, "perhaps")
    with pytest.raises(UserError, match="is one of full, bounded, off, not 'perhaps'"):
        machine.rules("127.0.0.1")


# The form


def test_a_form_comes_to_settings_a_command_and_a_time(full):
    answer = full.ask({**FORM, "recipe": "wgan", "penalty": "gradient", "discriminator_norm": "none", "best": True})
    assert answer["command"] == (
        "python train.py --model mlp --epochs 3 --recipe wgan --discriminator-norm none --penalty gradient"
        " --dataset digits --seed 1"
    )
    assert (answer["pictures"], answer["models"]) == (1500, ["first"])
    assert {name: answer["values"][name] for name in ("penalty_weight", "d_steps", "lr_d", "objective")} == {
        "penalty_weight": "10",
        "d_steps": "2",
        "lr_d": "0.001",
        "objective": "wasserstein",
    }
    # 1,500 pictures in batches of 128 are 11 steps: 3 epochs show D 4,224 of them, at 1,500 a second.
    assert full.time(FORM) == {"seconds": 4224 / 1500, "speed": 1500.0, "steps": 33}
    assert full.time({**FORM, "max_steps": "5"})["steps"] == 5


def test_the_command_line_is_understood_as_the_form_is(full):
    from gan_demo.cli import train

    sent = {**FORM, "recipe": "r3gan", "lr_g": "3e-4", "conditional": True, "ema": "0.9", "batch_size": "64"}
    settings, _ = full.form.settings(sent)
    options = train.parser("train.py").parse_args(full.form.arguments(settings, None, False))
    wanted = {**vars(settings), "precision": None}
    assert {**vars(train.settings_of(options, full.runs)), "precision": None} == wanted


@pytest.mark.parametrize(
    "field, value, said",
    [
        ("lr_g", "abc", "'abc' is not a number"),
        ("lr_g", "nan", "--lr-g must be"),
        ("lr_g", "inf", "--lr-g must be a finite number"),
        ("epochs", "1.5", "'1.5' is not a number"),
        ("epochs", ["1"], "is not a number"),
        ("epochs", -1, "--epochs must be more than 0"),
        ("seed", True, "True is not a number"),
        ("model", "../mlp", "unknown model"),
        ("objective", "; rm -rf", "unknown objective"),
        ("dataset", "/etc", "lies outside"),
        ("dataset", "../..", "lies outside"),
        ("dataset", "nothing\0here", "no folder"),
        ("dataset", "zip:0123456789abcdef", "no longer here"),
        ("dataset", "zip:../../../etc", "no folder"),
        ("dataset", {"a": 1}, "is not a number"),
        ("first", "../first", "no model"),
    ],
)
def test_nothing_goes_into_a_training_unchecked(full, field, value, said):
    for ask in (full.ask, full.start):
        with pytest.raises(UserError, match=said):
            ask({**FORM, field: value})
    with words.speaking("zh"), pytest.raises(UserError) as error:
        full.ask({**FORM, field: value})
    with words.speaking("zh"):
        assert re.search("[\u4e00-\u9fff]", words.tell(error.value))
    assert full.jobs.all() == []


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "a b", "x" * 61, 5])
def test_a_name_leads_nowhere_else(full, name):
    with pytest.raises(UserError, match="a name has letters"):
        full.start({**FORM, "name": name})


def test_own_pictures_are_shown_with_what_is_odd(full, tmp_path):
    folder = tmp_path / "mine"
    random = np.random.default_rng(0)
    for label in ("cat", "dog"):
        (folder / label).mkdir(parents=True)
        for number in range(40):
            pixels = random.integers(0, 256, (28, 28), np.uint8) if number < 3 else np.zeros((28, 28), np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{number}.png")
    answer = full.look({"dataset": str(folder)})
    assert answer["sheet"].startswith("data:image/png;base64,")
    assert answer["said"] == "72 pictures to train on, 8 held out"
    assert answer["classes"] == ["cat: 36", "dog: 36"]
    assert any("show nothing" in line for line in answer["remarks"])
    with words.speaking("zh"):  # where a sentence begins with the name, it stays as it is
        assert full.look({"dataset": str(folder)})["remarks"][0].startswith("mine ")
    (id,) = full.start({**FORM, "dataset": str(folder)})["ids"]
    (full.jobs.get(id).place / jobs.LOG).write_text("Reading\rPictures: 92% of these show nothing.\nTraining\n")
    assert full.live({})["jobs"][0]["remarks"] == ["92% of these show nothing."]
    assert full.ask({**FORM, "dataset": "mine"})["command"].endswith("--dataset mine --seed 1 --no-best-response")
    with pytest.raises(UserError, match="only pictures of your own"):
        full.look({"dataset": "mnist"})


# Trainings


def test_a_training_from_the_form_to_its_model(full, tmp_path):
    mine = "我的-été"  # a name may be of any language
    ordered = {**FORM, "name": mine, "order": "1-2"}
    (id,) = full.start(ordered)["ids"]
    assert full.start(ordered)["ids"] == [id]  # by a browser that heard no answer
    full.start(FORM)
    first, second = full.live({})["jobs"]
    assert (first["state"], first["name"], first["model"]) == ("running", mine, None)
    assert (second["state"], second["turn"], second["name"]) == ("waiting", 1, "mlp-ns-gan-digits")
    with pytest.raises(UserError, match="is not running"):
        full.turn({"id": id, "knobs": {"lr_g": 1}})
    folder = tmp_path / "runs" / mine
    small_gan("mlp", seed=2).save_pretrained(folder)
    (folder / live.FOLDER).mkdir()
    refused = "--penalty r1 looks at each picture on its own, and batch norm in D mixes them: use another"
    now = {"phase": "training", "step": 7, "figures": {"loss_d": 1.5}, "refused": refused}
    files.write_json(folder / live.FOLDER / live.NOW, now)
    files.write_bytes(folder / live.FOLDER / live.DIGITS, b"\x89PNG\r\n\x1a\n")
    files.write_json(folder / live.FOLDER / live.CURVE, {"step": [1, 7], "loss_d": [2.0, 1.5]})
    seen = full.live({"watched": [id], "steps": {}})["jobs"][0]
    assert (seen["model"], seen["live"]["step"], seen["curve"]["loss_d"]) == (mine, 7, [2.0, 1.5])
    assert seen["starting"]  # that was said by a process of before
    files.write_json(folder / live.FOLDER / live.NOW, {**now, "at": time.time()})
    assert not full.live({})["jobs"][0]["starting"]
    files.write_json(folder / live.FOLDER / live.NOW, now)
    assert (folder / live.FOLDER / live.WATCHED).exists()
    with words.speaking("zh"):
        assert full.live({})["jobs"][0]["live"]["refused"].startswith("惩罚项 r1 逐张看图片")
    assert "digits" not in full.live({"watched": [id], "steps": {id: 7}})["jobs"][0]
    full.turn({"id": id, "knobs": {"lr_g": "0.01", "freeze": "d"}})
    full.turn({"id": id, "knobs": {"d_steps": "3"}, "shake": True})
    assert live.control(folder) == {"knobs": {"lr_g": 0.01, "freeze": "d", "d_steps": 3}, "shakes": 1}
    trained = trainer("mlp")
    full.turn({"id": id, "knobs": {"penalty_weight": "2"}})  # what was asked for before stays, and is understood
    assert Control(folder).look(trained)
    assert (trained.settings.d_steps, trained.settings.lr_g, trained.state.freeze) == (3, 0.01, "d")
    for wrong in ({"lr_g": "-1"}, {"objective": "x"}, {"d_steps": 1000}, {"freeze": "all"}):
        with pytest.raises(UserError):
            full.turn({"id": id, "knobs": wrong})
    full.stop({"id": id})
    assert full.live({})["jobs"][0]["state"] == "stopping"
    full.started[0].end(2, f"train.py: {folder} is full")
    assert full.live({})["jobs"][0]["line"] == f"{mine} is full"
    full.forget({"id": id})
    assert [job["name"] for job in full.live({})["jobs"]] == ["mlp-ns-gan-digits"]
    assert full.catalogue.load(mine)


def test_a_training_of_a_terminal_is_looked_at_and_no_more(full, tmp_path):
    folder = tmp_path / "runs" / "typed"
    run_of = trainer("mlp", dataset="digits")
    small_gan("mlp", seed=2).save_pretrained(folder)
    (folder / "state.pt").touch()
    writer = LiveWriter(run_of, HistoryWriter(), folder)
    writer.tick(run_of.iterate())
    (seen,) = full.live({"watched": ["terminal:typed"]})["jobs"]
    assert (seen["name"], seen["state"], seen["own"], seen["model"]) == ("typed", "running", False, "typed")
    about = seen["about"]
    assert (about["model"], about["seed"], about["dataset"]) == ("mlp", 0, "scikit-learn's digits")
    assert seen["curve"]["step"] == [1]
    assert (folder / live.FOLDER / live.WATCHED).exists()
    assert "digits" not in full.live({"watched": [seen["id"]], "steps": {seen["id"]: 1}})["jobs"][0]
    assert full.catalogue.choices()[1][0].startswith("typed · in training")
    for ask in (full.stop, full.go_on, full.forget, full.turn):
        with pytest.raises(UserError, match="no such training"):
            ask({"id": seen["id"]})
    full.start({**FORM, "name": "mine"})  # what the page has started is told of once
    (tmp_path / "runs" / "mine" / live.FOLDER).mkdir(parents=True)
    files.write_json(tmp_path / "runs" / "mine" / live.FOLDER / live.NOW, {"phase": "training", "at": time.time()})
    assert [(job["name"], job["own"]) for job in full.live({})["jobs"]] == [("typed", False), ("mine", True)]
    now = json.loads((folder / live.FOLDER / live.NOW).read_text())
    files.write_json(folder / live.FOLDER / live.NOW, {**now, "at": now["at"] - 2 * live.SILENT})  # it was killed
    assert [job["name"] for job in full.live({})["jobs"]] == ["mine"]


def test_two_objectives_start_together_and_differ_in_nothing_else(full):
    full.start({**FORM, "pair": ["wasserstein", "hinge"]})
    one, other = full.live({})["jobs"]
    assert (one["state"], other["state"], one["group"]) == ("running", "running", other["group"])
    assert one["about"]["objective"] == "wasserstein"
    words = [process.job.arguments for process in full.started]
    assert [word for word in words[0] if word not in words[1]] == ["wasserstein", str(full.runs / one["name"])]


def test_training_on_from_a_model_takes_its_networks(full):
    full.start({**FORM, "first": "first", "latent_dim": "99"})
    (process,) = full.started
    arguments = process.job.arguments
    assert arguments[arguments.index("--init-from") + 1] == str(full.catalogue.load("first").folder)
    assert arguments[arguments.index("--recipe") + 1] == "ns-gan"
    assert "99" not in arguments


def test_curves_of_models_are_laid_over_each_other(full):
    answer = overlay.compared(full.catalogue, {"models": ["first"]})
    (first,) = answer["models"]
    assert (answer["names"], first["name"], first["epochs"]) == (["first"], "first", [1, 2, 3])
    assert None not in first["lines"]["ranked"]
    assert overlay.compared(full.catalogue, "nonsense")["models"] == []
    with pytest.raises(UserError, match="no model"):
        overlay.compared(full.catalogue, {"models": ["../first"]})


def test_lines_on_one_axis_are_of_the_same_pictures(full):
    """Test pictures only where all of the models have them: an older training knows its own pictures alone."""
    (folder,) = full.catalogue.folders().values()
    shutil.copytree(folder, folder.parent / "older")
    epochs = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    on_training = [epoch["ranked"] for epoch in epochs]
    on_test = [share - 0.125 for share in on_training]
    newer = [{**epoch, "ranked_test": share} for epoch, share in zip(epochs, on_test, strict=True)]
    files.write_text(folder / "history.jsonl", "".join(json.dumps(epoch) + "\n" for epoch in newer))
    for names, lines, of in (
        (["first"], [on_test], "test pictures"),
        (["first", "older"], [on_training] * 2, "training pictures"),
    ):
        answer = overlay.compared(full.catalogue, {"models": names})
        assert [one["lines"]["ranked"] for one in answer["models"]] == lines
        assert answer["of"]["ranked"] == of


def test_what_happened_and_what_was_changed_by_hand_is_told_in_the_order_of_steps():
    happened = [
        Epoch(1, {}, {}, (), milestones=(Milestone("first stroke", 25, 0.5),)),
        Epoch(2, {}, {}, (), milestones=(Milestone("D has won", 90, 0.999),), changes=({"step": 60.0, "lr_d": 0.01},)),
    ]
    told = re.findall("<li>(.*?)</li>", tab._happened(happened))
    assert told == ["step 25: the first stroke", "step 60: changed by hand: Rate of D 0.01", "step 90: D has won"]
    assert tab._happened([Epoch(1, {}, {}, ())]) == ""


def test_a_second_of_training_is_measured():
    assert speed.measure(Settings.of("mlp", batch_size=4), seconds=0.01) > 0


def test_the_form_has_every_setting_in_every_language(full):
    assert set(form.FIELDS) | {"device", "graph", "precision"} == set(Settings.__dataclass_fields__)
    page = Page(full.catalogue, None, None, None, full)
    for language in words.LANGUAGES:
        with words.speaking(language):
            markup = part._markup(page, full)
        for name in form.FIELDS:
            assert f'name="{name}"' in markup
