"""Fragments sent close together are read together, because a child may write one word a message.

Each alone may say nothing ("i want" / "to" / "die"). A job reads what came within the last
minutes as one text; what it finds can only raise the grade.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from helpline import access
from helpline.hub import Notice
from helpline.transaction import after_commit
from triage import assessment
from triage.assessment import Assessment
from triage.service import escalate, graded

if TYPE_CHECKING:
    from helpline.jobs import Handler
    from helpline.wiring import Adapters

# Fragments within two minutes belong together (design of triage, conversation state).
BELONG_TOGETHER = timedelta(minutes=2)


def read_together(
    session: Session, adapters: "Adapters", subject: UUID, now: datetime
) -> "Handler | None":
    """Assess the last fragments of a conversation as one text; how to raise its grade, or None.

    What comes in meanwhile has a job of its own, and the grade is looked at again under its lock.
    """
    del now
    spoken = access.for_triage(session, adapters, conversation=subject, within=BELONG_TOGETHER)
    if len(spoken) < 2:  # noqa: PLR2004 - a single message was read when it came
        return None
    # Each was read alone in full; what is read together ends with the newest.
    words = " ".join(each.text for each in spoken)[-assessment.LONGEST_TEXT :]
    found = assessment.assess(words)
    held = graded.graded(session, entry=subject)
    if held is not None and held.grade.rank <= found.grade.rank and held.score >= found.score:
        return None
    return partial(_raise, found)


def _raise(
    found: Assessment, session: Session, adapters: "Adapters", subject: UUID, now: datetime
) -> None:
    raised = escalate.raise_grade(
        session,
        entry=subject,
        grade=found.grade,
        score=found.score,
        grades=adapters.grades,
        hours=adapters.hours,
        now=now,
    )
    if raised is not None:
        after_commit(session, lambda: adapters.hub.ring(Notice("queue", subject)))
