"""An emergency that nobody looks at climbs, on its clock, until somebody owns it.

The demo's clocks run ten times as fast: first on call at once, second after 12 s, the supervisor
after 30 s.
"""

import email
import email.policy
import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests import service
from tests.browser.acting import ADVOCATE, GRAVE, SUPERVISOR, Child, Desk
from tests.service import Service

pytestmark = service.ON_BOTH_ENGINES

CALLED = {"Sam Demo": 0.0, "Jo Demo": 12.0, "Priya Demo": 30.0}  # seconds in the demo
LATE_MS = 10_000  # two cores that a whole test run shares
# Who sees a phone's screen must not learn from a mail what it is about.
TELLING = ("tablets", "taken", "child", "emergency", "danger", "chat", "helpline")
NEXT_STEP = "Ring the home's manager"


def test_an_emergency_nobody_looks_at_climbs_to_the_supervisor_who_owns_it(
    served: Service, open_staff_page: Callable[[], Page], child_page: Page
) -> None:
    advocate, supervisor = Desk(open_staff_page()), Desk(open_staff_page())
    advocate.sign_in(ADVOCATE)
    supervisor.sign_in(SUPERVISOR)
    board = supervisor.page.context.new_page()
    board.goto("/console/escalations")
    expect(board.locator("#escalations")).to_contain_text("Nothing calls for anybody")
    loads: list[str] = []
    for page in (advocate.page, supervisor.page, board):
        page.on("load", lambda loaded: loads.append(loaded.url))

    child = Child(child_page)
    child.begin()
    conversation = child.tell(GRAVE)
    began = time.monotonic()
    # What can help now stays in reach, and the child can go without ending anything.
    expect(child_page.get_by_role("link", name="Call 999")).to_be_visible()
    child_page.get_by_role("button", name="Leave now").click()
    expect(advocate.row(conversation)).to_contain_text("Left quickly")
    expect(advocate.row(conversation)).to_have_class(re.compile("is-calling"))
    expect(advocate.page).to_have_title(re.compile("!"))
    assert "!" not in supervisor.page.title()

    climb = board.locator(".climb-card")
    for name, seconds in CALLED.items():
        remaining = max(0.0, began + seconds - time.monotonic()) * 1000
        called = climb.get_by_text(re.compile(f"Called:.*{name}"))
        expect(called).to_be_visible(timeout=remaining + LATE_MS)
        assert time.monotonic() - began >= seconds - 2
    # Their pretend phones ring and nobody takes them up, which may stand behind each name.
    order = ".*, ".join(rf"{name} \d\d:\d\d" for name in CALLED)
    expect(climb).to_contain_text(re.compile(f"Called: {order}"))
    expect(supervisor.page).to_have_title(re.compile("!"))
    expect(climb).to_contain_text("Nobody has acknowledged this")

    acknowledge(board)
    expect(climb).to_contain_text("Priya Demo owns this")
    expect(climb).to_contain_text(re.compile(rf"Next step, by \d\d:\d\d: {NEXT_STEP}"))
    expect(advocate.row(conversation)).to_contain_text("Owned")
    expect(supervisor.page).not_to_have_title(re.compile("!"))
    assert loads == []
    expect_mails_without_content(served.demo / "mail", conversation)


def acknowledge(board: Page) -> None:
    deed = board.locator("details.deed", has_text="I own this")
    own = deed.get_by_label("My next step")
    if not own.is_visible():
        deed.locator("summary").click()
    deed.get_by_role("button", name="I own this").click()
    expect(board.locator(".climb-card")).to_contain_text("Nobody has acknowledged this")
    own.fill(NEXT_STEP)
    deed.get_by_label("Done by").select_option("5")
    deed.get_by_role("button", name="I own this").click()


def expect_mails_without_content(folder: Path, conversation: str) -> None:
    mails = [
        email.message_from_bytes(each.read_bytes(), policy=email.policy.default)
        for each in folder.glob("*.eml")
    ]
    to = [str(mail["To"]).partition("@")[0] for mail in mails]
    assert sorted(to) == ["jo", "priya", "sam"]
    for mail in mails:
        content = mail.as_string().lower()
        assert [word for word in (*TELLING, conversation) if word in content] == []
