"""Bars of progress on stderr."""

import sys
import time
from collections.abc import Callable
from typing import Any

from tqdm import tqdm


class Bar(tqdm):
    """tqdm's bar, which goes on as before where the clock is set back: tqdm reads the time of day.

    Its rates would be negative, and it would stand still until the clock is where it was.
    """

    monitor_interval = 0  # no thread that compares with the time of day

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """As tqdm; it looks at the time at each update. It writes a line every 20 seconds where nobody watches."""
        watched = sys.stderr is not None and sys.stderr.isatty()
        super().__init__(*arguments, **{"miniters": 0, "mininterval": 0.2 if watched else 20, **options})

    @property
    def _time(self) -> Callable[[], float]:
        return time.monotonic

    @_time.setter
    def _time(self, clock: Callable[[], float]) -> None:
        pass  # tqdm's own choice
