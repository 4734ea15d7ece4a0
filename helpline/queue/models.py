"""The jobs table and the leases that let one process lead."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from integrations.database import Base


class Lane(StrEnum):
    """Lanes never wait for one another.

    RINGING is for pages by phone and calls, OUTSIDE for texts. Both wait for the telephone company,
    and no alarm waits behind a text.
    """

    URGENT = "urgent"
    RINGING = "ringing"
    NORMAL = "normal"
    OUTSIDE = "outside"
    BULK = "bulk"


class JobState(StrEnum):
    """What has become of a job."""

    READY = "ready"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """One piece of work about one thing (``subject_id``). Carries ids, never words.

    While it is ready there is at most one job with the same ``dedupe_key``. ``fence`` rises with
    every lease, so that a holder who was thought dead cannot finish what another took over.
    """

    __tablename__ = "job"
    __table_args__ = (
        sa.Index(
            "uq_job_ready",
            "dedupe_key",
            unique=True,
            postgresql_where=sa.text("state = 'ready'"),
            sqlite_where=sa.text("state = 'ready'"),
        ),
        sa.Index(
            "ix_job_due",
            "lane",
            "due_at",
            postgresql_where=sa.text("state IN ('ready', 'leased')"),
            sqlite_where=sa.text("state IN ('ready', 'leased')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    lane: Mapped[str] = mapped_column(sa.String(8))
    kind: Mapped[str] = mapped_column(sa.String(32))
    subject_id: Mapped[UUID]
    dedupe_key: Mapped[str] = mapped_column(sa.String(120))
    state: Mapped[str] = mapped_column(sa.String(8))
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[str | None] = mapped_column(sa.String(64))
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(sa.String(64))
    made_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Lease(Base):
    """Who leads at something that one process should do: the sweep, the audit seal."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(64))
    until: Mapped[datetime]
    beaten_at: Mapped[datetime]
