"""A run: a training with a folder of its own, a log, and a state from which it goes on after a stop."""

import dataclasses
import io
import math
import platform
import re
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch.nn.utils import get_total_norm
from tqdm import tqdm

from gan_demo import data, distributed, files
from gan_demo.checkpoint import (
    CARD_FILE,
    CONFIG_FILE,
    DIRECTIONS_FILE,
    HISTORY_FILE,
    METRICS_FILE,
    OUTPUTS_FILE,
    SAMPLES_FILE,
    SNAPSHOTS_FOLDER,
    STATE_FILE,
    WEIGHTS_FILE,
    read_config,
)
from gan_demo.errors import UserError
from gan_demo.evaluation import card, evaluate
from gan_demo.hub import Publisher
from gan_demo.latent import directions
from gan_demo.settings import Settings
from gan_demo.training.history_writer import Log, column_means, snapshot, thin_snapshots, warn, write_samples
from gan_demo.training.iteration import METRICS, Trainer

CHECKPOINT_FILES = (
    *(CONFIG_FILE, WEIGHTS_FILE, CARD_FILE, METRICS_FILE),
    *(HISTORY_FILE, SAMPLES_FILE, DIRECTIONS_FILE),
)
# What a run leaves that ends before it has saved a state. The card is not among it: it is written last, and a README.md
# may be of anything.
EARLY_FILES = {*CHECKPOINT_FILES, SNAPSHOTS_FOLDER} - {CARD_FILE}
LOG_EVERY = 50  # iterations from one look at the device to the next
SAVE_EVERY_SECONDS = 10  # at least, so that short epochs do not spend their time on writing
LIGHT_EVALUATIONS = 10  # along a run


class Stopped(Exception):
    """Somebody asked the run to stop, and it is saved; `args[0]` is the signal's number."""


def train(
    settings: Settings,
    folder: str | Path,
    data_dir: str | Path | None = None,
    *,
    resume: bool = False,
    overwrite: bool = False,
    quiet: bool = False,
    publisher: Publisher | None = None,
) -> dict[str, Any]:
    """Train to the end, evaluate, and leave a checkpoint in `folder`; returns what metrics.json holds.

    A `publisher` is told of every `publisher.every` epochs; pushing the end of the run is left to the caller.
    Raises UserError for what a person can mend (the folder holds another model, a data set that cannot
    be had, losses that became NaN) and Stopped after Ctrl-C or SIGTERM, when the state is saved.
    Of several processes the first writes and evaluates; the others return nothing.
    """
    folder = Path(folder)
    check_folder(folder, resume, overwrite)
    trainer = Trainer(settings, data.load(settings.dataset, data_dir))
    log = Log()
    distributed.wait()  # before the first of several processes changes what the others look at
    if resume:
        _load_state(folder, trainer, log)
    elif distributed.first():
        _clear(folder)
    with _stop_signals() as signals, _bar(trainer, quiet or not distributed.first()) as bar:
        _train(trainer, log, folder, data_dir, signals, bar, publisher)
    if not distributed.first():
        return {}
    thin_snapshots(log, folder)

    def tell(step: str) -> None:
        if not quiet:
            print(f"Evaluation: {step}", file=sys.stderr)

    metrics = evaluate.evaluate_checkpoint(folder, data_dir=data_dir, device=settings.device, progress=tell)
    files.write_text(folder / "README.md", card.render(read_config(folder), metrics))
    _find_directions(folder, settings.device, quiet)
    (folder / STATE_FILE).unlink(missing_ok=True)  # a finished run has nothing to resume
    return metrics


def _find_directions(folder: Path, device: str, quiet: bool) -> None:
    """Write directions.safetensors; whatever goes wrong, the training is worth more."""

    def tell(step: str) -> None:
        if not quiet:
            print(f"Directions: {step}", file=sys.stderr)

    try:
        directions.find_for(folder, device=device, progress=tell)
    except Exception as error:
        why = " ".join(str(error).split())[:200]
        command = f"python -m gan_demo.directions {shlex.quote(str(folder))}"
        print(f"No directions were found ({why}): {command} tries again", file=sys.stderr)


def check_folder(folder: Path, resume: bool, overwrite: bool) -> None:
    """Raise UserError unless a run may write into `folder`."""
    holds_state, holds_model = (folder / STATE_FILE).exists(), (folder / WEIGHTS_FILE).exists()
    if resume and not holds_state:
        raise UserError(
            f"nothing to resume: {folder} holds "
            + ("a finished run" if holds_model else "no run")
            + "; leave out --resume to start one"
        )
    if resume or not folder.exists():
        return
    if not folder.is_dir():
        raise UserError(f"{folder} is a file: name a folder with --output")
    if not (holds_state or holds_model):
        if any(folder.iterdir()) and not _is_unfinished(folder):
            raise UserError(f"{folder} holds other files: name a new folder with --output")
    elif not overwrite:
        resumable = "--resume to go on with it, " if holds_state else ""
        raise UserError(
            f"{folder} already holds a model: add {resumable}--overwrite to replace it, or --output with another folder"
        )


def _is_unfinished(folder: Path) -> bool:
    """Whether `folder` holds nothing but what a run left that saved neither a state nor a model."""
    names = {path.name for path in folder.iterdir() if not files.is_temporary(path)}
    drawn = folder / SNAPSHOTS_FOLDER
    return (
        bool(names & {SNAPSHOTS_FOLDER, HISTORY_FILE})  # the other names are anybody's
        and names <= EARLY_FILES
        and all(_is_of_snapshots(path) for path in (drawn.iterdir() if drawn.is_dir() else ()))
    )


def _is_of_snapshots(path: Path) -> bool:
    return path.match("epoch-*.png") or path.name == OUTPUTS_FILE or files.is_temporary(path)


def read_settings(folder: str | Path) -> Settings:
    """The settings of the stopped run in `folder`; raises UserError."""
    settings = _read_state(Path(folder))["settings"]
    try:
        return Settings(**settings)
    except TypeError:
        raise UserError(f"{folder} was started by another version of this project: start again") from None


def check_same(folder: Path, own: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Raise UserError that names each wanted setting which the run in `folder` was not started with."""
    differ = [
        f"--{name.replace('_', '-')} is {value} and was {own.get(name)}"
        for name, value in wanted.items()
        if value != own.get(name)
    ]
    if differ:
        raise UserError(f"{folder} was started with other settings: {'; '.join(differ)}")


def _train(
    trainer: Trainer,
    log: Log,
    folder: Path,
    data_dir: str | Path | None,
    signals: list[int],
    bar: tqdm,
    publisher: Publisher | None,
) -> None:
    """Iterate to the end, writing after epochs and before stopping."""
    settings, state = trainer.settings, trainer.state
    evaluate_every = max(1, round(settings.epochs / LIGHT_EVALUATIONS))
    saved_at = time.monotonic()
    if state.step == 0 and distributed.first():
        snapshot(trainer.gan(), log, folder)
    while state.step < trainer.steps:
        _interval(trainer, log, bar, signals)
        stop = distributed.any_of(bool(signals), trainer.device)
        # No rows: stopped before the first iteration of an epoch.
        ended = bool(log.rows) and (state.step % trainer.steps_per_epoch == 0 or state.step == trainer.steps)
        if ended:
            line = log.finish_epoch(trainer)
        if ended and distributed.first():
            gan = trainer.gan(**_results(trainer))
            snapshot(gan, log, folder)
            if len(log.epochs) % evaluate_every == 0:
                line["evaluation"] = evaluate.evaluate_light(gan, settings.dataset, data_dir)
            warn(log, line, bar)
        last = state.step == trainer.steps
        due = bool(publisher and publisher.every) and ended and not last and len(log.epochs) % publisher.every == 0
        late = time.monotonic() - saved_at > SAVE_EVERY_SECONDS
        if distributed.first() and (stop or due or (ended and (last or late))):
            _save(trainer, log, folder)
            saved_at = time.monotonic()
        if due:
            publisher.epoch(len(log.epochs))
        if stop:
            distributed.wait()  # torchrun ends all processes when the first has ended, and that one shall have saved
            raise Stopped(signals[0] if signals else signal.SIGTERM)


def _interval(trainer: Trainer, log: Log, bar: tqdm, signals: list[int]) -> None:
    """Iterate until the next look at the device, or the end of the epoch; then take the look."""
    settings, state = trainer.settings, trainer.state
    pending, whole = [], False
    started = time.perf_counter()
    # Several processes stop together, at the end of the interval.
    while not (whole or (signals and distributed.count() == 1)):
        pending.append(trainer.iterate())
        position = state.step % trainer.steps_per_epoch
        whole = position == 0 or position % LOG_EVERY == 0 or state.step == trainer.steps
    if not pending:
        return
    norms = torch.stack(
        [_gradient_norm(network) for network in (state.discriminator, state.generator)]
    )  # of the last iteration
    looked = distributed.mean(torch.cat([torch.stack(pending).flatten(), norms.to(pending[0])]))
    looked = looked.tolist()  # waits for the device
    seconds = time.perf_counter() - started
    rows = [looked[i : i + len(METRICS)] for i in range(0, len(looked) - 2, len(METRICS))]
    for index, row in enumerate(rows):
        if not all(map(math.isfinite, row)):
            _diverged(state.step - len(rows) + index + 1, log)
    log.rows += rows
    if whole:  # where somebody stopped the run must not show in its log
        log.gradient_norms.append((looked[-2], looked[-1]))
    log.epoch_seconds += seconds
    state.seconds += seconds
    means = dict(zip(METRICS, column_means(rows), strict=True))
    bar.set_description(f"epoch {len(log.epochs) + 1}/{settings.epochs}", refresh=False)
    logit = trainer.objective.output == "logit"
    real, fake = (means[f"{'d' if logit else 'score'}_{kind}"] for kind in ("real", "fake"))
    bar.set_postfix_str(f"D(real) {real:.2f}, D(fake) {fake:.2f}", refresh=False)
    bar.update(len(rows) * settings.batch_size * settings.d_steps)


def _gradient_norm(network: torch.nn.Module) -> torch.Tensor:
    return get_total_norm([p.grad for p in network.parameters() if p.grad is not None])


def _diverged(step: int, log: Log) -> None:
    kept = f"the weights of epoch {len(log.epochs)} are kept" if log.epochs else "no epoch was finished"
    raise UserError(f"a loss became NaN or infinite at step {step}; {kept}. Start again with smaller --lr-g and --lr-d")


def _save(trainer: Trainer, log: Log, folder: Path) -> None:
    """Write the checkpoint as it is now, and the state from which the run goes on."""
    gan = trainer.gan(**_results(trainer))
    gan.save_pretrained(folder, half=True)  # `state.pt` has them whole
    write_samples(gan, folder / SAMPLES_FILE)
    log.write(folder / HISTORY_FILE)
    buffer = io.BytesIO()
    torch.save(
        {
            "settings": dataclasses.asdict(trainer.settings),
            "trainer": trainer.state.state_dict(),
            "pictures_sha256": trainer.pictures_sha256,
            "log": vars(log),
        },
        buffer,
    )
    files.write_bytes(folder / STATE_FILE, buffer.getvalue())


def _read_state(folder: Path) -> dict[str, Any]:
    path = folder / STATE_FILE
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        check_folder(folder, resume=True, overwrite=False)
        raise
    except Exception as error:  # torch.load has no error of its own
        raise UserError(f"{path} cannot be read ({' '.join(str(error).split())[:200]})") from None


def _load_state(folder: Path, trainer: Trainer, log: Log) -> None:
    saved = _read_state(folder)
    check_same(folder, saved["settings"], dataclasses.asdict(trainer.settings))
    was, now = len(saved["trainer"]["order"]), len(trainer.images)
    # States of earlier versions have no checksum.
    if was != now or saved.get("pictures_sha256", trainer.pictures_sha256) != trainer.pictures_sha256:
        raise UserError(
            f"the pictures of {trainer.settings.dataset} have changed since {folder} was stopped (for training: {was}"
            f" then, {now} now): bring those back, or start again with --overwrite"
        )
    trainer.state.load_state_dict(saved["trainer"])
    vars(log).update(saved["log"])


def _clear(folder: Path) -> None:
    """Remove what an earlier run left; `check_folder` has seen that it may go."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (STATE_FILE, *CHECKPOINT_FILES):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / SNAPSHOTS_FOLDER, ignore_errors=True)


def _results(trainer: Trainer) -> dict[str, Any]:
    """What came of the training, for the config."""
    return {
        "epochs_done": trainer.epoch,
        "steps_done": trainer.state.step,
        "seconds": round(trainer.state.seconds, 1),
        "hardware": hardware(trainer.device),
        "torch": torch.__version__,
    }


def hardware(device: torch.device) -> str:
    """What a figure was measured on, for people: "Intel(R) Xeon(R) Processor, 2 threads"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():  # on Linux, where `platform` knows only "x86_64"
        names = re.findall(r"^model name\s*: (.*)$", cpuinfo.read_text(), re.MULTILINE)
        name = names[0] if names else name
    threads = torch.get_num_threads()
    return name if device.type == "mps" else f"{name}, {threads} thread{'s' if threads > 1 else ''}"


def _bar(trainer: Trainer, quiet: bool) -> tqdm:
    per_step = trainer.settings.batch_size * trainer.settings.d_steps
    return tqdm(
        total=trainer.steps * per_step,
        initial=trainer.state.step * per_step,
        unit=" images",
        unit_scale=True,
        disable=quiet,
        mininterval=0.2 if sys.stderr.isatty() else 20,  # seconds; a log file wants few lines
        bar_format="{desc} {percentage:3.0f}% |{bar:20}| {rate_fmt}, {remaining} left{postfix}",
    )


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """Collect Ctrl-C and SIGTERM instead of dying of them; a second one has its usual effect."""
    received: list[int] = []

    def receive(number: int, frame: Any) -> None:
        received.append(number)
        signal.signal(number, previous[number])

    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in previous:
        signal.signal(number, receive)
    try:
        yield received
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
