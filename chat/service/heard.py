"""When the telephone company last told us of a text by itself, and the texts that came last."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from chat.delivery import Delivery
from chat.models import InboundText, OutgoingText
from integrations.database import Instant

WEBHOOK = "webhook"
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """A text that came in or waits to leave: of which conversation, since when, in which way."""

    conversation: UUID
    at: datetime
    how: str


def last_webhook(session: Session) -> datetime | None:
    """When the newest text came by a webhook; None before the first."""
    return session.scalar(
        sa.select(sa.type_coerce(sa.func.max(InboundText.seen_at), Instant())).where(
            InboundText.found_by == WEBHOOK
        )
    )


def newest(session: Session) -> list[Passing]:
    """The texts that came in last, the newest first, with what found each."""
    rows = session.execute(
        sa.select(InboundText.conversation_id, InboundText.seen_at, InboundText.found_by)
        .order_by(InboundText.seen_at.desc(), InboundText.id.desc())
        .limit(MOST_AT_ONCE)
    )
    return [Passing(conversation=row[0], at=row[1], how=row[2]) for row in rows]


def not_left(session: Session) -> list[Passing]:
    """The texts that wait to leave, the longest waiting first."""
    return _in_states(session, OutgoingText.made_at, Delivery.PLANNED, Delivery.SENDING)


def not_reported(session: Session) -> list[Passing]:
    """The texts that left and whose end nobody told, the longest ago first."""
    return _in_states(session, OutgoingText.changed_at, Delivery.SENT)


def _in_states(
    session: Session, since: InstrumentedAttribute[datetime], *states: Delivery
) -> list[Passing]:
    rows = session.execute(
        sa.select(OutgoingText.conversation_id, since, OutgoingText.state)
        .where(OutgoingText.state.in_(states))
        .order_by(since, OutgoingText.id)
        .limit(MOST_AT_ONCE)
    )
    return [Passing(conversation=row[0], at=row[1], how=row[2]) for row in rows]
