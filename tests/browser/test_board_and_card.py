"""A supervisor in a real browser: the board lives, and a danger card is one tap away."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import opening
from tests.browser import test_pages_look as looks
from tests.browser.acting import CALM, SUPERVISOR, Child, Desk


@pytest.fixture
def conversation(child_page: Page) -> str:
    child = Child(child_page)
    child.begin()
    return child.tell(CALM)


def test_the_board_shows_a_child_who_begins_to_wait_without_a_reload(
    open_staff_page: Callable[[], Page], child_page: Page
) -> None:
    priya = Desk(open_staff_page())
    priya.sign_in(SUPERVISOR)
    priya.page.goto("/console/board")
    priya.expect_live()
    total = priya.page.locator('#board .big a[href="/console/board/waiting"] .figures')
    before = int(total.inner_text())
    child = Child(child_page)
    child.begin()
    conversation = child.tell(CALM)
    expect(total).to_have_text(str(before + 1))
    total.click()
    expect(priya.page.locator(f'a[href="/console/conversations/{conversation}"]')).to_be_visible()


@opening.WITH_AND_WITHOUT_JAVASCRIPT
def test_a_place_is_written_down_and_the_card_knows_it(
    open_staff_page: Callable[[], Page],
    conversation: str,
    javascript: bool,  # noqa: FBT001 - pytest passes fixtures by name
) -> None:
    page = open_staff_page()
    page.goto(f"/demo/as/{SUPERVISOR}")
    chat = f"/console/conversations/{conversation}"
    page.goto(chat)
    page.locator("summary", has_text="Say who this is").click()
    page.get_by_label("What staff call this child").fill("Robin of the blue house")
    page.get_by_label("How do you know?").fill("She named her key worker.")
    page.get_by_role("button", name="This is that child").click()
    expect(page.locator("#identity")).to_contain_text("Robin of the blue house")
    page.goto(f"{chat}/place")
    page.get_by_label("Where?", exact=True).select_option(label="Willow House: Blue corridor")
    page.get_by_label("Whose word is it?").select_option("the child")
    page.get_by_role("button", name="The child lives there").click()
    expect(page.locator("main")).to_contain_text("written down by")
    page.get_by_label("What are they to the child?").select_option("staff")
    page.get_by_label("Who, in the child's words or yours").fill("the night manager")
    page.get_by_role("button", name="Must not be told").click()
    expect(page.locator("main")).to_contain_text("the night manager")
    look = looks.Looking()
    if javascript:  # what looks for faults is a script itself
        look(page, "where a child is")
    page.goto(chat)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Danger card").click()
    card = opened.value
    expect(card.locator("h2", has_text="Do not ring the home")).to_be_visible()
    expect(card.locator('a[href="tel:01632960110"]')).to_be_visible()
    card.set_viewport_size({"width": opening.PHONE.width, "height": opening.PHONE.height})
    if javascript:
        look(card, "a danger card")
    card.emulate_media(media="print")
    expect(card.locator(".strip")).to_be_hidden()
    expect(card.locator(".shut")).to_be_visible()
    assert look.faults == []


def test_a_card_without_a_place_fits_a_phone(
    open_staff_page: Callable[[], Page], conversation: str
) -> None:
    page = open_staff_page()
    page.goto(f"/demo/as/{SUPERVISOR}")
    page.goto(f"/console/conversations/{conversation}")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Danger card").click()
    look = looks.Looking()
    opened.value.set_viewport_size({"width": 360, "height": 640})
    look(opened.value, "a card that knows nothing")
    assert look.faults == []
    expect(opened.value.locator("main")).to_contain_text("Are you safe to write right now?")
