"""A person puts a sender, or a whole crowd, last for a while. Everything stays kept and readable.

Only a person does this, and anybody may undo it. Meanwhile its alarms rest; a graver message rings
all the same, and new words in a grave text end it by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from triage.errors import UntilNotAheadError
from triage.escalation import State
from triage.models import Entry, Escalation, PutLast


@dataclass(frozen=True, slots=True)
class Standing:
    """That an entry or its crowd is put last, by whom, until when and for which reason."""

    row: UUID
    entry: UUID | None
    crowd: UUID | None
    put_by: UUID
    put_at: datetime
    until: datetime
    why: str


def put_last(
    session: Session,
    *,
    row: UUID,
    entry: UUID | None = None,
    crowd: UUID | None = None,
    staff: UUID,
    why: str,
    until: datetime,
    now: datetime,
) -> int:
    """Put an entry or a crowd last until a time; how many entries that concerns.

    What stood before for the same is replaced.
    """
    if until <= now:
        raise UntilNotAheadError
    for standing in standing_of(session, entries=[entry] if entry else (), crowd=crowd, now=now):
        if (standing.entry, standing.crowd) == (entry, crowd):
            _end(session, standing.row, staff, now)
    session.add(
        PutLast(
            id=row, entry_id=entry, crowd_id=crowd, why=why, put_by=staff, put_at=now, until=until
        )
    )
    session.flush()
    concerned = _concerned(session, entry, crowd)
    rest(session, entries=concerned, until=until)
    return len(concerned)


def undo(session: Session, *, row: UUID, staff: UUID | None, now: datetime) -> bool:
    """End it before its time; False when it was over already. Its alarms go on at once.

    ``staff`` is None when software ends it, because the words changed.
    """
    found = session.scalar(sa.select(PutLast).where(PutLast.id == row).with_for_update())
    if found is None or found.over_at is not None:
        return False
    _end(session, row, staff, now)
    session.flush()
    session.execute(
        sa.update(Escalation)
        .where(
            Escalation.entry_id.in_(_concerned(session, found.entry_id, found.crowd_id)),
            Escalation.state == State.ARMED,
            Escalation.due_at == found.until,
        )
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
    return True


def standing_of(
    session: Session, *, entries: Sequence[UUID], crowd: UUID | None = None, now: datetime
) -> list[Standing]:
    """What stands now for these entries themselves, and for a crowd."""
    rows = session.scalars(
        sa.select(PutLast)
        .where(
            PutLast.over_at.is_(None),
            PutLast.until > now,
            sa.or_(PutLast.entry_id.in_(entries), PutLast.crowd_id == crowd),
        )
        .order_by(PutLast.put_at, PutLast.id)
    )
    return [
        Standing(
            row=row.id,
            entry=row.entry_id,
            crowd=row.crowd_id,
            put_by=row.put_by,
            put_at=row.put_at,
            until=row.until,
            why=row.why,
        )
        for row in rows
    ]


def stands(now: datetime) -> sa.ColumnElement[bool]:
    """For the database: whether the entry of a query, or its crowd, is put last now."""
    return sa.exists().where(
        PutLast.over_at.is_(None),
        PutLast.until > now,
        sa.or_(PutLast.entry_id == Entry.id, PutLast.crowd_id == Entry.crowd_id),
    )


def rest(session: Session, *, entries: Sequence[UUID], until: datetime) -> None:
    """Let the alarms that software raised about these entries rest until a time.

    What a person raised, or owns, goes on as it is.
    """
    session.execute(
        sa.update(Escalation)
        .where(
            Escalation.entry_id.in_(entries),
            Escalation.state.in_((State.ARMED, State.PAGING)),
            Escalation.raised_by.is_(None),
        )
        .values(state=State.ARMED, due_at=until, reached_nobody_at=None)
        .execution_options(synchronize_session=False)
    )


def _concerned(session: Session, entry: UUID | None, crowd: UUID | None) -> Sequence[UUID]:
    wanted = Entry.id == entry if crowd is None else Entry.crowd_id == crowd
    return session.scalars(sa.select(Entry.id).where(wanted)).all()


def _end(session: Session, row: UUID, staff: UUID | None, now: datetime) -> None:
    session.execute(
        sa.update(PutLast)
        .where(PutLast.id == row)
        .values(over_at=now, over_by=staff)
        .execution_options(synchronize_session=False)
    )
