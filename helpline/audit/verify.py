"""Finding out whether anybody changed, removed, moved or cut off audit rows."""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from helpline.audit import chain, record
from helpline.audit.chain import Fault, Found, Head, Link
from helpline.audit.models import AuditEntry

# The sealer comes every 5 s. What has waited longer than this was un-sealed by hand, or the
# sealer is dead; both are for a person to look at.
SEALED_WITHIN = timedelta(minutes=2)
AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at and what is wrong with it. ``head`` is where the chain ends."""

    sealed: int
    unsealed: int
    head: Head
    faults: tuple[Found, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify(session: Session, *, key: bytes, heads: Sequence[Head], now: datetime) -> Verified:
    """Check every row, sealed or not, against its MAC, the chain and the published heads."""
    links = _Links(session, key)
    found = list(chain.faults(key, links, heads))
    unsealed = 0
    for entry in _rows(session, AuditEntry.position.is_(None), AuditEntry.id):
        unsealed += 1
        if not _is_unaltered(key, entry):
            found.append(Found(Fault.ALTERED, entry=entry.id))
        if now - entry.at > SEALED_WITHIN:
            found.append(Found(Fault.NOT_SEALED, entry=entry.id))
    return Verified(
        sealed=links.count,
        unsealed=unsealed,
        head=Head(links.position, links.chain),
        faults=tuple(found),
    )


class _Links:
    """The sealed rows as links, a page at a time, and where they ended."""

    def __init__(self, session: Session, key: bytes) -> None:
        self._session = session
        self._key = key
        self.count = 0
        self.position = 0
        self.chain = chain.BEFORE_THE_FIRST

    def __iter__(self) -> Iterator[Link]:
        sealed = AuditEntry.position.is_not(None)
        for entry in _rows(self._session, sealed, AuditEntry.position):
            self.count += 1
            self.position, self.chain = entry.position or 0, entry.chain or b""
            yield Link(
                entry=entry.id,
                position=self.position,
                mac=entry.mac,
                chain=self.chain,
                is_unaltered=_is_unaltered(self._key, entry),
            )


def _rows(
    session: Session, which: sa.ColumnElement[bool], order: InstrumentedAttribute[Any]
) -> Iterator[AuditEntry]:
    rows = session.scalars(
        sa.select(AuditEntry).where(which).order_by(order).execution_options(yield_per=AT_ONCE)
    )
    for entry in rows:
        session.expunge(entry)  # or the session would hold every row there ever was
        yield entry


def _is_unaltered(key: bytes, entry: AuditEntry) -> bool:
    expected = record.mac_of(
        key,
        entry=entry.id,
        at=entry.at,
        actor_kind=entry.actor_kind,
        actor_id=entry.actor_id,
        action=entry.action,
        subject=entry.subject_id,
    )
    return hmac.compare_digest(expected, entry.mac)
