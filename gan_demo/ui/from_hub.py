"""A model of the Hugging Face Hub, by its name typed in on the page.

Whoever looks at the page may ask for one. So it is fetched as a stranger would, without the token of whoever
runs the page, into a folder that is deleted in the end; one at a time, and the oldest goes when there are many.
"""

import re
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from gan_demo import hub
from gan_demo.checkpoint import MAX_WEIGHTS_BYTES
from gan_demo.errors import UserError
from gan_demo.ui import words
from gan_demo.ui.shared import checks
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.words import say

KEPT = 8  # models that the page has fetched
MAX_LENGTH = 150  # characters of a name
# As the Hub allows them: no address, nothing that leads elsewhere.
_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*(?:@[\w.+-][\w./+-]*)?", re.ASCII)


class Fetcher:
    """Fetches models into a catalogue, for everybody who looks at the page."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._busy = threading.Lock()
        self._place = tempfile.TemporaryDirectory(prefix="gan-demo-hub-", ignore_cleanup_errors=True)
        self._kept: list[tuple[Path, Path]] = []  # (checkpoint, where it was fetched to), the oldest first

    def fetch(self, name: Any, progress: Callable[[float], None]) -> str:
        """Fetch "owner/name" or "owner/name@revision"; returns its name in the catalogue. Raises UserError."""
        name = name.strip() if isinstance(name, str) else ""
        if len(name) > MAX_LENGTH or not _NAME.fullmatch(name) or ".." in name:
            raise UserError(say("hub name", name=name[:60] or "“”"))
        if not self._busy.acquire(blocking=False):
            raise UserError(say("hub busy"))
        try:
            return self._fetch(name, progress)
        except hub.HubError as error:
            if error.kind == "other":
                raise
            repository, _, revision = name.partition("@")
            limit = f"{MAX_WEIGHTS_BYTES / 1e6:.0f}"
            why = words.tell(error).removeprefix(f"{repository}: ")
            line = say(f"hub {error.kind}", name=repository, revision=revision or "main", limit=limit, why=why)
            raise UserError(line) from error
        finally:
            self._busy.release()

    def _fetch(self, name: str, progress: Callable[[float], None]) -> str:
        place = Path(tempfile.mkdtemp(dir=self._place.name))
        try:
            folder = hub.pull(name, progress=progress, token=False, cache=place).resolve()
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        origin = hub.origin(folder)
        for known, path in self._catalogue.folders().items():
            if hub.origin(path) == origin:  # here already, perhaps since the page was opened
                shutil.rmtree(place, ignore_errors=True)
                return known
        while len(self._kept) >= KEPT:
            oldest, its_place = self._kept.pop(0)
            self._catalogue.drop(oldest)
            shutil.rmtree(its_place, ignore_errors=True)
        self._kept.append((folder, place))
        return self._catalogue.add(folder)


def build(fetcher: Fetcher, catalogue: Catalogue, model: gr.Dropdown) -> Any:
    """Lay out the field under the picker `model`; returns the event after which the picker shows the fetched model."""
    with gr.Accordion(say("from the hub"), open=False, elem_id="from-hub"):
        with gr.Row(equal_height=True):
            field = gr.Textbox(
                placeholder=say("hub example"),
                label=say("hub field"),
                show_label=False,
                max_lines=1,
                min_width=160,
                max_length=MAX_LENGTH,
                elem_id="hub-name",
            )
            button = gr.Button(say("hub fetch"), size="sm", min_width=90, scale=0, elem_id="hub-fetch")
        told = gr.HTML(elem_id="hub-told")

    @checks.toasts
    def fetch(name: Any, progress: gr.Progress = gr.Progress()) -> tuple[Any, str]:  # noqa: B008
        words_for_it = say("hub fetching")
        progress(0, desc=words_for_it)
        chosen = fetcher.fetch(name, lambda share: progress(share, desc=words_for_it))
        return gr.Dropdown(choices=catalogue.choices(), value=chosen), ""

    return gr.on(
        [field.submit, button.click],
        fetch,
        field,
        [model, told],
        api_visibility="private",
        concurrency_id="hub",
        concurrency_limit=1,
        show_progress="full",
        show_progress_on=told,
        preprocess=False,
    )
