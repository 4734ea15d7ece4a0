"""Writing down that somebody is implicated, taking it back, and that a card was opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline.danger.card import Part
from helpline.danger.models import CardOpened, Mark


class UnknownMarkError(LookupError):
    """There is no such mark on this conversation, or it was taken back already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedMark:
    """A mark that stands; ``who`` is sealed for the row ``mark``."""

    mark: UUID
    conversation: UUID
    part: Part
    who: bytes
    marked_by: UUID
    marked_at: datetime


def mark(
    session: Session,
    *,
    row: UUID,
    conversation: UUID,
    part: Part,
    who: bytes,
    by: UUID,
    now: datetime,
) -> None:
    """Write down that somebody is implicated."""
    session.add(
        Mark(
            id=row,
            conversation_id=conversation,
            part=part.value,
            who=who,
            marked_by=by,
            marked_at=now,
        )
    )
    session.flush()


def undo(session: Session, *, mark: UUID, conversation: UUID, by: UUID, now: datetime) -> None:
    """Take a mark back. Raises :class:`UnknownMarkError`."""
    undone = session.scalar(
        sa.update(Mark)
        .where(Mark.id == mark, Mark.conversation_id == conversation, Mark.undone_at.is_(None))
        .values(undone_at=now, undone_by=by)
        .returning(Mark.id)
        .execution_options(synchronize_session=False)
    )
    if undone is None:
        raise UnknownMarkError


def of_conversations(session: Session, *, conversations: Sequence[UUID]) -> list[SealedMark]:
    """The marks that stand on these conversations, the oldest first."""
    rows = session.scalars(
        sa.select(Mark)
        .where(Mark.conversation_id.in_(conversations), Mark.undone_at.is_(None))
        .order_by(Mark.marked_at, Mark.id)
    )
    return [
        SealedMark(
            mark=row.id,
            conversation=row.conversation_id,
            part=Part(row.part),
            who=row.who,
            marked_by=row.marked_by,
            marked_at=row.marked_at,
        )
        for row in rows
    ]


def opened(session: Session, *, conversation: UUID, reason: str, by: UUID, now: datetime) -> None:
    """Write down that somebody opened the card of a conversation, and why software thinks so."""
    session.add(
        CardOpened(
            id=uuid7(), conversation_id=conversation, opened_by=by, opened_at=now, reason=reason
        )
    )
