"""The command line: `gan-demo COMMAND`, or `python -m gan_demo COMMAND`.

Read `commands.py` first: the table of the commands, and how one of them is run. Each command is a file of that name
with two functions, `parser` (its flags) and `run` (what it does). `outcome.py` is the one place that turns errors into
words and exit codes. torch is imported only by what needs it, so that `--help` answers at once.
"""

from gan_demo.cli.commands import COMMANDS, main, run

__all__ = ["COMMANDS", "main", "run"]
