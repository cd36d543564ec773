"""The page of two processes, in a browser, behind a balancer that sends each request to the other one."""

from helpers.workers import balanced

from .conftest import eventually, go_to_tab, pictures, same
from .test_discriminator_tab import draw
from .test_invert_tab import SEVEN, finished, on, open_it, shown


def test_a_visitor_does_not_notice(visit, checkpoints, gans, tmp_path):
    with balanced(tmp_path, *(checkpoints / name for name in ("first", "second"))) as balancer:
        problems = []
        page = visit(f"{balancer.address}?lang=en&count=5")
        page.on("pageerror", lambda error: problems.append(str(error)))
        before = pictures(page, "samples-stage")
        page.locator("#samples-seed-dice").click()  # past the queue
        eventually(lambda: not same(pictures(page, "samples-stage"), before))
        page.locator("#samples-stage figure").nth(2).click()  # through the queue
        page.locator("#samples-inspector img").first.wait_for()
        go_to_tab(page, "Interpolate")
        page.locator("#film-stage img").first.wait_for()
        film = pictures(page, "film-stage")
        page.locator("#way-points [data-do=add]").click()
        eventually(lambda: not same(pictures(page, "film-stage"), film))
        go_to_tab(page, "Discriminator")
        draw(page, (0.3, 0.2), (0.7, 0.8))
        eventually(lambda: page.locator("#judge-stage .live").inner_text() != "")
        open_it(page)  # a search is told bit by bit, and its picture is kept on the server
        on(page, "invert-board", *SEVEN)
        finished(page)
        assert len(shown(page)) == 2
        facts = page.locator("#facts").text_content()
        page.locator("#model input").click()  # what was shown before is kept on the server, too
        page.locator("#model li").nth(1).click()
        eventually(lambda: page.locator("#facts").text_content() != facts)
        assert not problems
        assert page.locator("#server-gone").count() == 0
        halves = [sum(server == index for server, _ in balancer.asked) for index in (0, 1)]
        assert min(halves) > 20
