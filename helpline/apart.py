"""A message that cannot be processed is kept raw and sealed, as a task that a person sees."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline.todo import tasks
from helpline.todo.models import Why
from integrations.sealing import Sealing

# One key for all of them: the conversation's own may be the very thing that is missing.
SCOPE = "intake"


def keep_apart(
    session: Session,
    sealing: Sealing,
    *,
    conversation: UUID,
    client_id: str,
    text: str,
    now: datetime,
) -> tasks.Raised:
    """Put the raw words on a task. The same message, tried again, is the same task."""
    task = uuid7()
    return tasks.raise_task(
        session,
        why=Why.MESSAGE_NOT_PROCESSED,
        subject=conversation,
        dedupe_key=f"apart:{conversation}:{client_id}",
        kept=sealing.seal(SCOPE, "task", task, "kept", text),
        task=task,
        now=now,
    )
