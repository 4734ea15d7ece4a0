"""A person takes an alarm and ends it: with a time that is near, and never while a child waits."""

import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from tests.clock import Clock
from tests.triage.service.alarms import FIRST, SECOND, SUPERVISOR, Alarms
from triage.errors import UnknownEscalationError, UntilNotAheadError
from triage.escalation import State
from triage.grades import Grade
from triage.models import Entry, Escalation
from triage.service.settle import Acknowledged, Resolved

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def paging(alarms: Alarms) -> UUID:
    """An entry whose first on call has just been paged."""
    alarms.put_on_call(FIRST, SECOND, SUPERVISOR)
    entry = alarms.waits(Grade.EMERGENCY)
    assert alarms.paged() == [FIRST]
    return entry


def test_who_acknowledges_owns_it_with_a_next_step_and_a_time(alarms: Alarms, paging: UUID) -> None:
    escalation = alarms.open(paging).id
    taken = alarms.acknowledge(escalation, within=30 * MINUTE, by=SECOND)
    assert taken == Acknowledged(escalation, paging, alarms.now + 30 * MINUTE)
    owned = alarms.open(paging)
    assert (owned.state, owned.acknowledged_by) == (State.ACKNOWLEDGED, SECOND)
    assert owned.acknowledged_at == alarms.now
    assert (owned.next_step, owned.due_at) == (b"sealed step", taken.until)


def test_while_it_is_owned_nobody_is_paged(alarms: Alarms, paging: UUID, clock: Clock) -> None:
    alarms.acknowledge(alarms.open(paging).id, within=30 * MINUTE)
    clock.advance(29 * MINUTE)
    assert alarms.climb() == []


@pytest.mark.parametrize("within", [-MINUTE, timedelta(0), DAY + timedelta(seconds=1)])
def test_a_time_that_is_past_or_too_far_is_refused_and_the_climb_goes_on(
    alarms: Alarms, paging: UUID, clock: Clock, within: timedelta
) -> None:
    with pytest.raises(UntilNotAheadError):
        alarms.acknowledge(alarms.open(paging).id, within=within)
    assert alarms.open(paging).state == State.PAGING
    clock.advance(2 * MINUTE)
    assert alarms.paged() == [SECOND]


@pytest.mark.parametrize("within", [timedelta(seconds=1), DAY])
def test_a_time_up_to_a_day_ahead_is_taken(alarms: Alarms, paging: UUID, within: timedelta) -> None:
    assert alarms.acknowledge(alarms.open(paging).id, within=within).until == alarms.now + within


def test_the_owner_may_change_and_so_does_the_time(alarms: Alarms, paging: UUID) -> None:
    escalation = alarms.open(paging).id
    alarms.acknowledge(escalation, within=MINUTE, by=FIRST)
    alarms.acknowledge(escalation, within=5 * MINUTE, by=SECOND)
    assert alarms.open(paging).acknowledged_by == SECOND
    assert alarms.open(paging).due_at == alarms.now + 5 * MINUTE


def test_when_its_time_passes_it_opens_again_and_pages_the_first_at_once(
    alarms: Alarms, paging: UUID, clock: Clock
) -> None:
    alarms.acknowledge(alarms.open(paging).id, within=30 * MINUTE)
    clock.advance(30 * MINUTE)
    [climbed] = alarms.climb()
    assert climbed.reopened
    assert {page.person for page in climbed.paged} == {FIRST}
    again = alarms.open(paging)
    assert (again.state, again.round, again.step) == (State.PAGING, 1, 1)
    assert (again.acknowledged_by, again.acknowledged_at) == (None, None)
    clock.advance(2 * MINUTE)
    assert alarms.paged() == [SECOND]


def test_what_reached_nobody_and_is_owned_then_is_news_when_it_reaches_nobody_again(
    alarms: Alarms, paging: UUID, clock: Clock
) -> None:
    clock.advance(15 * MINUTE)
    [alone] = alarms.climb()
    assert alone.newly_reached_nobody
    alarms.acknowledge(alarms.open(paging).id, within=30 * MINUTE)
    assert alarms.open(paging).reached_nobody_at is None, "somebody has it"
    clock.advance(30 * MINUTE)
    [reopened] = alarms.climb()
    assert not reopened.newly_reached_nobody, "the first on call has only just been paged"
    assert alarms.open(paging).reached_nobody_at is None
    clock.advance(15 * MINUTE)
    [alone_again] = alarms.climb()
    assert alone_again.newly_reached_nobody


def test_who_resolves_closes_it_and_says_how_grave_it_is_now(alarms: Alarms, paging: UUID) -> None:
    alarms.answered(paging)
    escalation = alarms.open(paging).id
    resolved = alarms.resolve(escalation, grade=Grade.STANDARD, by=SECOND)
    assert resolved == Resolved(escalation, paging)
    [closed] = alarms.escalations(paging)
    assert (closed.state, closed.closed_by, closed.closed_at) == (State.CLOSED, SECOND, alarms.now)
    assert closed.outcome == b"sealed outcome"
    assert alarms.entry(paging).grade_rank == Grade.STANDARD.rank
    assert alarms.climb() == []


@pytest.mark.parametrize(
    ("grade", "due_after"),
    [(Grade.EMERGENCY, timedelta(0)), (Grade.URGENT, 10 * MINUTE), (Grade.HIGH, 120 * MINUTE)],
)
def test_a_child_who_still_waits_gets_a_new_clock_of_the_new_grade(
    alarms: Alarms, paging: UUID, clock: Clock, grade: Grade, due_after: timedelta
) -> None:
    waiting_since = alarms.entry(paging).waiting_since
    clock.advance(MINUTE)
    alarms.resolve(alarms.open(paging).id, grade=grade)
    fresh = alarms.open(paging)
    assert len(alarms.escalations(paging)) == 2
    assert (fresh.state, fresh.round, fresh.step) == (State.ARMED, 0, 0)
    assert (fresh.grade_rank, fresh.raised_at) == (grade.rank, alarms.now)
    assert fresh.due_at == alarms.now + due_after
    assert alarms.entry(paging).waiting_since == waiting_since
    clock.advance(due_after)
    assert alarms.paged() == [FIRST]


def test_a_grade_that_pages_nobody_still_keeps_its_place_and_is_looked_at_again(
    alarms: Alarms, paging: UUID, clock: Clock
) -> None:
    alarms.resolve(alarms.open(paging).id, grade=Grade.STANDARD)
    fresh = alarms.open(paging)
    clock.set(fresh.due_at)
    [looked] = alarms.climb()
    assert (looked.paged, looked.newly_reached_nobody) == ((), False)
    assert alarms.open(paging).due_at == fresh.due_at + DAY


def test_what_is_closed_or_never_was_can_neither_be_taken_nor_ended(
    alarms: Alarms, paging: UUID
) -> None:
    alarms.answered(paging)
    escalation = alarms.open(paging).id
    alarms.resolve(escalation)
    for gone in (escalation, uuid4()):
        with pytest.raises(UnknownEscalationError):
            alarms.acknowledge(gone, within=MINUTE)
        with pytest.raises(UnknownEscalationError):
            alarms.resolve(gone)


def test_ending_an_alarm_and_a_message_coming_in_never_wait_for_each_other(
    alarms: Alarms, paging: UUID
) -> None:
    escalation = alarms.open(paging).id
    resolving = threading.Thread(target=alarms.resolve, args=(escalation,))
    with alarms.adapters.transactions.begin() as session:
        # Intake holds the entry first, and then its escalation when the message is worse.
        session.execute(sa.select(Entry).where(Entry.id == paging).with_for_update())
        resolving.start()
        resolving.join(0.5)
        session.execute(sa.select(Escalation).with_for_update())
    resolving.join()
    assert [each.state for each in alarms.escalations(paging)] == [State.CLOSED, State.ARMED]
