"""Who is implicated, and who opened which danger card."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from integrations.database import Base


class Mark(Base):
    """Somebody must not be told what this child says. A mark is undone, never removed.

    ``who`` is sealed under the conversation's key; ``part`` is what they are to the child.
    """

    __tablename__ = "implicated"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("conversation.id"), index=True)
    part: Mapped[str] = mapped_column(sa.String(16), index=True)
    who: Mapped[bytes]
    marked_by: Mapped[UUID]
    marked_at: Mapped[datetime]
    undone_by: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]


class CardOpened(Base):
    """One opening of a danger card, with the reason that software wrote down for it."""

    __tablename__ = "danger_card_opened"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("conversation.id"), index=True)
    opened_by: Mapped[UUID]
    opened_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(sa.String(80))
