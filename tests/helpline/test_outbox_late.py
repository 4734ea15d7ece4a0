"""What the service writes by itself leaves in time, or not at all, and staff see which."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from chat import delivery, wording
from helpline import outbox
from helpline.console import phone_deeds, phone_view
from helpline.queue.models import Job
from helpline.todo.models import Why
from integrations.twilio.errors import TwilioError
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.house import House
from tests.helpline.phone_house import CHILD, SETTINGS
from tests.helpline.phoning import SAM, Line
from tests.stores import Stores
from triage.service import answered

FIRST, PICTURE, BYE, AGAIN = map(wording.load().text, ("new", "picture", "bye", "returning"))
AWAY = TwilioError(can_retry=True, code=503)
A_SECOND, A_MINUTE, AN_HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
BOUND = delivery.load().automatic_leaves_within


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        yield Line(*phone_house.with_company(adapters, clock), clock)


def state(line: Line) -> str:
    return line.outgoing()[-1].state


def shown(line: Line) -> list[str]:
    """What staff read beside the texts of the conversation."""
    with line.adapters.transactions.reading() as session:
        return list(phone_view.states(session, conversation=line.conversation()).values())


def outage(line: Line, *, lost: bool = False) -> None:
    """The telephone company is away for hours, after it has taken the first text or not."""
    line.company.fails = [*(["lost"] if lost else []), *[AWAY] * 40]
    line.company.list_fails = [AWAY] * 40
    line.work()
    line.work(for_=A_MINUTE)
    line.company.fails, line.company.list_fails = [], []


def closed(line: Line) -> None:
    """A person has answered and ended it kindly; the last words have not left yet."""
    line.live()
    line.company.sent.clear()
    line.clock.advance(2 * A_MINUTE)
    with line.adapters.transactions.begin() as session:
        answered.answered(session, entry=line.conversation(), staff=SAM.id, now=line.now)
    phone_deeds.close(line.adapters, person=SAM, conversation=line.conversation())


def test_an_answer_that_could_not_leave_for_hours_does_not_leave(line: Line) -> None:
    line.text("they moved my room")
    outage(line)
    line.work(for_=6 * AN_HOUR)
    assert line.company.sent == []
    assert state(line) == "late"
    assert shown(line) == ["Not sent: too late"]
    line.work(for_=AN_HOUR)
    assert line.company.sent == []


def test_an_answer_leaves_up_to_the_bound(line: Line) -> None:
    line.text("they moved my room")
    line.company.fails = [AWAY]
    line.work()
    line.work(for_=BOUND - 2 * A_SECOND)
    assert line.company.sent == [(CHILD, FIRST)]


def test_an_answer_is_as_old_as_the_text_that_it_answers(line: Line) -> None:
    line.text("they moved my room")
    line.work(for_=BOUND + A_SECOND)  # nobody did any work until now
    assert line.company.sent == []
    assert shown(line) == ["Not sent: too late"]


def test_a_child_who_waits_in_the_queue_is_no_task_as_well(line: Line) -> None:
    line.text("they moved my room")
    line.work(for_=AN_HOUR)
    assert state(line) == "late"
    assert line.tasks() == []


def test_last_words_that_do_not_leave_are_a_task_since_nobody_has_the_conversation(
    line: Line,
) -> None:
    closed(line)
    line.work(for_=AN_HOUR)
    assert line.company.sent == []
    assert shown(line)[-1] == "Not sent: too late"
    assert line.tasks() == [Why.TEXT_NOT_SENT]


def test_last_words_do_not_leave_once_the_child_has_written_again(line: Line) -> None:
    closed(line)
    ended = line.conversation()
    line.text("wait")
    line.work()
    assert line.conversation() != ended
    assert line.company.sent == [(CHILD, AGAIN)]


def test_two_texts_at_once_get_the_first_answer_and_once(line: Line) -> None:
    line.text("hello")
    line.text("is anybody there")
    line.work()
    assert line.company.sent == [(CHILD, FIRST)]


def test_a_picture_and_its_words_at_once_are_answered_when_they_are_the_first(line: Line) -> None:
    line.text("", pictures=1)
    line.text("look at this")
    line.work()
    assert line.company.sent == [(CHILD, PICTURE)]


def test_a_later_answer_does_not_leave_once_the_child_has_written_again(line: Line) -> None:
    line.live()
    line.company.sent.clear()
    line.clock.advance(2 * A_MINUTE)
    line.text("", pictures=1)
    line.text("it was my room")
    line.work()
    assert line.company.sent == []
    assert shown(line)[-1] == "Not sent: too late"
    assert line.tasks() == [Why.PICTURE_SENT]


def test_a_later_answer_leaves_while_nothing_newer_has_come(line: Line) -> None:
    line.live()
    line.company.sent.clear()
    line.clock.advance(2 * A_MINUTE)
    line.text("", pictures=1)
    line.text("hello", sender="+447700900124")
    line.work()
    assert (CHILD, PICTURE) in line.company.sent


def test_what_a_person_wrote_leaves_however_late_and_though_the_child_wrote_again(
    line: Line,
) -> None:
    line.text("YES")
    line.work()
    line.company.sent.clear()
    line.claim()
    line.reply("I am Sam.")
    line.text("hello?")
    outage(line)
    line.work(for_=6 * AN_HOUR)
    assert line.company.sent == [(CHILD, "I am Sam.")]


def test_what_a_person_wrote_does_not_wait_for_a_text_that_is_dropped(line: Line) -> None:
    line.text("hello")
    outage(line)
    line.claim()
    line.reply("I am Sam.")
    line.work(for_=AN_HOUR)
    line.work(for_=A_MINUTE)
    assert line.company.sent == [(CHILD, "I am Sam.")]


def test_an_answer_that_is_out_all_the_same_is_found_and_not_called_dropped(line: Line) -> None:
    line.text("hello")
    outage(line, lost=True)
    line.work(for_=6 * AN_HOUR)
    assert line.company.sent == [(CHILD, FIRST)]
    assert state(line) == "sent"


def test_an_answer_that_may_be_out_and_is_not_is_dropped(line: Line) -> None:
    line.text("hello")
    outage(line, lost=True)
    line.company.taken.clear()
    line.work(for_=6 * AN_HOUR)
    assert line.company.sent == [(CHILD, FIRST)], "that is the sending which was lost"
    assert state(line) == "late"


def test_an_answer_that_did_not_arrive_is_not_sent_anew_hours_later(line: Line) -> None:
    line.text("hello")
    line.work()
    first = line.outgoing()[-1]
    with line.adapters.transactions.begin() as session:
        outbox.take_report(
            session,
            line.adapters,
            text=first.id,
            sid=first.provider_sid or "",
            status="undelivered",
            code=30003,
            now=line.now,
        )
    line.work(for_=AN_HOUR)
    assert len(line.company.sent) == 1
    assert shown(line) == ["Did not arrive"]
    assert line.tasks() == [Why.TEXT_NOT_DELIVERED]


def test_that_a_text_was_dropped_is_on_the_record_and_its_words_were_not_opened(
    line: Line,
) -> None:
    line.text("hello")
    line.work(for_=AN_HOUR)
    text = line.outgoing()[-1].id
    audited = [action for action, _ in House(line.adapters, line.clock).audited(text)]
    assert audited == ["text.late"]
    with line.adapters.transactions.reading() as session:
        jobs = session.scalars(sa.select(Job.state).where(Job.subject_id == text)).all()
    assert jobs == ["done"]
