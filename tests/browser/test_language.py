"""The Chinese page in a browser that speaks English: whatever can be read or heard on it is Chinese."""

import re

from .conftest import eventually, fill, go_to_tab, open_about
from .test_discriminator_tab import file

# All that a person reads, hears from a screen reader, or sees beside the pointer, of what is shown: [where, text].
EVERYTHING = """() => {
    const found = [], heard = ["label", "description", "valuetext", "roledescription"].map((name) => `aria-${name}`);
    for (const part of document.querySelectorAll("body, body *")) {
        if (part.matches("script, style, code, svg *") || !part.checkVisibility()) continue;
        for (const node of part.childNodes) if (node.nodeType === 3) found.push(["text", node.data.trim()]);
        for (const name of [...heard, "title", "placeholder", "alt"])
            if (part.hasAttribute(name)) found.push([name, part.getAttribute(name).trim()]);
    }
    return found;
}"""
# Not words: names, units, terms that a paper is found by, and what is typed for a program.
PHRASES = re.compile(
    r"python -m gan_demo [\x20-\x7e]*|(?:owner|ada)/[\w@/]+|(?:first|second|third|training|torn)\b(?::[\w.-]+)*"
    r"|p_data|p_G|mode collapse|latent space|Jensen.Shannon|Hugging Face Hub|Lim and Ye"
)
NAMES = set(
    "AUC PCA KL JSD FID MLP DCGAN GAN MNIST PNG ZIP GIF MP4 JPEG WebP BMP TIFF Ctrl Delete Enter Esc Shift Hub English"
    " Python shell px Fréchet GANSpace SeFa GAN-test GAN-train logit sigmoid hinge critic latent truncation lerp slerp"
    " JS nat Lipschitz Wasserstein Wasserstein-1 PacGAN DRAGAN Adam R1 R2 V W1"  # of the lab
    " dragan log max min non-saturating least-squares wasserstein minimax relativistic"
    " Goodfellow Mao Arjovsky Gulrajani Kodali Mescheder Miyato Huang Jolicoeur-Martineau Szegedy".split()
)


def english(found):
    """Of texts, those with a word that is no name."""
    words = ((pair, re.findall(r"[A-Za-zÀ-ÿ]{2}[A-Za-zÀ-ÿ0-9_-]*", PHRASES.sub("", pair[1]))) for pair in found)
    return [(pair[0], pair[1][:100], sorted({*said} - NAMES)) for pair, said in words if {*said} - NAMES]


def test_the_chinese_page_has_no_english_words(visit, address):
    page = visit(f"{address}zh?lang=zh")
    assert page.evaluate("[document.documentElement.lang, navigator.language]") == ["zh-Hans", "zh-CN"]
    found, spaced, tabs = [], [], page.locator("#tabs [role=tab]").all()
    for tab in tabs:
        tab.evaluate("tab => tab.click()")  # it may be in another place
        page.get_by_role("tabpanel").locator(":is(img, canvas, button, p:not(.lede)):visible").first.wait_for()
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    for tab in tabs:  # by now all has come
        tab.evaluate("tab => tab.click()")  # it may be in another place
        found += page.evaluate(EVERYTHING)
        spaced += re.findall(r".{,9}[。？！] +\S.{,9}", page.get_by_role("tabpanel").inner_text())
    assert not spaced  # Chinese sentences follow each other without a space
    go_to_tab(page, "采样")
    page.locator("#samples-stage [data-choose]").first.click()
    page.locator("#samples-inspector img").first.wait_for()
    fill(page, "samples-seed", -1)  # a toast
    page.get_by_test_id("toast-close").first.wait_for()
    fill(page, "samples-seed", 10**20)
    page.locator(".toast-message-text", has_text="太大").wait_for()
    found += page.evaluate(EVERYTHING)  # now: it does not stay
    go_to_tab(page, "判别器")
    page.route("**/gradio_api/upload", lambda sent: sent.fulfill(status=507))
    page.locator("#drop-zone input").set_input_files(file("digit.png", b"", "image/png"))
    page.locator(".toast-message-text", has_text="服务器的磁盘已满").wait_for()
    found += page.evaluate(EVERYTHING)
    open_about(page)
    page.locator("#from-hub button").first.click()
    found += page.evaluate(EVERYTHING)
    page.locator("#model input").click()
    eventually(lambda: page.locator("#model li").count() > 3)
    found += page.evaluate(EVERYTHING)
    assert len(found) > 300  # it has looked
    assert any("没有成功" in text for _, text in found)
    assert ["aria-label", "关闭"] in found
    assert not english(map(tuple, dict.fromkeys(map(tuple, found))))
