"""Calls, on pretend phones beside the console: nobody free, and a call-back that is missed."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests import service
from tests.browser.acting import ADVOCATE, Desk
from tests.browser.phoning import answer, came_to_call, open_newest, press, ring, text

pytestmark = service.ON_BOTH_ENGINES

SAM, JO, PRIYA = "447700900101", "447700900102", "447700900103"
RINGS_WITHIN_MS = 20_000
# Nothing that is said to a phone that anybody may pick up tells what this is.
TELLING = ("advocate", "helpline", "child", "care", "safe", "Demo", "home")


def test_a_call_that_nobody_takes_is_told_so_and_stands_in_the_queue(
    handset: Callable[[str], Page], open_staff_page: Callable[[], Page]
) -> None:
    child = handset("447700900401")
    ring(child)
    press(child, "1")
    for number in (SAM, JO, PRIYA):
        phone = handset(number)
        expect(phone.locator("#calls")).to_contain_text("Ringing", timeout=RINGS_WITHIN_MS)
        phone.get_by_role("button", name="Refuse").click()
    expect(child.locator("#calls")).to_contain_text(
        "Nobody can answer just now", timeout=RINGS_WITHIN_MS
    )
    press(child, "2")
    desk = Desk(open_staff_page())
    desk.sign_in(ADVOCATE)
    open_newest(desk, "(Rang us)")
    expect(desk.page.locator("#side")).to_contain_text("nobody took it")


def test_a_call_back_that_meets_a_voicemail_tells_nothing_and_is_missed_after_two_tries(
    handset: Callable[[str], Page], open_staff_page: Callable[[], Page]
) -> None:
    child, sam, desk = handset("447700900402"), handset(SAM), Desk(open_staff_page())
    desk.sign_in(ADVOCATE)
    text(child, "please can somebody ring me")
    conversation = open_newest(desk, "please can somebody ring me")
    desk.claim(conversation)
    side = desk.page.locator("#side")
    side.get_by_text("Write a call-back down").click()
    # Tomorrow, whatever the hour of this run: then the window is shut now, for certain.
    side.locator("#call-day").select_option(index=1)
    side.locator("details", has_text="Write a call-back down").get_by_role(
        "button", name="Keep this"
    ).click()
    expect(side.locator("[data-call-back]")).to_contain_text("Voicemail: NO")

    for left, (meets, outcome) in enumerate(
        (("Let it ring", "No answer"), ("Voicemail answers", "Voicemail: hung up"))
    ):
        side.get_by_label("Why must this call be made now?").fill("She asked for it by text.")
        side.get_by_role("button", name="Call all the same").click()
        expect(sam.locator("#calls")).to_contain_text("Ringing", timeout=RINGS_WITHIN_MS)
        answer(sam)
        press(sam, "1")
        expect(child.locator("#calls")).to_contain_text("Ringing", timeout=RINGS_WITHIN_MS)
        child.get_by_role("button", name=meets).click()
        heard = came_to_call(child)
        assert [word for word in TELLING for said in heard if word.lower() in said.lower()] == []
        expect(side.get_by_role("button", name=outcome)).to_be_visible(timeout=RINGS_WITHIN_MS)
        side.get_by_role("button", name=outcome).click()
        if left == 0:
            expect(side.locator("[data-call-back]")).to_contain_text("Tries left1")
    expect(side.locator("[data-call-back]")).to_have_count(0)
    desk.page.goto("/console/tasks")
    expect(desk.page.locator("main")).to_contain_text("call")
