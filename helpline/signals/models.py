"""Offers of an advocate, and the patterns that a supervisor is shown with their evidence."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from integrations.database import Base


class Answer(StrEnum):
    """What became of the offer of an advocate."""

    YES = "yes"
    NOT_NOW = "not now"
    NO = "no"


class HeardFrom(StrEnum):
    """Whose mouth it came from. Only a child's own no is a child's no."""

    CHILD = "the child"
    STAFF = "staff there"
    SOCIAL_WORKER = "a social worker"
    FAMILY = "the family"


class AdvocateOffer(Base):
    """That an advocate was offered to a child, with the answer. Undone, never removed."""

    __tablename__ = "advocate_offer"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(sa.ForeignKey("institution.id"))
    child_id: Mapped[UUID] = mapped_column(sa.ForeignKey("child.id"), index=True)
    answer: Mapped[str] = mapped_column(sa.String(16))
    heard_from: Mapped[str] = mapped_column(sa.String(32))
    kept_by: Mapped[UUID]
    kept_at: Mapped[datetime] = mapped_column(index=True)
    undone_by: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]


class Pattern(Base):
    """Something that stands out at an institution, until a supervisor closes it.

    The figures say why, as in :class:`helpline.signals.rule.Found`. ``note`` is why it was closed,
    sealed under the institution's key.
    """

    __tablename__ = "pattern"
    __table_args__ = (
        sa.Index(
            "uq_pattern_open",
            "institution_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(sa.ForeignKey("institution.id"))
    kind: Mapped[str] = mapped_column(sa.String(32))
    here: Mapped[int]
    of: Mapped[int]
    elsewhere: Mapped[int]
    elsewhere_of: Mapped[int]
    chance: Mapped[float | None]
    raised_at: Mapped[datetime]
    grew_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_by: Mapped[UUID | None]
    note: Mapped[bytes | None]


class PatternEvidence(Base):
    """One row that a pattern rests on: an escalation, a mark, an offer, a conversation."""

    __tablename__ = "pattern_evidence"

    pattern_id: Mapped[UUID] = mapped_column(sa.ForeignKey("pattern.id"), primary_key=True)
    evidence_id: Mapped[UUID] = mapped_column(primary_key=True)


class PatternSeen(Base):
    """Somebody has looked at a pattern."""

    __tablename__ = "pattern_seen"

    pattern_id: Mapped[UUID] = mapped_column(sa.ForeignKey("pattern.id"), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
