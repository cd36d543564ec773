"""Guided paths through the page, each a few links with a sentence: the minute, the lecture, and what goes wrong.

A stop is an address of the page. frame.js shows its sentence, and the way to the next, while the address says `stop`.
"""

import html
from collections.abc import Collection, Mapping
from urllib.parse import urlencode

from gan_demo.ui import words
from gan_demo.ui.words import say

# The paths, and of each stop what a link to it asks for. Its sentence is the text "stop NAME"; whose model is not on
# this machine is left out.
PATHS: dict[str, dict[str, Mapping[str, str]]] = {
    "minute": {
        "digits": {"model": "dcgan", "tab": "samples"},
        "between": {"model": "dcgan", "tab": "interpolate", "way": "42:3,42:1,42:7"},
        "ask": {"model": "dcgan", "tab": "discriminator"},
        "play": {"model": "dcgan", "tab": "game"},
    },
    "lecture": {
        "2014": {"model": "mlp-gan", "tab": "training"},
        "latents": {"model": "dcgan", "tab": "interpolate", "way": "42:3,42:1,42:7"},
        "convolutions": {"model": "mlp", "tab": "samples", "order": "least real"},
        "wasserstein": {"model": "mlp-wgan-gp", "tab": "training"},
        "meaning": {"model": "dcgan", "tab": "directions"},
        "inversion": {"model": "dcgan", "tab": "invert"},
        "belief": {"model": "dcgan", "tab": "discriminator"},
    },
    "failures": {
        "collapsed": {"model": "mlp-collapsed", "tab": "samples", "count": "60"},
        "collapse": {"model": "mlp-collapsed", "tab": "training"},
        "lost": {"model": "mlp-d-won", "tab": "samples"},
        "vanished": {"model": "mlp-d-won", "tab": "training"},
    },
}


def stops(path: str, models: Collection[str]) -> dict[str, Mapping[str, str]]:
    """The stops of a path whose models are among `models`, by name."""
    return {name: asked for name, asked in PATHS[path].items() if asked["model"] in models}


def view(models: Collection[str]) -> str:
    """The paths as lists of links; empty where none of their models is there."""
    parts = []
    for path in PATHS:
        found = stops(path, models)
        items = "".join(_item(f"{path}-{name}", name, asked) for name, asked in found.items())
        if items:
            parts.append(
                f'<section data-path="{path}"><h2>{say(path, count=len(found))}</h2><ol>{items}</ol></section>'
            )
    return f'<nav class="paths" aria-label="{say("guide")}">{"".join(parts)}</nav>' if parts else ""


def _item(stop: str, name: str, asked: Mapping[str, str]) -> str:
    link = "./?" + urlencode({"lang": words.language(), **asked, "stop": stop}, safe=":,")
    return f'<li><a href="{html.escape(link)}" data-stop="{stop}">{say(f"stop {name}")}</a></li>'


def bar() -> str:
    """Where the sentence of the stop is shown; frame.js fills it in."""
    previous, following, leave = (html.escape(say(key)) for key in ("stop before", "stop after", "stop leave"))
    return (
        f'<aside class="stop" aria-label="{say("guide")}" hidden><b></b><p></p>'
        f'<a class="before" title="{previous}" aria-label="{previous}">‹</a>'
        f'<a class="after" title="{following}" aria-label="{following}">›</a>'
        f'<button class="leave" title="{leave}" aria-label="{leave}">×</button></aside>'
    )
