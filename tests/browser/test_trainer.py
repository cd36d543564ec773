"""Training from the page, for real: from the button to the samples tab, with a stop on the way."""

import contextlib

import pytest
from helpers.jobs import Processes

from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.trainer import machine
from gan_demo.ui.trainer.desk import Desk

from .conftest import eventually, filled, go_to_tab

# Short, and of two networks that a test need not wait for.
FLAGS = {"epochs": "5", "batch_size": "64", "latent_dim": "16"}

# Whether the digits that are drawn have ink.
HAS_INK = """() => {
    const canvas = document.querySelector(".job canvas");
    const pixels = canvas?.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    return pixels.some((shade, place) => place % 4 < 3 && shade > 100);
}"""


def listed(page):
    """What the list of models says, as somebody sees it who opens it."""
    page.locator("#model input").click()
    page.locator("#model li").first.wait_for()
    rows = page.locator("#model li").all_inner_texts()
    page.keyboard.press("Escape")
    return [row.removeprefix("✓").strip() for row in rows]


@pytest.fixture
def training_page(lend, checkpoints, tmp_path):
    """A page on which trainings may be started, and its desk."""
    from gan_demo.cli.page import free_port
    from gan_demo.ui import page

    catalogue = Catalogue([checkpoints, tmp_path / "runs"])
    rules, processes = machine.RULES[machine.FULL]._replace(local=True), Processes(first_rests=True)
    desk = Desk(catalogue, rules, tmp_path / "runs", lambda settings: 1e4, processes)
    blocks = page.build(catalogue, desk=desk)
    address = page.serve(blocks, "127.0.0.1", free_port("127.0.0.1", None), desk=desk)
    with contextlib.ExitStack() as windows:
        window = windows.enter_context(lend("wide"))
        problems = []
        window.on("pageerror", lambda error: problems.append(str(error)))
        window.goto(f"{address}?tab=training")
        filled(window)
        yield window, desk
        assert not problems
    desk.jobs.close(stop=True)
    processes.close()
    blocks.close(verbose=False)


def compare(page, desk):
    """Two trainings that differ in their objective, started with one button, and then laid over each other."""
    go_to_tab(page, "Training")
    trainer = page.locator("#trainer")
    trainer.locator("[data-ready] [data-do=open]").click()
    trainer.locator("[name=epochs]").fill("2")
    trainer.locator("[data-do=pair]").click()
    pair = trainer.locator(".by-side .job")
    eventually(lambda: pair.locator(".state", has_text="finished").count() == 2, 120)
    _, *jobs = desk.jobs.all()
    about = [dict(job.about) for job in jobs]
    assert [one["objective"] for one in about] == ["non-saturating", "minimax"]
    assert about[0]["seed"] == about[1]["seed"]
    overlay = page.locator("#overlay")
    overlay.locator("summary").click()
    overlay.locator("label").first.wait_for()
    for box in overlay.locator("input").all():
        box.set_checked(box.input_value() in {job.name for job in jobs})
    plots = overlay.locator(".plot")
    eventually(lambda: all(job.name in (plots.first.get_attribute("aria-label") or "") for job in jobs))

    def both_to_the_end():
        lines = plots.evaluate_all("boxes => boxes.map((box) => box.uplot?.data)")  # drawn after it is named
        return len(lines) > 1 and all(
            drawn and drawn[0][-1] == 2 and len(drawn) == 3 and None not in (drawn[1][-1], drawn[2][-1])
            for drawn in lines
        )

    eventually(both_to_the_end)


def test_a_training_from_the_button_to_the_samples_with_a_stop_on_the_way(training_page):
    page, desk = training_page
    trainer = page.locator("#trainer")
    trainer.locator("[data-ready] [data-do=open]").click()
    trainer.locator("summary").first.click()
    for name, value in FLAGS.items():
        trainer.locator(f"[name={name}]").fill(value)
    trainer.get_by_text("of training here: 10,000 pictures a second").wait_for()
    command = trainer.locator(".plan code").inner_text()
    assert command == (
        "python train.py --model mlp --epochs 5 --latent-dim 16 --dataset digits --batch-size 64 --no-best-response"
    )
    trainer.locator("[type=submit]").click()
    card = trainer.locator(".job")
    card.locator(".where", has_text="step").wait_for()
    eventually(lambda: page.evaluate(HAS_INK))
    assert card.locator(".outputs path").first.get_attribute("d").startswith("M")
    card.locator(".plot canvas").first.wait_for()
    card.get_by_role("button", name="Stop").click()
    card.locator(".state", has_text="stopped and saved").wait_for()
    assert listed(page)[-1].startswith("mlp-ns-gan-digits · unfinished")  # nobody has reloaded the page
    (job,) = desk.jobs.all()
    card.get_by_role("button", name="Go on").click()
    card.locator(".state", has_text="starting").wait_for()
    assert "pictures a second" not in card.locator(".where").inner_text()  # nor a time that is left
    card.locator(".state", has_text="training").wait_for()
    card.locator(".state", has_text="finished").wait_for(timeout=120_000)
    assert desk.jobs.state(job) == "finished"
    eventually(lambda: "Fréchet" in listed(page)[-1])
    assert "unfinished" not in listed(page)[-1]
    card.get_by_role("button", name="Open in all tabs").click()
    page.wait_for_url("**model=mlp-ns-gan-digits**")
    filled(page)
    # The person stays where the training is; the model is in every tab.
    page.locator(".job .state", has_text="finished").wait_for()
    go_to_tab(page, "Samples")
    page.locator("#samples-stage img").first.wait_for()
    assert "5 epochs of" in page.locator("#facts").inner_text()
    compare(page, desk)
    # Neither at a stop of the tour nor on a projector is what has ended in the way.
    page.goto(page.evaluate("location.origin") + "?tab=training&present=1")
    card.first.wait_for(state="attached")
    eventually(lambda: not card.locator("visible=true").count())
    trainer.locator("[data-ready] [data-do=open]").wait_for()
    page.evaluate("document.documentElement.dataset.atStop = ''")
    trainer.locator("[data-ready] [data-do=open]").wait_for(state="hidden")
