"""Sweeps: what a file may ask for, that what has finished is not trained again, and who trains."""

import concurrent.futures
import csv
import functools
import itertools
import json
import sys
from types import SimpleNamespace

import pytest
from helpers.commands import ROOT, here

from gan_demo import cli
from gan_demo.checkpoint import read_config
from gan_demo.errors import Stopped, UserError
from gan_demo.evaluation import evaluate
from gan_demo.latent import direction_search
from gan_demo.training import run, sweep

pytestmark = pytest.mark.usefixtures("small_networks")
GRID = """
output: {output}
settings:
  dataset: digits
  epochs: 1
  batch-size: 512
  lr-d: 1e-3
grid:
  objective: [non-saturating, hinge]
  seed: [0, 1]
"""


class Here(concurrent.futures.Executor):
    """A pool whose processes are this one."""

    def __init__(self, jobs, context, prepare, values):
        assert (context.get_start_method(), values) == ("spawn", (jobs,))

    def submit(self, function, *arguments):
        done = concurrent.futures.Future()
        done.set_result(function(*arguments))
        return done


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(direction_search, "find_for", lambda *arguments, **how: None)
    monkeypatch.setattr(evaluate, "evaluate_checkpoint", functools.partial(evaluate.evaluate_checkpoint, samples=60))
    monkeypatch.setattr(sweep.concurrent.futures, "ProcessPoolExecutor", Here)


def asked(tmp_path, text=GRID):
    path = tmp_path / "sweep.yaml"
    path.write_text(text.format(output=tmp_path / "out"))
    return path


def test_a_sweep_is_trained_and_called_again_trains_only_what_is_left(tmp_path, monkeypatch):
    said = here(cli.main, "sweep", asked(tmp_path), "--jobs", 2)
    assert said.returncode == 0, said.stderr
    assert "4 trainings in" in said.stdout
    assert "of which 0 have finished" in said.stdout
    table = said.stdout.split("\n\n")[1].splitlines()
    assert table[0].split() == [
        "objective",
        "seed",
        "Fréchet",
        "distance",
        "precision",
        "recall",
        "density",
        "coverage",
    ]
    distances = [float(line.split()[2]) for line in table[1:]]
    assert distances == sorted(distances)
    assert len(distances) == 4
    means = said.stdout.split("\n\n")[2].splitlines()
    assert sorted(line.split()[:2] for line in means[1:]) == [["hinge", "2"], ["non-saturating", "2"]]
    with (tmp_path / "out" / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["objective"], row["seed"]) for row in rows] == [
        *(("non-saturating", "0"), ("non-saturating", "1"), ("hinge", "0"), ("hinge", "1"))
    ]
    config = json.loads((tmp_path / "out" / rows[3]["folder"] / "config.json").read_text())
    assert (config["objective"], config["training"]["seed"], config["training"]["lr_d"]) == ("hinge", 1, 0.001)

    trained = []
    monkeypatch.setattr(sweep, "train", lambda task: trained.append(task.name) or sweep.finished(task))
    again = here(cli.main, "sweep", asked(tmp_path))
    assert again.returncode == 0
    assert trained == []
    assert again.stdout.split("\n\n")[1] == said.stdout.split("\n\n")[1]
    (tmp_path / "out" / "objective=hinge,seed=1" / "state.pt").touch()  # it was stopped
    monkeypatch.setattr(sweep, "train", lambda task: trained.append(task.name) or sweep.Result(task, {}, "no luck"))
    failed = here(cli.main, "sweep", asked(tmp_path))
    assert trained == ["objective=hinge,seed=1"]
    assert failed.returncode == 2
    assert failed.stderr == "gan-demo sweep: 1 of 4 trainings have no figures; see above\n"
    assert "objective=hinge,seed=1: no luck" in failed.stdout
    other = asked(tmp_path, GRID.replace("1e-3", "2e-3"))
    assert "holds a training with another lr d" in here(cli.main, "sweep", other).stdout


def test_mean_and_spread_over_seeds_by_hand(tmp_path):
    _, tasks = sweep.read(asked(tmp_path, GRID.replace("[0, 1]", "[0, 1, 2]")))
    distances = {"non-saturating": (1.0, 2.0, 6.0), "hinge": (1.0, 2.0, None)}  # one of them went wrong
    results = [
        sweep.Result(task, {"frechet_distance": found, "coverage": 0.5} if found is not None else {})
        for task in tasks
        for found in [distances[task.chosen["objective"]][task.chosen["seed"]]]
    ]
    head, first, second = (line.split("  ") for line in sweep.over_seeds(results).splitlines())
    assert [cell.strip() for cell in head if cell] == ["objective", "seeds", *sweep.HEADS]
    assert [cell.strip() for cell in first if cell] == ["hinge", "2", "1.5 ± 0.71", "-", "-", "-", "0.5 ± 0"]
    # 3 and the root of (4 + 1 + 9) / 2
    assert [cell.strip() for cell in second if cell] == ["non-saturating", "3", "3 ± 2.6", "-", "-", "-", "0.5 ± 0"]
    assert sweep.over_seeds([result for result in results if result.task.varied["seed"] == 0]) == ""


def test_the_sweep_of_recipes_has_the_settings_of_the_mlps_that_ship_but_for_their_epochs():
    _, tasks = sweep.read(ROOT / "benchmarks" / "recipes.yaml")
    sought = {(task.chosen["recipe"], task.chosen["seed"]): task for task in tasks}
    shipped = [config.training for config in map(read_config, (ROOT / "checkpoints").glob("mlp*"))]
    shipped = {training["recipe"]: training for training in shipped if training["epochs"] == 50}
    assert sought.keys() == {(recipe, seed) for recipe in shipped for seed in range(3)}
    assert {task.chosen["epochs"] for task in tasks} == {10}  # as docs/evaluation.md says
    for recipe, training in shipped.items():
        wanted = vars(sweep.settings_of(sought[recipe, 0].chosen))
        own = {"device", "precision", "graph", "epochs"}  # of the machine and its time
        own |= {"penalty_every"} if recipe == "r3gan" else set()  # docs/evaluation.md says that it had another
        assert {name: value for name, value in training.items() if name in wanted.keys() - own} == {
            name: value for name, value in wanted.items() if name in training.keys() - own
        }


def test_the_sweep_of_style_generators_varies_what_it_says():
    _, tasks = sweep.read(ROOT / "benchmarks" / "style.yaml")
    assert {task.chosen["model"] for task in tasks} == {"style"}
    varied = [tuple(task.varied.values()) for task in tasks]
    assert varied == list(itertools.product((0.05, 0.5, 5.0), (0.0, 0.5), (0, 1)))


def test_a_training_that_goes_wrong_is_a_line_and_no_end(tmp_path, monkeypatch):
    task = sweep.read(asked(tmp_path))[1][0]
    for error, line in (
        (UserError("a loss became NaN"), "a loss became NaN"),
        (Stopped(2), "stopped, and saved"),
        (OSError(28, "No space left on device", "x"), "No space left on device: x"),
    ):

        def fail(*arguments, error=error, **how):
            raise error

        monkeypatch.setattr(run, "train", fail)
        assert sweep.train(task) == sweep.Result(task, {}, line)


def test_a_stopped_training_goes_on_with_the_precision_it_has(tmp_path, monkeypatch):
    _, (task, *_) = sweep.read(asked(tmp_path))
    task.place.mkdir(parents=True)
    (task.place / "state.pt").touch()
    own = sweep.settings_of(task.chosen, "cpu", "bf16")
    monkeypatch.setattr(sweep.run_folder, "read_settings", lambda folder: own)
    monkeypatch.setattr(sweep, "choose_precision", lambda wanted, device: "fp32")
    monkeypatch.setattr(sweep, "finished", lambda task: sweep.Result(task, {}))
    seen = []
    monkeypatch.setattr(run, "train", lambda settings, *others, **how: seen.append((settings, how["resume"])))
    sweep.train(task)
    assert seen == [(own, True)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("grid: {{lr: [1]}}", "'lr' is no setting"),
        ("grid: {{seed: 1}}", "seed is a list of values"),
        ("grid: {{seed: []}}", "seed is a list of values"),
        ("grid: {{seed: [0, 0]}}", "a value is there twice"),
        ("grid: {{seed: [a]}}", "--seed must be a whole number"),
        ("grid: {{objective: [x]}}", "unknown objective"),
        ("settings: {{lr-g: 0}}", "--lr-g must be more than 0"),
        ("settings: [1]", "names with values"),
        ("jobs: 2", "and nothing else"),
        ("[1", "is not YAML"),
        ("a: &a [*a]", "and nothing else"),
        ("!!python/object/apply:os.system ['touch /tmp/no']", "is not YAML"),
        (
            "grid: {{seed: ["
            + ",".join(map(str, range(40)))
            + "], epochs: ["
            + ",".join(map(str, range(1, 40)))
            + "]}}",
            "1000",
        ),
    ],
)
def test_what_a_file_may_not_ask_for_is_one_line(tmp_path, text, line):
    said = here(cli.main, "sweep", asked(tmp_path, text))
    assert said.returncode == 2
    assert line in said.stderr
    assert len(said.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_names_of_folders_stay_in_the_output(tmp_path):
    pictures = tmp_path / "pic tures"
    text = "output: {output}\ngrid: {{dataset: [digits, '" + str(pictures) + "'], seed: [1]}}"
    output, tasks = sweep.read(asked(tmp_path, text))
    assert [task.name for task in tasks] == ["dataset=digits,seed=1", "dataset=pic-tures,seed=1"]
    assert all(task.place.parent == output for task in tasks)


def test_submitit_and_ray_train_where_they_are_installed_and_asked_for(tmp_path, monkeypatch):
    tasks = sweep.read(asked(tmp_path))[1][:2]
    monkeypatch.setattr(sweep, "train", lambda task: sweep.Result(task, {"coverage": 0.5}))
    told = []

    class Executor:
        def __init__(self, folder):
            told.append(folder)

        def update_parameters(self, **how):
            told.append(how["slurm_array_parallelism"])

        def map_array(self, function, tasks):
            return [SimpleNamespace(result=functools.partial(function, task)) for task in tasks]

    monkeypatch.setitem(sys.modules, "submitit", SimpleNamespace(AutoExecutor=Executor))
    wanted = [sweep.Result(task, {"coverage": 0.5}) for task in tasks]
    assert list(sweep.PLACES["submitit"](tasks, 3)) == wanted
    assert told == [str(tmp_path / "out" / "submitit"), 3]

    ray = SimpleNamespace(
        is_initialized=lambda: False,
        init=lambda **how: told.append(how["num_cpus"]),
        remote=lambda function: SimpleNamespace(remote=lambda task: (task.name, function(task))),
        wait=lambda waiting, num_returns: (waiting[-1:], waiting[:-1]),
        get=lambda done: done[1],
    )
    monkeypatch.setattr(sweep, "train", lambda task: task.name)
    monkeypatch.setitem(sys.modules, "ray", ray)
    assert list(sweep.PLACES["ray"](tasks, 5)) == [tasks[1].name, tasks[0].name]
    assert told[-1] == 5


@pytest.mark.parametrize("name", ["submitit", "ray"])
def test_a_scheduler_that_is_not_installed_is_one_line(tmp_path, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    said = here(cli.main, "sweep", asked(tmp_path), "--on", name)
    assert said.stderr == f"gan-demo sweep: --on {name} needs a library that is not installed: pip install {name}\n"
