"""Which contact a conversation is with, and which conversations contacts have had."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.errors import UnknownConversationError
from chat.models import Contact, Conversation

MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Had:
    """A conversation that a contact had, without anything of it."""

    conversation: UUID
    channel: str
    opened_at: datetime
    closed_at: datetime | None


def contact_of(session: Session, *, conversation: UUID) -> UUID:
    """Whom a conversation is with."""
    contact = session.scalar(
        sa.select(Conversation.contact_id).where(Conversation.id == conversation)
    )
    if contact is None:
        raise UnknownConversationError
    return contact


def conversations_of(session: Session, *, contacts: Sequence[UUID]) -> list[Had]:
    """The conversations of these contacts, the newest first."""
    rows = session.execute(
        sa.select(Conversation, Contact.channel)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Conversation.contact_id.in_(contacts))
        .order_by(Conversation.opened_at.desc(), Conversation.id)
        .limit(MOST_AT_ONCE)
    )
    return [
        Had(
            conversation=row.Conversation.id,
            channel=row.channel,
            opened_at=row.Conversation.opened_at,
            closed_at=row.Conversation.closed_at,
        )
        for row in rows
    ]
