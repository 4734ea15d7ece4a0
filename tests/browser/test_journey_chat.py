"""A child writes and an advocate answers, on either engine, with JavaScript and without."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import service
from tests.browser.acting import ADVOCATE, CALM, Child, Desk
from tests.browser.opening import DESK, OpenPage
from tests.service import Service

pytestmark = service.ON_BOTH_ENGINES

WAITING = "I wrote this while I waited"
REPLY = "I am Sam. What would you like to happen?"
NOTE = "Rang the duty desk about this one"


@pytest.fixture
def advocate(open_staff_page: Callable[[], Page]) -> Desk:
    """An advocate whose console is open before any child writes."""
    desk = Desk(open_staff_page())
    desk.sign_in(ADVOCATE)
    return desk


def test_a_chat_is_answered_live_and_a_note_never_reaches_the_child(
    advocate: Desk, child_page: Page
) -> None:
    loads = counted_loads(advocate.page)
    child = Child(child_page)
    child.begin()
    conversation = child.tell(CALM, WAITING)
    expect(advocate.row(conversation)).to_contain_text("Unclaimed")
    advocate.claim(conversation)
    expect(advocate.said).to_have_text([CALM, WAITING])

    child.write("Are you there?")
    expect(advocate.said.last).to_have_text("Are you there?")
    advocate.keep_note(NOTE)
    advocate.reply(REPLY)

    expect(child.words).to_have_text([CALM, WAITING, "Are you there?", REPLY])
    expect(child.ticks).to_have_count(3)
    assert NOTE not in child_page.content()
    shown = child.asked().json()["messages"]
    assert [each["from"] for each in shown] == ["child"] * 3 + ["advocate"]
    assert NOTE not in child.asked().text()
    child_page.reload()
    expect(child.words).to_have_text([CALM, WAITING, "Are you there?", REPLY])
    assert NOTE not in child_page.content()
    assert loads == []


def counted_loads(page: Page) -> list[str]:
    """Every time this page is loaded anew from now on."""
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))
    return loads


@pytest.mark.parametrize("javascript", [False], indirect=True, ids=["no-javascript"])
def test_a_chat_without_javascript_is_answered(
    served: Service, child_page: Page, open_page: OpenPage
) -> None:
    child = Child(child_page)
    child.begin()
    child.write(CALM)
    expect(child.words).to_have_text([CALM])
    child.write(WAITING)
    expect(child.words).to_have_text([CALM, WAITING])
    expect(child.ticks).to_have_count(2)

    # Neither side has scripts here: the console's forms are plain ones too.
    desk = open_page(origin=served.staff, screen=DESK)
    desk.goto(f"/demo/as/{ADVOCATE}")
    desk.locator(f'.item[data-conversation="{child.conversation}"]').click()
    desk.get_by_role("button", name="Claim").click()
    desk.get_by_label("The child will see this").fill(REPLY)
    desk.get_by_role("button", name="Send").click()
    expect(desk.locator("#messages .bubble")).to_have_text([CALM, WAITING, REPLY])

    frame = child_page.frame_locator("iframe.inner")
    frame.get_by_role("link", name="Check for new message").click()
    expect(child.words).to_have_text([CALM, WAITING, REPLY])
    child_page.get_by_role("button", name="Leave now").click()
    child_page.wait_for_url("**/plain")
    child_page.goto("/")
    expect(child_page.get_by_role("button", name="Start")).to_be_visible()
    assert CALM not in child_page.content()


@pytest.mark.parametrize("javascript", [False], indirect=True, ids=["no-javascript"])
def test_without_javascript_the_inner_page_brings_the_reply_by_itself(child_page: Page) -> None:
    child = Child(child_page)
    child.begin()
    child.write(CALM)
    expect(child.words).to_have_text([CALM])
    refresh = child_page.frame_locator("iframe.inner").locator("meta[http-equiv=refresh]")
    expect(refresh).to_have_attribute("content", "20")
    assert child.asked().json()["latest"] == 1
