"""A person takes an escalation: acknowledges it with a next step, and later ends it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from triage import escalation as rules
from triage.errors import UnknownEscalationError, UntilNotAheadError
from triage.escalation import State
from triage.grades import Grade, GradeTable
from triage.hours import OpenHours
from triage.models import Entry, Escalation
from triage.service import arming, signs

# A promise further away than this would be a way to switch an alarm off.
LONGEST_PROMISE = timedelta(hours=24)


@dataclass(frozen=True)
class Acknowledged:
    """Somebody owns it until ``until``; then it opens again."""

    escalation: UUID
    entry: UUID
    until: datetime


@dataclass(frozen=True)
class Resolved:
    """It is over, by a person's word."""

    escalation: UUID
    entry: UUID


def acknowledge(
    session: Session,
    *,
    escalation: UUID,
    staff: UUID,
    next_step: bytes,
    until: datetime,
    now: datetime,
) -> Acknowledged:
    """Take an escalation: "I own this and my next step is ... by ..."."""
    if not now < until <= now + LONGEST_PROMISE:
        raise UntilNotAheadError
    row = _open(session, escalation)
    row.state = State.ACKNOWLEDGED
    row.acknowledged_by, row.acknowledged_at = staff, now
    row.next_step, row.promised_until, row.due_at = next_step, until, until
    # If it opens again and once more nobody comes, that is news.
    row.reached_nobody_at = None
    return Acknowledged(row.id, row.entry_id, until)


def resolve(
    session: Session,
    *,
    escalation: UUID,
    staff: UUID,
    outcome: bytes,
    grade: Grade,
    grades: GradeTable,
    hours: OpenHours,
    now: datetime,
) -> Resolved:
    """End an escalation and say how grave the entry is from here on. Only a person may lower.

    If the child still waits for an answer, the clock of that grade starts at once.
    """
    entry = session.scalar(
        sa.select(Entry)
        .join(Escalation, Escalation.entry_id == Entry.id)
        .where(Escalation.id == escalation)
        .with_for_update(of=Entry)
    )
    if entry is None:
        raise UnknownEscalationError
    # The entry was locked first, as an incoming message does, so that the two never wait for
    # each other.
    row = _open(session, escalation)
    row.state = State.CLOSED
    row.closed_by, row.closed_at, row.outcome = staff, now, outcome
    session.flush()  # at most one open escalation an entry: this one closes before the next opens
    entry.grade_rank = grade.rank
    signs.end(session, entry=entry.id, now=now)
    if entry.waiting_since is not None:
        due = rules.armed(grades, grade, now, hours)
        arming.arm(session, entry=entry.id, grade_rank=grade.rank, due=due, now=now)
    return Resolved(row.id, row.entry_id)


def reopen_of(session: Session, *, staff: UUID, now: datetime) -> tuple[UUID, ...]:
    """Open again, due now, everything that a person owns, because they are gone."""
    reopened = session.scalars(
        sa.update(Escalation)
        .where(Escalation.state == State.ACKNOWLEDGED, Escalation.acknowledged_by == staff)
        .values(due_at=now)
        .returning(Escalation.id)
        .execution_options(synchronize_session=False)
    )
    return tuple(reopened)


def _open(session: Session, escalation: UUID) -> Escalation:
    row = session.scalar(
        sa.select(Escalation)
        .where(Escalation.id == escalation, Escalation.state != State.CLOSED)
        .with_for_update()
    )
    if row is None:
        raise UnknownEscalationError
    return row
