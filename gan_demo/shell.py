"""Commands that are printed for a person to type, in one line that every shell reads alike."""

import re
import shlex


def quoted(text: object) -> str:
    """A text as one word of a command line: in double quotes, which cmd.exe knows, too, unless sh reads into them."""
    word = str(text)
    if re.fullmatch(r"[\w./+-]+", word, re.ASCII):
        return word
    return shlex.quote(word) if re.search(r'["$`!]', word) else f'"{word}"'


def command(*words: object) -> str:
    """The line that runs a sub-command, such as `python -m gan_demo directions "my run"`.

    It is not `gan-demo directions ...`, which is there only where the package was installed: this works in a
    checkout, too.
    """
    return " ".join(["python -m gan_demo", *map(quoted, words)])
