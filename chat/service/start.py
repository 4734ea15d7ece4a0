"""A contact begins a conversation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from chat.models import Channel, Contact, Conversation


@dataclass(frozen=True)
class Started:
    """A conversation that now exists."""

    conversation: UUID
    contact: UUID


def start(
    session: Session,
    *,
    conversation: UUID,
    contact: UUID,
    language: str | None,
    shown_name: bytes | None,
    now: datetime,
) -> Started:
    """Begin a conversation with a new web visit. Ids are given, so that a name comes sealed."""
    session.add(Contact(id=contact, channel=Channel.WEB, first_seen_at=now))
    session.flush()  # the conversation's foreign key needs the contact in place
    session.add(
        Conversation(
            id=conversation,
            contact_id=contact,
            language=language,
            shown_name=shown_name,
            last_seq=0,
            opened_at=now,
        )
    )
    return Started(conversation, contact)
