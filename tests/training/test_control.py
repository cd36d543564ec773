"""The knobs of a training that runs: what is asked for is checked, done, written down, and resumed bit for bit."""

import copy
import json

import pytest
import torch
from helpers.training import split, trainer, weights

from gan_demo.errors import UserError
from gan_demo.evaluation import card
from gan_demo.settings import Settings
from gan_demo.training import control, history, live, run, run_folder
from gan_demo.training.history_writer import HistoryWriter
from gan_demo.training.iteration import Trainer

pytestmark = pytest.mark.usefixtures("small_networks")


def ask(folder, **asked):
    (folder / live.FOLDER).mkdir(exist_ok=True)
    content = json.dumps({"version": 1, **asked})
    (folder / live.FOLDER / live.CONTROL).write_text(content)


def test_the_page_knows_every_knob():
    assert {*control.KNOBS, "freeze"} == set(live.KNOBS)


def test_what_is_asked_for_is_done_once(tmp_path):
    run_of, knobs = trainer(), control.Control(tmp_path)
    assert knobs.look(run_of) is None
    ask(tmp_path, knobs={"lr_g": 1, "objective": "hinge", "d_steps": 2})
    run_of.iterate()
    changes = [{"step": 1, "lr_g": 1.0}, {"step": 1, "d_steps": 2}, {"step": 1, "objective": "hinge"}]
    assert knobs.look(run_of) == changes
    assert knobs.look(run_of) is None
    assert (run_of.settings.lr_g, run_of.begun.lr_g) == (1.0, 1e-3)
    before = weights(run_of.state.discriminator)
    assert run_of.iterate().isfinite().all()
    assert not torch.equal(before, weights(run_of.state.discriminator))
    ask(tmp_path, knobs={"lr_g": 1.0, "d_steps": 2}, shake_size=0.5)  # as it is
    assert knobs.look(run_of) == []
    assert run_of.state.changes == changes


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"knobs": {"lr_g": 0}}, "--lr-g must be more than 0"),
        ({"knobs": {"lr_g": "1"}}, "--lr-g must be a finite number"),
        ({"knobs": {"lr_d": float("nan")}}, "--lr-d must be more than 0"),
        ({"knobs": {"lr_d": float("inf")}}, "--lr-d must be a finite number"),
        ({"knobs": {"lr_d": 10**400}}, "--lr-d must be a finite number"),
        ({"knobs": {"penalty_weight": -1}}, "--penalty-weight must not be negative"),
        ({"knobs": {"d_steps": 21}}, "--d-steps is at most 20 here"),
        ({"knobs": {"d_steps": True}}, "--d-steps must be a whole number"),
        ({"knobs": {"objective": "x"}}, "unknown objective"),
        ({"knobs": {"objective": ["hinge"]}}, "--objective must be a text"),
        ({"knobs": {"freeze": "both"}}, "freeze is one of"),
        ({"knobs": {"seed": 1}}, "'seed' is no knob"),
        ({"knobs": {"dataset": "/etc"}}, "'dataset' is no knob"),
        ({"knobs": []}, "knobs is not an object"),
        ({"shakes": -1}, "shakes are counted"),
        ({"shakes": 10**9}, "shakes are counted"),
        ({"shakes": 1, "shake_size": 3}, "shake_size is more than 0"),
        ({"version": 2}, "is not a list of knobs"),
        ({"knobs": {"lr_g": 1.0}, "shakes": 1, "shake_size": "much"}, "shake_size is more than 0"),
        ({"more": "x" * control.MAX_BYTES}, "is not a list of knobs"),
    ],
)
def test_what_makes_no_sense_changes_nothing_and_is_one_line(tmp_path, asked, line):
    run_of, knobs = trainer(), control.Control(tmp_path)
    before = copy.deepcopy(run_of.state.state_dict())
    ask(tmp_path, **asked)
    with pytest.raises(UserError, match=line):
        knobs.look(run_of)
    assert knobs.look(run_of) is None  # said once
    assert run_of.settings == run_of.begun
    assert repr(run_of.state.state_dict()) == repr(before)


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 5000, b"\xff", b"null"])
def test_a_damaged_file_is_one_line(tmp_path, content):
    ask(tmp_path)
    (tmp_path / live.FOLDER / live.CONTROL).write_bytes(content)
    with pytest.raises(UserError, match=r"control\.json is not a list of knobs"):
        control.Control(tmp_path).look(trainer())


def test_a_slider_cannot_fill_the_config(monkeypatch):
    monkeypatch.setattr(control, "MOST_CHANGES", 2)
    run_of = trainer()
    control.turn(run_of, {"lr_g": 0.1, "lr_d": 0.1})
    with pytest.raises(UserError, match="2 times at most"):
        control.turn(run_of, {"lr_g": 0.2})
    assert run_of.settings.lr_g == 0.1


def test_another_penalty_has_its_own_strength():
    run_of = trainer(penalty="r1", penalty_weight=7.0, penalty_every=3)
    control.turn(run_of, {"penalty": "clip"})
    assert (run_of.settings.penalty_weight, run_of.settings.penalty_every) == (0.01, 1)
    run_of.iterate()
    assert weights(run_of.state.discriminator).abs().max() <= 0.01
    control.turn(run_of, {"penalty": "none", "penalty_weight": 0})  # WGAN without clipping
    run_of.iterate()
    assert weights(run_of.state.discriminator).abs().max() > 0.01


@pytest.mark.parametrize(("frozen", "moves"), [("d", "generator"), ("g", "discriminator")])
def test_a_frozen_network_takes_no_steps(frozen, moves):
    run_of = trainer(recipe="wgan")
    control.turn(run_of, {"freeze": frozen, "penalty_weight": 1e-6})  # nor is it clipped
    networks = {"generator": run_of.state.generator, "discriminator": run_of.state.discriminator}
    before = {name: weights(network) for name, network in networks.items()}
    run_of.iterate()
    moved = {name for name, network in networks.items() if not torch.equal(before[name], weights(network))}
    assert moved == {moves}
    assert control.turn(run_of, {"freeze": ""}) == [{"step": 1, "freeze": ""}]
    run_of.iterate()
    assert not any(torch.equal(before[name], weights(network)) for name, network in networks.items())


def test_a_shake_is_noise_of_its_size_on_d_alone_and_the_same_for_the_same_seed():
    one, other, alone = trainer(), trainer(), trainer()
    for run_of in (one, other):
        assert control.turn(run_of, {}, shakes=2, shake_size=0.5) == [{"step": 0, "shake": 0.5}] * 2
        assert control.turn(run_of, {}, shakes=2) == control.turn(run_of, {}, shakes=1) == []
    assert torch.equal(weights(one.state.discriminator), weights(other.state.discriminator))
    assert torch.equal(weights(one.state.generator), weights(alone.state.generator))
    assert torch.equal(one.state.random.get_state(), alone.state.random.get_state())
    before, after = (run_of.state.discriminator.body[1].weight for run_of in (alone, one))
    # Two doses of half a standard deviation each, of which the second is of what the first left.
    assert ((after - before).std() / before.std()).item() == pytest.approx((0.25 + 0.25 * 1.25) ** 0.5, rel=0.03)


def test_more_steps_of_d_take_pictures_again_and_leave_the_epochs_as_they_were():
    run_of = trainer()  # 40 pictures, 8 a step: 5 iterations an epoch
    control.turn(run_of, {"d_steps": 4})
    seen = []
    for _ in range(5):
        run_of.iterate()
        seen += run_of.chosen.tolist()
    assert (run_of.steps_per_epoch, run_of.steps, run_of.epoch) == (5, 10, 1)
    assert sorted(seen) == sorted(list(range(40)) * 4)


def test_a_changed_run_is_resumed_bit_for_bit_and_says_what_was_changed(tmp_path):
    settings = Settings.of("mlp", dataset="mine", batch_size=8, epochs=2)
    turns = {2: {"lr_d": 0.01, "objective": "hinge"}, 4: {"d_steps": 3, "freeze": "g"}, 7: {"freeze": ""}}
    whole, first, second = (Trainer(settings, split()) for _ in range(3))
    writers = [HistoryWriter() for _ in range(3)]

    def go_on(run_of, until):
        while run_of.state.step < until:
            if step := turns.get(run_of.state.step):
                control.turn(run_of, step, shakes=run_of.state.step)
            run_of.iterate()

    go_on(whole, 10)
    go_on(first, 6)
    run_folder.save(first, writers[1], tmp_path)
    run_folder.load_state(tmp_path, second, writers[2])
    assert second.settings == first.settings
    assert second.settings.objective == "hinge"
    go_on(second, 10)
    for name in ("generator", "discriminator", "average"):
        assert torch.equal(weights(getattr(whole.state, name)), weights(getattr(second.state, name)))
    config = second.gan().config
    assert (config.objective, config.training["objective"]) == ("hinge", "non-saturating")
    assert config.training["changes"] == whole.state.changes
    assert [change["step"] for change in config.training["changes"]] == [2] * 4 + [4] * 4 + [7] * 4
    words = card.render(config, None)
    assert "**Somebody changed the training while it ran**" in words
    assert "- step 2, lr_d 0.01\n" in words
    assert "- step 2, objective hinge\n" in words
    assert words.count("- step 2, noise on D's weights, in standard deviations: ") == 2
    assert "- step 7, frozen network: none\n" in words
    assert "Somebody changed" not in card.render(trainer(dataset="digits").gan().config, None)


def test_a_state_of_an_earlier_version_has_no_knobs(tmp_path):
    settings = Settings.of("mlp", dataset="mine", batch_size=8)
    run_of = Trainer(settings, split())
    run_of.iterate()
    run_folder.save(run_of, HistoryWriter(), tmp_path)
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    for name in ("knobs", "freeze", "shakes", "changes"):
        del state["trainer"][name]
    torch.save(state, tmp_path / "state.pt")
    again = Trainer(settings, split())
    run_folder.load_state(tmp_path, again, HistoryWriter())
    assert (again.settings, again.state.changes, again.state.step) == (settings, [], 1)


def test_a_run_follows_its_control_file_and_its_history_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run, "_finish", lambda *arguments: {})
    iterate = Trainer.iterate

    def asked(run_of):
        if run_of.state.step == 3:
            ask(tmp_path, knobs={"lr_d": 0.5})
        if run_of.state.step == 5:
            ask(tmp_path, knobs={"lr_d": "fast"})
        if run_of.state.step == 14:
            said.append(live.read(tmp_path)["refused"])
            ask(tmp_path, knobs={"lr_d": 0.25}, shakes=1)
        return iterate(run_of)

    said = []
    monkeypatch.setattr(Trainer, "iterate", asked)
    monkeypatch.setattr("gan_demo.training.live_writer.SHARES", (1e9, 1e9))
    monkeypatch.setattr("gan_demo.training.live_writer.PAUSES", (0.0, 0.0))
    monkeypatch.setattr("gan_demo.training.live_writer.LiveWriter._watched", lambda self: True)
    settings = Settings.of("mlp", dataset="digits", epochs=2, batch_size=128)
    run.train(settings, tmp_path)
    lines = history.read_history(tmp_path)
    assert [epoch.changes for epoch in lines] == [
        ({"step": 4, "lr_d": 0.5},),
        ({"step": 15, "lr_d": 0.25}, {"step": 15, "shake": 0.05}),
    ]
    assert said == ["--lr-d must be a finite number, not 'fast'"]
    assert "Step 4: lr_d 0.5" in capsys.readouterr().err
