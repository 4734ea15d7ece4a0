"""A person owns an escalation: from the console, or by the keypad of their phone."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline import access
from helpline.audit.record import Actor
from helpline.casework import notes
from helpline.hub import Notice
from helpline.transaction import after_commit
from triage.service import settle

if TYPE_CHECKING:
    from helpline.wiring import Adapters


def own(
    session: Session,
    adapters: "Adapters",
    *,
    staff: UUID,
    escalation: UUID,
    conversation: UUID,
    next_step: str,
    within: timedelta,
    now: datetime,
) -> datetime:
    """Acknowledge in a person's name, with a next step and a time; until when it is theirs.

    The caller has made sure who it is and that they may. Raises UnknownEscalationError when it is
    closed. What they will do becomes a note as well, in the same commit.
    """
    settle.acknowledge(
        session,
        escalation=escalation,
        staff=staff,
        next_step=access.seal_about(
            adapters,
            conversation=conversation,
            table="escalation",
            row=escalation,
            column="next_step",
            text=next_step,
        ),
        until=now + within,
        now=now,
    )
    note = uuid7()
    minutes = int(within.total_seconds()) // 60
    notes.write_note(
        session,
        note=note,
        conversation=conversation,
        written_by=staff,
        body=access.seal_about(
            adapters,
            conversation=conversation,
            table="note",
            row=note,
            column="body",
            text=f"Owns the escalation. Next step, within {minutes} min: {next_step}",
        ),
        now=now,
    )
    adapters.audit.record(
        session,
        actor=Actor("staff", staff),
        action="escalation.acknowledged",
        subject=escalation,
        now=now,
    )
    notices = (Notice("escalation", escalation), Notice("queue", conversation))
    after_commit(session, lambda: adapters.hub.ring(*notices))
    return now + within
