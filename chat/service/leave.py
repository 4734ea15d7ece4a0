"""A child leaves the page. The conversation stays open."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.models import Conversation


def leave(session: Session, *, conversation: UUID, now: datetime) -> None:
    """Remember that the child left quickly, until it writes again."""
    session.execute(
        sa.update(Conversation).where(Conversation.id == conversation).values(left_at=now)
    )
