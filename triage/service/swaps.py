"""A shift is offered and taken. Until somebody accepts, it stays whose it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from triage.errors import NotYourShiftError, OnTwiceError, UnknownShiftError
from triage.models import Shift, ShiftSwap

ACCEPTED, DECLINED, WITHDRAWN = "accepted", "declined", "withdrawn"


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer that is open. ``to`` is None when anybody may take it."""

    swap: UUID
    shift: UUID
    by: UUID
    to: UUID | None
    at: datetime


def offer(session: Session, *, shift: UUID, staff: UUID, to: UUID | None, now: datetime) -> Offered:
    """Offer one's own shift that has not begun. A new offer takes the place of an open one."""
    row = _future(session, shift, now)
    if row.person_id != staff or to == staff:
        raise NotYourShiftError
    session.execute(
        sa.update(ShiftSwap)
        .where(ShiftSwap.shift_id == shift, ShiftSwap.settled_at.is_(None))
        .values(became=WITHDRAWN, settled_by=staff, settled_at=now)
        .execution_options(synchronize_session=False)
    )
    swap = ShiftSwap(id=uuid7(), shift_id=shift, offered_by=staff, offered_to=to, offered_at=now)
    session.add(swap)
    session.flush()
    return Offered(swap.id, shift, staff, to, now)


def accept(session: Session, *, swap: UUID, staff: UUID, now: datetime) -> Offered:
    """Take a shift that was offered, to oneself or to anybody. It is theirs from now on.

    Raises :class:`OnTwiceError` for whoever is on at that time already.
    """
    row, offered = _open(session, swap, now)
    if staff == row.person_id or offered.offered_to not in {None, staff}:
        raise NotYourShiftError
    busy = sa.select(Shift.id).where(
        Shift.person_id == staff,
        Shift.over_at.is_(None),
        Shift.starts_at < row.ends_at,
        Shift.ends_at > row.starts_at,
    )
    if session.scalar(busy.limit(1)) is not None:
        raise OnTwiceError
    row.person_id, row.checked_in_at = staff, None
    return _settle(session, offered, ACCEPTED, staff, now)


def decline(session: Session, *, swap: UUID, staff: UUID, now: datetime) -> Offered:
    """Say no to a shift that was offered to oneself. Its owner keeps it."""
    _, offered = _open(session, swap, now)
    if offered.offered_to != staff:
        raise NotYourShiftError
    return _settle(session, offered, DECLINED, staff, now)


def withdraw(session: Session, *, swap: UUID, staff: UUID, now: datetime) -> Offered:
    """Take one's offer back."""
    _, offered = _open(session, swap, now)
    if offered.offered_by != staff:
        raise NotYourShiftError
    return _settle(session, offered, WITHDRAWN, staff, now)


def open_offers(session: Session, *, shifts: Sequence[UUID], now: datetime) -> list[Offered]:
    """Offers of these shifts that somebody may still take, the oldest first."""
    rows = session.scalars(
        sa.select(ShiftSwap)
        .join(Shift, Shift.id == ShiftSwap.shift_id)
        .where(
            ShiftSwap.shift_id.in_(shifts),
            ShiftSwap.settled_at.is_(None),
            Shift.starts_at > now,
            Shift.over_at.is_(None),
        )
        .order_by(ShiftSwap.offered_at, ShiftSwap.id)
    )
    return [_offered(row) for row in rows]


def _future(session: Session, shift: UUID, now: datetime) -> Shift:
    row = session.scalar(
        sa.select(Shift)
        .where(Shift.id == shift, Shift.over_at.is_(None), Shift.starts_at > now)
        .with_for_update()
    )
    if row is None:
        raise UnknownShiftError
    return row


def _open(session: Session, swap: UUID, now: datetime) -> tuple[Shift, ShiftSwap]:
    shift = session.scalar(sa.select(ShiftSwap.shift_id).where(ShiftSwap.id == swap))
    if shift is None:
        raise UnknownShiftError
    row = _future(session, shift, now)
    offered = session.scalar(
        sa.select(ShiftSwap).where(ShiftSwap.id == swap, ShiftSwap.settled_at.is_(None))
    )
    if offered is None:
        raise UnknownShiftError
    return row, offered


def _settle(
    session: Session, offered: ShiftSwap, became: str, staff: UUID, now: datetime
) -> Offered:
    offered.became, offered.settled_by, offered.settled_at = became, staff, now
    session.flush()
    return _offered(offered)


def _offered(row: ShiftSwap) -> Offered:
    return Offered(row.id, row.shift_id, row.offered_by, row.offered_to, row.offered_at)
