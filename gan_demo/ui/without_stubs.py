"""How gradio is imported in half the time. Nothing here imports it."""

import contextlib
import inspect
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def without_stubs() -> Iterator[None]:
    """Keep gradio, while it is imported, from making a file of type hints (.pyi) for each of its components.

    At every import it reads and parses the source of each, fills in a template, and compares what comes out with the
    file beside the source, which it writes where it can. Only editors read it. A component without a source gets none.
    """
    real = inspect.getfile

    def getfile(thing: Any) -> str:
        if inspect.isclass(thing) and thing.__module__.startswith("gradio."):
            raise OSError("it has no file of type hints")
        return real(thing)

    inspect.getfile = getfile  # type: ignore[assignment]  # only its own callers give it names
    try:
        yield
    finally:
        inspect.getfile = real
