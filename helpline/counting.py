"""Counts that the figures for alarms and the supervisor's board both show: one statement for each.

Read from rows when they are asked for; nothing here opens a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from helpline.queue.models import Job, JobState, Lane
from helpline.todo.models import Task, Why
from integrations.database import Instant
from triage.grades import Grade
from triage.models import Entry


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are, and since when the first of them waits; None where there are none."""

    count: int
    since: datetime | None


NONE = Counted(0, None)


def unread(session: Session) -> Mapping[Grade, Counted]:
    """The children who wait for an answer, by every grade."""
    found = _by(session, Entry.grade_rank, Entry.waiting_since, Entry.waiting_since.is_not(None))
    return {grade: found.get(grade.rank, NONE) for grade in Grade}


def open_tasks(session: Session) -> Mapping[Why, Counted]:
    """What software could not do and no person has done yet, by every reason."""
    found = _by(session, Task.why, Task.raised_at, Task.done_at.is_(None))
    return {why: found.get(why.value, NONE) for why in Why}


def due_jobs(session: Session, *, now: datetime) -> Mapping[Lane, Counted]:
    """The jobs that are due and not done, by every lane."""
    is_due = sa.and_(
        Job.state.in_((JobState.READY.value, JobState.LEASED.value)), Job.due_at <= now
    )
    found = _by(session, Job.lane, Job.due_at, is_due)
    return {lane: found.get(lane.value, NONE) for lane in Lane}


def _by(
    session: Session,
    group: InstrumentedAttribute[Any],
    since: InstrumentedAttribute[Any],
    wanted: sa.ColumnElement[bool],
) -> dict[Any, Counted]:
    rows = session.execute(
        sa.select(group, sa.func.count(), sa.type_coerce(sa.func.min(since), Instant()))
        .where(wanted)
        .group_by(group)
    )
    return {key: Counted(count, first) for key, count, first in rows}
