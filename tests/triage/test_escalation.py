"""Escalation climbs on time, to somebody, for ever, until a person acknowledges."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import escalation, grades, hours
from triage.escalation import OnCallPerson
from triage.grades import Grade, Target
from triage.hours import LONDON

TABLE = grades.load()
WEEK = hours.parse("Mon-Fri 09:00-21:00, Sat-Sun 10:00-18:00")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PAGED = (Grade.EMERGENCY, Grade.URGENT, Grade.HIGH)

FIRST, SECOND, SUPERVISOR = (UUID(int=number) for number in (1, 2, 3))
ON_CALL = (
    OnCallPerson(person=SUPERVISOR, position=3, is_supervisor=True),
    OnCallPerson(person=SECOND, position=2, is_supervisor=False),
    OnCallPerson(person=FIRST, position=1, is_supervisor=False),
)

instants = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(2027, 12, 31),  # noqa: DTZ001 - hypothesis wants naive bounds
    timezones=st.just(UTC),
)
waits = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400))
paged_grades = st.sampled_from(PAGED)
on_call_lists = st.lists(
    st.builds(
        OnCallPerson,
        person=st.integers(0, 5).map(lambda number: UUID(int=number)),
        position=st.integers(0, 5),
        is_supervisor=st.booleans(),
    ),
    max_size=6,
)


def test_unanswered_emergency_pages_first_on_call_at_once() -> None:
    due = escalation.armed(TABLE, Grade.EMERGENCY, NOON, WEEK)
    assert (due.step, due.due_at, due.limit_at) == (0, NOON, NOON + 5 * MINUTE)
    climbed = escalation.next_step(
        TABLE, Grade.EMERGENCY, started_at=due.started_at, step=0, now=NOON
    )
    assert climbed.targets == (Target.FIRST,)
    assert climbed.due_at == NOON + 2 * MINUTE


def test_an_emergency_nobody_looks_at_climbs_the_whole_table_and_then_repeats() -> None:
    step, seen = 0, []
    due_at: datetime | None = NOON
    for _ in range(6):
        assert due_at is not None
        climbed = escalation.next_step(
            TABLE, Grade.EMERGENCY, started_at=NOON, step=step, now=due_at
        )
        seen.append(((due_at - NOON) / MINUTE, climbed.targets, climbed.reached_nobody))
        step, due_at = climbed.step, climbed.due_at
    assert seen == [
        (0, (Target.FIRST,), False),
        (2, (Target.SECOND,), False),
        (5, (Target.SUPERVISOR,), False),
        (10, (Target.EVERYONE,), False),
        (15, (Target.EVERYONE,), True),
        (20, (Target.EVERYONE,), True),
    ]


def test_steps_missed_while_nobody_swept_are_paged_together() -> None:
    climbed = escalation.next_step(
        TABLE, Grade.EMERGENCY, started_at=NOON, step=1, now=NOON + 11 * MINUTE
    )
    assert climbed.targets == (Target.SECOND, Target.SUPERVISOR, Target.EVERYONE)
    assert climbed.everyone_paged
    assert climbed.due_at == NOON + 15 * MINUTE


def test_an_empty_list_on_call_is_said_at_the_first_step() -> None:
    climbed = escalation.next_step(
        TABLE, Grade.EMERGENCY, started_at=NOON, step=0, now=NOON, nobody_on_call=True
    )
    assert climbed.reached_nobody
    assert climbed.due_at == NOON + 2 * MINUTE


@pytest.mark.parametrize(
    ("received", "limit"),
    [
        ("2026-11-23T12:00", "2026-11-23T14:00"),  # open: two open hours
        ("2026-11-23T03:00", "2026-11-23T04:00"),  # closed: an hour, by the person on call
        ("2026-11-23T08:30", "2026-11-23T09:30"),  # opens meanwhile: still within the hour
        ("2026-11-23T20:30", "2026-11-23T22:00"),  # closes meanwhile: an hour after closing
        ("2026-10-25T00:30", "2026-10-25T01:30"),  # closed, on the night the clocks go back
    ],
)
def test_a_high_message_pages_first_on_call_at_its_limit(received: str, limit: str) -> None:
    at = datetime.fromisoformat(received).replace(tzinfo=LONDON)
    due = escalation.armed(TABLE, Grade.HIGH, at, WEEK)
    assert due.limit_at == datetime.fromisoformat(limit).replace(tzinfo=LONDON).astimezone(UTC)
    assert due.due_at == due.started_at == due.limit_at
    climbed = escalation.next_step(
        TABLE, Grade.HIGH, started_at=due.started_at, step=0, now=due.limit_at
    )
    assert climbed.targets == (Target.FIRST,)
    assert climbed.due_at == due.limit_at + 60 * MINUTE


def test_the_supervisors_list_pages_nobody() -> None:
    for grade in (Grade.STANDARD, Grade.INFORMATION):
        due = escalation.armed(TABLE, grade, NOON, WEEK)
        assert due.due_at is None
        assert due.limit_at > NOON
        assert escalation.reopened(TABLE, grade, at=NOON).due_at is None
        climbed = escalation.next_step(TABLE, grade, started_at=NOON, step=0, now=due.limit_at)
        assert (climbed.targets, climbed.due_at, climbed.reached_nobody) == ((), None, False)


def test_an_acknowledgement_reopens_when_its_promised_time_has_come() -> None:
    assert not escalation.reopens(NOON, NOON - timedelta(microseconds=1))
    assert escalation.reopens(NOON, NOON)


def test_a_reopened_urgent_escalation_pages_at_once_and_keeps_the_tables_pace() -> None:
    due = escalation.reopened(TABLE, Grade.URGENT, at=NOON)
    assert due.due_at == NOON
    climbed = escalation.next_step(TABLE, Grade.URGENT, started_at=due.started_at, step=0, now=NOON)
    assert (climbed.targets, climbed.due_at) == ((Target.FIRST,), NOON + 5 * MINUTE)


def test_people_are_found_by_their_place_on_the_list() -> None:
    assert escalation.people(Target.FIRST, ON_CALL) == (FIRST,)
    assert escalation.people(Target.SECOND, ON_CALL) == (SECOND,)
    assert escalation.people(Target.SUPERVISOR, ON_CALL) == (SUPERVISOR,)
    assert escalation.people(Target.EVERYONE, ON_CALL) == (FIRST, SECOND, SUPERVISOR)


def test_a_target_that_nobody_fills_falls_to_everyone() -> None:
    alone = ON_CALL[-1:]
    assert all(escalation.people(target, alone) == (FIRST,) for target in Target)
    no_supervisor = ON_CALL[1:]
    assert escalation.people(Target.SUPERVISOR, no_supervisor) == (FIRST, SECOND)


@given(on_call=on_call_lists, target=st.sampled_from(Target))
def test_a_page_reaches_a_person_whenever_one_is_on_call(
    on_call: list[OnCallPerson], target: Target
) -> None:
    found = escalation.people(target, on_call)
    assert bool(found) == bool(on_call)
    assert len(set(found)) == len(found)
    assert set(found) <= {each.person for each in on_call}
    assert set(escalation.people(Target.EVERYONE, on_call)) == {each.person for each in on_call}


@given(grade=paged_grades, received_at=instants)
def test_the_first_page_is_never_later_than_the_limit(grade: Grade, received_at: datetime) -> None:
    due = escalation.armed(TABLE, grade, received_at, WEEK)
    assert due.due_at is not None
    assert received_at <= due.due_at <= due.limit_at


@given(received_at=instants)
def test_a_worse_grade_never_pages_later(received_at: datetime) -> None:
    due = [escalation.armed(TABLE, grade, received_at, WEEK).due_at for grade in PAGED]
    assert due[0] is not None
    assert due[1] is not None
    assert due[2] is not None
    assert due[0] <= due[1] <= due[2]


@given(
    received_at=instants,
    later=st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=12)),
    pair=st.sampled_from([(Grade.HIGH, Grade.URGENT), (Grade.URGENT, Grade.EMERGENCY)]),
)
def test_raising_the_grade_never_makes_the_next_page_later(
    received_at: datetime, later: timedelta, pair: tuple[Grade, Grade]
) -> None:
    held = escalation.armed(TABLE, pair[0], received_at, WEEK)
    raised_at = received_at + later
    due = escalation.raised(
        TABLE,
        pair[1],
        raised_at=raised_at,
        hours=WEEK,
        due_at=held.due_at,
        limit_at=held.limit_at,
    )
    fresh = escalation.armed(TABLE, pair[1], raised_at, WEEK)
    assert held.due_at is not None
    assert due.due_at is not None
    assert fresh.due_at is not None
    assert due.due_at == min(held.due_at, fresh.due_at)
    assert due.limit_at <= held.limit_at
    # A page that stays due early climbs one step early; the next is in the new grade's time.
    climbed = escalation.next_step(
        TABLE, pair[1], started_at=due.started_at, step=due.step, now=due.due_at
    )
    assert climbed.targets
    assert climbed.due_at is not None
    assert climbed.due_at > due.due_at


@given(grade=paged_grades, step=st.integers(0, 10_000), since=waits, factor=st.integers(1, 100))
def test_climbing_always_pages_moves_on_and_is_due_again(
    grade: Grade, step: int, since: timedelta, factor: int
) -> None:
    table = TABLE.sped_up(factor)
    now = NOON + since
    climbed = escalation.next_step(table, grade, started_at=NOON, step=step, now=now)
    assert climbed.targets
    assert climbed.step > step
    assert climbed.due_at is not None
    assert climbed.due_at > now
    if climbed.step > step + 1:
        # Several steps at once were all due: none was paged before its time.
        repeat = table.of(grade).repeat_every
        assert repeat is not None
        assert climbed.due_at <= now + max(repeat, timedelta(minutes=60))


@given(grade=paged_grades, sweeps=st.lists(waits, min_size=1, max_size=8))
def test_however_late_the_sweeps_no_target_is_skipped(
    grade: Grade, sweeps: list[timedelta]
) -> None:
    step, paged, now = 0, set[Target](), NOON
    for late in sweeps:
        now += late
        climbed = escalation.next_step(TABLE, grade, started_at=NOON, step=step, now=now)
        paged |= set(climbed.targets)
        due = {each.page for each in TABLE.of(grade).steps if NOON + each.after <= now}
        assert due <= paged
        assert climbed.step > step
        step = climbed.step


def test_fifteen_minutes_are_fifteen_minutes_on_the_night_the_clocks_go_back() -> None:
    local = datetime(2026, 10, 25, 1, 50, tzinfo=LONDON)
    due = escalation.armed(TABLE, Grade.URGENT, local, WEEK)
    assert due.limit_at == local.astimezone(UTC) + 15 * MINUTE
    assert due.due_at == local.astimezone(UTC) + 10 * MINUTE
