"""A sweep: a training for each point of a grid of settings, as processes here or by somebody else's scheduler.

    output: runs/objectives          # a folder for each training, and results.csv
    settings:                        # of all of them, as the flags of train.py have them
      dataset: digits
      epochs: 100
    grid:                            # every combination is trained
      objective: [non-saturating, hinge]
      seed: [0, 1, 2]

A sweep that is called again leaves out what has finished and goes on with what was stopped. There is no scheduler here:
`concurrent.futures` has the pool, and submitit (for SLURM) or Ray take its place where one of these is asked for.
"""

import concurrent.futures
import csv
import dataclasses
import importlib
import io
import itertools
import math
import multiprocessing
import os
import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
import yaml

from gan_demo import files
from gan_demo.checkpoint import METRICS_FILE, STATE_FILE, read_config
from gan_demo.config import Config
from gan_demo.devices import choose_device, choose_precision, prepare
from gan_demo.errors import Stopped, UserError
from gan_demo.evaluation import tables
from gan_demo.settings import Settings
from gan_demo.training import run, run_folder

RESULTS_FILE = "results.csv"
MAX_BYTES = 100_000
MOST = 1_000  # trainings of a sweep
MAX_NAME = 100  # characters of a training's folder
FIGURES = ("frechet_distance", "precision", "recall", "density", "coverage")  # columns of the table
FIELDS = {field.name for field in dataclasses.fields(Settings)}


class Task(NamedTuple):
    """One training of a sweep: plain values, so that it can be sent to another process or machine."""

    name: str
    folder: str
    chosen: dict[str, Any]  # fields of Settings, "model" among them
    varied: dict[str, Any]  # those of the grid
    data_dir: str | None = None
    best_response: bool = False

    @property
    def place(self) -> Path:
        """The folder of the run."""
        return Path(self.folder)


class Result(NamedTuple):
    """What became of a training."""

    task: Task
    figures: dict[str, float]  # {} where it has not finished
    problem: str = ""  # in a line


def read(path: str | Path, data_dir: str | None = None, best_response: bool = False) -> tuple[Path, list[Task]]:
    """The output folder and the trainings that a sweep.yaml asks for; raises UserError.

    Every combination is checked as `train.py` checks its flags, before the first is trained.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
        asked = yaml.safe_load(content) if len(content) <= MAX_BYTES else None
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror})") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UserError(f"{path} is not YAML ({' '.join(str(error).split())[:200]})") from None
    if not isinstance(asked, dict) or not asked.keys() <= {"output", "settings", "grid"}:
        raise UserError(f"{path} has output, settings and grid, and nothing else")
    settings, grid = asked.get("settings") or {}, asked.get("grid") or {}
    if not isinstance(settings, dict) or not isinstance(grid, dict):
        raise UserError(f"{path}: settings and grid are names with values")
    output = Path(str(asked.get("output") or Path("runs") / path.stem))
    names = [*map(_field, grid)]
    for name, values in zip(names, grid.values(), strict=True):
        if not isinstance(values, list) or not values:
            raise UserError(f"{path}: grid: {name} is a list of values")
    combinations = list(itertools.islice(itertools.product(*grid.values()), MOST + 1))
    if len(combinations) > MOST:
        raise UserError(f"{path} asks for more than {MOST} trainings")
    fixed = {_field(name): value for name, value in settings.items()}
    tasks = []
    for values in combinations:
        varied = dict(zip(names, values, strict=True))
        chosen = {**fixed, **varied}
        settings_of(chosen)  # says now what makes no sense
        name = _name(varied)
        tasks.append(Task(name, str(output / name), chosen, varied, data_dir, best_response))
    if len({task.name for task in tasks}) < len(tasks):
        raise UserError(f"{path}: two trainings of the grid would have one folder: a value is there twice")
    return output, tasks


def _field(name: Any) -> str:
    field = str(name).replace("-", "_")
    if field not in FIELDS:
        raise UserError(f"{name!r} is no setting: they are {', '.join(sorted(FIELDS))}")
    return field


def _name(varied: dict[str, Any]) -> str:
    """The folder of a training: the settings that the grid varies, such as objective=hinge,seed=1."""
    words = ",".join(f"{name}={Path(str(value)).name}" for name, value in varied.items()) or "run"
    plain = "".join(letter if letter.isalnum() or letter in "=,.-_+" else "-" for letter in words)
    return plain[:MAX_NAME].lstrip(".")


def settings_of(chosen: dict[str, Any], device: str = "cpu", precision: str = "fp32") -> Settings:
    """The settings of a training, on a device and with a precision that were chosen for it; raises UserError."""
    values: dict[str, Any] = {"device": device, "precision": precision}
    for name, value in chosen.items():
        if name in values:  # it may be "auto"
            continue
        values[name] = float(value) if _is_number_as_text(name, value) else value
    return Settings.of(values.pop("model", "mlp"), **values)


def _is_number_as_text(name: str, value: Any) -> bool:
    """YAML 1.1 takes 1e-3, which has no point, for a text."""
    wanted = next(field.type for field in dataclasses.fields(Settings) if field.name == name)
    if wanted is not float or not isinstance(value, str):
        return False
    try:
        float(value)
    except ValueError:
        return False
    return True


def train(task: Task) -> Result:
    """Train one task, or go on with it, or find that it has finished; what goes wrong is in the result."""
    folder = task.place
    try:
        if is_finished(folder):
            return finished(task)
        device = choose_device(str(task.chosen.get("device", "auto")))
        precision = str(task.chosen.get("precision", "auto"))
        prepare(device)
        resume = (folder / STATE_FILE).exists()
        settings = settings_of(task.chosen, device, choose_precision(precision, device))
        if resume:  # where it was, and in what numbers it began: these were chosen by what the machine has
            own = run_folder.read_settings(folder)
            settings = dataclasses.replace(settings, device=own.device, precision=own.precision)
        run.train(
            settings,
            folder,
            task.data_dir,
            resume=resume,
            quiet=True,
            with_best_response=task.best_response,
            with_typical=False,  # of the one that is kept: gan-demo typical
        )
        return finished(task)
    except UserError as error:
        return Result(task, {}, str(error))
    except Stopped:
        return Result(task, {}, "stopped, and saved")
    except OSError as error:
        return Result(task, {}, f"{error.strerror}: {error.filename}")


def is_finished(folder: Path) -> bool:
    """Whether a training has come to its end there, and was measured."""
    return (folder / METRICS_FILE).is_file() and not (folder / STATE_FILE).exists()


def finished(task: Task) -> Result:
    """What a finished training reached; raises UserError where its figures are damaged or another training's."""
    metrics = tables.current_metrics(task.folder)
    if metrics is None:
        return Result(task, {}, f"{task.folder} has no figures of its weights")
    differ = _differ(read_config(task.folder), task)
    if differ:
        return Result(task, {}, f"{task.folder} holds a training with another {differ.replace('_', ' ')}")
    return Result(task, {name: metrics["model"][name] for name in FIGURES if name in metrics["model"]})


def _differ(config: Config, task: Task) -> str | None:
    """The first setting of a task that the training in its folder was not started with."""
    wanted = vars(settings_of(task.chosen))
    for name, value in config.training.items():
        if name in wanted and name not in ("device", "precision", "graph") and wanted[name] != value:
            return name
    return None


def here(tasks: Sequence[Task], jobs: int) -> Iterator[Result]:
    """Train in `jobs` processes of this machine; results come as they end.

    Ctrl-C reaches the trainings, too, which save; no other is begun.
    """
    todo = iter(tasks)
    running: dict[concurrent.futures.Future[Result], Task] = {}
    # Not forks: torch's threads do not survive one.
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(jobs, spawn, _share_cores, (jobs,)) as pool:
        while True:
            # As many as there are processes: the pool would begin with others when somebody stops these.
            for task in itertools.islice(todo, jobs - len(running)):
                running[pool.submit(train, task)] = task
            if not running:
                return
            for future in concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED).done:
                task = running.pop(future)
                try:
                    yield future.result()
                except concurrent.futures.BrokenExecutor:
                    yield Result(task, {}, "a process of the pool has ended: call the command again")
                    todo = iter(())


def _share_cores(jobs: int) -> None:
    """Give this process its part of the cores: more threads than cores would wait for each other."""
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, torch.get_num_threads() // jobs))


def by_submitit(tasks: Sequence[Task], jobs: int) -> Iterator[Result]:
    """Train as jobs of SLURM, `jobs` at once; where there is no SLURM, submitit starts them here."""
    library = _library("submitit")
    executor = library.AutoExecutor(folder=str(Path(tasks[0].folder).parent / "submitit"))
    executor.update_parameters(timeout_min=24 * 60, slurm_array_parallelism=jobs)
    for job, task in zip(executor.map_array(train, tasks), tasks, strict=True):
        try:
            yield job.result()
        except Exception as error:  # of the library, or of the cluster
            yield Result(task, {}, " ".join(str(error).split())[:200])


def by_ray(tasks: Sequence[Task], jobs: int) -> Iterator[Result]:
    """Train as tasks of Ray, `jobs` at once here; a cluster that the environment names decides itself."""
    library = _library("ray")
    if not library.is_initialized():
        library.init(num_cpus=jobs, ignore_reinit_error=True)
    waiting = {library.remote(train).remote(task): task for task in tasks}
    while waiting:
        (done, *_), _ = library.wait(list(waiting), num_returns=1)
        task = waiting.pop(done)
        try:
            yield library.get(done)
        except Exception as error:
            yield Result(task, {}, " ".join(str(error).split())[:200])


PLACES: dict[str, Callable[[Sequence[Task], int], Iterator[Result]]] = {
    "here": here,
    "submitit": by_submitit,
    "ray": by_ray,
}


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UserError(f"--on {name} needs a library that is not installed: pip install {name}") from None


def write(results: Sequence[Result], output: Path) -> None:
    """Write results.csv: a row a training."""
    buffer = io.StringIO()
    rows = csv.writer(buffer, lineterminator="\n")
    varied = list(results[0].task.varied)
    rows.writerow([*varied, *FIGURES, "problem", "folder"])
    for result in results:
        figures = [result.figures.get(name, "") for name in FIGURES]
        rows.writerow([*result.task.varied.values(), *figures, result.problem, result.task.name])
    files.write_text(output / RESULTS_FILE, buffer.getvalue())


HEADS = [name.replace("_", " ").replace("frechet", "Fréchet") for name in FIGURES]


def table(results: Sequence[Result]) -> str:
    """The trainings and what they reached, the smallest Fréchet distance first."""
    varied = list(results[0].task.varied)
    ordered = sorted(results, key=lambda result: result.figures.get("frechet_distance", float("inf")))
    cells = [[*varied, *HEADS]]
    for result in ordered:
        figures = [f"{result.figures[name]:.3g}" if name in result.figures else "-" for name in FIGURES]
        cells.append([*map(str, result.task.varied.values()), *figures])
    problems = [f"{result.task.name}: {result.problem}" for result in ordered if result.problem]
    return "\n".join([tables.aligned(cells), *problems])


def over_seeds(results: Sequence[Result]) -> str:
    """Mean and spread of each figure over the seeds of a grid, the smallest mean distance first; "" without several.

    The spread is the standard deviation with n - 1 in the denominator: of three seeds a coarse one. Trainings without
    figures are left out, and `seeds` says how many there were.
    """
    if len({result.task.varied.get("seed") for result in results}) < 2:
        return ""
    varied = [name for name in results[0].task.varied if name != "seed"]
    rows: dict[tuple[str, ...], list[dict[str, float]]] = {}
    for result in results:
        if result.figures:
            rows.setdefault(tuple(str(result.task.varied[name]) for name in varied), []).append(result.figures)

    def column(several: list[dict[str, float]], name: str) -> list[float]:
        return [figures[name] for figures in several if name in figures]

    def shown(values: list[float]) -> str:
        if len(values) < 2:
            return f"{values[0]:.3g}" if values else "-"
        return f"{statistics.mean(values):.3g} ± {statistics.stdev(values):.2g}"

    def distance(row: tuple[tuple[str, ...], list[dict[str, float]]]) -> float:
        return statistics.mean(column(row[1], "frechet_distance") or [math.inf])

    cells = [[*varied, "seeds", *HEADS]]
    for point, several in sorted(rows.items(), key=distance):
        cells.append([*point, str(len(several)), *(shown(column(several, name)) for name in FIGURES)])
    return tables.aligned(cells)
