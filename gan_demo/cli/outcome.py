"""How a command ends: the one place that turns errors into words and exit codes.

| what ended it | words on stderr | exit code |
|---|---|---|
| nothing | none | 0 |
| UserError; a file that cannot be read or written | one line: the program's name, what is wrong, what to do | 2 |
| Ctrl-C | the line of the KeyboardInterrupt, if it has one | 130 |
| Stopped: a training that was asked to stop, and is saved | one line: how to go on | 128 + the signal |
| whoever read the output has left, as `| head` does | none | 141 |
| anything else | it is a bug: its traceback | 1 |

argparse has words of its own for flags that it does not know, and exits with 2 as well.
"""

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Callable

from gan_demo.errors import Stopped, UserError

WRONG = 2
SIGNALLED = 128  # and the number of the signal, as shells have it
PIPE = 13  # SIGPIPE, which Windows does not know
FULL = (errno.ENOSPC, errno.EDQUOT)  # a disk; these errors name no file


def exit_code(error: UserError | Stopped) -> int:
    """The exit code of a command that ended so."""
    return SIGNALLED + error.args[0] if isinstance(error, Stopped) else WRONG


def guarded(program: str, work: Callable[[], None]) -> int:
    """Run `work` and return the exit code; what goes wrong is said on stderr, in the name of `program`."""
    try:
        work()
        sys.stdout.flush()  # here, where a pipe that is closed is no traceback
    except BrokenPipeError:
        _forget_output()
        return SIGNALLED + PIPE
    except UserError as error:
        _say(f"{program}: {error}")
        return exit_code(error)
    except Stopped as error:
        _say(*error.args[1:])
        return exit_code(error)
    except OSError as error:
        if error.filename is None and error.errno not in FULL:
            raise
        _say(f"{program}: {error.strerror}" + (f": {error.filename}" if error.filename is not None else ""))
        return WRONG
    except KeyboardInterrupt as error:
        _say(*error.args)
        return SIGNALLED + signal.SIGINT
    return 0


def _say(*lines: object) -> None:
    for line in lines:
        print(line, file=sys.stderr)


def _forget_output() -> None:
    """Let Python's own flush at its end go nowhere."""
    with contextlib.suppress(OSError, ValueError):  # there is no file behind it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
