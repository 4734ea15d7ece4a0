"""What was said in a conversation, still sealed. Only the access door opens it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.errors import UnknownConversationError
from chat.models import AuthorName, Conversation, Message

# One answer holds at most this many; the reader asks again from its cursor.
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class SealedMessage:
    """A message whose words are sealed."""

    message: UUID
    seq: int
    author: AuthorName
    body: bytes
    said_by: UUID | None
    at: datetime


@dataclass(frozen=True)
class ConversationFound:
    """A conversation without its messages. ``shown_name`` is sealed."""

    conversation: UUID
    last_seq: int
    language: str | None
    shown_name: bytes | None
    opened_at: datetime
    left_at: datetime | None


def find(session: Session, *, conversation: UUID) -> ConversationFound:
    """The conversation; :class:`chat.errors.UnknownConversationError` when there is none."""
    row = session.get(Conversation, conversation)
    if row is None:
        raise UnknownConversationError
    return ConversationFound(
        row.id, row.last_seq, row.language, row.shown_name, row.opened_at, row.left_at
    )


def latest_numbers(session: Session, *, conversations: list[UUID]) -> dict[UUID, int]:
    """The number of the newest message of each conversation."""
    rows = session.execute(
        sa.select(Conversation.id, Conversation.last_seq).where(Conversation.id.in_(conversations))
    )
    return {row.id: row.last_seq for row in rows}


def is_answered(session: Session, *, conversation: UUID) -> bool:
    """Whether an advocate ever answered. It reads one entry of an index and no words."""
    answer = sa.exists().where(
        Message.conversation_id == conversation, Message.author == "advocate"
    )
    return bool(session.scalar(sa.select(answer)))


def messages_after(
    session: Session, *, conversation: UUID, after: int, limit: int = MOST_AT_ONCE
) -> list[SealedMessage]:
    """The messages with a number above ``after``, oldest first, at most ``limit`` of them."""
    rows = session.scalars(
        sa.select(Message)
        .where(Message.conversation_id == conversation, Message.seq > after)
        .order_by(Message.seq)
        .limit(min(limit, MOST_AT_ONCE))
    )
    return [SealedMessage(m.id, m.seq, m.author, m.body, m.said_by, m.kept_at) for m in rows]
