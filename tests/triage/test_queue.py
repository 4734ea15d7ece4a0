"""The order of the queue."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from triage import queue
from triage.grades import Grade
from triage.queue import Waiting

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

entries = st.builds(
    Waiting,
    entry=st.uuids(),
    grade=st.sampled_from(Grade),
    score=st.floats(),
    unacknowledged_escalation=st.booleans(),
    present=st.booleans(),
    waiting_since=st.none()
    | st.integers(0, 3).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    gone_quiet_since=st.none()
    | st.integers(0, 3).map(lambda minutes: NOON + timedelta(minutes=minutes)),
)


def _waiting(
    number: int = 1,
    *,
    grade: Grade = Grade.HIGH,
    minutes_ago: int | None = 1,
    unacknowledged: bool = False,
) -> Waiting:
    return Waiting(
        entry=UUID(int=number),
        grade=grade,
        score=0.1,
        unacknowledged_escalation=unacknowledged,
        present=False,
        waiting_since=None if minutes_ago is None else NOON - timedelta(minutes=minutes_ago),
    )


def _first(*waiting: Waiting) -> Waiting:
    return min(waiting, key=queue.order_key)


def test_an_escalation_nobody_acknowledged_comes_before_a_worse_grade() -> None:
    unacknowledged = _waiting(2, unacknowledged=True)
    assert _first(_waiting(1, grade=Grade.EMERGENCY), unacknowledged) is unacknowledged


def test_the_worse_grade_comes_before_the_longer_wait() -> None:
    urgent = _waiting(2, grade=Grade.URGENT, minutes_ago=1)
    assert _first(_waiting(1, minutes_ago=600), urgent) is urgent


def test_the_longer_unanswered_wait_comes_first() -> None:
    longer = _waiting(2, minutes_ago=9)
    assert _first(_waiting(1, minutes_ago=8), longer) is longer


def test_the_unanswered_come_before_the_answered() -> None:
    unanswered = _waiting(2)
    assert _first(_waiting(1, grade=Grade.EMERGENCY, minutes_ago=None), unanswered) is unanswered


def test_a_child_gone_quiet_comes_first_in_its_grade_and_after_a_worse_one() -> None:
    silent = replace(_waiting(2, grade=Grade.URGENT, minutes_ago=None), gone_quiet_since=NOON)
    assert _first(_waiting(1, grade=Grade.URGENT, minutes_ago=600), silent) is silent
    emergency = _waiting(3, grade=Grade.EMERGENCY, minutes_ago=1)
    assert _first(silent, emergency) is emergency
    assert _first(silent, _waiting(1, grade=Grade.HIGH, minutes_ago=600)) is silent


def test_a_higher_score_never_jumps_over_a_longer_wait() -> None:
    longer = _waiting(2, minutes_ago=2)
    assert _first(replace(_waiting(1), score=1.0, present=True), longer) is longer


@given(waiting=st.lists(entries, unique_by=lambda each: each.entry), shuffle=st.randoms())
def test_the_order_is_total_and_stable(waiting: list[Waiting], shuffle: Random) -> None:
    ordered = sorted(waiting, key=queue.order_key)
    again = list(waiting)
    shuffle.shuffle(again)
    assert sorted(again, key=queue.order_key) == ordered
    keys = [queue.order_key(each) for each in ordered]
    assert len(set(keys)) == len(keys)


@given(one=entries, other=entries)
def test_one_of_two_entries_is_always_first(one: Waiting, other: Waiting) -> None:
    ours, theirs = queue.order_key(one), queue.order_key(other)
    assert (ours < theirs) + (theirs < ours) + (ours == theirs) == 1


@given(waiting=entries, grade=st.sampled_from(Grade))
def test_a_worse_grade_never_puts_an_entry_further_down(waiting: Waiting, grade: Grade) -> None:
    regraded = replace(waiting, grade=grade)
    if grade.rank <= waiting.grade.rank:
        assert queue.order_key(regraded) <= queue.order_key(waiting)
