"""Putting the page on a Hugging Face Space."""

from pathlib import Path

from gan_demo.errors import UserError
from gan_demo.hub import client
from gan_demo.hub.download import NAME

ROOT = Path(__file__).parent.parent.parent
SPACE_FILES = ("README.md", "LICENSE", "app.py", "train.py", "requirements.txt")
SPACE_FOLDERS = ("gan_demo", "checkpoints", "docs")
NOT_ON_A_SPACE = ("*.pyc", "*/state.pt", "*/progress/*", "*/.*")


def deploy(space: str, token: str | None = None, private: bool = False, hardware: str | None = None) -> str:
    """Put the page, with the models in checkpoints/, onto a Space, made if need be; returns its address.

    `hardware` is a name the Hub knows, such as cpu-basic or zero-a10g. Raises UserError, also where the package was
    installed without the rest of the project.
    """
    if not (ROOT / "app.py").is_file():
        raise UserError(
            "a Space gets a checkout of the project, and this package is none: git clone it, deploy from there"
        )
    if NAME.fullmatch(space) is None or "@" in space:
        raise UserError(f"{space!r} is not the name of a Space: it looks like owner/name")
    with client.writing(space, token) as api:
        from huggingface_hub import constants

        api.create_repo(
            space,
            repo_type="space",
            space_sdk="gradio",
            space_hardware=hardware,
            private=private or None,
            exist_ok=True,
        )
        api.upload_folder(
            repo_id=space,
            repo_type="space",
            folder_path=ROOT,
            allow_patterns=[*SPACE_FILES, *(f"{folder}/*" for folder in SPACE_FOLDERS)],
            ignore_patterns=list(NOT_ON_A_SPACE),
            delete_patterns=[f"{folder}/*" for folder in SPACE_FOLDERS],  # what an earlier version had
            commit_message="Upload the page",
        )
        return f"{constants.ENDPOINT}/spaces/{space}"
