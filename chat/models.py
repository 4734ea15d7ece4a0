"""The tables of what was said. A contact is pseudonymous: no name, no institution, no urgency."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from integrations.database import Base


class Channel(StrEnum):
    """How a contact reaches us."""

    WEB = "web"


class Author(StrEnum):
    """Whose words a message holds, in the words of the child's API."""

    CHILD = "child"
    ADVOCATE = "advocate"
    SYSTEM = "system"


AuthorName = Literal["child", "advocate", "system"]


class Contact(Base):
    """A web visit or a number. It is not a child: a phone may be shared by three."""

    __tablename__ = "contact"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(sa.String(16))
    first_seen_at: Mapped[datetime]


class Conversation(Base):
    """One conversation with a contact. ``last_seq`` is the number of its newest message."""

    __tablename__ = "conversation"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(sa.ForeignKey("contact.id"))
    language: Mapped[str | None] = mapped_column(sa.String(35))
    shown_name: Mapped[bytes | None]
    last_seq: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class Message(Base):
    """One message, sealed under its conversation's key. ``client_id`` makes a retry harmless."""

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("conversation_id", "seq"),
        sa.UniqueConstraint("conversation_id", "author", "client_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("conversation.id"))
    seq: Mapped[int]
    author: Mapped[AuthorName] = mapped_column(sa.String(8))
    client_id: Mapped[str] = mapped_column(sa.String(64))
    body: Mapped[bytes]
    said_by: Mapped[UUID | None]
    kept_at: Mapped[datetime]
