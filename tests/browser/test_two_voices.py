"""The two voices of the discriminator tab, as a person sees them."""

import numpy as np
import torch

from gan_demo import belief
from gan_demo.belief import best_response
from gan_demo.pixels import from_pixels
from gan_demo.ui import words

from .conftest import eventually, narrow_only, open_tab
from .test_discriminator_tab import settled
from .test_page import choose_model


@narrow_only
def test_the_best_one_leads_and_each_has_its_own_chart(page, checkpoints):
    open_tab(page, "Discriminator")
    page.locator(".source", has_text="from seed").wait_for()
    assert not page.locator(".voice.lead").is_visible()  # the first model has no best D
    page.locator("[data-example]", has_text="real").first.click()
    page.locator(".headline", has_text="D ranks it").wait_for()
    choose_model(page, "second")
    best = best_response.read(checkpoints / "second")
    shown = torch.from_numpy(np.array(settled(page)))[None, None]
    logit = float(best.logits(from_pixels(shown))[0])
    number = belief.belief("non-saturating", logit).number
    page.locator(".voice.lead .figure", has_text=number).wait_for()
    assert page.locator(".headline").inner_text().startswith("The best D of the page")
    lead, own = (page.locator(f".voice.{name}").inner_text() for name in ("lead", "own"))
    assert words.comparison(belief.rank(logit, best.reference.real), "real test digits") in lead
    assert "likel" not in lead  # a real digit is like nothing of this generator's
    assert "raw output" in own
    eventually(lambda: page.locator(".says .uplot").count() == 2)
    for voice in ("lead", "own"):
        page.locator(f".voice.{voice} .mark").wait_for()
    choose_model(page, "first")
    page.locator(".voice.lead").wait_for(state="hidden")
    eventually(lambda: page.locator(".says .uplot").count() == 1)
