"""The audit tables. Rows are only ever added; the sealer alone fills the chain's columns."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from integrations.database import Base


class AuditEntry(Base):
    """Who did what to which thing, and when. Ids only.

    ``mac`` is written in the transaction of the deed; ``position`` and ``chain`` a few seconds
    later, by the sealer.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.Index(
            "ix_audit_entry_unsealed",
            "id",
            postgresql_where=sa.text("position IS NULL"),
            sqlite_where=sa.text("position IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(sa.String(16))
    actor_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(sa.String(48))
    subject_id: Mapped[UUID] = mapped_column(index=True)
    mac: Mapped[bytes]
    position: Mapped[int | None] = mapped_column(sa.BigInteger, unique=True)
    chain: Mapped[bytes | None]
