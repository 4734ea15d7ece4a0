"""A person puts a hoax last: it rests, it is kept, and it comes back."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from tests.clock import Clock
from tests.triage.service.alarms import FIRST, SECOND, Alarms
from triage.errors import UntilNotAheadError
from triage.escalation import State
from triage.grades import Grade
from triage.models import Crowd, Entry
from triage.service import put_last

HOUR = timedelta(hours=1)


def put(
    alarms: Alarms, *, entry: UUID | None = None, crowd: UUID | None = None, hours: int = 1
) -> UUID:
    row = uuid4()
    with alarms.adapters.transactions.begin() as session:
        put_last.put_last(
            session,
            row=row,
            entry=entry,
            crowd=crowd,
            staff=FIRST,
            why="A test",
            until=alarms.now + hours * HOUR,
            now=alarms.now,
        )
    return row


def undo(alarms: Alarms, row: UUID) -> bool:
    with alarms.adapters.transactions.begin() as session:
        return put_last.undo(session, row=row, staff=SECOND, now=alarms.now)


def is_last(alarms: Alarms, entry: UUID) -> bool:
    with alarms.adapters.transactions.reading() as session:
        found = sa.select(Entry.id).where(Entry.id == entry, put_last.stands(alarms.now))
        return session.scalar(found) is not None


@pytest.fixture
def crowd(alarms: Alarms) -> UUID:
    crowd = uuid4()
    with alarms.adapters.transactions.begin() as session:
        session.add(Crowd(id=crowd, kind="alike", begun_at=alarms.now, newest_at=alarms.now))
    return crowd


def member(alarms: Alarms, crowd: UUID, grade: Grade = Grade.EMERGENCY) -> UUID:
    entry = alarms.waits(grade)
    with alarms.adapters.transactions.begin() as session:
        session.execute(sa.update(Entry).where(Entry.id == entry).values(crowd_id=crowd))
    return entry


def test_an_entry_put_last_rests_keeps_its_grade_and_rings_when_the_time_is_over(
    alarms: Alarms, clock: Clock
) -> None:
    alarms.put_on_call(FIRST)
    entry = alarms.waits(Grade.EMERGENCY)
    alarms.climb()
    put(alarms, entry=entry)
    assert is_last(alarms, entry)
    assert alarms.open(entry).state == State.ARMED
    assert alarms.entry(entry).grade_rank == Grade.EMERGENCY.rank
    clock.advance(HOUR - timedelta(seconds=1))
    assert alarms.climb() == []
    clock.advance(timedelta(seconds=1))
    assert not is_last(alarms, entry)
    assert [each.entry for each in alarms.climb()] == [entry]


def test_undoing_it_rings_at_once_and_only_once(alarms: Alarms) -> None:
    alarms.put_on_call(FIRST)
    entry = alarms.waits(Grade.EMERGENCY)
    row = put(alarms, entry=entry)
    assert alarms.climb() == []
    assert undo(alarms, row)
    assert not undo(alarms, row)
    assert not is_last(alarms, entry)
    assert [each.entry for each in alarms.climb()] == [entry]


def test_a_whole_crowd_is_put_last_and_comes_back_whole(alarms: Alarms, crowd: UUID) -> None:
    alarms.put_on_call(FIRST)
    members = [member(alarms, crowd) for _ in range(3)]
    child = alarms.waits(Grade.EMERGENCY)
    row = put(alarms, crowd=crowd)
    assert [is_last(alarms, each) for each in members] == [True] * 3
    assert not is_last(alarms, child)
    assert [each.entry for each in alarms.climb()] == [child]
    assert undo(alarms, row)
    assert len(alarms.climb()) == 1, "one leads for all"


def test_a_graver_message_rings_all_the_same(alarms: Alarms) -> None:
    alarms.put_on_call(FIRST)
    entry = alarms.waits(Grade.URGENT)
    put(alarms, entry=entry)
    alarms.waits(Grade.EMERGENCY, entry=entry)
    assert [each.entry for each in alarms.climb()] == [entry]


def test_what_a_person_raised_does_not_rest(alarms: Alarms) -> None:
    alarms.put_on_call(FIRST)
    entry = alarms.waits()
    alarms.escalate(entry, Grade.EMERGENCY)
    put(alarms, entry=entry)
    assert [each.entry for each in alarms.climb()] == [entry]


def test_putting_it_last_again_replaces_what_stood(alarms: Alarms) -> None:
    entry = alarms.waits(Grade.URGENT)
    first = put(alarms, entry=entry)
    second = put(alarms, entry=entry, hours=4)
    with alarms.adapters.transactions.reading() as session:
        found = put_last.standing_of(session, entries=[entry], now=alarms.now)
    assert [each.row for each in found] == [second]
    assert not undo(alarms, first)


def test_a_time_that_is_over_is_refused(alarms: Alarms) -> None:
    with pytest.raises(UntilNotAheadError):
        put(alarms, entry=alarms.waits(), hours=0)
