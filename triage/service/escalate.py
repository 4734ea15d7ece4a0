"""A concern is raised: by a person, or by software that read several messages together."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from triage import escalation
from triage.errors import UnknownEntryError
from triage.escalation import Due, State
from triage.grades import Grade, GradeTable
from triage.hours import OpenHours
from triage.models import Entry, Escalation


@dataclass(frozen=True)
class Raised:
    """An escalation that is open now, and when it pages next."""

    escalation: UUID
    due_at: datetime


def escalate(
    session: Session, *, entry: UUID, grade: Grade, staff: UUID, grades: GradeTable, now: datetime
) -> Raised:
    """Raise a concern by a person's hand: the first person on call is paged at once.

    An escalation that is open already starts again in a new round with the worse of both grades.
    """
    locked = _locked(session, entry)
    rank = min(locked.grade_rank, grade.rank)
    due = escalation.reopened(grades, list(Grade)[rank], at=now)
    return _open(session, locked, rank, due, State.PAGING, staff, now)


def raise_grade(
    session: Session,
    *,
    entry: UUID,
    grade: Grade,
    score: float,
    grades: GradeTable,
    hours: OpenHours,
    now: datetime,
) -> Raised | None:
    """Raise a grade by software. None when the entry is at least as grave already."""
    locked = _locked(session, entry)
    locked.score = max(locked.score, score)
    if grade.rank >= locked.grade_rank:
        return None
    due = escalation.armed(grades, grade, now, hours)
    return _open(session, locked, grade.rank, due, State.ARMED, None, now)


def _locked(session: Session, entry: UUID) -> Entry:
    locked = session.scalar(sa.select(Entry).where(Entry.id == entry).with_for_update())
    if locked is None:
        raise UnknownEntryError
    return locked


def _open(
    session: Session,
    entry: Entry,
    rank: int,
    due: Due,
    state: State,
    staff: UUID | None,
    now: datetime,
) -> Raised:
    entry.grade_rank = rank
    due_at = due.due_at or due.limit_at
    is_paging = False
    row = session.scalar(
        sa.select(Escalation)
        .where(Escalation.entry_id == entry.id, Escalation.state != State.CLOSED)
        .with_for_update()
    )
    if row is None:
        row = Escalation(
            id=uuid7(), entry_id=entry.id, round=0, raised_by=staff, raised_at=now, due_at=due_at
        )
        session.add(row)
    else:
        # Once somebody was paged or owned it, only a person ends it: it is never armed again.
        is_paging = row.state != State.ARMED
        row.round += 1
        row.raised_by = staff or row.raised_by
        row.acknowledged_by = row.acknowledged_at = None
        row.next_step = row.promised_until = row.reached_nobody_at = None
    row.grade_rank = row.newest_rank = rank
    row.state, row.step = State.PAGING if is_paging else state, 0
    row.started_at, row.due_at = due.started_at, min(row.due_at, due_at)
    return Raised(row.id, row.due_at)


def alarm_again(session: Session, *, entry: UUID, grades: GradeTable, now: datetime) -> bool:
    """Page anew about something urgent that is open, because it got worse; whether there was any.

    By software's hand: it only raises. The first person on call is paged at once.
    """
    locked = session.scalar(sa.select(Entry).where(Entry.id == entry).with_for_update())
    if locked is None or locked.grade_rank > Grade.URGENT.rank:
        return False
    is_open = session.scalar(
        sa.select(Escalation.id).where(
            Escalation.entry_id == entry, Escalation.state != State.CLOSED
        )
    )
    if is_open is None:
        return False
    due = escalation.reopened(grades, list(Grade)[locked.grade_rank], at=now)
    _open(session, locked, locked.grade_rank, due, State.PAGING, None, now)
    return True
