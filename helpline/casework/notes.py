"""Notes about a conversation, for staff only: a table apart, so that none becomes a message."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.casework.models import Note

# A page shows this many, newest last; a conversation with more is unheard of.
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Written:
    """A note that is kept."""

    note: UUID
    written_at: datetime


@dataclass(frozen=True, slots=True)
class SealedNote:
    """A note whose words are sealed under the conversation's key."""

    note: UUID
    written_by: UUID
    body: bytes
    at: datetime


def write_note(
    session: Session,
    *,
    note: UUID,
    conversation: UUID,
    written_by: UUID,
    body: bytes,
    now: datetime,
) -> Written:
    """Keep a note. ``body`` was sealed for the column ``note.body`` of the row ``note``."""
    session.add(
        Note(
            id=note,
            conversation_id=conversation,
            written_by=written_by,
            body=body,
            written_at=now,
        )
    )
    session.flush()
    return Written(note=note, written_at=now)


def notes_of(session: Session, *, conversation: UUID) -> list[SealedNote]:
    """The newest notes of a conversation, oldest first."""
    rows = session.scalars(
        sa.select(Note)
        .where(Note.conversation_id == conversation)
        .order_by(Note.written_at.desc(), Note.id.desc())
        .limit(MOST_AT_ONCE)
    ).all()
    return [SealedNote(row.id, row.written_by, row.body, row.written_at) for row in reversed(rows)]
