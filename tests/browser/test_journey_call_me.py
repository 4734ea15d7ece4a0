"""A child asks to be called by page, an advocate calls, and both press a key."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import service
from tests.browser import opening
from tests.browser.acting import ADVOCATE, Child, Desk
from tests.browser.phoning import answer, press

pytestmark = service.ON_BOTH_ENGINES

SAM = "447700900101"
RINGS_WITHIN_MS = 20_000
ASKED = "(Asked to be called: "


def on(page: Page, heading: str) -> None:
    """Wait for a page; from every one of them it is one press to be gone."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.get_by_role("button", name="Leave now")).to_be_visible()
    assert page.title() == "Home"
    assert page.url.endswith("/"), page.url


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Next").click()


def ask(page: Page, number: str, *, answered_by_others: str = "Say nothing and hang up") -> None:
    """Go through all the pages, and ask."""
    page.get_by_role("button", name="Ask us to call you").click()
    on(page, "Which number can we call?")
    page.get_by_label("Phone number").fill(number)
    page.get_by_label("No", exact=True).check()
    go_on(page)
    on(page, "When is it safe to call?")
    # Tomorrow, whatever the hour of this run: then the window is shut now, for certain.
    tomorrow = page.get_by_role("group", name="Tomorrow")
    tomorrow.get_by_role("button", name="Afternoon").click()
    on(page, "If someone else answers")
    page.get_by_label(answered_by_others).check()
    if answered_by_others == "Say a name I choose":
        page.get_by_label("Name we say").fill("Aunt Mary")
    go_on(page)
    on(page, "If nobody answers")
    expect(page.get_by_label("No. It only hears:")).to_be_checked()
    go_on(page)
    on(page, "Is this right?")
    expect(page.locator("main")).to_contain_text("Press any key to speak.")
    page.get_by_role("button", name="Ask for the call").click()
    on(page, "You asked us to call")


def test_a_child_asks_by_page_and_is_called_and_joined_and_the_wait_is_over(
    open_child_page: Callable[[], Page],
    handset: Callable[[str], Page],
    open_staff_page: Callable[[], Page],
) -> None:
    child, sam = handset("447700900411"), handset(SAM)
    page = open_child_page()
    page.goto("/")
    ask(page, "07700 900411", answered_by_others="Say a name I choose")
    page.get_by_role("button", name="Write to us").click()
    conversation = Child(page).conversation

    desk = Desk(open_staff_page())
    desk.sign_in(ADVOCATE)
    desk.claim(conversation)
    expect(desk.said.filter(has_text=ASKED)).to_have_count(1)
    side = desk.page.locator("#side")
    card = side.locator("[data-call-back]")
    for told in ("Say only the name", "Aunt Mary", "Voicemail: NO", "ends in 11", "Tries left2"):
        expect(card).to_contain_text(told)
    side.get_by_label("Why must this call be made now?").fill("Agreed with the child just now.")
    side.get_by_role("button", name="Call all the same").click()

    expect(sam.locator("#calls")).to_contain_text("Ringing", timeout=RINGS_WITHIN_MS)
    answer(sam)
    press(sam, "1")
    expect(child.locator("#calls")).to_contain_text("Ringing", timeout=RINGS_WITHIN_MS)
    answer(child)
    press(child, "#")  # any key is any key
    expect(side).to_contain_text("Talking.", timeout=RINGS_WITHIN_MS)
    child.get_by_role("button", name="Hang up").click()
    side.get_by_role("button", name="We spoke").click(timeout=RINGS_WITHIN_MS)
    expect(card).to_have_count(0)
    expect(desk.page.locator("#notes")).to_contain_text("Called: We spoke.")

    page.goto("/")
    expect(page.get_by_role("button", name="Ask us to call you")).to_be_visible()


def test_a_child_in_the_chat_asks_for_a_call_in_the_same_conversation(
    open_child_page: Callable[[], Page], open_staff_page: Callable[[], Page]
) -> None:
    child = Child(open_child_page())
    child.begin()
    conversation = child.tell("I would rather talk")
    ask(child.page, "020 7946 0411")
    child.page.get_by_role("button", name="Write to us").click()
    expect(child.page.get_by_role("button", name="We plan to call you: Tomorrow")).to_be_visible()
    expect(child.words.filter(has_text=ASKED)).to_have_count(1)
    assert child.conversation == conversation

    desk = Desk(open_staff_page())
    desk.sign_in(ADVOCATE)
    desk.open(conversation)
    expect(desk.page.locator("#side [data-call-back]")).to_contain_text("ends in 11")
    desk.page.goto("/console/call-backs")
    expect(desk.page.locator(f'a[href*="{conversation}"]').first).to_be_visible()


@opening.WITH_AND_WITHOUT_JAVASCRIPT
def test_a_call_is_asked_for_changed_and_cancelled_with_scripts_or_without(
    child_page: Page,
) -> None:
    child_page.goto("/")
    expect(child_page.get_by_role("link", name="Text us")).to_have_attribute(
        "href", "sms:07700900000"
    )
    ask(child_page, "07700 900412")
    child_page.get_by_role("button", name="Change this").click()
    on(child_page, "Is this right?")
    child_page.get_by_role("button", name="Change When").click()
    on(child_page, "When is it safe to call?")
    child_page.get_by_role("group", name="Tomorrow").get_by_role("button", name="Evening").click()
    on(child_page, "Is this right?")
    child_page.get_by_role("button", name="Ask for the call").click()
    on(child_page, "You asked us to call")
    expect(child_page.locator("main")).to_contain_text("Tomorrow, 6")
    child_page.get_by_role("button", name="Cancel the call").click()
    on(child_page, "No call is planned")


@pytest.mark.parametrize("heading", ["If nobody answers", "You asked us to call"])
def test_leaving_from_a_page_about_a_call_leaves_nothing_of_it(
    child_page: Page, heading: str
) -> None:
    child_page.goto("/")
    if heading == "You asked us to call":
        ask(child_page, "07700 900413")
    else:
        child_page.get_by_role("button", name="Ask us to call you").click()
        child_page.get_by_label("Phone number").fill("07700 900413")
        go_on(child_page)
    child_page.get_by_role("button", name="Leave now").click()
    child_page.wait_for_url("**/plain")
    child_page.goto("/")
    expect(child_page.locator("body")).not_to_contain_text("900413")
