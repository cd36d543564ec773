"""Which one-line changes do the tests let through? Each is made in a copy of the checkout, where its tests must fail.

    python benchmarks/one_line_changes.py                  all of the table, about a quarter of a minute each
    python benchmarks/one_line_changes.py settings.py      those of the files whose names end so

`mutmut run` (see CONTRIBUTING.md) makes changes within functions by itself. Here is what it leaves as it is, constants,
default values and rows of tables, and what the tests once let through elsewhere. A change that survives wants a test.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PENALTIES, OBJECTIVES, RECIPES, SETTINGS = (
    f"gan_demo/{name}.py" for name in "penalties objectives recipes settings".split()
)
INVERSION, PATHS, METHODS = (f"gan_demo/latent/{name}.py" for name in "inversion paths direction_methods".split())
GAN_TRAIN, SAMPLES = "gan_demo/evaluation/gan_train.py", "gan_demo/ui/tabs/samples/tab.py"

# File, line or part of one, what it becomes.
CHANGES = [
    (PENALTIES, 'equation 9", 0.1, r1', 'equation 9", 0.01, r1'),
    (PENALTIES, '"Kodali et al. 2017", 10.0', '"Kodali et al. 2017", 1.0'),
    (PENALTIES, 'section 2", 0.1', 'section 2", 1.0'),
    (PENALTIES, "EPSILON = 1e-12", "EPSILON = 1e-5"),
    (OBJECTIVES, "in_pairs=True", "in_pairs=False"),
    (RECIPES, '"lr_d": 1e-3,', '"lr_d": 1e-4,'),
    (RECIPES, '{"penalty_weight": 1.0, "lr_d": 1e-3}', '{"penalty_weight": 1.0, "lr_d": 1e-4}'),
    (SETTINGS, "lr_g: float = 1e-3", "lr_g: float = 1e-4"),
    (SETTINGS, "lr_d: float = 5e-4", "lr_d: float = 5e-5"),
    (SETTINGS, "ema: float = 0.999", "ema: float = 0.99"),
    (SETTINGS, "beta2: float = 0.99", "beta2: float = 0.999"),
    ("gan_demo/networks/layers.py", "LEAK = 0.2", "LEAK = 0.02"),
    (INVERSION, "noise * PRIOR * prior(z)", "noise * 0 * prior(z)"),
    (INVERSION, "average / (1 - BETA1 ** (step + 1))", "average"),
    (PATHS, "norm = (1 - t64) * start_norm + t64 * end_norm", "norm = start_norm"),
    (METHODS, "LogisticRegression(", "LogisticRegression(fit_intercept=False, "),
    (METHODS, "Ridge(", "Ridge(fit_intercept=False, "),
    (GAN_TRAIN, "SEED = samples.SEED + 1", "SEED = samples.SEED"),
    (SAMPLES, 'sign = -1 if order == "most real"', 'sign = 1 if order == "most real"'),
]
TESTS = {
    PENALTIES: ["tests/test_penalties.py", "tests/test_settings.py"],
    OBJECTIVES: ["tests/test_objectives.py", "tests/training/test_iteration.py"],
    RECIPES: ["tests/test_recipes.py"],
    SETTINGS: ["tests/test_recipes.py"],
    "gan_demo/networks/layers.py": ["tests/test_networks.py"],
    INVERSION: ["tests/latent/test_inversion.py"],
    PATHS: ["tests/latent/test_paths.py"],
    METHODS: ["tests/latent/test_direction_methods.py"],
    GAN_TRAIN: ["tests/evaluation/test_evaluate.py"],
    SAMPLES: ["tests/ui/test_samples_tab.py"],
}


def survives(copy: Path, file: str, old: str, new: str) -> bool:
    """Make the change in the copy, run the tests of the file, and take the change back."""
    path = copy / file
    content = path.read_text(encoding="utf-8")
    assert old in content, f"{file} has no {old!r}: the table is out of date"
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *TESTS[file]]
    try:
        code = subprocess.run(command, cwd=copy, capture_output=True).returncode
    finally:
        path.write_text(content, encoding="utf-8")
    if code not in (0, 1):  # pytest: all passed, some failed
        sys.exit(f"The tests of {file} cannot be run: {' '.join(command)} ends with {code}")
    return code == 0


def main() -> int:
    """Print what becomes of each change; the exit code is 1 if any survives."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE", help="how the names of files end (default: all)")
    chosen = [change for change in CHANGES if change[0].endswith(tuple(parser.parse_args().files) or "")]
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__", "runs"))
        for file, old, new in chosen:
            survived = survives(copy, file, old, new)
            survivors += survived
            print(
                f"{'survives' if survived else 'noticed '} {file}: {old.strip()} -> {new.strip() or 'nothing'}",
                flush=True,
            )
    print(f"{survivors} of {len(chosen)} survive")
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
