"""Whether an entry rests: nobody waits in it, and no alarm about it is open."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from triage.escalation import State
from triage.models import Entry, Escalation


def hold(session: Session, *, entry: UUID) -> bool:
    """Lock an entry; False while somebody is at it. It never waits."""
    one = sa.select(Entry.id).where(Entry.id == entry).with_for_update(skip_locked=True)
    return session.scalar(one) is not None


def waiting_among(session: Session, *, entries: Sequence[UUID]) -> frozenset[UUID]:
    """Those of the entries in which a child waits for an answer."""
    rows = session.scalars(
        sa.select(Entry.id).where(Entry.id.in_(entries), Entry.waiting_since.is_not(None))
    )
    return frozenset(rows)


def escalated_among(session: Session, *, entries: Sequence[UUID]) -> frozenset[UUID]:
    """Those of the entries about which an alarm is open, whoever may own it."""
    rows = session.scalars(
        sa.select(Escalation.entry_id).where(
            Escalation.entry_id.in_(entries), Escalation.state != State.CLOSED
        )
    )
    return frozenset(rows)
