"""What a terminal, or the file that output goes to, can show: what it cannot becomes plain letters, never an error.

Redirected output on Windows has a code page of its country, such as cp1251, which knows no é and no square.
"""

import codecs
import re
import sys
import unicodedata

HANDLER = "gan-demo-plain"
# Where the letters below say too little.
SIGNS = {
    "–": "-",
    "−": "-",
    "×": "x",
    "·": "|",
    "…": "...",
    "→": "->",
    "←": "<-",
    "≥": ">=",
    "≤": "<=",
    "≈": "~",
    "²": "^2",
    "λ": "lambda",  # which Unicode calls lamda
    "‖": "||",
    "∇": "grad ",
    "°": " degrees",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "—": "-",
}


def plain(text: str) -> str:
    """The text in ASCII: é as e, λ as lambda, and what has no such name as Python writes it, such as \\u4f60."""
    return "".join(character if character.isascii() else _plain(character) for character in text)


def _plain(character: str) -> str:
    if character in SIGNS:
        return SIGNS[character]
    letters = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    if letters.isascii():
        return letters
    greek = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(letters, ""))
    if greek:
        return greek[2].lower() if greek[1] == "SMALL" else greek[2].capitalize()
    return character.encode("ascii", "backslashreplace").decode()


def _handle(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return plain(error.object[error.start : error.end]), error.end


def show_what_it_can() -> None:
    """Let nothing that is printed end a command. Whoever chose how errors are treated (PYTHONIOENCODING) has it so."""
    codecs.register_error(HANDLER, _handle)
    for stream in (sys.stdout, sys.stderr):
        if getattr(stream, "errors", None) in ("strict", "backslashreplace") and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=HANDLER)
