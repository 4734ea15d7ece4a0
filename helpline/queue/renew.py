"""Holding on to a job that takes longer than its lease."""

from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.queue.claim import LEASE, Claimed
from helpline.queue.finish import StaleLeaseError
from helpline.queue.models import Job, JobState


def renew(session: Session, *, job: Claimed, now: datetime, lease: timedelta = LEASE) -> Claimed:
    """Hold a job for another lease from ``now``.

    Raises :class:`StaleLeaseError` when another holder took it over in the meantime.
    """
    until = now + lease
    renewed = session.execute(
        sa.update(Job)
        .where(Job.id == job.id, Job.fence == job.fence, Job.state == JobState.LEASED.value)
        .values(leased_until=until)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).first()
    if renewed is None:
        raise StaleLeaseError
    return replace(job, until=until)
