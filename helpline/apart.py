"""A message that cannot be processed is kept raw and sealed, as a task that a person sees."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline.todo import tasks
from helpline.todo.models import Task, Why
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
) -> bool:
    """Put the raw words on a task. The same message, tried again, is the same task.

    False when other words were kept under this client_id: these are not kept.
    """
    task = uuid7()
    key = f"apart:{conversation}:{client_id}"
    raised = tasks.raise_task(
        session,
        why=Why.MESSAGE_NOT_PROCESSED,
        subject=conversation,
        dedupe_key=key,
        kept=sealing.seal(SCOPE, "task", task, "kept", text),
        task=task,
        now=now,
    )
    if raised.is_new:
        return True
    kept = session.scalars(sa.select(Task).where(Task.dedupe_key == key)).one()
    return kept.kept is not None and (
        sealing.open(SCOPE, "task", kept.id, "kept", kept.kept) == text
    )
