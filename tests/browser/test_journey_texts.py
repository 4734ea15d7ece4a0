"""Texts, on a pretend phone beside the console: answered, STOP, LATER."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests import service
from tests.browser.acting import ADVOCATE, LEAVES_WITHIN_MS, Desk
from tests.browser.phoning import came, open_newest, text

pytestmark = service.ON_BOTH_ENGINES

SAID = "can i ask about my bus pass"
# Nothing that a text shows on a locked screen may say what this is.
TELLING = re.compile(r"advocat|helpline|child|care|safe|abuse|demo|sam", re.IGNORECASE)


def test_a_text_is_answered(
    handset: Callable[[str], Page], open_staff_page: Callable[[], Page]
) -> None:
    phone, desk = handset("447700900201"), Desk(open_staff_page())
    desk.sign_in(ADVOCATE)
    text(phone, SAID)
    expect(phone.locator("#texts")).to_contain_text("Hi, we got your text.")
    conversation = open_newest(desk, SAID)
    expect(desk.page.locator("#phone")).to_contain_text("the phone that ends in 01")
    desk.claim(conversation)
    desk.write("Hi, I am here. Who knows where he is?")
    expect(phone.locator("#texts .theirs").last).to_contain_text(
        "Who knows where he is?", timeout=LEAVES_WITHIN_MS
    )
    expect(desk.page.locator(".text-state").last).to_have_text(re.compile("Delivered"))
    assert [words for words in came(phone)[:1] if TELLING.search(words)] == []


def test_after_stop_nothing_can_be_sent_and_the_page_says_why(
    handset: Callable[[str], Page], open_staff_page: Callable[[], Page]
) -> None:
    phone, desk = handset("447700900203"), Desk(open_staff_page())
    desk.sign_in(ADVOCATE)
    text(phone, "why did they move my room")
    expect(phone.locator("#texts")).to_contain_text("Hi, we got your text.")
    conversation = open_newest(desk, "why did they move my room")
    desk.claim(conversation)
    desk.page.locator("#reply").fill("I was about to say")
    text(phone, "STOP")
    expect(desk.page.locator("#phone")).to_contain_text("Nothing can be sent")
    expect(desk.page.locator("#reply")).not_to_be_editable()
    expect(desk.page.locator("#reply")).to_have_value("I was about to say")
    expect(desk.page.locator("#send")).to_be_disabled()
    ours = len([words for words in came(phone) if "unsubscribed" not in words])
    assert ours == 1
    text(phone, "START")
    expect(desk.page.locator("#phone")).to_contain_text("a STOP. Check that it is safe first")
    desk.page.get_by_role("button", name="I have looked: it is safe to text").click()
    expect(desk.page.locator("#phone")).to_contain_text("This goes as a text")
    expect(desk.page.locator("#send")).to_be_enabled()
    desk.page.goto("/console/tasks")
    expect(desk.page.locator("main")).to_contain_text("Texts were stopped")
    desk.page.get_by_role("link", name="Open the conversation").first.click()
    expect(desk.page.locator("#middle")).to_be_visible()


def test_later_locks_the_composer_until_the_child_writes_and_a_person_has_looked(
    handset: Callable[[str], Page], open_staff_page: Callable[[], Page]
) -> None:
    phone, desk = handset("447700900204"), Desk(open_staff_page())
    desk.sign_in(ADVOCATE)
    text(phone, "nobody asked what i want")
    expect(phone.locator("#texts")).to_contain_text("Hi, we got your text.")
    conversation = open_newest(desk, "nobody asked what i want")
    desk.claim(conversation)
    text(phone, "LATER")
    expect(desk.page.locator("#phone")).to_contain_text("Nothing can be sent")
    expect(desk.page.locator("#send")).to_be_disabled()
    text(phone, "ok now")
    expect(desk.page.locator("#phone")).to_contain_text("Check that it is safe first")
    desk.page.get_by_role("button", name="I have looked: it is safe to text").click()
    expect(desk.page.locator("#send")).to_be_enabled()
    desk.write("Thanks for coming back.")
    expect(phone.locator("#texts")).to_contain_text(
        "Thanks for coming back.", timeout=LEAVES_WITHIN_MS
    )
