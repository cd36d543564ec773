"""How a command ends: the one place that turns errors into words and exit codes.

| what ended it | words on stderr | exit code |
|---|---|---|
| nothing | none | 0 |
| UserError; a file that cannot be read or written | one line: the program's name, what is wrong, what to do | 2 |
| a package of requirements.txt that is not installed | the same | 2 |
| Ctrl-C | the line of the KeyboardInterrupt, if it has one | 130 |
| Stopped: a training that was asked to stop, and is saved | one line: how to go on | 128 + the signal |
| whoever read the output has left, as `| head` does | none | 141 |
| anything else | it is a bug: its traceback | 1 |

argparse has words of its own for flags that it does not know, and exits with 2 as well.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from typing import TextIO

from gan_demo import files
from gan_demo.errors import Stopped, UserError

WRONG = 2
SIGNALLED = 128  # and the number of the signal, as shells have it
PIPE = 13  # SIGPIPE, which Windows does not know
# What requirements.txt installs, as it is imported.
REQUIRED = set(
    "PIL filelock gradio huggingface_hub numpy safetensors scipy sklearn torch torchvision tqdm yaml".split()
)


def exit_code(error: UserError | Stopped) -> int:
    """The exit code of a command that ended so."""
    return SIGNALLED + error.args[0] if isinstance(error, Stopped) else WRONG


def guarded(program: str, work: Callable[[], None], say: Callable[..., None] | None = None) -> int:
    """Run `work` and return the exit code; what goes wrong is told to `say` (default: `tell`) in `program`'s name."""
    say = say or tell
    try:
        work()
        sys.stdout.flush()  # here, where a pipe that is closed is no traceback
    except BrokenPipeError:
        _forget(sys.stdout)
        return SIGNALLED + PIPE
    except UserError as error:
        say(f"{program}: {error}")
        return exit_code(error)
    except ModuleNotFoundError as error:
        if error.name not in REQUIRED:
            raise
        say(
            f"{program}: the package {error.name} is not installed for {sys.executable}: start the environment in which"
            " it is, or run python -m pip install -r requirements.txt"
        )
        return WRONG
    except Stopped as error:
        say(*error.args[1:])
        return exit_code(error)
    except OSError as error:
        if error.filename is None and error.errno not in files.FULL:
            raise
        say(f"{program}: {error.strerror}" + (f": {error.filename}" if error.filename is not None else ""))
        _forget_what_does_not_fit()
        return WRONG
    except KeyboardInterrupt as error:
        say(*error.args)
        return SIGNALLED + signal.SIGINT
    return 0


def tell(*lines: object) -> None:
    """Say lines on stderr, or nothing where that is a file on a full disk."""
    for line in lines:
        with contextlib.suppress(OSError):
            print(line, file=sys.stderr, flush=True)


def _forget_what_does_not_fit() -> None:
    for output in (sys.stdout, sys.stderr):
        try:
            output.flush()
        except OSError:
            _forget(output)


def _forget(output: TextIO) -> None:
    """Let Python's own flush at its end go nowhere."""
    with contextlib.suppress(OSError, ValueError):  # there is no file behind it
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())
