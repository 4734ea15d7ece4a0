"""A locked console hides every word and still calls for help."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import ADVOCATE, CALM, SECOND, SUPERVISOR, Child, Desk
from tests.browser.opening import PHONE, OpenPage
from tests.service import Service

# The first tone of the alarm, in hertz: nothing else on the console sounds it.
ALARM = 988
HEAR = """
  window.tones = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...given) {
    window.tones.push(this.frequency.value);
    return start.apply(this, given);
  };
"""
LOCK = "async () => (await import('/static/staff/lock.js')).lockNow()"
# An alarm sounds every eight seconds until somebody acknowledges.
ALARM_WITHIN_MS = 12_000


@pytest.fixture
def child(served: Service, open_page: OpenPage) -> Child:
    return Child(open_page(origin=served.child, screen=PHONE))


def test_a_locked_console_sounds_an_alarm_and_stops_when_it_is_acknowledged(
    child: Child, open_staff_page: Callable[[], Page]
) -> None:
    child.begin()
    conversation = child.tell(CALM)
    locked = open_staff_page()
    locked.add_init_script(HEAR)
    Desk(locked).sign_in(ADVOCATE)
    locked.locator("#shift").click()
    locked.evaluate(LOCK)
    expect(locked.get_by_role("heading", name="Locked")).to_be_visible()

    second = Desk(open_staff_page())
    second.sign_in(SECOND)
    second.open(conversation)
    raised = second.page.request.post(
        f"/console/conversations/{conversation}/escalate",
        form={"grade": "emergency", "seen": "On a bridge", "told": "yes"},
        headers={
            "Origin": second.page.evaluate("location.origin"),
            "X-CSRF-Token": second.page.evaluate("document.body.dataset.csrf"),
        },
    )
    assert raised.ok, raised.text()

    until(locked, f"window.tones.includes({ALARM})")
    assert "!" in locked.title()
    assert locked.locator("main").is_hidden()

    supervisor = Desk(open_staff_page())
    supervisor.sign_in(SUPERVISOR)
    supervisor.page.goto("/console/escalations")
    climb = supervisor.page.locator(".climb.is-calling").filter(has=supervisor.page.locator("form"))
    climb.get_by_label("My next step").first.fill("Ring the home")
    climb.get_by_label("Done by").first.select_option(index=1)
    climb.get_by_role("button", name="I own this").first.click()
    until(locked, "!document.title.includes('!')")
    locked.evaluate("window.tones.length = 0")
    locked.wait_for_timeout(ALARM_WITHIN_MS)
    assert ALARM not in locked.evaluate("window.tones")


def until(page: Page, holds: str) -> None:
    """Wait as `wait_for_function` does, which the page's content policy would refuse."""
    give_up = time.monotonic() + ALARM_WITHIN_MS / 1000
    while not page.evaluate(holds):
        assert time.monotonic() < give_up, holds
        page.wait_for_timeout(100)
