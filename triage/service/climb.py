"""Every escalation whose time has come climbs a step and pages somebody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from triage import escalation
from triage.escalation import OnCallPerson, PageState, State
from triage.grades import Grade, GradeTable
from triage.models import Escalation, Page
from triage.service import crowd_alarms, on_call

CONSOLE, MAIL = "console", "mail"
# Each page goes out both ways: a person may have no screen open.
ALWAYS = (CONSOLE, MAIL)

# By which further ways each person can be reached.
Ways = Mapping[UUID, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Paged:
    """One page that was written."""

    page: UUID
    person: UUID
    channel: str


@dataclass(frozen=True, slots=True)
class ClimbedOne:
    """One escalation that climbed. ``newly_reached_nobody`` is true once, when it became so."""

    escalation: UUID
    entry: UUID
    reopened: bool
    newly_reached_nobody: bool
    paged: tuple[Paged, ...]


def climb(
    session: Session,
    *,
    grades: GradeTable,
    now: datetime,
    further: Ways | None = None,
    limit: int = 100,
) -> list[ClimbedOne]:
    """Climb what is due, the longest due first. Two processes never climb the same one.

    ``further`` are the ways by which a person is paged beside the console and mail, at once and by
    all of them: whoever is reached by none of these is paged all the same.
    """
    due = session.scalars(
        sa.select(Escalation)
        .where(Escalation.state != State.CLOSED, Escalation.due_at <= now)
        .order_by(Escalation.due_at, Escalation.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not due:
        return []
    people = on_call.on_duty(session, now=now)
    # One of a crowd climbs for all: a thousand copies ring nobody a thousand times.
    leaders = crowd_alarms.leaders_of(session, escalations=[row.id for row in due])
    climbed = [
        _climb_one(session, row, grades, people, further or {}, now)
        for row in due
        if leaders.get(row.id, row.id) == row.id
    ]
    session.flush()
    followers = {row: leader for row, leader in leaders.items() if row != leader}
    crowd_alarms.follow(session, followers=followers, now=now)
    return climbed


def is_any_due(session: Session, *, now: datetime) -> bool:
    """Whether :func:`climb` would find something. Reads only: an idle clock never asks to write."""
    due = sa.select(sa.literal(1)).where(Escalation.state != State.CLOSED, Escalation.due_at <= now)
    return session.execute(due.limit(1)).first() is not None


def next_due_at(session: Session) -> datetime | None:
    """When the next escalation is due; None when none is open. For a gauge."""
    return session.scalar(
        sa.select(sa.func.min(Escalation.due_at)).where(Escalation.state != State.CLOSED)
    )


def _climb_one(
    session: Session,
    row: Escalation,
    grades: GradeTable,
    people: tuple[OnCallPerson, ...],
    further: Ways,
    now: datetime,
) -> ClimbedOne:
    grade = list(Grade)[row.grade_rank]
    reopened = row.state == State.ACKNOWLEDGED
    if reopened:
        again = escalation.reopened(grades, grade, at=row.due_at)
        row.round, row.step, row.started_at = row.round + 1, 0, again.started_at
        row.acknowledged_by = row.acknowledged_at = row.promised_until = None
    climbed = escalation.next_step(
        grades,
        grade,
        started_at=row.started_at,
        step=row.step,
        now=now,
        nobody_on_call=not people,
    )
    persons = dict.fromkeys(
        person for target in climbed.targets for person in escalation.people(target, people)
    )
    row.state, row.step = State.PAGING, climbed.step
    paged = tuple(
        _page(session, row, person, channel, now)
        for person in persons
        for channel in (*ALWAYS, *further.get(person, ()))
    )
    # A grade that pages nobody stands on the supervisor's list; it is looked at again in a day.
    row.due_at = climbed.due_at or now + grades.of(grade).read_within
    newly = climbed.reached_nobody and row.reached_nobody_at is None
    if newly:
        row.reached_nobody_at = now
    return ClimbedOne(row.id, row.entry_id, reopened, newly, paged)


def _page(session: Session, row: Escalation, person: UUID, channel: str, now: datetime) -> Paged:
    page = Page(
        id=uuid7(),
        escalation_id=row.id,
        round=row.round,
        step=row.step,
        person_id=person,
        channel=channel,
        state=PageState.SHOWN if channel == CONSOLE else PageState.DUE,
        made_at=now,
    )
    session.add(page)
    return Paged(page.id, person, channel)
