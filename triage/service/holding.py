"""Who is answering an entry: claim, release, take over. One holder at a time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from triage.errors import AlreadyClaimedError, NotHolderError, UnknownEntryError
from triage.models import Entry


@dataclass(frozen=True)
class Claimed:
    """The entry is this person's now. ``again`` says that it was before."""

    entry: UUID
    again: bool


@dataclass(frozen=True)
class TakenOver:
    """The entry changed hands. ``from_staff`` is who held it, if anybody did."""

    entry: UUID
    from_staff: UUID | None


@dataclass(frozen=True)
class Released:
    """These entries wait for anybody again."""

    entries: tuple[UUID, ...]


def claim(session: Session, *, entry: UUID, staff: UUID, now: datetime) -> Claimed:
    """Take an entry that nobody holds; :class:`AlreadyClaimedError` names who does.

    One conditional update decides, so of two claims in the same moment exactly one wins.
    """
    won = session.scalar(
        sa.update(Entry)
        .where(Entry.id == entry, Entry.claimed_by.is_(None))
        .values(claimed_by=staff, claimed_at=now)
        .returning(Entry.id)
        .execution_options(synchronize_session=False)
    )
    if won is not None:
        return Claimed(entry, again=False)
    holder = holder_of(session, entry=entry)
    if holder is None:
        # It was given back between the two statements.
        return claim(session, entry=entry, staff=staff, now=now)
    if holder != staff:
        raise AlreadyClaimedError(holder)
    return Claimed(entry, again=True)


def holder_of(session: Session, *, entry: UUID) -> UUID | None:
    """Who holds an entry; :class:`UnknownEntryError` when there is none."""
    row = session.execute(sa.select(Entry.claimed_by).where(Entry.id == entry)).one_or_none()
    if row is None:
        raise UnknownEntryError
    holder: UUID | None = row.claimed_by
    return holder


def release(session: Session, *, entry: UUID, staff: UUID) -> Released:
    """Give an entry back to the queue. Its clock was never stopped."""
    given_back = session.scalar(
        sa.update(Entry)
        .where(Entry.id == entry, Entry.claimed_by == staff)
        .values(claimed_by=None, claimed_at=None)
        .returning(Entry.id)
        .execution_options(synchronize_session=False)
    )
    if given_back is None:
        raise NotHolderError
    return Released((entry,))


def release_all(session: Session, *, staff: UUID) -> Released:
    """Give back everything that a person holds, because they are gone."""
    entries = session.scalars(
        sa.update(Entry)
        .where(Entry.claimed_by == staff)
        .values(claimed_by=None, claimed_at=None)
        .returning(Entry.id)
        .execution_options(synchronize_session=False)
    )
    return Released(tuple(entries))


def take_over(session: Session, *, entry: UUID, staff: UUID, now: datetime) -> TakenOver:
    """Take an entry from whoever holds it. The edge tells them and records the reason."""
    locked = session.scalar(sa.select(Entry).where(Entry.id == entry).with_for_update())
    if locked is None:
        raise UnknownEntryError
    before = locked.claimed_by
    locked.claimed_by, locked.claimed_at = staff, now
    return TakenOver(entry, before if before != staff else None)
