"""A chat is handed on by asking. Until a colleague accepts, the sender holds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from triage.errors import NotForYouError, NotHolderError, UnknownHandingOnError
from triage.models import Entry, HandingOn
from triage.routing import Figures

ACCEPTED, DECLINED, WITHDRAWN, EXPIRED = "accepted", "declined", "withdrawn", "expired"


@dataclass(frozen=True, slots=True)
class Offered:
    """A handing on. ``to`` is None when anybody may accept; ``note`` is sealed for the row."""

    id: UUID
    entry: UUID
    by: UUID
    to: UUID | None
    note: bytes | None
    offered_at: datetime
    until: datetime


def offer(
    session: Session,
    *,
    row: UUID,
    entry: UUID,
    staff: UUID,
    to: UUID | None,
    note: bytes | None,
    figures: Figures,
    now: datetime,
) -> Offered:
    """Ask a colleague, or anybody, to take an entry that one holds.

    A new asking replaces an open one. The clocks of the entry run on.
    """
    if to == staff:
        raise NotForYouError
    held = sa.select(Entry.id).where(Entry.id == entry, Entry.claimed_by == staff)
    if session.scalar(held.with_for_update()) is None:
        raise NotHolderError
    session.execute(
        sa.update(HandingOn)
        .where(HandingOn.entry_id == entry, HandingOn.settled_at.is_(None))
        .values(became=WITHDRAWN, settled_by=staff, settled_at=now)
        .execution_options(synchronize_session=False)
    )
    until = now + figures.handing_on_for
    session.add(
        HandingOn(
            id=row,
            entry_id=entry,
            from_staff=staff,
            to_staff=to,
            note=note,
            offered_at=now,
            until=until,
        )
    )
    session.flush()
    return Offered(row, entry, staff, to, note, now, until)


def accept(session: Session, *, handing_on: UUID, staff: UUID, now: datetime) -> Offered:
    """Take what was handed on: it is this person's from now on.

    Of two who accept at once exactly one gets it. Raises :class:`UnknownHandingOnError` when it is
    over, or the sender does not hold the entry any more.
    """
    offered = _open(session, handing_on, now)
    if staff == offered.from_staff or offered.to_staff not in {None, staff}:
        raise NotForYouError
    moved = session.scalar(
        sa.update(Entry)
        .where(Entry.id == offered.entry_id, Entry.claimed_by == offered.from_staff)
        .values(claimed_by=staff, claimed_at=now)
        .returning(Entry.id)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        raise UnknownHandingOnError
    return _settle(session, offered, ACCEPTED, staff, now)


def decline(session: Session, *, handing_on: UUID, staff: UUID, now: datetime) -> Offered:
    """Say no to what was handed on to oneself. The sender holds it still."""
    offered = _open(session, handing_on, now)
    if offered.to_staff != staff:
        raise NotForYouError
    return _settle(session, offered, DECLINED, staff, now)


def withdraw(session: Session, *, handing_on: UUID, staff: UUID, now: datetime) -> Offered:
    """Take it back."""
    offered = _open(session, handing_on, now)
    if offered.from_staff != staff:
        raise NotForYouError
    return _settle(session, offered, WITHDRAWN, staff, now)


def expire(session: Session, *, now: datetime) -> list[Offered]:
    """End what nobody accepted in time; the sender holds it still."""
    rows = session.scalars(
        sa.select(HandingOn)
        .where(HandingOn.settled_at.is_(None), HandingOn.until <= now)
        .order_by(HandingOn.until, HandingOn.id)
        .with_for_update(skip_locked=True)
    ).all()
    return [_settle(session, row, EXPIRED, None, now) for row in rows]


def is_any_over(session: Session, *, now: datetime) -> bool:
    """Whether :func:`expire` would find something. Reads only."""
    over = sa.select(sa.literal(1)).where(HandingOn.settled_at.is_(None), HandingOn.until <= now)
    return session.execute(over.limit(1)).first() is not None


def open_for(session: Session, *, staff: UUID, now: datetime) -> list[Offered]:
    """What one may accept now: handed on to oneself, or to anybody by somebody else."""
    rows = session.scalars(
        sa.select(HandingOn)
        .join(Entry, Entry.id == HandingOn.entry_id)
        .where(
            HandingOn.settled_at.is_(None),
            HandingOn.until > now,
            HandingOn.from_staff != staff,
            Entry.claimed_by == HandingOn.from_staff,
            sa.or_(HandingOn.to_staff.is_(None), HandingOn.to_staff == staff),
        )
        .order_by(HandingOn.offered_at, HandingOn.id)
    )
    return [_offered(row) for row in rows]


def open_of(session: Session, *, entries: Sequence[UUID], now: datetime) -> list[Offered]:
    """What is being handed on of these entries."""
    rows = session.scalars(
        sa.select(HandingOn).where(
            HandingOn.entry_id.in_(entries), HandingOn.settled_at.is_(None), HandingOn.until > now
        )
    )
    return [_offered(row) for row in rows]


def _open(session: Session, handing_on: UUID, now: datetime) -> HandingOn:
    row = session.scalar(
        sa.select(HandingOn)
        .where(HandingOn.id == handing_on, HandingOn.settled_at.is_(None), HandingOn.until > now)
        .with_for_update()
    )
    if row is None:
        raise UnknownHandingOnError
    return row


def _settle(
    session: Session, row: HandingOn, became: str, staff: UUID | None, now: datetime
) -> Offered:
    row.became, row.settled_by, row.settled_at = became, staff, now
    session.flush()
    return _offered(row)


def _offered(row: HandingOn) -> Offered:
    return Offered(
        row.id, row.entry_id, row.from_staff, row.to_staff, row.note, row.offered_at, row.until
    )
