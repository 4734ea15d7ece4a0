"""Notes and drafts, each in a table of its own so that neither can be mistaken for a message."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from integrations.database import Base


class Note(Base):
    """A note that only staff see, sealed under the conversation's key."""

    __tablename__ = "note"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("conversation.id"), index=True)
    written_by: Mapped[UUID]
    body: Mapped[bytes]
    written_at: Mapped[datetime]


class Box(StrEnum):
    """Where a draft is being written. The two never mix."""

    REPLY = "reply"
    NOTE = "note"


class Draft(Base):
    """What one person has typed and not sent, sealed under the conversation's key."""

    __tablename__ = "draft"
    __table_args__ = (sa.UniqueConstraint("conversation_id", "staff_id", "box"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("conversation.id"))
    staff_id: Mapped[UUID]
    box: Mapped[str] = mapped_column(sa.String(8))
    body: Mapped[bytes]
    saved_at: Mapped[datetime]
