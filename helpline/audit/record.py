"""Who did what to which thing: one row in the transaction of the deed, with a keyed MAC.

The MAC shows later that nobody changed the row; the chain (helpline/audit/seal.py) that nobody
took one away.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline.audit.models import AuditEntry

KEY_SCOPE = "audit"
_VERSION = b"audit-1"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. A child is named by the conversation; software has no id."""

    kind: Literal["child", "staff", "software"]
    id: UUID | None = None


SOFTWARE = Actor("software")


@dataclass(frozen=True, slots=True)
class Row:
    """One audit row, ready to be written."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    action: str
    subject_id: UUID
    mac: bytes


class Statements(Protocol):
    """What each engine is told in its own words: see helpline/audit/statements.py."""

    def record_batch(self, connection: Any, rows: Sequence[Row]) -> None:
        """Write rows on the driver's own connection. It executes and never fetches."""


@dataclass(frozen=True)
class Audit:
    """Records deeds under the installation's audit key."""

    key: bytes = field(repr=False)

    def record(
        self, session: Session, *, actor: Actor, action: str, subject: UUID, now: datetime
    ) -> None:
        """Record a deed in the caller's transaction: it is kept if and only if the deed is."""
        kept = row(self.key, actor=actor, action=action, subject=subject, now=now)
        session.add(
            AuditEntry(
                id=kept.id,
                at=kept.at,
                actor_kind=kept.actor_kind,
                actor_id=kept.actor_id,
                action=kept.action,
                subject_id=kept.subject_id,
                mac=kept.mac,
            )
        )


def row(key: bytes, *, actor: Actor, action: str, subject: UUID, now: datetime) -> Row:
    """The row of a deed. ``action`` is one of our own words, such as ``message.kept``."""
    entry = uuid7()
    mac = mac_of(
        key,
        entry=entry,
        at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        subject=subject,
    )
    return Row(entry, now, actor.kind, actor.id, action, subject, mac)


def mac_of(
    key: bytes,
    *,
    entry: UUID,
    at: datetime,
    actor_kind: str,
    actor_id: UUID | None,
    action: str,
    subject: UUID,
) -> bytes:
    """HMAC-SHA-256 over every column that says something, in one fixed form."""
    # Ids and the instant have a fixed width and the two words end with NUL, which neither may
    # contain, so two different rows never have the same bytes.
    said = b"".join(
        (
            _VERSION,
            entry.bytes,
            subject.bytes,
            b"\x00" * 17 if actor_id is None else b"\x01" + actor_id.bytes,
            at.astimezone(UTC).isoformat(timespec="microseconds").encode(),
            actor_kind.encode(),
            b"\x00",
            action.encode(),
            b"\x00",
        )
    )
    return hmac.digest(key, said, hashlib.sha256)
