"""The rooms of the code: who may import whom, how long a file may get, and what a package holds."""

import ast
import functools
import re

import pytest
from helpers.commands import ROOT

PACKAGE = ROOT / "gan_demo"
LONGEST = 400  # lines
# Tables of words, which are read by looking something up.
TABLES = tuple(
    path.relative_to(ROOT).as_posix() for path in (PACKAGE / "ui/words").glob("*.py") if path.name != "__init__.py"
)
# Shrinks; nothing is added.
TOO_LONG: tuple[str, ...] = ()

# Each room may import those after it, and modules of its own. gan may import the Hub, for GAN.from_pretrained of
# "owner/name"; the Hub imports no GAN.
TEXTBOOK = ("networks", "objectives", "penalties", "recipes")
ORDER = (
    ("cli",),
    ("ui",),
    ("training",),
    ("hub",),
    ("evaluation",),
    ("pictures", "latent", "belief"),
    ("gan",),
    ("classifier",),
    ("checkpoint", "data", "settings"),
    ("config",),
    TEXTBOOK,
    ("pixels", "devices", "distributed", "files", "shell", "errors", "progress"),
)
EXCEPTIONS = {
    ("gan", "hub"),  # see above
    ("gan", "latent"),  # slerp and truncation are of its interface
    ("data", "pictures"),  # a folder of pictures is opened as any picture is
}


def modules():
    """Name -> path of every module of the package."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


@functools.cache
def imports():
    """Module -> the modules of gan_demo that it imports, at its top and inside functions alike."""
    known = modules()
    found = {}
    for name, path in known.items():
        targets = set()
        for node in runtime_nodes(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                targets |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{name}: a relative import"
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    targets.add(whole if whole in known else node.module)
        found[name] = {target for target in targets if target in known and target != name}
    return found


def runtime_nodes(tree):
    """All nodes but those that only a type checker sees."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from runtime_nodes(node)


def circles(graph):
    """Sets of modules that import each other, in whatever way."""
    reach = {}
    for start in graph:
        seen, todo = set(), list(graph[start])
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += graph[name]
        reach[start] = seen
    return {frozenset(other for other in reach[name] if name in reach[other]) for name in graph if name in reach[name]}


def test_a_circle_is_seen():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}) == {frozenset("abc")}
    assert not circles({"a": {"b", "c"}, "b": {"c"}, "c": set()})


def test_no_modules_import_each_other():
    graph = {name: set(targets) for name, targets in imports().items()}
    graph["gan_demo"] = set()  # it hands on GAN and Config, and whoever asks for these imports them
    assert not circles(graph)


def rank(name):
    """The place in ORDER of a module's room."""
    room = name.split(".")[1]
    return next(place for place, rooms in enumerate(ORDER) if room in rooms)


def test_arrows_point_one_way():
    wrong = []
    for name, targets in imports().items():
        for target in targets:
            if name.count(".") == 0 or target.count(".") == 0 or name == "gan_demo.__main__":
                continue  # the package itself
            source, room = name.split(".")[1], target.split(".")[1]
            if source == room or (source, room) in EXCEPTIONS:
                continue
            if rank(name) > rank(target):
                wrong.append(f"{name} imports {target}")
    assert not wrong


def test_every_room_has_its_place():
    rooms = {name.split(".")[1] for name in modules() if "." in name} - {"__main__"}
    assert rooms == {room for level in ORDER for room in level}


def test_exceptions_are_needed():
    used = {
        (name.split(".")[1], target.split(".")[1])
        for name, targets in imports().items()
        for target in targets
        if "." in name and "." in target
    }
    assert used >= EXCEPTIONS


@pytest.mark.parametrize("name", sorted(modules()))
def test_only_the_page_knows_gradio(name):
    if name.startswith("gan_demo.ui"):
        return
    tree = ast.parse(modules()[name].read_text(encoding="utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [module for module in named if re.match(r"gradio(\.|_|$)", module or "")]


def files_by_hand():
    """Every script, style and module that people write."""
    for folder in ("gan_demo", "benchmarks", "tests", ".ci"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".js", ".css") and not {"vendor", "__pycache__"} & set(path.parts):
                yield path
    yield from (ROOT / name for name in ("app.py", "train.py"))


def test_no_file_is_too_long():
    too_long = {
        path.relative_to(ROOT).as_posix()
        for path in files_by_hand()
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST
    }
    assert too_long - set(TABLES) == set(TOO_LONG)


def test_the_rooms_say_what_they_are_about():
    for name, path in modules().items():
        if path.name == "__init__.py":
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), name


def test_a_wheel_has_the_models_that_an_installed_page_shows():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name in ("mlp", "dcgan"):
        assert f'"checkpoints/{name}" = "gan_demo/checkpoints/{name}"' in text
        assert (ROOT / "checkpoints" / name / "model.safetensors").is_file()


def test_requirements_are_listed_once():
    """The package reads requirements.txt: a list of its own could disagree."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'dynamic = ["version", "dependencies"]' in text
    assert not re.search(r"^dependencies = ", text, re.MULTILINE)
    hook = (ROOT / ".ci" / "dependencies.py").read_text(encoding="utf-8")
    assert "requirements.txt" in hook
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert any(re.fullmatch(r"gradio>=6\.(\d+),<6\.\d+", line) for line in lines)  # bound to its minor version


def test_the_same_ruff_everywhere():
    wanted = re.search(r"^ruff(.*)$", (ROOT / "requirements-dev.txt").read_text(encoding="utf-8"), re.MULTILINE)[1]
    lowest, below = re.fullmatch(r">=([\d.]+),<([\d.]+)", wanted).groups()
    used = re.search(r"rev: v([\d.]+)", (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))[1]

    def numbers(text):
        return [int(part) for part in text.split(".")]

    assert numbers(lowest) <= numbers(used) < numbers(below)
