"""An alarm reaches a phone in somebody's pocket, and a PIN on its keypad takes it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from helpline import paging_rules, seeding
from tests import service
from tests.browser.acting import GRAVE, SUPERVISOR, Child, Desk
from tests.browser.phoning import answer, came, came_to_call, press

pytestmark = service.ON_BOTH_ENGINES

SAM = "447700900101"
REACHES_WITHIN_MS = 20_000
# Whoever stands near reads the text and hears the call.
TELLING = ("tablet", "child", "emergency", "danger", "chat", "helpline", "demo", "http")


def test_an_alarm_is_taken_by_keypad_and_by_nothing_less(
    handset: Callable[[str], Page], open_staff_page: Callable[[], Page], child_page: Page
) -> None:
    phone, board = handset(SAM), Desk(open_staff_page())
    board.sign_in(SUPERVISOR)
    child = Child(child_page)
    child.begin()
    child.tell(GRAVE)
    calls = phone.locator("#calls")
    expect(calls).to_contain_text("Ringing", timeout=REACHES_WITHIN_MS)
    expect(phone.locator("#texts")).to_contain_text(paging_rules.load().text("text"))

    answer(phone)
    press(phone, "9753#")
    expect(calls).to_contain_text(paging_rules.load().text("wrong_pin"))
    board.page.goto("/console/escalations")
    climb = board.page.locator(".climb-card")
    expect(climb).to_contain_text("Nobody has acknowledged this")

    told = " ".join([*came(phone), *came_to_call(phone)]).lower()
    assert [word for word in TELLING if word in told] == []

    press(phone, f"{seeding.pin()}#")
    # The last words are said, and the call is over.
    expect(calls).to_be_empty(timeout=REACHES_WITHIN_MS)
    expect(climb).to_contain_text("Sam Demo owns this", timeout=REACHES_WITHIN_MS)
    expect(climb).to_contain_text(paging_rules.load().next_step)
