"""README.md of a Space: its front matter, which tells the Hub how to show and run the page, and its text.

Its owner may have changed both since the last deploy. What they changed stays.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from gan_demo.evaluation.card import BEGIN, END

GOES_WITH_THE_CODE = ("sdk", "sdk_version", "app_file")  # the page does not run with others
# The whole text of a Space that was made on the Hub's own page.
HUBS_OWN = "Check out the configuration reference at https://huggingface.co/docs/hub/spaces-config-reference"
_OURS = re.compile(re.escape(BEGIN) + "(.*?)" + re.escape(END), re.DOTALL)


@dataclass(frozen=True)
class Merged:
    """The new README.md, and whose is what in it."""

    content: str
    fields: dict[str, Any]  # our front matter, and
    text: str | None  # the digest of our text, by which the next deploy knows them; None: it was never there
    kept: tuple[str, ...]  # the fields that are the owner's
    keeps_text: bool  # the owner changed our text, which stays as they have it


def merge(theirs: str | None, ours: str, fields: dict[str, Any] | None, text: str | None) -> Merged:
    """The README.md `ours`, with what the owner of the Space changed in `theirs` (None: there is none).

    `fields` and `text` are the front matter and the digest of the text that the last deploy wrote, None where nobody
    knows. A field that differs from what was written stays as it is, a field that was taken out stays out. Text above
    and below ours stays, and ours as well once it is changed.
    """
    card = _card(ours)
    now, before, own = card.data.to_dict(), fields or {}, card.text.strip()
    whole = f"\n{BEGIN}\n{own}\n{END}\n"
    if theirs is None:
        return Merged(_written(now, whole), now, _digest(own), (), keeps_text=False)
    there = _card(theirs)
    had = there.data.to_dict()
    mine = {name for name, value in had.items() if before.get(name) != value != now.get(name)}
    out = {name for name in before if name not in had}
    mine, out = mine - set(GOES_WITH_THE_CODE), out - set(GOES_WITH_THE_CODE)
    names = [name for name in {**had, **now} if name in mine or (name in now and name not in out)]
    merged = {name: had[name] if name in mine else now[name] for name in names}

    part = _OURS.search(there.text)
    keeps = False
    if part and text is not None and _digest(part[1]) == text:
        whole = f"{there.text[: part.start()]}{BEGIN}\n{own}\n{END}{there.text[part.end() :]}"
    elif there.text.strip() not in ("", HUBS_OWN):
        whole, keeps = there.text, True
    kept = tuple(sorted(mine | out))
    return Merged(_written(merged, whole), now, text if keeps else _digest(own), kept, keeps)


def _card(content: str) -> Any:
    from huggingface_hub import RepoCard

    content = content.replace("\r\n", "\n")
    try:
        return RepoCard(content, ignore_metadata_errors=True)
    except Exception:  # front matter that is no YAML, for which there is no one error
        return RepoCard(re.sub(r"\A---\n.*?\n---\n", "", content, count=1, flags=re.DOTALL))


def _written(fields: dict[str, Any], text: str) -> str:
    from huggingface_hub import CardData, RepoCard

    card = RepoCard("")
    card.data, card.text = CardData(**fields), text
    return str(card)


def _digest(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()
