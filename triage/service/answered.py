"""A person answered: the wait ends, and so does an escalation that nobody was paged for yet."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from triage.escalation import State
from triage.models import Entry, Escalation
from triage.service import signs


def answered(session: Session, *, entry: UUID, staff: UUID, now: datetime) -> None:
    """End the wait of an entry. A climb that has begun goes on until somebody acknowledges it."""
    session.execute(
        sa.update(Entry)
        .where(Entry.id == entry)
        .values(waiting_since=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.update(Escalation)
        .where(
            Escalation.entry_id == entry,
            Escalation.state == State.ARMED,
            Escalation.due_at > now,
        )
        .values(state=State.CLOSED, closed_at=now, closed_by=staff)
        .execution_options(synchronize_session=False)
    )
    # Who owns one is asked again at the time they gave, now that the child does not wait.
    session.execute(
        sa.update(Escalation)
        .where(
            Escalation.entry_id == entry,
            Escalation.state == State.ACKNOWLEDGED,
            Escalation.due_at > now,
        )
        .values(due_at=Escalation.promised_until)
        .execution_options(synchronize_session=False)
    )
    # What the child shows from now on is seen anew: a silence begins with this answer.
    signs.end(session, entry=entry, now=now)
