"""The tables of places. What would tell where a child lives is sealed; public offices are not."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from integrations.database import Base


class Kind(StrEnum):
    """What kind of place it is. Never says whether a child there is looked after."""

    CHILDRENS_HOME = "children's home"
    SECURE_HOME = "secure children's home"
    SPECIAL_SCHOOL = "residential special school"
    TRAINING_CENTRE = "secure training centre"
    SECURE_SCHOOL = "secure school"
    YOUNG_OFFENDER = "young offender institution"
    WARD = "mental health ward"
    OTHER = "other"


class StatedBy(StrEnum):
    """Whose word it is that a child lives there."""

    CHILD = "the child"
    SOCIAL_WORKER = "a social worker"
    INSTITUTION = "the institution"
    FAMILY = "the family"
    OURSELVES = "one of us, who was there"


class LocalAuthority(Base):
    """An authority with its numbers, as they are read aloud. ``code`` is that of the ONS.

    ``checked`` is the day on which somebody last rang or read both numbers at their source.
    """

    __tablename__ = "local_authority"

    code: Mapped[str] = mapped_column(sa.String(9), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    duty_number: Mapped[str | None] = mapped_column(sa.String(40))
    social_care_number: Mapped[str | None] = mapped_column(sa.String(40))
    source: Mapped[str] = mapped_column(sa.String(300))
    checked: Mapped[date | None]


class PoliceForce(Base):
    """A police force, and the number that reaches its control room from anywhere in the country."""

    __tablename__ = "police_force"

    code: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    control_room_number: Mapped[str | None] = mapped_column(sa.String(40))
    source: Mapped[str] = mapped_column(sa.String(300))
    checked: Mapped[date | None]


class Institution(Base):
    """A place where children live. ``name`` and ``address`` are sealed under its own key.

    ``name_token`` finds the same name again; it is keyed, and says nothing by itself.
    """

    __tablename__ = "institution"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[bytes]
    name_token: Mapped[bytes] = mapped_column(unique=True)
    address: Mapped[bytes]
    host_authority: Mapped[str | None] = mapped_column(sa.ForeignKey("local_authority.code"))
    police_force: Mapped[str | None] = mapped_column(sa.ForeignKey("police_force.code"))
    made_at: Mapped[datetime]


class Unit(Base):
    """A part of an institution: a house, a wing, a ward. ``name`` is sealed like its institution's.

    A unit that is no longer named has ``gone_at``; placements that name it stay true.
    """

    __tablename__ = "institution_unit"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(sa.ForeignKey("institution.id"), index=True)
    name: Mapped[bytes]
    gone_at: Mapped[datetime | None]


class Placement(Base):
    """Somebody said that a child lives in a place, from a day on. Ended or undone, never removed.

    ``until_day`` is the first day on which the child is not there any more.
    """

    __tablename__ = "placement"
    __table_args__ = (
        sa.Index(
            "uq_placement_standing",
            "child_id",
            "institution_id",
            unique=True,
            postgresql_where=sa.text("undone_at IS NULL AND until_day IS NULL"),
            sqlite_where=sa.text("undone_at IS NULL AND until_day IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    child_id: Mapped[UUID] = mapped_column(sa.ForeignKey("child.id"), index=True)
    institution_id: Mapped[UUID] = mapped_column(sa.ForeignKey("institution.id"), index=True)
    unit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("institution_unit.id"))
    from_day: Mapped[date]
    until_day: Mapped[date | None]
    stated_by: Mapped[str] = mapped_column(sa.String(32))
    kept_by: Mapped[UUID]
    kept_at: Mapped[datetime]
    undone_by: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]
