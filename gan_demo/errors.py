"""The one kind of error a person can cause, and can mend."""


class UserError(ValueError):
    """Something to tell the person in one line: what is wrong and what to do.

    The commands print it and exit with code 2; the page shows it as a toast. Anything else that
    escapes is a bug and keeps its traceback.
    """
