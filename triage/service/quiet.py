"""Grave conversations in which a person had the last word, and what their silence brings about."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from integrations.database import Instant
from triage import escalation
from triage.conversation import GoneQuiet, Quiet
from triage.escalation import State
from triage.grades import Grade, GradeTable
from triage.hours import OpenHours
from triage.models import Entry, Escalation, SignSeen
from triage.service import arming, escalate, signs


@dataclass(frozen=True, slots=True)
class Answered:
    """A grave entry in which nobody waits for us, and when the child last wrote."""

    entry: UUID
    grade: Grade
    last_child_at: datetime


def answered_and_grave(session: Session, *, figures: GoneQuiet, now: datetime) -> list[Answered]:
    """Where silence means something and was not noticed yet. A look without a lock."""
    return [
        Answered(row.id, list(Grade)[row.grade_rank], row.last_child_at)
        for row in session.execute(_answered(figures).where(_since(figures, now)))
    ]


def hold(session: Session, *, seen: Answered, figures: GoneQuiet) -> bool:
    """Lock an entry that is still as it was seen; False when it is not, or somebody is at it."""
    held = (
        _answered(figures)
        .where(
            Entry.id == seen.entry,
            Entry.last_child_at == seen.last_child_at,
            Entry.grade_rank == seen.grade.rank,
        )
        .with_for_update(skip_locked=True, of=Entry)
    )
    return session.execute(held).first() is not None


def was_noticed(session: Session, *, entry: UUID, rule: str, since: datetime) -> bool:
    """Whether this silence was noticed before, whatever a person made of it."""
    found = sa.select(SignSeen.id).where(
        SignSeen.entry_id == entry, SignSeen.rule == rule, SignSeen.seen_at > since
    )
    return session.execute(found.limit(1)).first() is not None


def notice_quiet(
    session: Session,
    *,
    entry: UUID,
    quiet: Quiet,
    figures: GoneQuiet,
    grades: GradeTable,
    hours: OpenHours,
    now: datetime,
) -> None:
    """Write down the silence of an entry that :func:`hold` has locked, and start its clock.

    Whoever was paged for it or owns it already is not paged again by this. Nothing is ever sent to
    the child.
    """
    signs.write_down(session, entry=entry, rule=figures.sign.rule, grade=quiet.raises_to, now=now)
    locked = session.get_one(Entry, entry)
    if quiet.raises_to.rank < locked.grade_rank:
        escalate.raise_grade(
            session,
            entry=entry,
            grade=quiet.raises_to,
            score=locked.score,
            grades=grades,
            hours=hours,
            now=now,
        )
        return
    # After an outage the time is over already: then people are called at once, and not before.
    due = escalation.reopened(grades, quiet.raises_to, at=max(quiet.calls_at, now))
    row = session.scalar(
        sa.select(Escalation)
        .where(Escalation.entry_id == entry, Escalation.state != State.CLOSED)
        .with_for_update()
    )
    if row is None:
        arming.arm(session, entry=entry, grade_rank=locked.grade_rank, due=due, now=now)
        session.flush()
    elif row.state == State.ARMED:
        row.due_at = min(row.due_at, due.due_at or due.limit_at)


def gone_quiet(rule: str) -> sa.ColumnElement[bool]:
    """Joins an entry with its silence, while that lasts: the child wrote nothing since."""
    return sa.and_(
        SignSeen.entry_id == Entry.id,
        SignSeen.rule == rule,
        SignSeen.over_at.is_(None),
        SignSeen.seen_at >= Entry.last_child_at,
    )


def counted(session: Session, *, rule: str) -> tuple[int, datetime | None]:
    """How many children have gone quiet, and since when the first of them is known to have."""
    row = session.execute(
        sa.select(sa.func.count(), sa.type_coerce(sa.func.min(SignSeen.seen_at), Instant()))
        .select_from(SignSeen)
        .join(Entry, gone_quiet(rule))
    ).one()
    return row[0], row[1]


def _answered(figures: GoneQuiet) -> sa.Select[UUID, int, datetime]:
    noticed = sa.exists().where(
        SignSeen.entry_id == Entry.id,
        SignSeen.rule == figures.sign.rule,
        SignSeen.over_at.is_(None),
    )
    # In so many words, so that both engines see that the partial index fits.
    return sa.select(Entry.id, Entry.grade_rank, Entry.last_child_at).where(
        sa.text("entry.waiting_since IS NULL AND entry.grade_rank < 2"), ~noticed
    )


def _since(figures: GoneQuiet, now: datetime) -> sa.ColumnElement[bool]:
    return Entry.last_child_at > now - figures.look_back
