"""The alarms of a crowd ring once, and none of them is forgotten."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from tests.clock import Clock
from tests.triage.service.alarms import FIRST, SECOND, Alarms
from triage.escalation import State
from triage.grades import Grade
from triage.models import Entry
from triage.service import crowds

MINUTE = timedelta(minutes=1)
CROWD = uuid4()


@pytest.fixture
def on_call(alarms: Alarms) -> Alarms:
    alarms.put_on_call(FIRST, SECOND)
    return alarms


def waits(alarms: Alarms, grade: Grade = Grade.EMERGENCY, *, crowd: UUID | None = CROWD) -> UUID:
    entry = alarms.waits(grade)
    with alarms.adapters.transactions.begin() as session:
        session.execute(sa.update(Entry).where(Entry.id == entry).values(crowd_id=crowd))
    return entry


def test_fifty_copies_page_once_and_a_child_beside_them_pages_at_once(
    on_call: Alarms, clock: Clock
) -> None:
    for _ in range(50):
        waits(on_call)
        clock.advance(timedelta(milliseconds=1))
    child = waits(on_call, crowd=None)
    climbed = on_call.climb()
    assert len(climbed) == 2
    assert child in {each.entry for each in climbed}
    assert on_call.climb() == []
    clock.advance(2 * MINUTE)
    assert len(on_call.climb()) == 2


def test_each_grade_of_a_crowd_rings_for_itself(on_call: Alarms) -> None:
    urgent = waits(on_call, Grade.URGENT)
    on_call.raise_grade(urgent, Grade.URGENT)
    emergency = waits(on_call)
    assert [each.entry for each in on_call.climb()] == [emergency]


def test_an_owner_of_the_leader_gives_the_followers_until_their_time(
    on_call: Alarms, clock: Clock
) -> None:
    leader, follower = waits(on_call), waits(on_call)
    on_call.climb()
    ringing = next(each for each in (leader, follower) if on_call.open(each).state == State.PAGING)
    on_call.acknowledge(on_call.open(ringing).id, within=30 * MINUTE)
    clock.advance(29 * MINUTE)
    assert on_call.climb() == []
    clock.advance(MINUTE)
    assert [each.entry for each in on_call.climb()] == [ringing]


def test_when_the_leader_is_finished_the_next_one_leads(on_call: Alarms, clock: Clock) -> None:
    entries = {waits(on_call) for _ in range(3)}
    seen = []
    for _ in range(3):
        [climbed] = on_call.climb()
        seen.append(climbed.entry)
        on_call.answered(climbed.entry)
        on_call.resolve(climbed.escalation)
        clock.advance(5 * MINUTE)
    assert set(seen) == entries
    assert on_call.climb() == []


def test_what_a_person_raised_follows_nobody(on_call: Alarms) -> None:
    waits(on_call)
    raised = waits(on_call)
    on_call.climb()
    on_call.escalate(raised, Grade.EMERGENCY)
    assert [each.entry for each in on_call.climb()] == [raised]


def test_a_child_who_leaves_the_crowd_rings_by_itself(on_call: Alarms, clock: Clock) -> None:
    entries = [waits(on_call) for _ in range(2)]
    [first] = on_call.climb()
    [child] = [each for each in entries if each != first.entry]
    clock.advance(MINUTE)
    with on_call.adapters.transactions.begin() as session:
        crowds.stand_alone(session, entries=[child], now=on_call.now)
    assert [each.entry for each in on_call.climb()] == [child]
    clock.advance(MINUTE)
    assert {each.entry for each in on_call.climb()} == set(entries)
