"""Texts that the provider took and never reported the end of: which to ask about, and the end.

What the provider answers is taken in like any other report (chat/service/outgoing.py).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat import delivery
from chat.delivery import Delivery, Unreported
from chat.models import OutgoingText
from chat.service import outgoing
from chat.service.outgoing import Reported
from integrations.database import Instant

_IS_SENT = OutgoingText.state == Delivery.SENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A text to ask about, by the provider's id. ``is_over``: for the last time."""

    text: UUID
    sid: str
    is_over: bool


def list_due(session: Session, *, figures: Unreported, now: datetime) -> list[Due]:
    """The texts to ask about now, the oldest first, for one run. A look without a lock."""
    rows = session.execute(
        sa.select(OutgoingText.id, OutgoingText.provider_sid, OutgoingText.changed_at)
        .where(_IS_SENT, _is_due(figures, now))
        .order_by(OutgoingText.changed_at, OutgoingText.id)
        .limit(figures.asked_in_a_run)
    )
    return [
        Due(
            text=row.id,
            sid=row.provider_sid or "",
            is_over=delivery.is_given_up(figures, sent_at=row.changed_at, now=now),
        )
        for row in rows
    ]


def ask(session: Session, *, due: Due, figures: Unreported, now: datetime) -> bool:
    """Write down, before it is done, that a text is asked about, and when it is next.

    False when it need not be any more: a report came, or somebody else asks.
    """
    row = session.scalar(
        sa.select(OutgoingText)
        .where(OutgoingText.id == due.text, _IS_SENT, _is_due(figures, now))
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return False
    # A text is sent only once, so its last change is when the provider took it.
    row.ask_at = delivery.asked_again_at(figures, sent_at=row.changed_at, now=now)
    return True


def give_up(session: Session, *, due: Due, figures: Unreported, now: datetime) -> Reported | None:
    """End a text whose time is over: it is not known to have arrived. None when it is not over.

    A report that comes later may still raise it.
    """
    row = session.scalar(
        sa.select(OutgoingText).where(OutgoingText.id == due.text, _IS_SENT).with_for_update()
    )
    if row is None or not delivery.is_given_up(figures, sent_at=row.changed_at, now=now):
        return None
    return outgoing.given_up(session, text=row.id, now=now)


def waiting(session: Session) -> tuple[int, datetime | None]:
    """How many texts are without a report of their end, and since when the oldest is."""
    row = session.execute(
        sa.select(
            sa.func.count(), sa.type_coerce(sa.func.min(OutgoingText.changed_at), Instant())
        ).where(_IS_SENT)
    ).one()
    return row[0], row[1]


def _is_due(figures: Unreported, now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(
        OutgoingText.ask_at <= now,
        sa.and_(
            OutgoingText.ask_at.is_(None), OutgoingText.changed_at <= now - figures.asked_after
        ),
    )
