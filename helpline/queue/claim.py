"""Taking jobs that are due, so that nobody else works on them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.queue.models import Job, JobState, Lane
from integrations.database import Instant

# How long a claim holds unless it is renewed. Promise: an urgent job whose worker was killed goes
# on within 40 s; the sweep looks every 5 s, so a lease may last 30 s and leave 5 s to spare.
LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A job that is ours until ``until``, as long as nobody raised its ``fence``.

    ``attempts`` counts this one.
    """

    id: UUID
    kind: str
    subject: UUID
    attempts: int
    fence: int
    until: datetime


_now = sa.bindparam("now", type_=Instant())

_IS_DUE = sa.and_(
    Job.lane == sa.bindparam("in_lane"),
    Job.due_at <= _now,
    # In so many words, because both engines then see that the partial index ix_job_due fits.
    sa.text("job.state IN ('ready', 'leased')"),
    sa.or_(Job.state == JobState.READY.value, Job.leased_until <= _now),
)

# SQLite has no row locks and SQLAlchemy leaves SKIP LOCKED out there: the one writer's transaction
# keeps everybody else away. On PostgreSQL a CTE that locks is run exactly once, which a subquery
# under IN does not promise.
_DUE = (
    sa.select(Job.id)
    .where(_IS_DUE)
    .order_by(Job.due_at)
    .limit(sa.bindparam("limit", type_=sa.Integer()))
    .with_for_update(skip_locked=True)
    .cte("due")
)

_CLAIM = (
    sa.update(Job)
    .where(Job.id == _DUE.c.id)
    .values(
        state=JobState.LEASED.value,
        attempts=Job.attempts + 1,
        fence=Job.fence + 1,
        leased_by=sa.bindparam("owner"),
        leased_until=sa.bindparam("until", type_=Instant()),
    )
    .returning(Job.id, Job.kind, Job.subject_id, Job.attempts, Job.fence, Job.due_at)
    .execution_options(synchronize_session=False)
)

_ANY_DUE = sa.select(sa.literal(1)).select_from(Job).where(_IS_DUE).limit(1)


def claim(
    session: Session,
    *,
    lane: Lane,
    owner: str,
    now: datetime,
    limit: int,
    lease: timedelta = LEASE,
) -> list[Claimed]:
    """Take up to ``limit`` jobs of a lane that are due, the longest due first.

    Jobs whose lease ran out are taken over. Each claim raises the fence, so that the holder from
    before cannot finish any more.
    """
    until = now + lease
    rows = session.execute(
        _CLAIM,
        {"in_lane": lane.value, "owner": owner, "now": now, "until": until, "limit": limit},
    ).all()
    return [
        Claimed(
            id=row.id,
            kind=row.kind,
            subject=row.subject_id,
            attempts=row.attempts,
            fence=row.fence,
            until=until,
        )
        for row in sorted(rows, key=lambda row: row.due_at)
    ]


def is_any_due(session: Session, *, lane: Lane, now: datetime) -> bool:
    """Whether a claim would find something. Reads only, so an idle lane never asks to write."""
    found = session.execute(_ANY_DUE, {"in_lane": lane.value, "now": now}).first()
    return found is not None
