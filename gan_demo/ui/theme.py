"""How the page looks: a quiet frame in greys, so that the only colours are those of belief."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from gan_demo.ui.shared.tab import Tab

# Fonts that are on the machine already: the page fetches nothing from the network.
FONT = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Noto Sans", "Arial", "sans-serif")
FONT_MONO = ("ui-monospace", "SF Mono", "Menlo", "Consolas", "Liberation Mono", "monospace")


class Shade(NamedTuple):
    """A colour by day and by night."""

    light: str
    dark: str


# Blue and orange stay apart for people who cannot tell red from green; grey lies between them, so that
# the more colour a belief has, the surer it is.
COLOURS = {
    "real": Shade("#0f62d8", "#5ba8ff"),
    "fake": Shade("#df6c00", "#ff9a3c"),
    "unsure": Shade("#9da2aa", "#7f848d"),
    # The same three as text, which has a contrast of at least 4.5 : 1 with the page.
    "real-text": Shade("#0f62d8", "#5ba8ff"),
    "fake-text": Shade("#b04f00", "#ff9a3c"),
    "unsure-text": Shade("#686d75", "#8d929b"),
    "ink": Shade("#1c1d20", "#ececee"),
    "soft": Shade("#5f6168", "#a6a8b0"),  # text of less weight, still 5 times the page's luminance away
    "line": Shade("#e2e2df", "#2e3138"),
    "edge": Shade("#d0d1d6", "#41444d"),
    "panel": Shade("#ffffff", "#1d1f24"),
    "hover": Shade("#f0f0ef", "#2a2d33"),
    "page": Shade("#fbfbfa", "#131417"),
    "slider": Shade("#3a3c42", "#d3d4d8"),
    "clear": Shade("transparent", "transparent"),
    "none": Shade("none", "none"),
}

# Of the digits 0 to 9 on the map: Tableau 10, made to be told apart.
CLASS_COLOURS = (
    "#4e79a7",
    "#f28e2b",
    "#e15759",
    "#76b7b2",
    "#59a14f",
    "#edc948",
    "#b07aa1",
    "#ff9da7",
    "#9c755f",
    "#bab0ac",
)

# Gradio's own colours, in ours.
SETTINGS = {
    "body_background_fill": "page",
    "body_text_color": "ink",
    "body_text_color_subdued": "soft",
    "background_fill_primary": "panel",
    "border_color_primary": "line",
    "border_color_accent": "ink",
    "block_background_fill": "clear",
    "block_label_background_fill": "clear",
    "block_label_text_color": "soft",
    "block_title_background_fill": "clear",
    "block_title_text_color": "soft",
    "block_info_text_color": "soft",
    "panel_background_fill": "clear",
    "input_background_fill": "panel",
    "input_border_color": "edge",
    "input_border_color_focus": "ink",
    "slider_color": "slider",
    "checkbox_background_color": "panel",
    "checkbox_background_color_selected": "ink",
    "checkbox_border_color": "unsure",
    "checkbox_border_color_selected": "ink",
    "checkbox_label_background_fill": "panel",
    "checkbox_label_background_fill_hover": "hover",
    "checkbox_label_background_fill_selected": "panel",
    "checkbox_label_border_color": "edge",
    "checkbox_label_border_color_selected": "ink",
    "checkbox_label_text_color_selected": "ink",
    "button_secondary_background_fill": "panel",
    "button_secondary_background_fill_hover": "hover",
    "button_secondary_border_color": "edge",
    "button_secondary_border_color_hover": "unsure",
    "button_secondary_text_color": "ink",
}


def theme() -> gr.themes.Base:
    """The theme of the page, which is flat: hairlines and space instead of boxes."""
    result = gr.themes.Base(
        primary_hue="zinc",
        secondary_hue="zinc",
        neutral_hue="zinc",
        radius_size="md",
        font=[gr.themes.Font(name) for name in FONT],
        font_mono=[gr.themes.Font(name) for name in FONT_MONO],
    )
    colours = {}
    for setting, name in SETTINGS.items():
        colours[setting], colours[f"{setting}_dark"] = COLOURS[name]
    result.set(
        **colours,
        block_border_width="0px",
        block_border_width_dark="0px",
        block_label_border_width="0px",
        block_label_border_width_dark="0px",
        block_shadow="none",
        block_shadow_dark="none",
        block_padding="0px",
        block_title_padding="0px",
        form_gap_width="0px",
        color_accent="var(--ink)",
        input_border_width="1px",
        input_border_width_dark="1px",
        button_border_width="1px",
        button_border_width_dark="1px",
    )
    result.custom_css = _variables(":root", 0) + _variables(":root.dark, :root .dark", 1)
    return result


def _variables(selector: str, index: int) -> str:
    """COLOURS as CSS variables; `index` is 0 for the light ones, 1 for the dark."""
    return f"{selector} {{ {' '.join(f'--{name}: {shade[index]};' for name, shade in COLOURS.items())} }}\n"


def look(tabs: Sequence[Tab] = ()) -> dict[str, Any]:
    """What `gr.Blocks.launch` takes to make the page look so."""
    folder = Path(__file__).parent
    shared = [folder / "page.css", *sorted((folder / "shared").glob("*.css"))]
    sheets = [path.read_text(encoding="utf-8") for path in shared] + [inside(tab) for tab in tabs if tab.style]
    sheets.append(_places(tabs))
    return {"theme": theme(), "css": "\n".join(sheets), "footer_links": []}


def _places(tabs: Sequence[Tab]) -> str:
    """Hides the buttons of tabs that are not in the place where the visitor is: frame.js says where that is.

    A tab that is alone in its place has no need of a button; for those who hear the page it stays.
    """
    rules = []
    for place in dict.fromkeys(tab.place for tab in tabs):
        here = [f"#tab-{tab.name}-button" for tab in tabs if tab.place == place]
        bar = f":root[data-place={place}] #tabs > .tab-wrapper"
        rules.append(f"{bar} [role=tab]:not({', '.join(here)}) {{ display: none; }}")
        if len(here) == 1:
            rules.append(f"{bar} {{ position: absolute; clip-path: inset(50%); min-height: 0; }}")
    return "\n".join(rules)


def inside(tab: Tab) -> str:
    """The sheet of a tab as one rule, so that nothing in it holds outside the tab's root element, `.tab-NAME`.

    CSS nesting puts the root before every selector that has no `&`; with one, `&` is the root. Media queries are
    nested, too. `:where` adds no specificity: a rule has the same weight here as on the sheet of the page.
    """
    return f":where(.tab-{tab.name}) {{\n{tab.style}\n}}"
