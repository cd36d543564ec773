"""Putting the page on a Hugging Face Space."""

from collections.abc import Callable
from pathlib import Path

from gan_demo.errors import UserError
from gan_demo.hub import client, space_plan
from gan_demo.hub.download import NAME, listed, read_text
from gan_demo.hub.space_plan import CARD, MARKER, MODELS, Marker, Plan

ROOT = Path(__file__).parent.parent.parent
SPACE_FILES = (CARD, "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "app.py", "train.py", "requirements.txt")
SPACE_FOLDERS = ("gan_demo", MODELS, "docs")
NOT_ON_A_SPACE = ("*.pyc", "*/state.pt", "*/progress/*", "*/.*")


def deploy(
    space: str,
    token: str | None = None,
    private: bool = False,
    hardware: str | None = None,
    confirm: Callable[[Plan], None] | None = None,
) -> str:
    """Put the page, with the models in checkpoints/, onto a Space, made if need be; returns its address.

    Where there is a Space already, what its owner made theirs stays (see `space_plan.make`), and `confirm` is shown
    what would be changed; it raises UserError where that must not be. `hardware` is a name the Hub knows, such as
    cpu-basic or zero-a10g, for a Space that is made. Raises UserError, also where the package was installed without
    the rest of the project.
    """
    if not (ROOT / "app.py").is_file():
        raise UserError(
            "a Space gets a checkout of the project, and this package is none: git clone it, deploy from there"
        )
    if NAME.fullmatch(space) is None or "@" in space:
        raise UserError(f"{space!r} is not the name of a Space: it looks like owner/name")
    with client.writing(space, token) as api:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete, constants
        from huggingface_hub.errors import RepositoryNotFoundError

        try:
            head = api.space_info(space, files_metadata=True)
        except RepositoryNotFoundError:
            api.create_repo(
                space, repo_type="space", space_sdk="gradio", space_hardware=hardware, private=private or None
            )
            head = api.space_info(space, files_metadata=True)
            there, confirm, texts = listed(head), None, {}  # the README.md that the Hub made is nobody's
        else:
            if private and not head.private:
                raise UserError(f"{space} exists and is public: leave out --private, or choose another name")
            there = listed(head)
            texts = {
                name: read_text(space, name, there[name], head.sha, token, "space")
                for name in (CARD, MARKER)
                if name in there
            }
        todo = space_plan.make(space, head.sha, _local(), there, texts.get(CARD), Marker.read(texts.get(MARKER)))
        if todo:
            api.auth_check(space, repo_type="space", write=True)
            if confirm is not None:
                confirm(todo)
            api.create_commit(
                space,
                [
                    *(CommitOperationAdd(name, content) for name, content in todo.contents.items()),
                    *(CommitOperationDelete(name) for name in todo.removed),
                ],
                repo_type="space",
                commit_message="Upload the page",
                parent_commit=todo.parent,  # who changed it since must not lose
            )
        return f"{constants.ENDPOINT}/spaces/{space}"


def _local() -> dict[str, Path]:
    """The path of each file that belongs on a Space, by its name there."""
    from huggingface_hub.utils import filter_repo_objects

    paths = [ROOT / name for name in SPACE_FILES]
    for folder in SPACE_FOLDERS:
        paths += sorted(path for path in (ROOT / folder).rglob("*") if path.is_file())
    named = {path.relative_to(ROOT).as_posix(): path for path in paths}
    return {name: named[name] for name in filter_repo_objects(named, ignore_patterns=list(NOT_ON_A_SPACE))}
