"""The sealer: chains audit rows a few seconds after they were written.

One process seals at a time. Positions have no gaps, and each link covers the one before it, so a
row cannot vanish or move without a trace. The end of the chain is read inside the transaction
each time: a remembered one would let two processes grow two chains.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.audit import chain
from helpline.audit.models import AuditEntry
from helpline.queue import lease
from integrations.database import Instant

LEASE_NAME = "audit seal"
LEASE = timedelta(seconds=15)
# Measured at 20 to 35 microseconds a row: 100 rows hold the embedded default's one writer, and so a
# child's tick, for 2 to 4 ms.
AT_ONCE = 100

_LAST = (
    sa.select(AuditEntry.position, AuditEntry.chain)
    .where(AuditEntry.position.is_not(None))
    .order_by(AuditEntry.position.desc())
    .limit(1)
)
_UNSEALED = (
    sa.select(AuditEntry.id, AuditEntry.mac)
    .where(AuditEntry.position.is_(None))
    .order_by(AuditEntry.id)
)
# Ids go from the one statement to the other in whatever form the driver has them: turning each into
# an object and back cost as much as everything else the sealer does.
_PENDING = sa.text("SELECT id, mac FROM audit_entry WHERE position IS NULL ORDER BY id LIMIT :rows")
_SEAL = sa.text(
    "UPDATE audit_entry SET position = :position, chain = :chain"
    " WHERE id = :entry AND position IS NULL"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """How many rows were chained just now. None when another process is the sealer."""

    rows: int


def seal(
    session: Session, *, key: bytes, holder: str, now: datetime, limit: int = AT_ONCE
) -> Sealed:
    """Chain up to ``limit`` rows, in the order of their ids, unless another process does so.

    The lease is taken in the same transaction, so two sealers never read the same end.
    """
    if not lease.lead(session, name=LEASE_NAME, holder=holder, now=now, for_=LEASE):
        return Sealed(rows=0)
    position, before = last(session)
    links: list[dict[str, object]] = []
    for entry, mac in session.execute(_PENDING, {"rows": limit}):
        position += 1
        before = chain.link(key, before=before, mac=mac, position=position)
        links.append({"entry": entry, "position": position, "chain": before})
    if links:
        session.execute(_SEAL, links)
    return Sealed(rows=len(links))


def last(session: Session) -> tuple[int, bytes]:
    """The position and the link at the end of the chain; 0 and nothing before the first."""
    row = session.execute(_LAST).first()
    if row is None or row.position is None or row.chain is None:
        return 0, chain.BEFORE_THE_FIRST
    return row.position, row.chain


def is_any_unsealed(session: Session) -> bool:
    """Whether there is something to seal. Reads only, so that an idle sealer never writes."""
    return session.execute(_UNSEALED.limit(1)).first() is not None


def oldest_unsealed(session: Session) -> datetime | None:
    """When the row that has waited longest for the sealer was written."""
    return session.scalar(
        sa.select(sa.type_coerce(sa.func.min(AuditEntry.at), Instant())).where(
            AuditEntry.position.is_(None)
        )
    )
