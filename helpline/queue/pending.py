"""Looking whether work about something is still to be done."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.queue.models import Job


def is_any_pending(session: Session, *, kind: str, subjects: Collection[UUID]) -> bool:
    """Whether a job of this kind about one of these waits or runs. One that gave up does not."""
    # The states in so many words, so that both engines see that a partial index fits.
    pending = sa.select(Job.id).where(
        Job.kind == kind,
        Job.subject_id.in_(subjects),
        sa.text("job.state IN ('ready', 'leased')"),
    )
    return bool(subjects) and session.scalar(pending.limit(1)) is not None
