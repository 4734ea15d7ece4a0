"""Removing jobs that were done long ago, so that the table stays small."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.queue.models import Job, JobState

# Long enough to trace a message that somebody asks about after a week's leave.
KEPT_FOR = timedelta(days=14)
AT_ONCE = 500


def tidy(session: Session, *, now: datetime, limit: int = AT_ONCE) -> int:
    """Remove up to ``limit`` jobs that were done before ``now`` minus 14 days; say how many.

    Jobs that failed stay: a person's task names them.
    """
    # Ids begin with the time they were made, so the primary key finds the oldest without a scan.
    milliseconds = int((now - KEPT_FOR).timestamp() * 1000)
    made_before = UUID(int=milliseconds << 80)
    oldest = (
        sa.select(Job.id)
        .where(Job.id < made_before, Job.state == JobState.DONE.value)
        .order_by(Job.id)
        .limit(limit)
    )
    removed = session.execute(
        sa.delete(Job)
        .where(Job.id.in_(oldest))
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    return len(removed.all())
