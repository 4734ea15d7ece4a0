"""Each sending of a text counts once, whatever is told of it and however slow it was."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from helpline import jobs, outbox
from helpline.queue import claim
from helpline.queue.claim import Claimed
from helpline.queue.models import Lane
from integrations.twilio.errors import TwilioError
from integrations.twilio.messages import SentText
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.phone_house import CHILD, SETTINGS
from tests.helpline.phoning import Line
from tests.stores import Stores

HOURS = timedelta(hours=1)
BROKEN = TwilioError(can_retry=True, code=502, maybe_sent=True)


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    """A child has texted and a person answers; nothing has left yet."""
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        line = Line(*phone_house.with_company(adapters, clock), clock)
        line.text("YES")
        line.work(for_=timedelta(minutes=2))
        line.company.sent.clear()
        line.company.taken.clear()
        line.claim()
        yield line


def off(line: Line, sid: str, status: str = "undelivered") -> None:
    """The company reports about a sending: the phone was off, or something that is past by now."""
    with line.adapters.transactions.begin() as session:
        outbox.take_report(
            session,
            line.adapters,
            text=line.outgoing()[-1].id,
            sid=sid,
            status=status,
            code=30003 if status == "undelivered" else None,
            now=line.now,
        )


def test_a_late_report_of_a_sending_that_failed_does_not_keep_the_text_back(line: Line) -> None:
    line.reply("hello")
    line.work()
    first = line.company.taken[-1][-1]
    off(line, first)
    off(line, first, "sent")
    assert line.outgoing()[-1].state == "planned"
    line.work(for_=timedelta(minutes=6))
    off(line, first, "delivered")
    assert line.company.sent == [(CHILD, "hello")] * 2
    text = line.outgoing()[-1]
    assert (text.state, text.provider_sid) == ("sent", line.company.taken[-1][-1])


def test_a_failure_that_is_reported_before_the_sending_has_ended_is_not_lost(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = line.company.send

    def reported_at_once(**given: str) -> SentText:
        taken = send(**given)
        if len(line.company.sent) == 1:
            off(line, taken.sid)
        return taken

    monkeypatch.setattr(line.company, "send", reported_at_once)
    line.reply("hello")
    line.work()
    assert line.outgoing()[-1].state == "planned"
    line.work(for_=timedelta(minutes=6))
    assert line.company.sent == [(CHILD, "hello")] * 2
    assert line.outgoing()[-1].state == "sent"


def test_a_failure_that_is_reported_four_times_counts_once(line: Line) -> None:
    line.reply("hello")
    line.work()
    first = line.company.taken[-1][-1]
    for _ in range(4):
        off(line, first)
    assert line.outgoing()[-1].sent_anew == 1
    line.work(for_=timedelta(minutes=6))
    assert line.company.sent == [(CHILD, "hello")] * 2
    assert line.tasks() == []


def test_a_search_for_the_second_sending_does_not_find_the_first(line: Line) -> None:
    line.reply("hello")
    line.work()
    off(line, line.company.taken[-1][-1])
    line.company.fails = [BROKEN]
    line.work(for_=outbox.ANEW_AFTER)
    line.work(for_=HOURS)
    assert line.company.sent == [(CHILD, "hello")] * 2


@pytest.mark.parametrize("worker", ["is slow", "is too late"])
def test_a_slow_search_never_lets_two_workers_send_the_same_text(
    line: Line, monkeypatch: pytest.MonkeyPatch, worker: str
) -> None:
    """Search and sending take 13 s each at most: with the wait before, more than a lease."""
    company, is_alone = line.company, True
    find_sent, send = company.find_sent, company.send

    def slowly_found(**given: Any) -> SentText | None:
        found = find_sent(**given)
        if is_alone:
            line.clock.advance(timedelta(seconds=13))
            if worker == "is too late":
                line.clock.advance(timedelta(seconds=18))
                another_worker()
        return found

    def slowly_sent(**given: Any) -> SentText:
        if is_alone:
            line.clock.advance(timedelta(seconds=13))
            another_worker()
        return send(**given)

    def another_worker() -> None:
        nonlocal is_alone
        is_alone = False
        jobs.drain(line.adapters, lane=Lane.OUTSIDE, owner="another")

    company.fails = [BROKEN]
    line.reply("hello")
    line.work()
    line.clock.advance(timedelta(minutes=1))
    # Something before it in the same claim took 9 s: there is "enough" of the lease, just so.
    claimed = claim.claim

    def claimed_and_waited(*given: Any, **more: Any) -> list[Claimed]:
        found: list[Claimed] = claimed(*given, **more)
        if is_alone:
            line.clock.advance(timedelta(seconds=9))
        return found

    monkeypatch.setattr(claim, "claim", claimed_and_waited)
    monkeypatch.setattr(company, "find_sent", slowly_found)
    monkeypatch.setattr(company, "send", slowly_sent)
    jobs.drain(line.adapters, lane=Lane.OUTSIDE, owner="tests")
    assert not is_alone, "another worker looked"
    assert line.company.sent == [(CHILD, "hello")]
    assert line.outgoing()[-1].state == "sent"
