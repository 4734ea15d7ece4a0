"""What somebody does with the pretend phone, beside the console."""

from playwright.sync_api import Page, expect

from tests.browser.acting import Desk


def text(handset: Page, words: str) -> None:
    """Text the helpline from the phone that is open."""
    handset.locator("#text").fill(words)
    handset.get_by_role("button", name="Send", exact=True).click()
    expect(handset.locator("#texts .mine").filter(has_text=words).last).to_be_visible()


def came(handset: Page) -> list[str]:
    """What reached the phone, also what the carrier says by itself."""
    return handset.locator("#texts .theirs p").all_inner_texts()


def open_newest(desk: Desk, words: str) -> str:
    """Open the conversation in which somebody just said this; its id."""
    desk.page.goto("/console")
    desk.expect_live()
    rows = desk.page.locator("#queue .item")
    expect(rows.first).to_be_visible()
    for conversation in [row.get_attribute("data-conversation") or "" for row in rows.all()]:
        desk.open(conversation)
        expect(desk.said.first).to_be_visible()
        # What raised the grade is marked with a number behind it.
        if any(said.startswith(words) for said in desk.said.all_inner_texts()):
            return conversation
    raise LookupError


def ring(handset: Page) -> None:
    """Ring the helpline from the phone that is open, and wait for its first words."""
    handset.locator("#ring button").click()
    expect(handset.locator("#calls")).to_contain_text("press 1")


def answer(handset: Page) -> None:
    """Pick up, and wait until a key is asked for."""
    handset.get_by_role("button", name="Answer", exact=True).click()
    expect(handset.locator(".handset-keypad")).to_be_visible()


def press(handset: Page, keys: str) -> None:
    """Press keys of the phone that is in a call."""
    pad = handset.locator(".handset-keypad")
    expect(pad).to_be_visible()
    for key in keys:
        pad.get_by_role("button", name=key, exact=True).click()


def came_to_call(handset: Page) -> list[str]:
    """What was said to the phone in the call that is on."""
    return handset.locator("#calls .said").all_inner_texts()
