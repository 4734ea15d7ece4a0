"""Letting one process lead at something that only one should do."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.queue.models import Lease
from integrations.database import Instant

_LEAD = sa.text(
    """
    INSERT INTO lease (name, holder, until, beaten_at) VALUES (:name, :holder, :until, :now)
    ON CONFLICT (name) DO UPDATE
    SET holder = excluded.holder, until = excluded.until, beaten_at = excluded.beaten_at
    WHERE lease.holder = excluded.holder OR lease.until <= excluded.beaten_at
    RETURNING name
    """
).bindparams(
    sa.bindparam("until", type_=Instant()),
    sa.bindparam("now", type_=Instant()),
)


def lead(session: Session, *, name: str, holder: str, now: datetime, for_: timedelta) -> bool:
    """Whether ``holder`` leads at ``name`` from ``now`` for a while; leading again renews it.

    Until the transaction ends nobody else learns whether they may lead, so what is done in the
    same transaction is done by one process at a time.
    """
    given = {"name": name, "holder": holder, "until": now + for_, "now": now}
    return session.execute(_LEAD, given).first() is not None


def beaten_at(session: Session, *, name: str) -> datetime | None:
    """When the leader of ``name`` last gave a sign of life."""
    return session.scalar(sa.select(Lease.beaten_at).where(Lease.name == name))
