"""Texts to one phone leave in the order in which they were written, and none waits for ever."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from chat.models import Message
from helpline import outbox
from helpline.queue.models import Job
from helpline.todo.models import Why
from integrations.twilio.errors import TwilioError
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.phone_house import CHILD, SETTINGS
from tests.helpline.phoning import Line
from tests.stores import Stores

MINUTE = timedelta(minutes=1)
FIRST, SECOND = "one: do not do this", "two: unless I say so"
TOO_MANY = TwilioError(can_retry=True, code=20429)


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    """A person has taken a child's conversation and writes two texts, one after the other."""
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        line = Line(*phone_house.with_company(adapters, clock), clock)
        line.text("YES")
        line.work(for_=2 * MINUTE)
        line.company.sent.clear()
        line.claim()
        line.reply(FIRST)
        line.reply(SECOND)
        yield line


def test_a_text_does_not_overtake_the_one_before_it(line: Line) -> None:
    line.company.fails = [TOO_MANY]
    line.work()
    assert line.company.sent == []
    line.work(for_=MINUTE)
    assert line.company.sent == [(CHILD, FIRST), (CHILD, SECOND)]


def test_a_text_waits_while_the_one_before_it_is_sent_anew(line: Line) -> None:
    line.company.fails = []
    line.work()
    first = line.outgoing()[-2]
    assert first.provider_sid is not None
    with line.adapters.transactions.begin() as session:
        outbox.take_report(
            session,
            line.adapters,
            text=first.id,
            sid=first.provider_sid,
            status="undelivered",
            code=30003,
            now=line.now,
        )
    line.reply("three")
    line.work(for_=MINUTE)
    assert line.company.sent == [(CHILD, FIRST), (CHILD, SECOND)]
    line.work(for_=outbox.ANEW_AFTER)
    assert line.company.sent[2:] == [(CHILD, FIRST), (CHILD, "three")]


def test_a_text_that_is_refused_lets_the_next_one_go(line: Line) -> None:
    line.company.fails = [TwilioError(can_retry=False, code=30007)]
    line.work()
    assert line.company.sent == [(CHILD, SECOND)]


def test_a_text_that_cannot_be_opened_lets_the_next_one_go_and_a_person_is_told(
    line: Line,
) -> None:
    first = line.outgoing()[-2].id
    with line.adapters.transactions.begin() as session:
        session.execute(sa.update(Message).where(Message.id == first).values(body=b"changed"))
    line.work()
    assert line.company.sent == [(CHILD, SECOND)]
    assert line.tasks() == [Why.TEXT_NOT_SENT]


def test_nobody_waits_for_a_text_that_nothing_tries_any_more(line: Line) -> None:
    first = line.outgoing()[-2].id
    with line.adapters.transactions.begin() as session:
        session.execute(sa.update(Job).where(Job.subject_id == first).values(state="failed"))
    line.work()
    assert line.company.sent == [(CHILD, SECOND)]


def test_a_text_to_another_phone_does_not_wait(line: Line) -> None:
    other = "+447700900124"
    line.company.fails = [TOO_MANY]
    line.work(for_=timedelta())
    line.text("YES", sender=other)
    line.claim()
    line.reply("hello")
    line.work()
    assert (other, "hello") in line.company.sent
    assert (CHILD, FIRST) not in line.company.sent
