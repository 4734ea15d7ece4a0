"""Unread messages take their place: grades only rise, no place is lost, no clock is put off."""

from datetime import timedelta
from uuid import uuid4

from tests.clock import Clock
from tests.triage.service.alarms import FIRST, SUPERVISOR, Alarms
from triage.escalation import State
from triage.grades import Grade
from triage.service import place

MINUTE = timedelta(minutes=1)


def test_a_first_message_waits_from_now_with_its_clock_armed(alarms: Alarms) -> None:
    entry = alarms.waits(Grade.URGENT)
    placed, escalation = alarms.entry(entry), alarms.open(entry)
    assert (placed.kind, placed.grade_rank, placed.score) == ("conversation", 1, 0.5)
    assert placed.waiting_since == placed.last_child_at == alarms.now
    assert placed.claimed_by is None
    assert (escalation.state, escalation.round, escalation.step) == (State.ARMED, 0, 0)
    assert escalation.grade_rank == 1
    assert escalation.started_at == alarms.now
    assert escalation.due_at == alarms.now + 10 * MINUTE


def test_an_emergency_is_due_at_once_and_a_high_one_at_its_limit(alarms: Alarms) -> None:
    emergency, high = alarms.waits(Grade.EMERGENCY), alarms.waits(Grade.HIGH)
    assert alarms.open(emergency).due_at == alarms.now
    assert alarms.open(high).due_at == alarms.now + 120 * MINUTE
    assert alarms.open(high).started_at == alarms.now + 120 * MINUTE


def test_a_second_message_keeps_the_place_and_the_clock_of_the_first(
    alarms: Alarms, clock: Clock
) -> None:
    entry = alarms.waits(Grade.HIGH)
    began, due_at = alarms.now, alarms.open(entry).due_at
    clock.advance(30 * MINUTE)
    alarms.waits(Grade.HIGH, entry=entry)
    assert alarms.entry(entry).waiting_since == began
    assert alarms.entry(entry).last_child_at == alarms.now
    assert (alarms.open(entry).due_at, alarms.open(entry).round) == (due_at, 0)


def test_a_worse_message_raises_the_grade_in_a_new_round(alarms: Alarms, clock: Clock) -> None:
    entry = alarms.waits(Grade.HIGH)
    first = alarms.open(entry)
    clock.advance(MINUTE)
    alarms.waits(Grade.EMERGENCY, entry=entry)
    raised = alarms.open(entry)
    assert raised.id == first.id
    assert (raised.grade_rank, raised.round, raised.step) == (0, 1, 0)
    assert raised.due_at == raised.started_at == alarms.now
    assert alarms.entry(entry).grade_rank == 0


def test_a_milder_message_lowers_neither_grade_nor_score(alarms: Alarms, clock: Clock) -> None:
    entry = uuid4()
    alarms.place((entry, Grade.EMERGENCY, 0.9))
    clock.advance(MINUTE)
    alarms.place((entry, Grade.HIGH, 0.2))
    assert (alarms.entry(entry).grade_rank, alarms.entry(entry).score) == (0, 0.9)
    assert (alarms.open(entry).grade_rank, alarms.open(entry).round) == (0, 0)


def test_a_worse_message_never_makes_a_page_later_that_was_due_sooner(
    alarms: Alarms, clock: Clock
) -> None:
    entry = alarms.waits(Grade.HIGH)
    soon = alarms.open(entry).due_at
    clock.set(soon - MINUTE)
    alarms.waits(Grade.URGENT, entry=entry)
    assert alarms.open(entry).due_at == soon
    assert alarms.open(entry).started_at == soon - MINUTE


def test_a_worse_message_opens_what_somebody_had_acknowledged(alarms: Alarms, clock: Clock) -> None:
    alarms.put_on_call(FIRST, SUPERVISOR)
    entry = alarms.waits(Grade.URGENT)
    clock.advance(10 * MINUTE)
    alarms.climb()
    alarms.acknowledge(alarms.open(entry).id, within=60 * MINUTE)
    clock.advance(MINUTE)
    alarms.waits(Grade.URGENT, entry=entry)
    assert alarms.open(entry).state == State.ACKNOWLEDGED, "the same again is what they own"
    alarms.waits(Grade.EMERGENCY, entry=entry)
    again = alarms.open(entry)
    assert (again.state, again.round, again.step) == (State.PAGING, 1, 0)
    assert (again.acknowledged_by, again.acknowledged_at, again.next_step) == (None, None, None)
    assert alarms.paged() == [FIRST]


def test_a_new_emergency_pages_at_once_although_somebody_owns_the_last_one(
    alarms: Alarms, clock: Clock
) -> None:
    alarms.put_on_call(FIRST, SUPERVISOR)
    entry = alarms.waits(Grade.EMERGENCY)
    alarms.climb()
    alarms.answered(entry)
    alarms.acknowledge(alarms.open(entry).id, within=600 * MINUTE)
    clock.advance(360 * MINUTE)
    alarms.waits(Grade.EMERGENCY, entry=entry)
    assert (alarms.open(entry).state, alarms.open(entry).due_at) == (State.PAGING, alarms.now)
    assert alarms.paged() == [FIRST]


def test_an_owner_is_asked_again_when_the_child_writes_and_nobody_answers(
    alarms: Alarms, clock: Clock
) -> None:
    alarms.put_on_call(FIRST, SUPERVISOR)
    entry = alarms.waits(Grade.EMERGENCY)
    alarms.climb()
    alarms.answered(entry)
    alarms.acknowledge(alarms.open(entry).id, within=600 * MINUTE)
    promised = alarms.open(entry).due_at
    clock.advance(MINUTE)
    alarms.waits(Grade.URGENT, entry=entry)
    owned = alarms.open(entry)
    assert (owned.state, owned.due_at) == (State.ACKNOWLEDGED, alarms.now + 10 * MINUTE)
    alarms.answered(entry)
    assert alarms.open(entry).due_at == promised
    alarms.waits(Grade.URGENT, entry=entry)
    clock.advance(10 * MINUTE)
    alarms.climb()
    assert alarms.open(entry).state == State.PAGING


def test_a_reply_never_closes_what_a_person_raised_or_was_paged_for(
    alarms: Alarms, clock: Clock
) -> None:
    alarms.put_on_call(FIRST, SUPERVISOR)
    entry = alarms.waits(Grade.HIGH)
    alarms.escalate(entry, Grade.HIGH)
    alarms.climb()
    clock.advance(MINUTE)
    alarms.waits(Grade.URGENT, entry=entry)
    alarms.answered(entry)
    assert alarms.open(entry).state == State.PAGING


def test_a_message_after_the_end_of_an_escalation_starts_a_new_one(
    alarms: Alarms, clock: Clock
) -> None:
    entry = alarms.waits(Grade.EMERGENCY)
    alarms.answered(entry)
    alarms.resolve(alarms.open(entry).id, grade=Grade.INFORMATION)
    clock.advance(MINUTE)
    alarms.waits(Grade.HIGH, entry=entry)
    closed, fresh = alarms.escalations(entry)
    assert (closed.state, fresh.state) == (State.CLOSED, State.ARMED)
    assert (fresh.grade_rank, fresh.round) == (Grade.HIGH.rank, 0)
    assert alarms.entry(entry).grade_rank == Grade.HIGH.rank
    assert alarms.entry(entry).waiting_since == alarms.now


def test_a_batch_places_each_entry_once_by_its_worst_message(alarms: Alarms) -> None:
    one, other = uuid4(), uuid4()
    alarms.place(
        (one, Grade.HIGH, 0.3),
        (other, Grade.HIGH, 0.1),
        (one, Grade.URGENT, 0.2),
        (one, Grade.HIGH, 0.4),
    )
    assert (alarms.entry(one).grade_rank, alarms.entry(one).score) == (1, 0.4)
    assert alarms.entry(other).grade_rank == 2
    assert len(alarms.escalations(one)) == len(alarms.escalations(other)) == 1


def test_a_batch_is_placed_in_the_order_of_ids_so_that_two_never_wait_for_each_other() -> None:
    entries = [uuid4() for _ in range(20)]
    unread = place.together((entry, 2, 0.1) for entry in entries)
    assert [each.entry for each in unread] == sorted(entries)
