"""Who had the last word in a conversation. What software said by itself is nobody's word."""

from uuid import UUID

import sqlalchemy as sa

from chat.models import Author, Conversation, Message


def newest() -> sa.ScalarSelect[UUID]:
    """The id of the newest message of a person, beside each conversation of the query around it."""
    return (
        sa.select(Message.id)
        .where(Message.conversation_id == Conversation.id, Message.author != Author.SYSTEM)
        .order_by(Message.seq.desc())
        .limit(1)
        .correlate(Conversation)
        .scalar_subquery()
    )
