"""docs/adding-a-tab.md is true: what it shows is a tab; and no rule of a tab's sheet holds outside the tab."""

import importlib.util
import re

import numpy as np
import pytest
from helpers.commands import ROOT

from gan_demo.ui import theme
from gan_demo.ui.shared.tab import Tab
from gan_demo.ui.tabs import table
from gan_demo.ui.words import chinese, english

from .conftest import eventually, open_tab, pictures, served
from .test_page import sampled

TEXT = (ROOT / "docs" / "adding-a-tab.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def with_the_example(checkpoints, tmp_path_factory):
    """The address of a page with the tab that the text shows: its folder, its row and its words are added."""
    folder = tmp_path_factory.mktemp("tabs") / "average"
    folder.mkdir()
    python, *words = blocks("python")
    for name, content in (("tab.py", python), ("tab.js", blocks("javascript")[0]), ("tab.css", blocks("css")[0])):
        (folder / name).write_text(content, encoding="utf-8")
    found = importlib.util.spec_from_file_location("average", folder / "tab.py")
    average = importlib.util.module_from_spec(found)
    found.loader.exec_module(average)
    row = re.search(r"\n    (row\(.*\)),\n", TEXT)[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "TABS", (*table.TABS, eval(row, {"row": table.row, "average": average})))
        for texts, lines in zip((english.TEXTS, chinese.TEXTS), words, strict=True):
            for key, said in eval(f"{{{lines}}}").items():
                patch.setitem(texts, key, said)
        with served(checkpoints) as address:
            yield address


def test_the_text_is_short():
    assert TEXT.count("\n") <= 60
    assert len(blocks("python")[0].splitlines()) <= 25


def test_the_example_is_a_tab(lend, with_the_example, gans):
    with lend() as page:
        page.goto(with_the_example)
        page.locator("#samples-stage img").first.wait_for()
        open_tab(page, "Average")
        wanted = np.stack(sampled(gans["first"], 100, 42)).mean(0).astype("uint8")
        eventually(lambda: np.array_equal(pictures(page, "average-stage"), [wanted]))
        picture = page.locator("#average-stage img")
        colours = "picture => getComputedStyle(picture).filter"
        assert picture.bounding_box()["width"] == 168
        assert picture.evaluate(colours) == "none"
        picture.click()
        assert picture.evaluate(colours) == "invert(1)"
        eventually(lambda: "tab=average" in page.evaluate("location.search"))
        # What looks like a part of it elsewhere on the page is left alone.
        other = page.locator("#pinned .pinned")
        other.evaluate("row => { row.insertAdjacentHTML('beforeend', '<i class=negative><img alt=other></i>'); }")
        assert page.get_by_alt_text("other").evaluate(colours) == "none"
        page.goto(f"{with_the_example}?lang=zh&tab=average")
        page.get_by_role("tab", name="平均", selected=True).wait_for()
        page.get_by_text("一百个数字的共同之处").wait_for()


# The selectors of a sheet's rules, and of all that are nested in the first, each with its `&`, as a browser reads them.
RULES = """(text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    const inside = (rule) => [...rule.cssRules ?? []].flatMap((one) => [one.selectorText ?? [], inside(one)].flat());
    return [[...sheet.cssRules].map((rule) => rule.selectorText ?? rule.cssText), inside(sheet.cssRules[0])];
}"""


def reaching_outside(page, tab):
    """What in the sheet of a tab does not hold inside the tab only, or is dropped by browsers."""
    top, nested = page.evaluate(RULES, theme.inside(tab))
    wrong = [rule for rule in top if rule != f":where(.tab-{tab.name})"]
    wrong += re.findall(r"@(?:keyframes|font-face|import)[^{;]*", tab.style)
    wrong += re.findall(r"\.dark\b", tab.style)  # for which gradio would take the whole sheet to be of the night
    for selectors in nested:
        plain = selectors
        while (shorter := re.sub(r"\([^()]*\)", "", plain)) != plain:
            plain = shorter
        # Each is `ancestors & inside`: the tab's root, and from there downwards.
        wrong += [one for one in plain.split(",") if not re.fullmatch(r"[^&]*&[^\s&+~]*(\s+[^\s&+~].*)?", one.strip())]
    return wrong


@pytest.fixture(scope="module")
def empty(lend):
    """A window without our page: a browser reads a sheet of rules in any."""
    with lend() as page:
        page.goto("about:blank")
        yield page


@pytest.mark.parametrize("tab", table.TABS, ids=lambda tab: tab.name)
def test_no_rule_of_a_tab_reaches_outside(empty, tab):
    assert reaching_outside(empty, tab) == []


@pytest.mark.parametrize(
    "style",
    [
        "} .copy { color: red; } .x {",
        "& + .next { color: red; }",
        "& ~ .later .x { color: red; }",
        ".gradio-container:has(&) .copy { color: red; }",
        "@keyframes turn { to { rotate: 1turn; } }",
        ".dark .x { color: red; }",
        "@media (min-width: 1px) { .x { color: red; } } } .copy { color: red; } .x {",
    ],
)
def test_a_rule_that_reaches_outside_is_noticed(empty, style):
    assert reaching_outside(empty, Tab("some", None, style=style))
    assert not reaching_outside(empty, Tab("some", None, style=".x, .gradio-container:has(.y) & .x { color: red; }"))
