"""Leave now, then Back: nothing of the visit is shown, with and without JavaScript."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.opening import WITH_AND_WITHOUT_JAVASCRIPT

SECRET = "Somebody hurts me at night"
BACKS = 5
STEPS = ("told", "device", "danger")
COVER_WITHIN_MS = 100


def go(page: Page, step: str, *, shows: str) -> None:
    """Press a button and wait for the page it leads to."""
    page.locator(f'button[name="step"][value="{step}"]').first.click()
    page.wait_for_selector(f"main.{shows}")


def visit(page: Page, *, javascript: bool = True) -> None:
    """Three pages and a message that is kept, with more than one of our entries to go back to."""
    for _ in range(2):
        page.goto("/")
        page.goto("/plain")
    page.goto("/")
    for step in STEPS:
        go(page, step, shows=step)
        page.locator("main").get_by_role("button", name="Go back").click()
        page.wait_for_selector("main.landing")
    go(page, "talk", shows="chat")
    page.get_by_label("Your message").fill(SECRET)
    page.get_by_role("button", name="Send").click()
    expect(words(page, javascript=javascript)).to_be_visible()


def words(page: Page, *, javascript: bool = True) -> Locator:
    shown = page if javascript else page.frame_locator("iframe.inner")
    return shown.locator(".said .words", has_text=SECRET)


def leave(page: Page) -> None:
    page.get_by_role("button", name="Leave now").click()
    page.wait_for_url("**/plain")


def expect_nothing_left(page: Page) -> None:
    assert page.title() in {"Home", "Times tables", ""}
    for frame in page.frames:
        content = frame.content()
        assert SECRET not in content
        assert "<textarea" not in content
        assert "Leave now" not in content


def go_back(page: Page) -> None:
    page.go_back(wait_until="load")
    expect_nothing_left(page)


@WITH_AND_WITHOUT_JAVASCRIPT
def test_back_five_times_after_leaving_shows_nothing(
    child_page: Page,
    javascript: bool,  # noqa: FBT001 - pytest passes fixtures by name
) -> None:
    visit(child_page, javascript=javascript)
    leave(child_page)
    expect_nothing_left(child_page)
    for _ in range(BACKS):
        go_back(child_page)


@WITH_AND_WITHOUT_JAVASCRIPT
def test_forward_reload_and_the_address_typed_again_show_nothing(
    child_page: Page,
    javascript: bool,  # noqa: FBT001 - pytest passes fixtures by name
) -> None:
    visit(child_page, javascript=javascript)
    leave(child_page)
    go_back(child_page)
    child_page.go_forward()
    expect_nothing_left(child_page)
    go_back(child_page)
    child_page.reload()
    expect_nothing_left(child_page)
    child_page.goto("/")
    expect_nothing_left(child_page)
    expect(child_page.get_by_role("button", name="Start")).to_be_visible()


def test_back_shows_nothing_when_the_beacon_never_arrives(child_page: Page) -> None:
    visit(child_page)
    child_page.context.route("**/x", lambda route: route.abort())
    leave(child_page)
    for _ in range(BACKS):
        go_back(child_page)
    # The next request ended the session: without the marker there is nothing to see either.
    child_page.goto("/")
    child_page.context.clear_cookies(name="gone")
    child_page.goto("/")
    assert SECRET not in child_page.content()


def test_without_a_network_the_page_is_empty_at_once(child_page: Page) -> None:
    visit(child_page)
    child_page.context.set_offline(True)
    left, text, took, cookies = child_page.evaluate(
        """() => {
            const began = performance.now();
            document.querySelector("[data-leave] button").click();
            return [document.body.childElementCount, document.body.textContent,
                    performance.now() - began, document.cookie];
        }"""
    )
    assert (left, text) == (0, "")
    assert took <= COVER_WITHIN_MS
    assert "gone=1" in cookies


def test_a_page_that_the_browser_kept_whole_is_blanked(child_page: Page) -> None:
    visit(child_page)
    # It is loaded afresh after that; a browser closed in the middle of it may never close.
    with child_page.expect_event("load"):
        children = child_page.evaluate(
            """() => {
                dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
                return document.body.childElementCount;
            }"""
        )
    assert children == 0


def test_shift_three_times_leaves(child_page: Page) -> None:
    visit(child_page)
    for _ in range(3):
        child_page.keyboard.press("Shift")
    child_page.wait_for_url("**/plain")
    go_back(child_page)


def test_writing_in_capitals_and_escape_never_leave(child_page: Page) -> None:
    visit(child_page)
    box = child_page.get_by_label("Your message")
    box.focus()
    for letter in "ABCDEFGHIJKLMNOPQRST":
        child_page.keyboard.press(f"Shift+{letter}")
    for _ in range(5):
        child_page.keyboard.press("Escape")
    child_page.keyboard.press("Shift")
    child_page.keyboard.press("Shift")
    child_page.keyboard.press("Shift+U")
    child_page.keyboard.press("Shift")
    expect(box).to_have_value("ABCDEFGHIJKLMNOPQRSTU")


def test_shift_pressed_slowly_does_not_leave(child_page: Page) -> None:
    child_page.goto("/")
    for _ in range(2):
        child_page.keyboard.press("Shift")
    child_page.wait_for_timeout(5200)
    child_page.keyboard.press("Shift")
    child_page.wait_for_timeout(300)
    expect(child_page.get_by_role("button", name="Leave now")).to_be_visible()


def test_in_the_background_the_words_are_covered_until_a_tap(child_page: Page) -> None:
    visit(child_page)
    turn = """(state) => {
        Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    child_page.evaluate(turn, "hidden")
    expect(words(child_page)).to_be_hidden()
    expect(child_page.get_by_role("button", name="Leave now")).to_be_hidden()
    child_page.evaluate(turn, "visible")
    expect(words(child_page)).to_be_hidden()
    expect(child_page.get_by_role("button", name="Leave now")).to_be_visible()
    child_page.get_by_role("button", name="Tap to go back").click()
    expect(words(child_page)).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(360, 640), (320, 568), (360, 340), (320, 225)])
def test_the_way_out_is_in_reach_and_uncovered_on_every_page(
    child_page: Page, width: int, height: int
) -> None:
    child_page.set_viewport_size({"width": width, "height": height})
    child_page.goto("/nothing")
    expect_way_out(child_page)
    child_page.goto("/")
    expect_way_out(child_page)
    for step in STEPS:
        go(child_page, step, shows=step)
        expect_way_out(child_page)
        go(child_page, "back", shows="landing")
    go(child_page, "talk", shows="chat")
    expect_way_out(child_page)


def expect_way_out(page: Page) -> None:
    button = page.get_by_role("button", name="Leave now")
    for end in (0, 100_000):
        page.evaluate("end => scrollTo(0, end)", end)
        place = button.bounding_box()
        assert place is not None
        assert place["width"] >= 48
        assert place["height"] >= 48
        hits = page.evaluate(
            """() => {
                const button = document.querySelector("[data-leave] button");
                const at = button.getBoundingClientRect();
                const inset = 6;
                return [[at.left + at.width / 2, at.top + at.height / 2],
                        [at.left + inset, at.top + inset], [at.right - inset, at.top + inset],
                        [at.left + inset, at.bottom - inset], [at.right - inset, at.bottom - inset],
                       ].every(([x, y]) => button.contains(document.elementFromPoint(x, y)));
            }"""
        )
        assert hits
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_visit_leaves_one_dull_entry_and_asks_nobody_else(
    open_child_page: Callable[[], Page],
) -> None:
    page = open_child_page()
    asked = requests_of(page)
    page.goto("/")
    before = page.evaluate("history.length")
    for step in STEPS:
        go(page, step, shows=step)
        go(page, "back", shows="landing")
    go(page, "talk", shows="chat")
    assert page.evaluate("history.length") == before
    assert page.title() == "Home"
    assert urlsplit(page.url)[2:] == ("/", "", "")
    assert {urlsplit(request.url).netloc for request in asked} == {urlsplit(page.url).netloc}


def requests_of(page: Page) -> list[Request]:
    """Everything this page asks for from now on."""
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    page.on("request", note)
    return asked


def test_the_newest_press_wins(child_page: Page) -> None:
    child_page.goto("/")
    child_page.evaluate(
        """() => {
            document.querySelector('main button[value="told"]').click();
            document.querySelector('footer button[value="danger"]').click();
        }"""
    )
    child_page.wait_for_selector("main.danger")


def test_words_that_were_not_sent_never_leave_the_page(child_page: Page) -> None:
    visit(child_page)
    asked = requests_of(child_page)
    spoken: list[str] = []
    child_page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda frame: spoken.append(str(frame))),
    )
    child_page.reload()
    child_page.get_by_label("Your message").press_sequentially("unsent words", delay=20)
    go(child_page, "told", shows="told")
    go(child_page, "back", shows="chat")
    expect(child_page.get_by_label("Your message")).to_have_value("unsent words")
    assert [r.url for r in asked if "unsent" in (r.post_data or "")] == []
    assert [frame for frame in spoken if "unsent" in frame] == []
