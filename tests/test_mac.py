"""All that computes, on a device that has no float64, mixes with no other, and lacks operators: helpers/mac.py."""

import copy
import functools

import numpy as np
import pytest
import torch
from helpers import mac
from helpers.gans import small_gan, vivid_style
from helpers.training import split, trainer

from gan_demo import GAN, classifier, devices
from gan_demo.belief import best_response as best_beside
from gan_demo.belief import saliency, unmeasured
from gan_demo.evaluation import best_response, evaluate, neighbours, samples, what_it_sees
from gan_demo.latent import (
    direction_methods,
    direction_search,
    endless_map,
    inversion,
    noise,
    paths,
    perceptual,
    units,
)
from gan_demo.latent.spaces import LatentSpace, spaces_of
from gan_demo.pixels import to_pixels
from gan_demo.settings import Settings
from gan_demo.training import control, live, live_writer, run, speed
from gan_demo.training.history_writer import HistoryWriter


@pytest.fixture(autouse=True)
def a_mac():
    with mac.pretended():
        yield


def pair(model="mlp", **fields):
    """A GAN on the CPU, and the same on the Mac's GPU."""
    gan = (vivid_style if model == "style" else functools.partial(small_gan, model))(**fields)
    there = copy.deepcopy(gan).to("mps")
    assert there.device == mac.MPS
    return gan, there


def test_the_device_refuses_what_a_mac_refuses():
    there = torch.ones(3, device="mps")
    assert there.device.type == (there * 2)[1:].device.type == "mps"
    assert there.to("cpu").device.type == there.cpu().device.type == "cpu"
    assert (there + torch.tensor(1.0)).device.type == "mps"  # a number may come from anywhere
    for wrong in (
        there.double,
        lambda: torch.zeros(2, dtype=torch.float64, device="mps"),
        lambda: torch.zeros(2, dtype=torch.float64).to("mps"),
        lambda: there + torch.ones(3),
        lambda: torch.ones(3)[there.long()],
        there.numpy,
        lambda: torch.linalg.eigh(torch.eye(3, device="mps")),
        lambda: torch.randn(2, generator=torch.Generator(), device="mps"),
        lambda: torch.randn(2, generator=torch.Generator("mps")),
    ):
        with pytest.raises((TypeError, RuntimeError)):
            wrong()
    z = torch.ones(3, device="mps", requires_grad=True)
    (z.square().sum() + (z.cpu() * 2).sum()).backward()
    assert z.grad.device.type == "mps"
    assert z.grad.tolist() == [4.0] * 3


@pytest.mark.parametrize("model", ["mlp", "dcgan", "style"])
@pytest.mark.parametrize("fields", [{}, {"classes": 10}], ids=str)
def test_sampling_scoring_saving(model, fields, tmp_path):
    gan, there = pair(model, **fields)
    asked = [3, 4, 5] if fields else None
    pictures = there.sample(3, seed=5, truncation=0.7, labels=asked)
    torch.testing.assert_close(pictures.cpu(), gan.sample(3, 5, 0.7, asked))
    torch.testing.assert_close(there.score(pictures, asked).cpu(), gan.score(pictures.cpu(), asked))
    there.save_pretrained(tmp_path)
    again = type(gan).from_pretrained(tmp_path)
    assert torch.equal(again.sample(3, 5, labels=asked), gan.sample(3, 5, labels=asked))
    near = there.vary(there.latents(1, 5)[0], 2, 0.5, 5)
    torch.testing.assert_close(near.cpu(), gan.vary(gan.latents(1, 5)[0], 2, 0.5, 5))


def test_paths_and_the_map():
    gan, there = pair()
    a, b = gan.latents(2, 1)
    for kind in paths.PATHS:
        torch.testing.assert_close(paths.path(a.to("mps"), b.to("mps"), 5, kind).cpu(), paths.path(a, b, 5, kind))
        points, at = gan.latents(3, 1), paths.positions(3, 7)
        torch.testing.assert_close(paths.route(points.to("mps"), at, kind).cpu(), paths.route(points, at, kind))
    assert paths.slerp(a.to("mps"), b.to("mps"), 0.5).device.type == "mps"
    t = torch.linspace(0, 1, 3)
    torch.testing.assert_close(paths.slerp(a.to("mps"), -a.to("mps"), t.to("mps")).cpu(), paths.slerp(a, -a, t))
    assert paths.unpack(paths.pack(a.half().float().to("mps"))).tolist() == a.half().tolist()
    grid = endless_map.grid(0.5, 0.25, 0.5, 3, 2)
    torch.testing.assert_close(endless_map.sample(there, 7, grid).cpu(), endless_map.sample(gan, 7, grid))


@pytest.mark.parametrize("model, classes", [("mlp", 0), ("mlp", 10), ("dcgan", 10), ("style", 10)])
def test_directions_are_found_and_used(model, classes):
    gan, there = pair(model, classes=classes)
    found = direction_search.find(there, samples=120, probes=6)
    own = direction_search.find(gan, samples=120, probes=6)
    assert [one.name for one in found.all] == [one.name for one in own.all]
    torch.testing.assert_close(found.vectors, own.vectors, rtol=1e-3, atol=1e-3)
    name = found.all[0].name
    moved = found.move(there.latents(2, 3), {name: 2.0})
    torch.testing.assert_close(moved.cpu(), found.move(gan.latents(2, 3), {name: 2.0}))
    if model == "style":
        torch.testing.assert_close(found.in_w.vectors, own.in_w.vectors, rtol=1e-3, atol=1e-3)


def test_points_of_w_noise_and_units():
    gan, there = pair("style", classes=10)
    z, asked = gan.latents(3, 1), [1, 2, 3]
    here_and_there = [[LatentSpace(one, name) for one in (gan, there)] for name in spaces_of(gan)]
    for here, away in here_and_there:
        point, far = (space.of(z.to(space.gan.device), asked) for space in (here, away))
        assert far.device == mac.MPS
        torch.testing.assert_close(far.cpu(), point)
        for of in (
            lambda space, points: space.generate(points, asked),
            lambda space, points: space.truncate(points, -0.5, asked),
            lambda space, points: space.distances(points, asked),
            lambda space, points: space.route(points, paths.positions(3, 5)),
            lambda space, points: space.rounded(points),
            lambda space, points: space.unpack(space.pack(points[0])),
        ):
            torch.testing.assert_close(of(away, far).cpu(), of(here, point), rtol=1e-3, atol=1e-4)
        assert away.band() == pytest.approx(here.band(), rel=1e-3)
        if here.name != "w+":
            one = gan.latents(1, 2)[0]
            torch.testing.assert_close(away.unit(one.to("mps")), here.unit(one), rtol=1e-3, atol=1e-4)
            torch.testing.assert_close(away.matrix(), here.matrix())
    (_, far_plus), w = here_and_there[-1], here_and_there[1][1].of(z.to("mps"), asked)
    mixed = far_plus.mix(far_plus.of(w[:1], space="w"), far_plus.of(w[1:2], space="w"), 2)
    assert far_plus.generate(mixed, 1).device == mac.MPS
    changed, usual = noise.changes(there, w[:1], 1), noise.changes(gan, w[:1].cpu(), 1)
    torch.testing.assert_close(changed.spreads, usual.spreads, rtol=0.1, atol=0.2)
    layer = units.layers(there)[1]
    factors, labels = layer.each([0, 2], units.OFF), torch.tensor(asked)
    effects = [units.effects(one, z.to(one.device), layer, factors, labels) for one in (there, gan)]
    torch.testing.assert_close(*effects, rtol=0.1, atol=0.1)
    speeds = [perceptual.speeds(one.generate(z, asked), torch.arange(3.0)) for one in (there, gan)]
    torch.testing.assert_close(*speeds, rtol=1e-2, atol=1e-3)


def test_directions_of_a_persons_own():
    gan, _ = pair()
    a, b, c = gan.latents(3, 1)
    here, there = (
        [method(*(tensor.to(device) for tensor in given)).cpu() for method, given in (
            (direction_methods.difference, (gan.latents(3, 1), gan.latents(2, 2))),
            (direction_methods.difference, (gan.latents(3, 1), gan.latents(0, 2))),
            (direction_methods.analogy, (a, b, c)),
            (direction_methods.unit, (a,)),
            (direction_methods.orthogonalise, (a, torch.stack([b, c]))),
            (lambda matrix: direction_methods.sefa(matrix, 3)[0], (gan.generator.layers[0].weight.detach(),)),
        )]
        for device in ("cpu", "mps")
    )  # fmt: skip
    for one, other in zip(here, there, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("model, classes", [("mlp", 0), ("dcgan", 10), ("style", 10)])
def test_inversion(model, classes):
    gan, there = pair(model, classes=classes)
    wanted = gan.sample(2, 5, labels=3 if classes else None).clone()
    holes = torch.zeros(wanted.shape, dtype=torch.bool)
    holes[..., :9] = True
    plan = ((3, 4), (1, 3))
    for goal in (inversion.whole(wanted), inversion.repair(wanted, holes), inversion.enlarge(inversion.reduce(wanted))):
        last = inversion.invert(there, goal._replace(plan=plan))
        own = inversion.invert(gan, goal._replace(plan=plan))
        torch.testing.assert_close(last.least.cpu(), own.least, rtol=1e-2, atol=1e-3)
        assert inversion.answers(last)
    if model == "style":
        found = inversion.invert(there, inversion.whole(wanted, "w+")._replace(plan=plan))
        assert found.z.device == mac.MPS
        assert found.least.isfinite().all()
    on_mac = inversion.whole(wanted.to("mps"))._replace(plan=plan)
    assert inversion.invert(there, on_mac, 3 if classes else None).done


def test_candidates_are_of_the_device_that_the_model_is_on():
    gan = small_gan("mlp")
    goal = inversion.whole(gan.sample(1, 5).clone())._replace(plan=((2, 2),))
    inversion.invert(gan, goal)
    assert inversion.invert(gan.to("mps"), goal).z.device.type == "mps"
    assert inversion.invert(gan.to("cpu"), goal).z.device.type == "cpu"


@pytest.mark.parametrize("classes", [0, 10])
def test_saliency(classes):
    gan, there = pair("dcgan", classes=classes)
    label = 3 if classes else None
    picture = gan.sample(1, 5, labels=label)[0].clone()
    torch.testing.assert_close(saliency.input_gradient(there, picture[None], label).cpu(),
                               saliency.input_gradient(gan, picture[None], label))  # fmt: skip
    for given in (picture, picture.to("mps")):
        smooth = saliency.smoothgrad(there, given, label).cpu()
        torch.testing.assert_close(smooth, saliency.smoothgrad(gan, picture, label))
    pixels = to_pixels(picture)[0].numpy()
    climbed, own = (saliency.ascend(one, pixels, label) for one in (there, gan))
    assert len(climbed) == len(own) > 0
    assert isinstance(climbed[0].pixels, np.ndarray)
    assert climbed[0].output == pytest.approx(own[0].output, abs=1e-4)


@pytest.mark.parametrize("fields", [
    {"penalty": "r1", "penalty_every": 2},
    {"penalty": "gradient", "objective": "wasserstein", "d_steps": 2},
    {"penalty": "dragan", "discriminator_norm": "spectral"},
    {"penalty": "clip", "precision": "bf16"},
    {"conditional": True, "objective": "hinge", "discriminator_norm": "spectral"},
    {"discriminator_norm": "batch", "penalty": "none"},
    {"model": "style", "style_mixing": 0.5, "penalty": "r1", "penalty_every": 2, "conditional": True},
    {"model": "style", "precision": "bf16"},
], ids=str)  # fmt: skip
@pytest.mark.usefixtures("small_networks")
def test_iterations(fields, tmp_path):
    fields = {"model": "dcgan", **fields}
    first = trainer(device="mps", **fields)
    metrics = torch.stack([first.iterate() for _ in range(3)])
    assert metrics.device.type == "mps"
    assert metrics.isfinite().all()
    other = trainer(device="mps", **fields)
    torch.save(first.state.state_dict(), tmp_path / "state.pt")
    other.load_state_dict(torch.load(tmp_path / "state.pt", map_location="cpu", weights_only=True))
    assert other.state.order.device.type == "mps"
    torch.testing.assert_close(other.iterate().cpu(), first.iterate().cpu())


@pytest.mark.usefixtures("small_networks")
def test_what_is_seen_of_a_training_and_what_turns_its_knobs(tmp_path):
    running = trainer("style", device="mps", conditional=True)
    writer = live_writer.LiveWriter(running, HistoryWriter(), tmp_path)
    (tmp_path / live.FOLDER / live.WATCHED).touch()
    assert writer.tick(running.iterate()) > 0
    assert live.read(tmp_path)["outputs"] is not None
    writer._measure()
    control.turn(running, {"lr_d": 1e-3, "freeze": "g"}, shakes=1)
    assert running.iterate().isfinite().all()
    assert speed.measure(running.settings, seconds=0.01) > 0


@pytest.mark.usefixtures("small_networks")
def test_a_training_from_its_start_to_the_finished_checkpoint(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(best_response, "ENOUGH", 1000)  # as of a large data set
    monkeypatch.setattr(best_response, "STEPS", 2)
    monkeypatch.setattr(best_response, "SEEDS", 1)
    monkeypatch.setattr(what_it_sees, "MOST", 20)
    monkeypatch.setattr(direction_search, "SAMPLES", 120)
    monkeypatch.setattr(direction_search, "PROBES", 5)
    monkeypatch.setattr(evaluate, "evaluate_checkpoint", functools.partial(evaluate.evaluate_checkpoint, samples=100))
    assert devices.choose_device("auto") == "mps"
    settings = Settings.of("mlp", dataset="digits", device="mps", max_steps=3, precision="bf16")
    figures = run.train(settings, tmp_path / "run", quiet=True)
    assert figures["model"]["frechet_distance"] > 0
    assert best_beside.read(tmp_path / "run") is not None, capsys.readouterr().err
    assert (tmp_path / "run" / "directions.safetensors").exists(), capsys.readouterr().err
    assert GAN.from_pretrained(tmp_path / "run").to("mps").sample(2, 1).isfinite().all()


def test_evaluation_and_the_classifier():
    gan, there = pair(classes=10)
    assert unmeasured.reference(small_gan("mlp", training={"dataset": "mnist"}).to("mps")) is not None
    drawn = samples.draw(there, 20)
    assert drawn.device.type == "mps"
    torch.testing.assert_close(drawn.cpu().int(), samples.draw(gan, 20).int(), atol=1, rtol=0)
    near = neighbours.nearest(drawn, drawn, own=torch.arange(20))
    torch.testing.assert_close(near.distances, neighbours.nearest(drawn.cpu(), drawn.cpu(), torch.arange(20)).distances)
    trained = classifier.train(split(), epochs=1, device="mps", quiet=True, widths=(2, 2, 2))
    assert 0 <= classifier.accuracy(trained, split()) <= 1


def test_a_wheel_without_onednn_trains(monkeypatch):
    """As those for Macs are: torch.ops has no such operator."""
    assert not hasattr(torch.ops.mkldnn, "no_such_operator")  # that is an AttributeError
    monkeypatch.setattr(torch.ops, "mkldnn", torch.ops.no_such_library)
    devices._bfloat16_gain.cache_clear()
    assert devices.choose_precision("auto", "cpu") == "fp32"
    assert devices.choose_precision("auto", "mps") == "fp32"
    devices._bfloat16_gain.cache_clear()
