"""Every page on a phone and on a desk: nothing sticks out, and axe finds no serious fault."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import test_leave as leaving
from tests.browser.acting import ADVOCATE, CALM, GRAVE, SECOND, SUPERVISOR, Child, Desk
from tests.browser.opening import DESK, PHONE, Screen

SCREENS = (PHONE, DESK)
COLOURS = ("cream", "blue", "dark")
GRAVE_FAULTS = {"serious", "critical"}
LONG_WORD = "Donaudampfschifffahrtsgesellschaft" * 3
STAFF = {
    "queue": "/console",
    "only mine, and nothing there": "/console?show=mine",
    "escalations": "/console/escalations",
    "tasks": "/console/tasks",
    "on call": "/console/on-call",
    "board": "/console/board",
    "who waits": "/console/board/waiting",
    "numbers to check": "/console/board/numbers",
    "work that is due": "/console/board/work",
    "patterns": "/console/patterns",
    "rules": "/console/rules",
    "rules that hold a word": "/console/rules?q=locked",
    "recovery codes": "/console/recovery-codes",
    "not there": "/console/tasks/00000000-0000-7000-8000-000000000000",
}
LOCK = """() => fetch("/console/lock", {
    method: "POST", headers: { "X-CSRF-Token": document.body.dataset.csrf } })"""
axe = Axe()


class Look(Protocol):
    """Look at a page as it is now; `faults` gathers what is wrong with it."""

    faults: list[str]
    at: Sequence[Screen]

    def __call__(self, page: Page, name: str) -> None: ...


class Looking:
    """See :class:`Look`. It looks `at` both screens, and ends at the size it began with."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.at: Sequence[Screen] = SCREENS

    def __call__(self, page: Page, name: str) -> None:
        began = page.viewport_size
        assert began is not None
        for screen in self.at:
            page.set_viewport_size({"width": screen.width, "height": screen.height})
            self.faults += [f"{name} at {screen.width}: {each}" for each in _faults(page, screen)]
        page.set_viewport_size(began)


def _faults(page: Page, screen: Screen) -> list[str]:
    found = []
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > screen.width:
        found.append(f"{wide} px wide")
    result: dict[str, Any] = axe.run(page, options={"resultTypes": ["violations"]}).response
    found += [
        f"{each['id']}: {node['html'][:140]}"
        for each in result["violations"]
        if each["impact"] in GRAVE_FAULTS
        for node in each["nodes"]
    ]
    return found


@pytest.fixture
def look() -> Look:
    return Looking()


def press(page: Page, step: str) -> None:
    page.locator(f'button[name="step"][value="{step}"]').first.click()


def look_at_child(page: Page, look: Look, name: str) -> None:
    look(page, name)
    assert page.title() == "Home"
    for screen in SCREENS:
        page.set_viewport_size({"width": screen.width, "height": screen.height})
        leaving.expect_way_out(page)


@pytest.mark.parametrize("colour", COLOURS)
def test_every_page_of_a_visit(child_page: Page, look: Look, colour: str) -> None:
    # Sizes do not depend on colours: the others are looked at on the phone alone.
    look.at = SCREENS if colour == COLOURS[0] else (PHONE,)
    child = Child(child_page)
    child_page.goto("/")
    child_page.locator("summary").click()
    look(child_page, "the choice of colours")
    child_page.locator(f'button[name="look"][value="{colour}"]').click()
    expect(child_page.locator("html")).to_have_attribute("data-colour", colour)
    child_page.locator("summary").click()
    look_at_child(child_page, look, "landing")
    for step in ("told", "device", "danger"):
        press(child_page, step)
        child_page.wait_for_selector(f"main.{step}")
        look_at_child(child_page, look, step)
        child_page.locator('main button[value="back"]').click()
        child_page.wait_for_selector("main.landing")
    press(child_page, "talk")
    expect(child.box).to_be_visible()
    look_at_child(child_page, look, "an empty chat")
    child.tell(CALM, f"{LONG_WORD} {GRAVE}", "\n".join("a line" for _ in range(30)))
    child.box.fill("x" * 9_500)
    child_page.get_by_role("button", name="Send").focus()
    look_at_child(child_page, look, "a full chat")
    child_page.locator("[data-signal]").evaluate("banner => { banner.hidden = false; }")
    look_at_child(child_page, look, "no signal")
    child.box.fill("x" * 10_001)
    child_page.get_by_role("button", name="Send").click()
    look_at_child(child_page, look, "too long")
    child_page.goto("/nothing")
    look_at_child(child_page, look, "an address that is not there")
    child_page.goto("/")
    child_page.get_by_role("button", name="Leave now").click()
    child_page.wait_for_url("**/plain")
    look(child_page, "the neutral page")
    child_page.goto("/")
    expect(child_page.get_by_role("button", name="Start")).to_be_visible()
    look(child_page, "the dull page")
    assert child_page.title() == "Home"
    assert look.faults == []


@pytest.mark.parametrize("size", ["bigger", "biggest"])
def test_bigger_letters_push_nothing_out(child_page: Page, look: Look, size: str) -> None:
    child_page.goto("/")
    child_page.locator("summary").click()
    child_page.locator(f'button[name="look"][value="{size}"]').click()
    child_page.locator("summary").click()
    expect(child_page.locator("html")).to_have_attribute("data-size", size)
    look_at_child(child_page, look, "landing")
    press(child_page, "talk")
    Child(child_page).tell(f"{LONG_WORD} {CALM}")
    look_at_child(child_page, look, "chat")
    assert look.faults == []


@pytest.mark.parametrize("javascript", [False], indirect=True, ids=["no-javascript"])
def test_the_chat_without_javascript_fits(child_page: Page) -> None:
    child = Child(child_page)
    child.begin()
    child.write(f"{LONG_WORD} {CALM}")
    expect(child.ticks).to_have_count(1)
    inner = child_page.locator("iframe.inner")
    for screen in SCREENS:
        child_page.set_viewport_size({"width": screen.width, "height": screen.height})
        place = inner.bounding_box()
        assert place is not None
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= screen.width
        leaving.expect_way_out(child_page)


@pytest.fixture
def kept(child_page: Page) -> tuple[str, str]:
    """A calm conversation and a grave one, for the queue."""
    ids = []
    for texts in ((CALM, LONG_WORD), (GRAVE,)):
        child_page.context.clear_cookies()
        child = Child(child_page)
        child.begin()
        ids.append(child.tell(*texts))
    return ids[0], ids[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_console(
    open_staff_page: Callable[[], Page], look: Look, kept: tuple[str, str], scheme: str
) -> None:
    look.at = SCREENS if scheme == "light" else (DESK,)
    calm, grave = kept
    priya, jo = Desk(open_staff_page()), Desk(open_staff_page())
    priya.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    priya.sign_in(SUPERVISOR)
    for name, address in STAFF.items():
        priya.page.goto(address)
        look(priya.page, name)
    priya.page.goto("/console")
    priya.expect_live()
    priya.open(calm)
    look(priya.page, "a chat that nobody holds")
    priya.claim_open()
    priya.keep_note(f"A note with {LONG_WORD}")
    priya.reply_box.fill("half a reply")
    priya.page.locator("#raise summary").click()
    look(priya.page, "a chat of my own, and a concern to raise")
    priya.write("Held for four seconds")
    priya.page.locator("#keys-button").click()
    look(priya.page, "the list of keys")
    priya.page.keyboard.press("Escape")
    jo.sign_in(SECOND)
    jo.claim(grave)
    priya.open(grave)
    expect(priya.page.locator("#bar")).to_contain_text("Jo Demo is answering")
    priya.page.locator("#bar summary", has_text="Take over").click()
    look(priya.page, "an emergency that a colleague answers")
    assert look.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_around_signing_in(staff_page: Page, look: Look, scheme: str) -> None:
    staff_page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for address in ("/demo", "/console/sign-in", "/console/welcome#secret", "/nothing"):
        staff_page.goto(address)
        look(staff_page, address)
    staff_page.goto("/console/sign-in")
    staff_page.get_by_label(re.compile("mail", re.IGNORECASE)).fill("sam@example.org")
    staff_page.get_by_label("Password").fill("not the one")
    staff_page.get_by_role("button", name="Sign in").click()
    expect(staff_page.get_by_role("alert")).to_be_visible()
    look(staff_page, "a wrong password")
    staff_page.goto("/demo/as/manager")
    look(staff_page, "nothing here for a manager")
    staff_page.goto(f"/demo/as/{ADVOCATE}")
    staff_page.evaluate(LOCK)
    staff_page.goto("/console/locked")
    expect(staff_page.get_by_label("Your password").first).to_be_visible()
    look(staff_page, "locked")
    assert look.faults == []
