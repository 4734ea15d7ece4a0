"""Which institutions there are, and who answers for the place where each stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.institutions.models import Institution, Kind, LocalAuthority, PoliceForce, Unit


class UnknownInstitutionError(LookupError):
    """There is no such institution, or no such unit in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority's numbers, as they are read aloud; ``checked`` is when somebody tried them."""

    code: str
    name: str
    duty_number: str | None
    social_care_number: str | None
    source: str
    checked: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    """A police force and the number of its control room for a caller from elsewhere."""

    code: str
    name: str
    control_room_number: str | None
    source: str
    checked: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedUnit:
    """A part of an institution; its name is sealed for the row ``unit``."""

    unit: UUID
    name: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedInstitution:
    """An institution; its name and address are sealed for the row ``institution``."""

    institution: UUID
    kind: Kind
    name: bytes
    token: bytes
    address: bytes
    host_authority: str | None
    police_force: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPlace:
    """An institution with its units and with who answers for it, as far as that is known."""

    institution: SealedInstitution
    units: tuple[SealedUnit, ...]
    authority: Authority | None
    force: Force | None


def put_authority(session: Session, *, authority: Authority) -> None:
    """Write down an authority, or what is new about it."""
    session.merge(
        LocalAuthority(
            code=authority.code,
            name=authority.name,
            duty_number=authority.duty_number,
            social_care_number=authority.social_care_number,
            source=authority.source,
            checked=authority.checked,
        )
    )
    session.flush()  # an institution's foreign key needs it in place


def put_force(session: Session, *, force: Force) -> None:
    """Write down a police force, or what is new about it."""
    session.merge(
        PoliceForce(
            code=force.code,
            name=force.name,
            control_room_number=force.control_room_number,
            source=force.source,
            checked=force.checked,
        )
    )
    session.flush()


def called(session: Session, *, token: bytes) -> UUID | None:
    """The institution of this name, by the keyed token of it."""
    return session.scalar(sa.select(Institution.id).where(Institution.name_token == token))


def put_institution(session: Session, *, institution: SealedInstitution, now: datetime) -> None:
    """Write down an institution, or what is new about it."""
    row = session.get(Institution, institution.institution)
    if row is None:
        row = Institution(id=institution.institution, made_at=now)
        session.add(row)
    row.kind = institution.kind.value
    row.name, row.name_token = institution.name, institution.token
    row.address = institution.address
    row.host_authority, row.police_force = institution.host_authority, institution.police_force
    session.flush()


def units_of(session: Session, *, institution: UUID) -> tuple[SealedUnit, ...]:
    """The units of an institution that still go by their names, the first named first."""
    rows = session.scalars(
        sa.select(Unit)
        .where(Unit.institution_id == institution, Unit.gone_at.is_(None))
        .order_by(Unit.id)
    )
    return tuple(SealedUnit(unit=row.id, name=row.name) for row in rows)


def unit_named(session: Session, *, unit: UUID) -> SealedUnit | None:
    """A unit that a placement names, also one that goes by that name no more."""
    row = session.get(Unit, unit)
    return None if row is None else SealedUnit(unit=row.id, name=row.name)


def change_units(
    session: Session,
    *,
    institution: UUID,
    new: Sequence[SealedUnit],
    gone: Sequence[UUID],
    now: datetime,
) -> None:
    """Name new units and let others go. Placements that name those stay as they are."""
    session.add_all(Unit(id=each.unit, institution_id=institution, name=each.name) for each in new)
    session.execute(
        sa.update(Unit)
        .where(Unit.id.in_(gone), Unit.institution_id == institution, Unit.gone_at.is_(None))
        .values(gone_at=now)
    )
    session.flush()


def every(session: Session) -> list[SealedInstitution]:
    """Every institution, the first that was written down first."""
    rows = session.scalars(sa.select(Institution).order_by(Institution.made_at, Institution.id))
    return [_institution(row) for row in rows]


def answering(session: Session) -> list[tuple[str | None, str | None, int]]:
    """Which authority and which force answer together, and for how many institutions."""
    rows = session.execute(
        sa.select(Institution.host_authority, Institution.police_force, sa.func.count()).group_by(
            Institution.host_authority, Institution.police_force
        )
    )
    return [(row[0], row[1], row[2]) for row in rows]


def place(session: Session, *, institution: UUID) -> SealedPlace:
    """An institution with everything about its place.

    Raises :class:`UnknownInstitutionError`.
    """
    row = session.get(Institution, institution)
    if row is None:
        raise UnknownInstitutionError
    authority = (
        None if row.host_authority is None else session.get(LocalAuthority, row.host_authority)
    )
    force = None if row.police_force is None else session.get(PoliceForce, row.police_force)
    return SealedPlace(
        institution=_institution(row),
        units=units_of(session, institution=institution),
        authority=None if authority is None else _authority(authority),
        force=None if force is None else _force(force),
    )


def authorities(session: Session) -> list[Authority]:
    """Every authority, by its name."""
    rows = session.scalars(sa.select(LocalAuthority).order_by(LocalAuthority.name))
    return [_authority(row) for row in rows]


def forces(session: Session) -> list[Force]:
    """Every police force, by its name."""
    rows = session.scalars(sa.select(PoliceForce).order_by(PoliceForce.name))
    return [_force(row) for row in rows]


def _institution(row: Institution) -> SealedInstitution:
    return SealedInstitution(
        institution=row.id,
        kind=Kind(row.kind),
        name=row.name,
        token=row.name_token,
        address=row.address,
        host_authority=row.host_authority,
        police_force=row.police_force,
    )


def _authority(row: LocalAuthority) -> Authority:
    return Authority(
        code=row.code,
        name=row.name,
        duty_number=row.duty_number,
        social_care_number=row.social_care_number,
        source=row.source,
        checked=row.checked,
    )


def _force(row: PoliceForce) -> Force:
    return Force(
        code=row.code,
        name=row.name,
        control_room_number=row.control_room_number,
        source=row.source,
        checked=row.checked,
    )
