import copy
import dataclasses

import pytest
import torch
from helpers.training import split, trainer, weights

from gan_demo import UserError, devices
from gan_demo.data import Split
from gan_demo.devices import choose_device, choose_precision
from gan_demo.evaluation import card
from gan_demo.gan import GAN
from gan_demo.networks import ARCHITECTURES
from gan_demo.objectives import OBJECTIVES
from gan_demo.penalties import PENALTIES, r1
from gan_demo.pixels import from_pixels
from gan_demo.settings import Settings
from gan_demo.training import held_out, history, history_writer
from gan_demo.training.iteration import METRICS, Trainer

pytestmark = pytest.mark.usefixtures("small_networks")


@pytest.mark.parametrize("model", ARCHITECTURES)
@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("penalty", PENALTIES)
def test_one_iteration_of_everything(model, objective, precision, penalty):
    # Every other one conditional; with spectral norm, which takes long to build, those of one objective.
    conditional = list(OBJECTIVES).index(objective) % 2 == list(PENALTIES).index(penalty) % 2
    norm = "spectral" if (objective, precision) == ("hinge", "bf16") else "none"
    run = trainer(
        model,
        objective=objective,
        precision=precision,
        penalty=penalty,
        conditional=conditional,
        discriminator_norm=norm,
    )
    before = weights(run.state.generator), weights(run.state.discriminator)
    metrics = run.iterate()
    assert metrics.shape == (len(METRICS),)
    assert metrics.isfinite().all()
    penalty_value = metrics[METRICS.index("penalty")]
    assert penalty_value > 0 if PENALTIES[penalty].loss else penalty_value == 0
    for was, network in zip(before, (run.state.generator, run.state.discriminator), strict=True):
        now = weights(network)
        assert now.dtype == torch.float32
        assert now.isfinite().all()
        assert not torch.equal(was, now)
    if penalty == "clip":
        assert weights(run.state.discriminator).abs().max() <= 0.01


def test_a_share_of_the_latents_is_shortened_each_by_a_factor_of_its_own():
    run = trainer()
    run.settings = dataclasses.replace(run.settings, batch_size=8000)

    def latents(share):
        run.settings = dataclasses.replace(run.settings, short_latents=share)
        random = torch.Generator().manual_seed(3)
        return run.latents(random), random.get_state()

    (plain, untouched), (short, moved) = latents(0.0), latents(0.25)
    only_normal = torch.Generator().manual_seed(3)
    assert torch.equal(plain, torch.randn(8000, plain.shape[1], generator=only_normal))
    assert torch.equal(untouched, only_normal.get_state())  # as it was before there was such a setting
    assert not torch.equal(moved, untouched)
    factors = short.norm(dim=1) / plain.norm(dim=1)
    assert torch.allclose(short, plain * factors[:, None], atol=1e-6)
    shortened = factors[factors < 1 - 1e-6].sort().values
    assert len(shortened) / 8000 == pytest.approx(0.25, abs=0.02)
    assert torch.allclose(shortened, torch.linspace(0, 1, len(shortened)), atol=0.05)  # evenly spread


@pytest.mark.parametrize("model", ARCHITECTURES)
def test_figures_of_test_pictures_leave_the_training_as_it_was(model):
    run = trainer(model, conditional=True, discriminator_norm="spectral", short_latents=0.5)
    run.iterate()
    before = copy.deepcopy(run.state.state_dict())
    test = split(20)
    figures = held_out.HeldOut(test, run).figures(run)
    after = run.state.state_dict()
    for part in ("generator", "discriminator", "average"):
        assert all(torch.equal(after[part][name], tensor) for name, tensor in before[part].items())
    assert torch.equal(after["random"], before["random"])
    assert set(figures) == {"score_real_test", "score_fake_test", "ranked_test", "value_test"}
    assert figures == held_out.HeldOut(test, run).figures(run)


def test_figures_of_test_pictures_are_those_of_whole_batches():
    run = trainer(recipe="wgan")  # batch norm in D: what it says of a picture depends on the batch
    looked = held_out.HeldOut(split(20), run)
    assert [len(rows) for rows in looked.batches] == [8, 8]
    d = copy.deepcopy(run.state.discriminator)
    said = torch.cat([d(from_pixels(looked.test.images[rows]), None) for rows in looked.batches])
    assert looked.figures(run)["score_real_test"] == pytest.approx(said.mean().item(), rel=1e-5)
    assert "value_test" not in looked.figures(run)


def listen(run):
    """What D is given and says, in order: (pictures, labels, outputs)."""
    heard = []
    run.state.discriminator.register_forward_hook(
        lambda module, inputs, outputs: heard.append((inputs[0].detach(), inputs[1], outputs.detach()))
    )
    return heard


def test_relativistic_pairs_share_labels_and_the_generator_meets_the_updated_discriminator():
    run = trainer(objective="relativistic", conditional=True, lr_d=0.01)
    heard = listen(run)
    metrics = dict(zip(METRICS, run.iterate().tolist(), strict=True))
    wanted = run.labels[run.state.order[:8]]
    (both_images, both_labels, before), again, fakes = heard  # D's own step judges real and fake in one pass
    real_images, fake_images = both_images.chunk(2)
    assert torch.equal(both_labels, wanted.repeat(2))
    assert all(torch.equal(labels, wanted) for _, labels, _ in (again, fakes))
    assert torch.equal(again[0], real_images)
    assert torch.equal(fakes[0], fake_images)
    updated = [run.state.discriminator(images, wanted) for images in (real_images, fake_images)]
    loss = torch.nn.functional.softplus(updated[0] - updated[1]).mean()
    assert metrics["loss_g"] == pytest.approx(loss.item(), rel=1e-6)
    assert not torch.allclose(updated[0], before[:8])


def test_with_batch_norm_d_judges_real_and_generated_pictures_apart():
    run = trainer(conditional=True, discriminator_norm="batch")
    heard = listen(run)
    run.iterate()
    wanted = run.labels[run.state.order[:8]]
    (real, real_labels, _), (fake, fake_labels, _), again = heard
    assert torch.equal(real, from_pixels(run.images[run.state.order[:8]]))
    assert torch.equal(fake, again[0])
    assert torch.equal(real_labels, wanted)
    assert torch.equal(fake_labels, wanted)


def test_max_steps_ends_a_training_early_and_never_late():
    assert [trainer(max_steps=steps).steps for steps in (0, 3, 99)] == [10, 3, 10]


def test_fakes_are_asked_to_be_of_the_classes_of_the_real_pictures():
    run = trainer(conditional=True)
    asked = []
    run.state.generator.register_forward_pre_hook(lambda module, inputs: asked.append(inputs[1]))
    run.iterate()
    assert len(asked) == 1
    assert torch.equal(asked[0], run.labels[run.state.order[:8]])


def test_a_lazy_penalty_is_paid_every_third_step_and_counts_three_times():
    lazy, eager = (trainer(penalty="r1", penalty_every=every) for every in (3, 1))
    paid = [lazy.iterate()[METRICS.index("penalty")].item() for _ in range(5)]
    assert [value > 0 for value in paid] == [True, False, False, True, False]
    assert paid[0] == pytest.approx(3 * eager.iterate()[METRICS.index("penalty")].item(), rel=1e-6)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_penalties_are_in_float32(precision):
    run = trainer(penalty="r1", precision=precision)
    kinds = []
    run.state.discriminator.body[1].register_forward_hook(lambda module, inputs, outputs: kinds.append(outputs.dtype))
    run.iterate()
    networks = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
    assert kinds == [networks, torch.float32, networks]  # real and fake, penalty, the generator's step


def test_discriminator_step_is_adam_on_the_written_loss():
    """Against the same step written out by hand: Adam's first step moves each weight by lr against its gradient."""
    run = trainer(penalty="r1", penalty_weight=0.3, penalty_every=2, lr_d=0.01)
    state = run.state
    discriminator, generator = copy.deepcopy(state.discriminator), copy.deepcopy(state.generator)
    random = torch.Generator().manual_seed(run.settings.seed)
    order = torch.randperm(40, generator=random)
    real_images = run.images[order[:8]].float() / 127.5 - 1
    fake_images = generator(torch.randn(8, run.settings.latent_dim, generator=random)).detach()
    real, fake = discriminator(real_images), discriminator(fake_images)
    loss = -torch.sigmoid(real).log().mean() - (1 - torch.sigmoid(fake)).log().mean()
    loss = loss + 2 * 0.3 * r1(discriminator, real_images, fake_images, random)  # every second step, counted twice
    gradients = torch.autograd.grad(loss, list(discriminator.parameters()))

    metrics = dict(zip(METRICS, run.iterate().tolist(), strict=True))
    assert metrics["loss_d"] == pytest.approx(loss.item(), rel=1e-5)
    said = {
        "score_real": real.mean(),
        "score_fake": fake.mean(),
        "ranked": (real > fake).float().mean(),
        "d_real": torch.sigmoid(real).mean(),
        "d_fake": torch.sigmoid(fake).mean(),
    }
    assert {name: metrics[name] for name in said} == pytest.approx(
        {name: figure.item() for name, figure in said.items()}
    )
    for was, gradient, now in zip(discriminator.parameters(), gradients, state.discriminator.parameters(), strict=True):
        torch.testing.assert_close(now.grad, gradient)  # the generator's step adds nothing to it
        step = 0.01 * gradient / (gradient.abs() + 1e-8)
        torch.testing.assert_close(now.detach(), (was - step).detach(), rtol=1e-4, atol=1e-5)


def test_average_follows_the_generator_and_its_batch_norm():
    run = trainer(ema=0.9)
    first = {name: tensor.clone() for name, tensor in run.state.average.state_dict().items()}
    run.iterate()
    decay = 2 / 11  # (1 + step) / (10 + step) at step 1, as long as that is below 0.9
    for name, tensor in run.state.generator.state_dict().items():
        average = run.state.average.state_dict()[name]
        if tensor.is_floating_point():
            torch.testing.assert_close(average, decay * first[name] + (1 - decay) * tensor)
        else:
            assert torch.equal(average, tensor)


def test_the_average_remembers_as_long_as_ema_says_once_it_is_old_enough():
    run = trainer(ema=0.95)
    run.state.step = 1000 * run.steps_per_epoch
    run.iterate()
    assert run.average_rate.item() == pytest.approx(0.05)


def test_both_adams_remember_as_the_settings_say():
    run = trainer(beta1=0.3, beta2=0.95)
    for optimizer in (run.state.optimizer_g, run.state.optimizer_d):
        assert optimizer.param_groups[0]["betas"] == (0.3, 0.95)


def test_each_epoch_sees_each_picture_once_in_a_new_order():
    run = trainer()
    orders = []
    for _ in range(2):
        seen = []
        for _ in range(run.steps_per_epoch):
            run.iterate()
            seen += run.chosen.tolist()
        orders.append(run.state.order.tolist())
        assert seen == orders[-1]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(40))
    assert orders[0] != orders[1]


def test_several_discriminator_steps_take_a_batch_each():
    run = trainer(d_steps=2)
    assert run.steps_per_epoch == 2
    seen = []
    run.state.discriminator.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].clone()))
    run.iterate()
    expected = [run.images[run.state.order[i : i + 8]].float() / 127.5 - 1 for i in (0, 8)]
    real = [seen[0][:8], seen[1][:8]]  # real and fake, twice, then the generator's own
    assert [len(pictures) for pictures in seen] == [16, 16, 8]
    for got, wanted in zip(real, expected, strict=True):
        torch.testing.assert_close(got, wanted)


def test_learning_rate_falls_as_a_cosine():
    run = trainer(lr_g=1.0, lr_d=2.0)  # 10 steps
    rates = []
    for _ in range(run.steps):
        run.iterate()
        rates.append(run.state.optimizer_d.param_groups[0]["lr"] / 2)
        assert run.state.optimizer_g.param_groups[0]["lr"] == rates[-1]
    assert rates[0] == 1.0
    assert rates[5] == pytest.approx(0.5)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(0.0244717, abs=1e-6)  # (1 + cos 0.9 pi) / 2
    run = trainer(lr_g=1.0, lr_end=0.3)
    for _ in range(run.steps):
        run.iterate()
    assert run.state.optimizer_g.param_groups[0]["lr"] == pytest.approx(0.3 + 0.7 * 0.0244717, abs=1e-6)


def test_equal_seeds_give_equal_weights_and_other_seeds_do_not():
    def end(seed):
        run = trainer(seed=seed)
        for _ in range(7):
            run.iterate()
        return weights(run.state.average)

    assert torch.equal(end(3), end(3))
    assert not torch.equal(end(3), end(4))


@pytest.mark.parametrize("model", ARCHITECTURES)
@pytest.mark.parametrize(
    "fields",
    [
        {"penalty": "r1"},
        {"penalty": "gradient", "conditional": True},  # draws random numbers of its own
        {"penalty": "dragan", "discriminator_norm": "spectral"},  # whose vectors are part of the state
    ],
)
def test_state_saved_in_the_middle_of_an_epoch_goes_on_bit_for_bit(model, fields, tmp_path):
    whole, stopped, resumed = (trainer(model, precision="bf16", **fields) for _ in range(3))
    for _ in range(10):
        whole.iterate()
    for _ in range(7):
        stopped.iterate()
    torch.save(stopped.state.state_dict(), tmp_path / "state.pt")
    resumed.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    for _ in range(3):
        resumed.iterate()
    for name in ("generator", "discriminator", "average"):
        for a, b in zip(
            getattr(whole.state, name).state_dict().values(),
            getattr(resumed.state, name).state_dict().values(),
            strict=True,
        ):
            assert torch.equal(a, b)


def test_batch_larger_than_the_data_set():
    with pytest.raises(UserError, match="has 40 pictures, .* use a --batch-size of at most 20"):
        trainer(batch_size=41, d_steps=2)
    with pytest.raises(UserError, match="fewer than one iteration takes: use fewer --d-steps"):
        trainer(batch_size=2, d_steps=21)  # no batch would do


def test_conditional_training_needs_classes():
    settings, images = Settings.of("mlp", conditional=True, batch_size=8, dataset="pictures"), split().images
    with pytest.raises(UserError, match="pictures has no labels, and a conditional model needs them: leave out"):
        Trainer(settings, Split(images, None))
    with pytest.raises(UserError, match="has pictures of 1 classes, and a conditional model draws 2 to 100"):
        Trainer(settings, Split(images, torch.zeros(40, dtype=torch.long)))
    with pytest.raises(UserError, match="of 102 classes, and a conditional model draws 2 to 100"):
        Trainer(settings, Split(images.repeat(3, 1, 1, 1)[:102], torch.arange(102)))
    with pytest.raises(UserError, match="no pictures of some classes: 3 classes are labelled 0 to 2"):
        Trainer(settings, Split(images, torch.arange(40) % 3 * 2))


@pytest.mark.parametrize("classes", [2, 3, 26])
def test_a_conditional_training_takes_the_classes_of_its_pictures_and_their_names(classes, tmp_path):
    names = tuple("abcdefghijklmnopqrstuvwxyz"[:classes])
    settings = Settings.of("dcgan", conditional=True, batch_size=8)
    trained = Trainer(settings, Split(split().images, torch.arange(40) % classes, names))
    trained.iterate()
    trained.gan().save_pretrained(tmp_path)
    gan = GAN.from_pretrained(tmp_path)
    assert (gan.config.classes, gan.config.class_names, gan.config.names) == (classes, names, names)
    assert gan.sample(3, 0, labels=classes - 1).shape == (3, 1, 28, 28)
    drawn = {2: 100, 3: 90, 26: 104}[classes]
    assert len(history_writer.write_samples(gan, tmp_path / "samples.png")) == drawn
    assert history.Snapshot(0, (0.0,) * drawn, tmp_path / "samples.png").png()
    with pytest.raises(UserError, match=f"from 0 to {classes - 1}"):
        gan.sample(3, 0, labels=classes)
    assert names[1] in card.render(gan.config, None)


def test_device_and_precision(monkeypatch):
    assert choose_device("cpu") == "cpu"
    assert choose_precision("bf16", "cpu") == "bf16"
    assert choose_precision("auto", "mps") == "fp32"
    assert choose_precision("auto", "cpu") in ("fp32", "bf16")
    for gain, precision in ((0.0, "fp32"), (0.5, "fp32"), (1.1, "fp32"), (1.5, "fp32"), (2.0, "bf16")):
        monkeypatch.setattr(devices, "_bfloat16_gain", lambda gain=gain: gain)
        assert choose_precision("auto", "cpu") == precision
    if not torch.cuda.is_available():
        with pytest.raises(UserError, match="no cuda device is available"):
            choose_device("cuda")


def test_a_torch_without_onednn_and_one_disturbed_measurement_choose_nothing(monkeypatch):
    class Bare:
        """The operators of a torch for Macs, which lacks this one."""

        mkldnn = object()

    with monkeypatch.context() as patch:
        patch.setattr(torch, "ops", Bare)
        devices._bfloat16_gain.cache_clear()
        assert devices._bfloat16_gain() == 0
    monkeypatch.setattr(devices, "_has_bfloat16", lambda: True)
    # Of 1 + REPEATS pairs, the bfloat16 halves of three took no time at all, as on a machine that does other things.
    clock, now = [], 0.0
    for pair in range(1 + devices.REPEATS):
        for seconds in (1.0, 0.0 if pair in (3, 5, 8) else 1.0):
            clock += [now, now + seconds]
            now += seconds
    times = iter(clock)
    monkeypatch.setattr(devices.time, "thread_time", lambda: next(times))
    devices._bfloat16_gain.cache_clear()
    assert devices._bfloat16_gain() == 1
    devices._bfloat16_gain.cache_clear()


def test_clipping_has_the_bound_of_the_settings():
    run = trainer(penalty="clip", penalty_weight=0.02)
    run.iterate()
    assert 0.01 < weights(run.state.discriminator).abs().max() <= 0.02
