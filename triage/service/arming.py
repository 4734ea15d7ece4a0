"""Starts the clock of an entry by hand: an escalation that pages nobody until its time comes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from triage.escalation import Due, State
from triage.models import Escalation


def arm(session: Session, *, entry: UUID, grade_rank: int, due: Due, now: datetime) -> None:
    """Add an armed escalation to an entry that is locked and has no open one."""
    session.add(
        Escalation(
            id=uuid7(),
            entry_id=entry,
            grade_rank=grade_rank,
            newest_rank=grade_rank,
            state=State.ARMED,
            round=0,
            step=0,
            raised_at=now,
            started_at=due.started_at,
            due_at=due.due_at or due.limit_at,
        )
    )
