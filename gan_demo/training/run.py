"""A run trains a model from its settings to the finished checkpoint, and can be stopped and resumed on the way."""

import contextlib
import functools
import math
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from gan_demo import data, distributed, files
from gan_demo.belief.best_response import current_figures
from gan_demo.checkpoint import CARD_FILE, STATE_FILE, read_config
from gan_demo.data import looking
from gan_demo.errors import Stopped, UserError
from gan_demo.evaluation import best_response, card, evaluate, tables, typical
from gan_demo.gan import GAN
from gan_demo.hub import Publisher
from gan_demo.latent import direction_search
from gan_demo.progress import Bar
from gan_demo.settings import Settings
from gan_demo.shell import command
from gan_demo.training import epochs, loggers, origin, run_folder, speed
from gan_demo.training.held_out import HeldOut
from gan_demo.training.history_writer import HistoryWriter, column_means, snapshot, thin_snapshots, warn
from gan_demo.training.iteration import METRICS, Trainer
from gan_demo.training.live_writer import LiveWriter

LOG_EVERY = 50  # iterations from one look at the device to the next
SAVE_EVERY_SECONDS = 10  # the least time between two: short epochs would spend theirs on writing
LIGHT_EVALUATIONS = 10  # of 2,000 samples each, evenly along a run


class Diverged(Exception):
    """Numbers of the training are no longer finite; the words say which, and at which step."""


def train(
    settings: Settings,
    folder: str | Path,
    data_dir: str | Path | None = None,
    *,
    resume: bool = False,
    overwrite: bool = False,
    quiet: bool = False,
    publisher: Publisher | None = None,
    init_from: str | Path | None = None,
    with_best_response: bool = True,
    logger: str | None = None,
    with_typical: bool = True,
    with_forecast: bool = True,
) -> dict[str, Any]:
    """Train to the end, evaluate, and leave a checkpoint in `folder`; returns what metrics.json holds.

    `with_best_response`: it ends with the best answer to the generator, if there are pictures enough for one.
    `with_typical`: typical latents are found and truncation is measured, if there are pictures enough.
    `with_forecast`: it says first how long it will take, unless it is short or `quiet`.
    `init_from` is a checkpoint, a folder or "owner/name", whose weights the run begins with.
    `logger` is a key of `loggers.LOGGERS`, to which the lines of the history go, too.
    A `publisher` is called every `publisher.every` epochs; pushing the end of the run is left to the caller.
    Raises UserError for what a person can mend (the folder holds another model, the data set cannot be loaded, a
    loss became NaN), and Stopped after Ctrl-C or SIGTERM, when the state is saved.
    Of several processes the first writes and evaluates; the others return {}.
    """
    folder = Path(folder)
    run_folder.check_folder(folder, resume, overwrite)
    loggers.check(logger)
    trainer = Trainer(settings, _pictures(settings, data_dir))
    earlier = None
    if init_from is not None and not resume:
        earlier = origin.begin_from(trainer, init_from)
    writer = HistoryWriter()
    distributed.wait()  # before the first of several processes changes what the others look at
    good: list[GAN] = []
    with run_folder.alone(folder), contextlib.ExitStack() as at_the_end:
        if resume:
            run_folder.load_state(folder, trainer, writer)
        elif distributed.first():
            run_folder.clear(folder)
        if earlier:
            earlier.carry(writer, folder)
        if distributed.first() and not quiet:
            print(f"Training on {settings.device} with --precision {settings.precision}", file=sys.stderr)
            if new := trainer.origin.get("new"):
                print(f"Not taken over from {trainer.origin['name']}, and new: {', '.join(new)}", file=sys.stderr)
        # Of several processes none may wait for another's look, and all would have to turn a knob at once.
        live = LiveWriter(trainer, writer, folder) if distributed.count() == 1 else None
        if live:
            at_the_end.callback(live.end)
        log = loggers.start(logger, folder, settings, resume) if distributed.first() else None
        if log and not quiet:
            print(f"Logging to {logger}: {log.where}", file=sys.stderr)
        with contextlib.ExitStack() as while_training:
            signals = while_training.enter_context(_stop_signals())
            if with_forecast and not quiet and (sentence := speed.forecast(trainer)) and distributed.first():
                print(f"{sentence}; its evaluation comes after that", file=sys.stderr)
            bar = while_training.enter_context(_bar(trainer, quiet or not distributed.first()))
            try:
                _train(trainer, writer, folder, data_dir, signals, bar, publisher, good, live, log)
            except Diverged as error:
                last = good[0] if good else None
                kept = run_folder.keep(last, trainer, writer, folder) if distributed.first() else ""
                distributed.wait()  # torchrun ends all processes when one has ended, and the first must have written
                raise UserError(f"{error}; {kept}. Start again with smaller --lr-g and --lr-d") from None
            except OSError:  # a full disk, which a picture or an epoch has met before the state
                if distributed.first():
                    run_folder.save_in_need(trainer, writer, folder)
                raise
            finally:
                if log:
                    log.close()
        if not distributed.first():
            return {}
        besides = with_best_response, with_typical, live
        metrics = _finish(writer, folder, data_dir, settings.device, quiet, *besides)
        if live:
            live.remove()
        return metrics


def _finish(
    writer: HistoryWriter,
    folder: Path,
    data_dir: str | Path | None,
    device: str,
    quiet: bool,
    best: bool,
    truncated: bool,
    live: LiveWriter | None,
) -> dict[str, Any]:
    """Measure the model and describe it; returns what metrics.json holds."""
    thin_snapshots(writer, folder)

    def tell(kind: str, step: str) -> None:
        if not quiet:
            print(f"{kind}: {step}", file=sys.stderr)
        if live:
            live.measuring(step)

    told = functools.partial(tell, "Evaluation")
    metrics = evaluate.evaluate_checkpoint(folder, data_dir=data_dir, device=device, progress=told)
    try:
        files.write_text(folder / CARD_FILE, card.render(read_config(folder), metrics))
    except OSError as error:
        line = f"{folder / CARD_FILE} cannot be written ({error.strerror}); what was measured is above"
        raise evaluate.NotWritten(line, metrics) from None
    _find_directions(folder, device, functools.partial(tell, "Directions"))
    enough = len(data.load(read_config(folder).dataset, data_dir).images) >= best_response.ENOUGH
    if truncated and enough:
        metrics |= _truncate(folder, data_dir, device, functools.partial(tell, "Truncation"))
    if best and enough:
        metrics = _answer(folder, data_dir, device, quiet, metrics, live)
    (folder / STATE_FILE).unlink(missing_ok=True)  # a finished run has nothing to resume
    return metrics


def _answer(
    folder: Path,
    data_dir: str | Path | None,
    device: str,
    quiet: bool,
    metrics: dict[str, Any],
    live: LiveWriter | None = None,
) -> dict[str, Any]:
    """Write the best response and what the card says of it; returns `metrics` with it.

    A failure is printed and goes no further, and so does Ctrl-C: the training is done.
    """
    again = command("best-response", folder)
    try:
        with Bar(total=1.0, bar_format="Best response: {desc} |{bar:20}| {remaining} left", disable=quiet) as bar:

            def tick(about: str, done: float) -> None:
                bar.set_description_str(about, refresh=False)
                bar.update(done - bar.n)
                if live:
                    live.measuring(f"best response: {about}")

            best_response.write_best_response(folder, data_dir, device, tick)
        card.renew(folder)
    except KeyboardInterrupt:
        print(f"The best response is left out; {again} goes on with it", file=sys.stderr)
    except (UserError, OSError) as error:
        print(f"There is no best response ({' '.join(str(error).split())[:200]}): {again} tries again", file=sys.stderr)
    return tables.with_best_response(metrics, current_figures(folder))


def _truncate(folder: Path, data_dir: str | Path | None, device: str, tell: Callable[[str], None]) -> dict[str, Any]:
    """Find typical latents and measure truncation; returns what is new in metrics.json.

    A failure is printed and goes no further, and so does Ctrl-C: the training is done.
    """
    again = command("typical", folder)
    try:
        return {"truncation": typical.end_training(folder, data_dir, device, tell)}
    except KeyboardInterrupt:
        print(f"Typical latents are left out; {again} finds them", file=sys.stderr)
    except (UserError, OSError) as error:
        print(f"There are no typical latents ({' '.join(str(error).split())[:200]}): {again}", file=sys.stderr)
    return {}


def _pictures(settings: Settings, data_dir: str | Path | None) -> data.Split:
    """The training pictures; says on stderr what a person should know of their own. Raises UserError."""
    split = data.load(settings.dataset, data_dir)
    if settings.conditional:
        split.check_classes(settings.dataset)
    if settings.dataset not in data.SOURCES:
        test = data.load(settings.dataset, data_dir, train=False)
        for line in looking.remarks(split, test, data.title(settings.dataset)):
            if distributed.first():
                print(f"{looking.SAID}{line}.", file=sys.stderr)
    return split


def _find_directions(folder: Path, device: str, tell: Callable[[str], None]) -> None:
    """Write directions.safetensors. A failure is printed and goes no further: the training is worth more."""
    try:
        direction_search.find_for(folder, device=device, progress=tell)
    except Exception as error:
        why = " ".join(str(error).split())[:200]
        print(f"No directions were found ({why}): {command('directions', folder)} tries again", file=sys.stderr)


def _train(
    trainer: Trainer,
    writer: HistoryWriter,
    folder: Path,
    data_dir: str | Path | None,
    signals: list[int],
    bar: Bar,
    publisher: Publisher | None,
    good: list[GAN] | None = None,
    live: LiveWriter | None = None,
    log: loggers.Logger | None = None,
) -> None:
    """Iterate to the end, writing after epochs and before stopping.

    `good` gets the model after the last epoch at which all of its numbers were finite.
    """
    settings, state = trainer.settings, trainer.state
    evaluate_every = max(1, round(settings.epochs / LIGHT_EVALUATIONS))
    held_out = HeldOut(data.load(settings.dataset, data_dir, train=False), trainer)
    saved_at = time.monotonic()
    keeper = epochs.Keeper(trainer.gan(), folder, -(-trainer.steps // trainer.steps_per_epoch))
    if state.step == 0 and distributed.first() and not writer.carried:
        snapshot(trainer.gan(), writer, folder)
    while state.step < trainer.steps:
        _interval(trainer, writer, bar, signals, live)
        stop = distributed.any_of(bool(signals), trainer.device)
        # No rows: stopped before the first iteration of an epoch.
        ended = bool(writer.rows) and (state.step % trainer.steps_per_epoch == 0 or state.step == trainer.steps)
        if ended:
            line = writer.finish_epoch(trainer, held_out.figures(trainer))
        if ended and distributed.first():
            gan = trainer.gan()
            if not _is_finite(gan):
                raise Diverged(f"a weight became NaN or infinite at step {state.step}")
            if good is not None:
                good[:] = [gan]
            snapshot(gan, writer, folder)
            keeper.keep(gan, writer.own, len(writer.epochs))
            if writer.own % evaluate_every == 0:
                line["evaluation"] = evaluate.evaluate_light(gan, settings.dataset, data_dir)
            warn(writer, line, bar)
            if log:
                log.epoch(line)
        last = state.step == trainer.steps
        every = publisher.every if publisher else 0
        due = bool(every) and ended and not last and len(writer.epochs) % every == 0
        late = time.monotonic() - saved_at > SAVE_EVERY_SECONDS
        if distributed.first() and (stop or due or (ended and (last or late))):
            run_folder.save(trainer, writer, folder)
            saved_at = time.monotonic()
        if publisher and due:
            publisher.epoch(len(writer.epochs))
        if stop:
            distributed.wait()  # torchrun ends all processes when the first has ended, and that one must have saved
            raise Stopped(signals[0] if signals else signal.SIGTERM)


def _interval(
    trainer: Trainer,
    writer: HistoryWriter,
    bar: Bar,
    signals: list[int],
    live: LiveWriter | None = None,
) -> None:
    """Iterate until the next look at the device or the end of the epoch; then read the metrics, which waits for it."""
    settings, state = trainer.begun, trainer.state
    pending, whole, looked_for = [], False, 0.0
    started = time.perf_counter()
    # One process stops at once; several stop together, at the end of the interval.
    while not (whole or (signals and distributed.count() == 1)):
        if live:
            _turn_knobs(trainer, live, bar)
        pending.append(trainer.iterate())
        if live:
            looked_for += live.tick(pending[-1])
        position = state.step % trainer.steps_per_epoch
        whole = position == 0 or position % LOG_EVERY == 0 or state.step == trainer.steps
    if not pending:
        return
    # Of the last iteration only: the gradients of the others are gone.
    looked = distributed.mean(torch.cat([torch.stack(pending).flatten(), trainer.gradient_norms().to(pending[0])]))
    *figures, norm_d, norm_g = looked.tolist()  # this waits for the device
    seconds = time.perf_counter() - started - looked_for
    rows = [figures[i : i + len(METRICS)] for i in range(0, len(figures), len(METRICS))]
    for index, row in enumerate(rows):
        if not all(map(math.isfinite, row)):
            raise Diverged(f"a loss became NaN or infinite at step {state.step - len(rows) + index + 1}")
    writer.rows += rows
    if whole:  # where somebody stopped the run must not show in its history
        writer.gradient_norms.append((norm_d, norm_g))
    writer.epoch_seconds += seconds
    state.seconds += seconds
    means = dict(zip(METRICS, column_means(rows), strict=True))
    bar.set_description(f"epoch {writer.own + 1}/{settings.epochs}", refresh=False)
    logit = trainer.objective.output == "logit"
    real, fake = (means[f"{'d' if logit else 'score'}_{kind}"] for kind in ("real", "fake"))
    bar.set_postfix_str(f"D(real) {real:.2f}, D(fake) {fake:.2f}", refresh=False)
    bar.update(len(rows) * settings.batch_size * settings.d_steps)


def _turn_knobs(trainer: Trainer, live: LiveWriter, bar: Bar) -> None:
    """Change of the training what somebody wants changed, and say so."""
    try:
        changes = live.control.look(trainer)
    except UserError as error:
        live.refuse(str(error))
        return
    if changes is None:
        return
    live.refuse("")
    for change in changes:
        words = ", ".join(f"{name} {value}" for name, value in change.items() if name != "step")
        if not bar.disable:
            bar.write(f"Step {change['step']}: {words}", file=sys.stderr)


def _is_finite(gan: GAN) -> bool:
    return all(
        bool(tensor.isfinite().all())
        for network in (gan.generator, gan.discriminator)
        for tensor in network.state_dict().values()
    )


def _bar(trainer: Trainer, quiet: bool) -> Bar:
    per_step = trainer.settings.batch_size * trainer.settings.d_steps
    return Bar(
        total=trainer.steps * per_step,
        initial=trainer.state.step * per_step,
        unit=" images",
        unit_scale=True,
        disable=quiet,
        bar_format="{desc} {percentage:3.0f}% |{bar:20}| {rate_fmt}, {remaining} left{postfix}",
    )


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """Collect Ctrl-C and SIGTERM in a list instead of ending; a second one has its usual effect."""
    received: list[int] = []

    def receive(number: int, frame: Any) -> None:
        received.append(number)
        signal.signal(number, handlers[number])

    handlers: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in handlers:
        signal.signal(number, receive)
    try:
        yield received
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
