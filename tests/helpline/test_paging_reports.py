"""What the telephone company reports of a page is written down, and is never an answer."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from helpline import paging
from helpline.todo.models import Why
from integrations.twilio.webhooks import CallEvent, TextStatus
from tests.helpline import paging_house
from tests.helpline.paging_house import MINUTE, OnCall
from tests.helpline.ringing_house import JO_PHONE as JO
from tests.helpline.ringing_house import SAM_PHONE as SAM


@pytest.fixture
def on_call(request: pytest.FixtureRequest, engine_name: str) -> Iterator[OnCall]:
    with paging_house.opened(request, engine_name) as on_call:
        yield on_call


def event(status: str) -> CallEvent:
    return CallEvent(
        sid="CA" + "1" * 32,
        sender="",
        to="",
        status=status,
        digits="",
        dial_status=None,
        was_joined=None,
        parent_sid=None,
        is_inbound=False,
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("completed", "sent"),
        ("busy", "no answer"),
        ("no-answer", "no answer"),
        ("canceled", "no answer"),
        ("failed", "failed"),
    ],
)
def test_nothing_that_a_call_reports_is_an_answer(on_call: OnCall, status: str, state: str) -> None:
    conversation = on_call.danger()
    on_call.climb()
    page = on_call.pages(SAM, "voice")[0].id
    paging.take_call_report(on_call.house.adapters, page, event(status))
    assert on_call.states(SAM, "voice") == [state]
    assert on_call.escalation(conversation).state == "paging"
    on_call.climb(after=2 * MINUTE)
    assert on_call.rung() == [SAM, JO]
    # What is known of a page stays: reports come late and twice.
    paging.take_call_report(on_call.house.adapters, page, event("failed"))
    expected = "failed" if state == "sent" else state
    assert on_call.states(SAM, "voice") == [expected]


@pytest.mark.parametrize(
    ("status", "code", "state", "told"),
    [
        ("sent", None, "sent", []),
        ("delivered", None, "arrived", []),
        ("undelivered", 30005, "failed", [Why.PAGE_REFUSED]),
        ("undelivered", 30003, "failed", [Why.PAGE_NOT_SENT]),
        ("failed", 21610, "failed", [Why.PAGE_REFUSED]),
    ],
)
def test_nothing_that_a_text_reports_is_an_answer(
    on_call: OnCall, status: str, code: int | None, state: str, told: list[Why]
) -> None:
    conversation = on_call.danger()
    on_call.climb()
    page = on_call.pages(SAM, "sms")[0].id
    report = TextStatus(sid="SM" + "1" * 32, status=status, error_code=code)
    paging.take_text_report(on_call.house.adapters, page, report)
    assert on_call.states(SAM, "sms") == [state]
    assert [why for why, _ in on_call.tasks()] == told
    assert on_call.escalation(conversation).state == "paging"


@pytest.mark.parametrize(
    ("status", "rings"), [("in-progress", 1), ("completed", 2), ("no-answer", 2), ("busy", 2)]
)
def test_only_a_ring_that_still_rings_stands_for_another_alarm_too(
    on_call: OnCall, status: str, rings: int
) -> None:
    on_call.danger()
    on_call.climb()
    on_call.clock.advance(timedelta(seconds=30))
    told = event(status)
    if told.is_over:
        paging.take_call_report(on_call.house.adapters, on_call.pages(SAM, "voice")[0].id, told)
    on_call.danger()
    on_call.climb(after=timedelta(seconds=10))
    assert on_call.rung() == [SAM] * rings
    assert on_call.texted() == [SAM]
