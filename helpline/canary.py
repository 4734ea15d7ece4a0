"""A job that does nothing but show that its lane is alive.

One goes through every lane, from the schedule to the finished row. When it does not come out the
lane is stuck, whatever the processes say of themselves.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from helpline.queue import add, lease
from helpline.queue.models import Lane

if TYPE_CHECKING:
    from helpline.wiring import Adapters

KIND = "canary"
EVERY = timedelta(seconds=10)

_LANES = {UUID(int=number): lane for number, lane in enumerate(Lane)}


def sing(session: Session, *, now: datetime) -> None:
    """Send one through each lane. One that still waits there is enough."""
    for subject, lane in _LANES.items():
        add.add(
            session,
            kind=KIND,
            subject=subject,
            lane=lane,
            dedupe_key=f"{KIND}:{lane}",
            due_at=now,
            now=now,
        )


def heard(session: Session, adapters: "Adapters", subject: UUID, now: datetime) -> None:
    """One came out of its lane."""
    del adapters
    lane = _LANES[subject]
    # Whoever heard it: the same holder always leads again, so the row is always refreshed.
    lease.lead(session, name=_name(lane), holder=KIND, now=now, for_=EVERY)


def last_heard(session: Session, *, lane: Lane) -> datetime | None:
    """When one last came out of a lane; None before the first."""
    return lease.beaten_at(session, name=_name(lane))


def _name(lane: Lane) -> str:
    return f"{KIND}:{lane}"
