"""What ends a command before its time: an error that a person can cause and mend, and a wish to stop."""


class UserError(ValueError):
    """Something to tell the person in one line: what is wrong and what to do.

    The commands print it and exit with code 2; the page shows it as a toast. Anything else that
    escapes is a bug and keeps its traceback.
    """


class Stopped(Exception):
    """Somebody asked a training to stop, and it is saved; `args[0]` is the signal's number."""
