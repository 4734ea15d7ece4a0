"""What a conversation shows as a whole is written down, raises its grade, and ends by a person."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from triage.conversation import Sign
from triage.errors import UnknownEntryError
from triage.grades import Grade, GradeTable
from triage.hours import OpenHours
from triage.models import Entry, SignSeen
from triage.service import escalate


@dataclass(frozen=True, slots=True)
class Seen:
    """A sign that was seen.

    ``is_over``: a person wrote since then, or ended the escalation. ``child_wrote_since``: so did
    the child.
    """

    entry: UUID
    rule: str
    grade: Grade
    at: datetime
    is_over: bool
    child_wrote_since: bool


def notice(
    session: Session,
    *,
    entry: UUID,
    sign: Sign,
    score: float,
    grades: GradeTable,
    hours: OpenHours,
    now: datetime,
) -> bool:
    """Write a sign down and raise the grade to what it asks for; False when it was known already.

    Raises :class:`triage.errors.UnknownEntryError`. It never lowers anything.
    """
    locked = session.scalar(sa.select(Entry).where(Entry.id == entry).with_for_update())
    if locked is None:
        raise UnknownEntryError
    if is_open(session, entry=entry, rule=sign.rule):
        return False
    grade = sign.raises_to or list(Grade)[locked.grade_rank]
    write_down(session, entry=entry, rule=sign.rule, grade=grade, now=now)
    escalate.raise_grade(
        session, entry=entry, grade=grade, score=score, grades=grades, hours=hours, now=now
    )
    return True


def is_open(session: Session, *, entry: UUID, rule: str) -> bool:
    """Whether a sign was seen that no person has ended yet."""
    found = sa.select(SignSeen.id).where(
        SignSeen.entry_id == entry, SignSeen.rule == rule, SignSeen.over_at.is_(None)
    )
    return session.scalar(found) is not None


def write_down(session: Session, *, entry: UUID, rule: str, grade: Grade, now: datetime) -> None:
    """Keep a sign about an entry that the caller has locked."""
    session.add(SignSeen(id=uuid7(), entry_id=entry, rule=rule, grade_rank=grade.rank, seen_at=now))
    session.flush()


def end(session: Session, *, entry: UUID, now: datetime) -> None:
    """A person did something about a conversation: what it shows from now on is seen anew."""
    session.execute(
        sa.update(SignSeen)
        .where(SignSeen.entry_id == entry, SignSeen.over_at.is_(None))
        .values(over_at=now)
        .execution_options(synchronize_session=False)
    )


def seen_in(session: Session, *, entries: Collection[UUID]) -> list[Seen]:
    """Every sign that was seen in these entries, the oldest first."""
    rows = session.execute(
        sa.select(SignSeen, Entry.last_child_at)
        .join(Entry, Entry.id == SignSeen.entry_id)
        .where(SignSeen.entry_id.in_(entries))
        .order_by(SignSeen.seen_at, SignSeen.id)
    )
    return [
        Seen(
            entry=row.SignSeen.entry_id,
            rule=row.SignSeen.rule,
            grade=list(Grade)[row.SignSeen.grade_rank],
            at=row.SignSeen.seen_at,
            is_over=row.SignSeen.over_at is not None,
            child_wrote_since=row.last_child_at > row.SignSeen.seen_at,
        )
        for row in rows
    ]
