"""The table of visits: what a child's browser or app may do, and where on the pages it is."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from integrations.database import Base


class Visit(Base):
    """A browser's session or an app's token. Only a hash of it is kept.

    ``conversation_id`` is empty until the child starts to write. ``csrf`` is empty for a token.
    """

    __tablename__ = "visit"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("conversation.id"), index=True
    )
    step: Mapped[str] = mapped_column(sa.String(16))
    csrf: Mapped[str | None] = mapped_column(sa.String(64))
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
