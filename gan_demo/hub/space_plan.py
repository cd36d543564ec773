"""What a deploy does to a Space whose owner may have made it theirs since the last time. docs/hub.md has the rules.

A deploy leaves a small file in the Space, MARKER, with the digests of all that it wrote. The next one knows by it
what the owner has changed, added or taken out since: that is theirs, and stays.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gan_demo import files
from gan_demo.hub import space_card
from gan_demo.hub.download import git_digest, sha256

CARD = "README.md"
MARKER = ".deployed.json"
MODELS = "checkpoints"
HUBS_OWN = (".gitattributes",)

Digests = tuple[str, str]  # of a file's content: git's SHA-1 and SHA-256. The Hub tells one or the other


@dataclass(frozen=True)
class Plan:
    """What is going to be done to a Space."""

    space: str
    parent: str  # the commit that it holds for
    added: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]  # what is the owner's: files, models ("checkpoints/name/"), fields ("README.md: title")
    contents: dict[str, bytes | Path] = field(repr=False)  # of what is added and updated

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.contents or self.removed)

    def lines(self) -> list[str]:
        """The plan in words, a line a file."""
        counts = f"{len(self.added)} added, {len(self.updated)} updated, {len(self.removed)} removed"
        changes = [("+", self.added), ("~", self.updated), ("-", self.removed)]
        told = [f"  {sign} {name}" for sign, names in changes for name in names]
        return [f"{self.space}: {counts}", *told, *(f"  = {name} is yours and stays" for name in self.kept)]


@dataclass(frozen=True)
class Marker:
    """What the last deploy wrote."""

    files: dict[str, Digests] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)  # the front matter of README.md
    text: str | None = None  # the digest of its text

    def to_json(self) -> bytes:
        """The content of the file MARKER."""
        about = "What gan-demo deploy wrote here. The next one keeps what has been changed since."
        told = {"about": about, "front_matter": self.fields, "text": self.text, "files": self.files}
        return files.json_text(told).encode()

    @classmethod
    def read(cls, content: str | None) -> "Marker | None":
        """The Marker in the file MARKER; None where there is none, or none that can be understood."""
        try:
            told = json.loads(content or "")
            digests = {str(name): (str(pair[0]), str(pair[1])) for name, pair in told["files"].items()}
            return cls(digests, dict(told["front_matter"]), told["text"])
        except (ValueError, LookupError, TypeError, AttributeError):
            return None


def make(
    space: str, parent: str, ours: dict[str, Path], there: dict[str, str], card: str | None, marker: Marker | None
) -> Plan:
    """The plan for a Space that holds the files `there`, {name: digest}, README.md with the content `card` among them.

    A file that is as the last deploy wrote it is updated, or removed where we have it no more. One that the owner
    changed or added stays. A model is taken as a whole: with one changed file it is the owner's, and one that they
    took out stays out. Another file of ours that they took out comes back, for the page does not run without.

    Without a `marker` nobody knows what was written: models, and in README.md the text and the fields, stay where they
    differ; the code is updated; nothing is removed.
    """
    before = marker.files if marker else {}
    now = {name: _digests(path) for name, path in ours.items() if name != CARD}
    models = _owners_models(now, there, before, marker is not None)
    contents: dict[str, bytes | Path] = {}
    written, kept = {}, {f"{MODELS}/{name}/" for name in models}
    for name, pair in now.items():
        if _model(name) in models:
            continue
        changed = name in there and there[name] not in before.get(name, ())
        if changed and there[name] not in pair and marker is not None:
            kept.add(name)
            continue
        written[name] = pair
        if there.get(name) not in pair:
            contents[name] = ours[name]
    written |= {name: pair for name, pair in before.items() if name in kept or _model(name) in models}
    removed = [
        name
        for name, pair in before.items()
        if name not in now and _model(name) not in models and there.get(name) in pair
    ]
    known = {*now, *removed, CARD, MARKER, *HUBS_OWN}
    kept |= {name for name in there if name not in known and _model(name) not in models}

    text = ours[CARD].read_text(encoding="utf-8")
    merged = space_card.merge(card, text, marker.fields if marker else None, marker.text if marker else None)
    kept |= {f"{CARD}: {name}" for name in (*merged.kept, *(["its text"] if merged.keeps_text else []))}
    marker = Marker(dict(sorted(written.items())), merged.fields, merged.text)
    for name, content in ((CARD, merged.content.encode()), (MARKER, marker.to_json())):
        if there.get(name) not in (git_digest(content), sha256(content)):
            contents[name] = content
    return Plan(
        space,
        parent,
        added=tuple(sorted(name for name in contents if name not in there)),
        updated=tuple(sorted(name for name in contents if name in there)),
        removed=tuple(sorted(removed)),
        kept=tuple(sorted(kept)),
        contents=contents,
    )


def _owners_models(now: dict[str, Digests], there: dict[str, str], before: dict[str, Digests], known: bool) -> set[str]:
    """The models that are the owner's: changed, added, or taken out since `before` was written, if that is `known`."""
    models: set[str] = set()
    for model in {found for name in (*now, *there, *before) if (found := _model(name))}:
        here, wrote, holds = ([name for name in names if _model(name) == model] for names in (now, before, there))
        differs = any(there[name] not in now[name] for name in here if name in there)
        if known and wrote:
            changed = any(there[name] not in before[name] for name in wrote if name in there)
            if changed or not set(wrote) & set(holds):
                models.add(model)
        elif holds and (differs or not here):
            models.add(model)
    return models


def _model(name: str) -> str | None:
    """The model whose file `name` is; None for other files."""
    parts = name.split("/")
    return parts[1] if parts[0] == MODELS and len(parts) > 2 else None


def _digests(path: Path) -> Digests:
    content = path.read_bytes()
    return git_digest(content), sha256(content)
