"""Which contact a conversation is with, and which conversations contacts have had."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.errors import UnknownConversationError
from chat.models import Author, Contact, Conversation, Message

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


def contacts_of(session: Session, *, conversations: Sequence[UUID]) -> dict[UUID, UUID]:
    """Whom each of these conversations is with."""
    rows = session.execute(
        sa.select(Conversation.id, Conversation.contact_id).where(
            Conversation.id.in_(conversations)
        )
    )
    return {row.id: row.contact_id for row in rows}


def languages_of(session: Session, *, conversations: Sequence[UUID]) -> dict[UUID, str | None]:
    """The language that each child chose, if any."""
    rows = session.execute(
        sa.select(Conversation.id, Conversation.language).where(Conversation.id.in_(conversations))
    )
    return {row.id: row.language for row in rows}


def answered_by(session: Session, *, conversations: Sequence[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """Who of ours ever wrote to whom each of these is with, in any of theirs: the last first."""
    theirs = sa.orm.aliased(Conversation)
    last = sa.func.max(Message.kept_at)
    rows = session.execute(
        sa.select(Conversation.id, Message.said_by)
        .select_from(Conversation)
        .join(theirs, theirs.contact_id == Conversation.contact_id)
        .join(Message, Message.conversation_id == theirs.id)
        .where(
            Conversation.id.in_(conversations),
            Message.author == Author.ADVOCATE,
            Message.said_by.is_not(None),
        )
        .group_by(Conversation.id, Message.said_by)
        .order_by(Conversation.id, last.desc(), Message.said_by)
    )
    found: dict[UUID, list[UUID]] = {}
    for conversation, staff in rows:
        if staff is not None:
            found.setdefault(conversation, []).append(staff)
    return {conversation: tuple(staff) for conversation, staff in found.items()}


def said_by_children(session: Session) -> int:
    """How many messages of children are kept, in all."""
    counted = sa.select(sa.func.count()).select_from(Message)
    return session.scalar(counted.where(Message.author == Author.CHILD)) or 0


def is_answered(session: Session, *, conversation: UUID) -> bool:
    """Whether a person of ours ever wrote to whom this conversation is with, in any of theirs."""
    theirs = sa.orm.aliased(Conversation)
    answer = (
        sa.select(sa.literal(1))
        .select_from(Conversation)
        .join(theirs, theirs.contact_id == Conversation.contact_id)
        .join(Message, Message.conversation_id == theirs.id)
        .where(Conversation.id == conversation, Message.author == Author.ADVOCATE)
        .limit(1)
    )
    return session.scalar(answer) is not None


def unanswered(session: Session, *, conversation: UUID, since: datetime) -> int:
    """How many messages of the child since then no person has answered yet."""
    answered = (
        sa.select(sa.func.coalesce(sa.func.max(Message.seq), 0))
        .where(Message.conversation_id == conversation, Message.author == Author.ADVOCATE)
        .scalar_subquery()
    )
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Message)
            .where(
                Message.conversation_id == conversation,
                Message.author == Author.CHILD,
                Message.seq > answered,
                Message.kept_at >= since,
            )
        )
        or 0
    )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunLately:
    """A conversation that a contact began, and how many messages the child wrote in it."""

    opened_at: datetime
    messages: int


def begun_lately(session: Session, *, conversation: UUID, within: timedelta) -> list[BegunLately]:
    """The conversations of the same contact that began at most ``within`` before this one."""
    found = session.execute(
        sa.select(Conversation.contact_id, Conversation.opened_at).where(
            Conversation.id == conversation
        )
    ).first()
    if found is None:
        raise UnknownConversationError
    said = (
        sa.select(sa.func.count())
        .where(Message.conversation_id == Conversation.id, Message.author == Author.CHILD)
        .correlate(Conversation)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Conversation.opened_at, said)
        .where(
            Conversation.contact_id == found.contact_id,
            Conversation.opened_at >= found.opened_at - within,
        )
        .order_by(Conversation.opened_at.desc())
        .limit(MOST_AT_ONCE)
    )
    return [BegunLately(opened_at=row[0], messages=row[1]) for row in rows]
