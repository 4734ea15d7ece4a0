"""An advocate, or the service itself, says something in a conversation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.errors import UnknownConversationError
from chat.models import Author, Conversation, Message


@dataclass(frozen=True)
class Replied:
    """A reply that is kept. ``again`` says that it was kept before under this client_id.

    ``body`` is what was kept, sealed, so that the caller can tell a retry from other words.
    """

    message: UUID
    seq: int
    kept_at: datetime
    body: bytes
    again: bool


@dataclass(frozen=True)
class Newer:
    """Why a reply was refused: the conversation has moved past what its writer saw."""

    latest: int


def reply(
    session: Session,
    *,
    message: UUID,
    conversation: UUID,
    client_id: str,
    body: bytes,
    said_by: UUID,
    seen_seq: int,
    now: datetime,
) -> Replied | Newer:
    """Keep a reply, unless a message came that its writer has not seen.

    The conversation's row is locked first, so two replies cannot both be the next one.
    """
    locked = session.scalar(
        sa.select(Conversation)
        .where(Conversation.id == conversation)
        .with_for_update(key_share=True)
    )
    if locked is None:
        raise UnknownConversationError
    earlier = session.scalar(
        sa.select(Message).where(
            Message.conversation_id == conversation,
            Message.author == Author.ADVOCATE,
            Message.client_id == client_id,
        )
    )
    if earlier is not None:
        return Replied(earlier.id, earlier.seq, earlier.kept_at, earlier.body, again=True)
    if locked.last_seq > seen_seq:
        return Newer(locked.last_seq)
    locked.last_seq += 1
    session.add(
        Message(
            id=message,
            conversation_id=conversation,
            seq=locked.last_seq,
            author="advocate",
            client_id=client_id,
            body=body,
            said_by=said_by,
            kept_at=now,
        )
    )
    return Replied(message, locked.last_seq, now, body, again=False)
