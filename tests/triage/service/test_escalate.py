"""A concern is raised by a person or by software; an answer ends only what nobody was paged for."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from tests.clock import Clock
from tests.triage.service.alarms import FIRST, SECOND, SUPERVISOR, Alarms
from triage.errors import UnknownEntryError
from triage.escalation import State
from triage.grades import Grade
from triage.models import Escalation

MINUTE = timedelta(minutes=1)


def test_an_answer_ends_the_wait_and_the_clock_that_ran_for_it(alarms: Alarms) -> None:
    entry = alarms.waits(Grade.URGENT)
    alarms.answered(entry, by=SECOND)
    assert alarms.entry(entry).waiting_since is None
    [closed] = alarms.escalations(entry)
    assert (closed.state, closed.closed_by, closed.closed_at) == (State.CLOSED, SECOND, alarms.now)


def test_an_answer_does_not_end_an_alarm_that_is_due_and_not_paged_yet(alarms: Alarms) -> None:
    entry = alarms.waits(Grade.EMERGENCY)
    alarms.answered(entry)
    assert alarms.entry(entry).waiting_since is None
    assert alarms.open(entry).state == State.ARMED
    alarms.put_on_call(FIRST)
    assert alarms.paged() == [FIRST]


def test_an_answer_does_not_end_a_climb_that_somebody_was_paged_for(
    alarms: Alarms, clock: Clock
) -> None:
    alarms.put_on_call(FIRST)
    entry = alarms.waits(Grade.URGENT)
    clock.advance(10 * MINUTE)
    alarms.climb()
    alarms.answered(entry)
    assert alarms.open(entry).state == State.PAGING


def test_an_answer_does_not_end_what_somebody_owns(alarms: Alarms, clock: Clock) -> None:
    alarms.put_on_call(FIRST)
    entry = alarms.waits(Grade.URGENT)
    clock.advance(10 * MINUTE)
    alarms.climb()
    alarms.acknowledge(alarms.open(entry).id, within=MINUTE)
    alarms.answered(entry)
    assert alarms.open(entry).state == State.ACKNOWLEDGED


def test_an_answer_ends_nothing_of_another_entry(alarms: Alarms) -> None:
    entry, other = alarms.waits(Grade.URGENT), alarms.waits(Grade.URGENT)
    alarms.answered(entry)
    assert alarms.entry(other).waiting_since == alarms.now
    assert alarms.open(other).state == State.ARMED


@pytest.mark.parametrize("grade", [Grade.EMERGENCY, Grade.URGENT, Grade.HIGH])
def test_a_concern_that_a_person_raises_pages_the_first_on_call_at_once(
    alarms: Alarms, grade: Grade
) -> None:
    alarms.put_on_call(FIRST, SECOND, SUPERVISOR)
    entry = alarms.waits(Grade.HIGH)
    alarms.answered(entry)
    raised = alarms.escalate(entry, grade, by=SECOND)
    assert raised.due_at == alarms.now
    assert alarms.open(entry).raised_by == SECOND
    assert alarms.entry(entry).grade_rank == grade.rank
    assert alarms.paged() == [FIRST]


def test_a_raised_concern_climbs_in_the_steps_of_its_grade(alarms: Alarms, clock: Clock) -> None:
    alarms.put_on_call(FIRST, SECOND, SUPERVISOR)
    entry = alarms.waits(Grade.HIGH)
    alarms.escalate(entry, Grade.URGENT)
    assert alarms.paged() == [FIRST]
    # Urgent pages the second five minutes after the first.
    assert alarms.open(entry).due_at == alarms.now + 5 * MINUTE
    clock.advance(5 * MINUTE)
    assert alarms.paged() == [SECOND]


def test_a_concern_about_an_open_climb_starts_it_again_and_never_lowers_it(
    alarms: Alarms, clock: Clock
) -> None:
    alarms.put_on_call(FIRST, SECOND)
    entry = alarms.waits(Grade.EMERGENCY)
    alarms.climb()
    alarms.acknowledge(alarms.open(entry).id, within=60 * MINUTE)
    clock.advance(MINUTE)
    raised = alarms.escalate(entry, Grade.HIGH, by=SECOND)
    again = alarms.open(entry)
    assert (again.id, again.grade_rank, again.round) == (raised.escalation, 0, 1)
    assert (again.acknowledged_by, again.acknowledged_at, again.next_step) == (None, None, None)
    assert alarms.entry(entry).grade_rank == 0
    assert alarms.paged() == [FIRST]


def test_software_raises_a_grade_with_a_new_clock(alarms: Alarms, clock: Clock) -> None:
    entry = alarms.waits(Grade.HIGH)
    clock.advance(MINUTE)
    raised = alarms.raise_grade(entry, Grade.EMERGENCY, score=0.9)
    assert raised is not None
    assert raised.due_at == alarms.now
    assert (alarms.entry(entry).grade_rank, alarms.entry(entry).score) == (0, 0.9)
    assert (alarms.open(entry).state, alarms.open(entry).round) == (State.ARMED, 1)


@pytest.mark.parametrize("grade", [Grade.URGENT, Grade.HIGH])
def test_software_never_lowers_nor_repeats_a_grade_and_only_raises_the_score(
    alarms: Alarms, grade: Grade
) -> None:
    entry = alarms.waits(Grade.URGENT)
    before = alarms.open(entry).due_at
    assert alarms.raise_grade(entry, grade, score=0.6) is None
    assert alarms.raise_grade(entry, grade, score=0.1) is None
    assert (alarms.entry(entry).grade_rank, alarms.entry(entry).score) == (1, 0.6)
    assert (alarms.open(entry).due_at, alarms.open(entry).round) == (before, 0)


def test_a_page_that_was_due_sooner_stays_due_when_software_raises(
    alarms: Alarms, clock: Clock
) -> None:
    entry = alarms.waits(Grade.HIGH)
    soon = alarms.open(entry).due_at
    clock.set(soon - MINUTE)
    alarms.raise_grade(entry, Grade.URGENT)
    assert alarms.open(entry).due_at == soon


def test_software_that_raises_what_was_answered_opens_a_new_climb(alarms: Alarms) -> None:
    entry = alarms.waits(Grade.HIGH)
    alarms.answered(entry)
    alarms.raise_grade(entry, Grade.EMERGENCY)
    assert len(alarms.escalations(entry)) == 2
    assert alarms.open(entry).due_at == alarms.now


def test_nothing_is_raised_about_what_is_not_in_the_queue(alarms: Alarms) -> None:
    with pytest.raises(UnknownEntryError):
        alarms.escalate(uuid4(), Grade.EMERGENCY)
    with pytest.raises(UnknownEntryError):
        alarms.raise_grade(uuid4(), Grade.EMERGENCY)


def test_the_database_refuses_two_open_climbs_of_one_entry(alarms: Alarms) -> None:
    entry = alarms.waits()
    first = alarms.open(entry)
    second = Escalation(
        id=uuid4(),
        entry_id=entry,
        grade_rank=0,
        state=State.ARMED,
        raised_at=first.raised_at,
        started_at=first.started_at,
        due_at=first.due_at,
    )
    with pytest.raises(IntegrityError), alarms.adapters.transactions.begin() as session:
        session.add(second)
