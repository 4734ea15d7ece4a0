"""The pages on which a child asks for a call: nothing sticks out, axe finds no serious fault."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import test_pages_look as looking
from tests.browser.opening import PHONE
from tests.browser.test_pages_look import Look, Looking


@pytest.fixture
def look() -> Look:
    return Looking()


@pytest.mark.parametrize("chosen", ["cream", "blue", "dark", "biggest"])
def test_every_page_about_a_call(child_page: Page, look: Look, chosen: str) -> None:
    if chosen not in {"cream", "biggest"}:
        look.at = (PHONE,)
    page = child_page
    heading = page.get_by_role("heading", level=1)

    def after(button: str, shows: str) -> None:
        page.get_by_role("button", name=button).click()
        expect(heading).to_have_text(shows)
        looking.look_at_child(page, look, f"{shows} after {button}")

    page.goto("/")
    page.locator("summary").click()
    page.locator(f'button[name="look"][value="{chosen}"]').click()
    page.locator("summary").click()
    looking.look_at_child(page, look, "landing")
    after("Ask us to call you", "Which number can we call?")
    page.get_by_label("Yes", exact=True).check()
    after("Next", "Which number can we call?")
    page.get_by_label("Phone number").fill("020 7946 0412")
    after("Next", "When is it safe to call?")
    page.get_by_role("group", name="Tomorrow").get_by_role("button", name="Morning").click()
    page.get_by_label("Say a name I choose").check()
    after("Next", "If someone else answers")
    page.get_by_label("Name we say").fill(looking.LONG_WORD[:80])
    after("Next", "If nobody answers")
    after("Next", "Is this right?")
    after("Ask for the call", "You asked us to call")
    after("Write to us", "Write to us")
    page.get_by_role("button", name="We plan to call you").click()
    after("Cancel the call", "No call is planned")
    assert look.faults == []
