"""A child texts at night: honest about the hour, and a cry is a cry at any hour."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import ADVOCATE, LEAVES_WITHIN_MS, Desk
from tests.browser.phoning import came, open_newest, text
from tests.service import Service
from triage.hours import LONDON


def closed_now() -> str:
    """Open hours that begin, at the soonest, eight hours from now."""
    opens = (datetime.now(UTC) + timedelta(hours=8)).astimezone(LONDON)
    return f"{opens:%a} {opens.hour:02}:00-{opens.hour:02}:30"


@pytest.fixture(scope="module")
def served() -> Iterator[Service]:
    service = Service.start(settings={"HELPLINE_OPEN_HOURS": closed_now()})
    yield service
    service.remove()


def test_a_text_at_night_is_told_when_a_person_reads_and_what_can_be_rung_now(
    handset: Callable[[str], Page],
) -> None:
    phone = handset("447700900301")
    text(phone, "are you there")
    expect(phone.locator("#texts")).to_contain_text("If it can't wait, ring 999")
    opens = (datetime.now(UTC) + timedelta(hours=8)).astimezone(LONDON)
    hour = f"{opens.hour % 12 or 12}{'am' if opens.hour < 12 else 'pm'}"
    expect(phone.locator("#texts")).to_contain_text(f"from {hour}")


def test_help_alone_at_night_is_a_cry_that_gets_no_boilerplate_of_ours(
    handset: Callable[[str], Page], open_staff_page: Callable[[], Page]
) -> None:
    phone, desk = handset("447700900302"), Desk(open_staff_page())
    desk.sign_in(ADVOCATE)
    text(phone, "HELP")
    conversation = open_newest(desk, "HELP")
    expect(desk.page.locator("#chat-grade")).to_contain_text("Urgent")
    expect(desk.page.locator("#climb")).to_contain_text("Calls someone")
    desk.claim(conversation)
    desk.write("I got your text. Are you hurt?")
    expect(phone.locator("#texts")).to_contain_text("Are you hurt?", timeout=LEAVES_WITHIN_MS)
    # The carrier answers HELP by itself unless that was switched off; we do not.
    assert [words for words in came(phone) if "we got your text" in words] == []
