"""When each kind of work was last seen to finish, read from the rows that it leaves."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline import canary, sweep, worker
from helpline.queue import lease
from helpline.queue.models import Job, Lane
from integrations.database import Instant
from triage.service import climb

# What has no fault of its own is right as of this moment.
Signs = dict[str, datetime | None]


# A canary comes out every ten seconds; only without one is it worth to look at other work.
_CANARY_IS_RECENT = timedelta(seconds=20)
# How far back work is looked for by when it was made. Ids begin with that time.
_MADE_WITHIN = timedelta(hours=1)


def read(session: Session, *, now: datetime) -> Signs:
    """For each limit of `watch.toml` but the database's own: when it was last right."""
    due_at = climb.next_due_at(session)
    return {
        "worker": lease.beaten_at(session, name=sweep.WORKER),
        "schedule": lease.beaten_at(session, name=worker.SCHEDULE),
        "climb": now if due_at is None or due_at > now else due_at,
        **{f"lane {lane}": _came_out(session, lane, now) for lane in Lane},
    }


def _came_out(session: Session, lane: Lane, now: datetime) -> datetime | None:
    heard_at = canary.last_heard(session, lane=lane)
    if heard_at is not None and now - heard_at <= _CANARY_IS_RECENT:
        return heard_at
    # Under a flood a canary waits behind the others. A lane that finishes them is not stuck.
    made_since = UUID(int=int((now - _MADE_WITHIN).timestamp() * 1000) << 80)
    finished_at = session.scalar(
        sa.select(sa.type_coerce(sa.func.max(Job.finished_at), Instant())).where(
            Job.lane == lane, Job.id > made_since
        )
    )
    return max((at for at in (heard_at, finished_at) if at is not None), default=None)
