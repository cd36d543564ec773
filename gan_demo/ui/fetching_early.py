"""A browser fetches the parts of gradio's front end at once, not one after the other when it meets a need for each.

A way around a habit of gradio, like those of gradio_workarounds.py: it reads the files that gradio's build has made.
"""

import functools
import itertools
import re
from pathlib import Path

import gradio as gr

BEFORE_CONFIG = b"<script>window.gradio_config"  # the largest part of the page's head


def fetching_early(document: bytes, page: gr.Blocks) -> bytes:
    """The HTML of a page, which names at its beginning the scripts and styles that it comes to ask for.

    Gradio's front end asks for its parts when it meets the first element that needs one, five questions after each
    other before an element is there, and on a phone's network each of them takes a sixth of a second.
    """
    return document.replace(BEFORE_CONFIG, early_links(page).encode() + BEFORE_CONFIG, 1)


@functools.lru_cache(maxsize=1)
def early_links(page: gr.Blocks) -> str:
    """What tells a browser to fetch the parts of gradio's front end, as far as they are found."""
    links = [f'<link rel="preload" as="style" href="./theme.css?v={page.theme_hash}">']  # the page waits for it
    for name in _parts({block.get_block_name() for block in page.blocks.values()}):
        how = 'rel="preload" as="style" crossorigin' if name.endswith(".css") else 'rel="modulepreload"'
        links.append(f'<link {how} href="./assets/{name}">')
    return "".join(links)


def _parts(kinds: set[str]) -> list[str]:
    """The files that the front end needs for a page with these kinds of elements, in its order.

    Each file begins with a list of all that it may load, and each of its imports says which of that list it needs.
    """
    front_end = Path(gr.__file__).parent / "templates" / "frontend"
    entry = re.search(r'src="\./assets/([^"]+)"', (front_end / "index.html").read_text(encoding="utf-8"))
    if entry is None:
        return []
    texts: dict[str, str] = {}

    def imported(file: str, where: str) -> list[str]:
        """What `file` asks for in the import that follows the pattern `where`."""
        if file not in texts:
            texts[file] = (front_end / "assets" / file).read_text(encoding="utf-8")
        listed = re.search(r"m\.f=\[(.*?)\]", texts[file])
        found = re.search(where + r"import\(`\./([^`]+)`\).{0,60}?,__vite__mapDeps\(\[([\d,]*)\]\)", texts[file])
        if listed is None or found is None:
            return []
        names = re.findall(r'"\./([^"]+)"', listed[1])
        return [found[1], *(names[int(number)] for number in found[2].split(",") if number)]

    parts = imported(entry[1], "")
    parts += [name for file in parts[:1] for name in imported(file, r"default:\w+\}=await ")]
    tables = [name for name in parts if name.startswith("core-") and name.endswith(".js")]
    for kind, table in itertools.product(sorted(kinds), tables):
        parts += imported(table, rf"\b{kind}:\{{[^{{}}]*?component:\(\)=>\w+\(\(\)=>")
    return [name for name in dict.fromkeys(parts) if name != entry[1]]
