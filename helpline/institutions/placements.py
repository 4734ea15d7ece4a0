"""Where a child lives: somebody's word, with whose word it is, for as long as it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline.institutions.models import Institution, Placement, StatedBy, Unit
from helpline.institutions.register import UnknownInstitutionError


class UnknownPlacementError(LookupError):
    """There is no such placement, or it was ended or undone already."""


class PlacedAlreadyError(ValueError):
    """That child is written down in this place already. Undo that first if it is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A placement that stands. ``until_day`` is the first day without the child, if it is over."""

    placement: UUID
    child: UUID
    institution: UUID
    unit: UUID | None
    from_day: date
    until_day: date | None
    stated_by: StatedBy
    kept_by: UUID
    kept_at: datetime


def place(
    session: Session,
    *,
    child: UUID,
    institution: UUID,
    unit: UUID | None,
    from_day: date,
    stated_by: StatedBy,
    by: UUID,
    now: datetime,
) -> Placed:
    """Write down that a child lives in a place from a day on.

    Raises :class:`PlacedAlreadyError` or, for a place or a unit that is not there,
    :class:`helpline.institutions.register.UnknownInstitutionError`.
    """
    if session.get(Institution, institution) is None:
        raise UnknownInstitutionError
    if unit is not None:
        known = session.get(Unit, unit)
        if known is None or known.institution_id != institution:
            raise UnknownInstitutionError
    stands = sa.select(Placement.id).where(
        Placement.child_id == child,
        Placement.institution_id == institution,
        Placement.undone_at.is_(None),
        Placement.until_day.is_(None),
    )
    if session.scalar(stands) is not None:
        raise PlacedAlreadyError
    row = Placement(
        id=uuid7(),
        child_id=child,
        institution_id=institution,
        unit_id=unit,
        from_day=from_day,
        stated_by=stated_by.value,
        kept_by=by,
        kept_at=now,
    )
    session.add(row)
    session.flush()
    return _placed(row)


def end(session: Session, *, placement: UUID, until_day: date) -> None:
    """The child left: ``until_day`` is the first day without it.

    Raises :class:`UnknownPlacementError`.
    """
    _change(session, placement, Placement.until_day.is_(None), until_day=until_day)


def undo(session: Session, *, placement: UUID, by: UUID, now: datetime) -> None:
    """It was never so. It stays on record that it was said.

    Raises :class:`UnknownPlacementError`.
    """
    _change(session, placement, undone_at=now, undone_by=by)


def of_children(session: Session, *, children: Sequence[UUID], today: date) -> list[Placed]:
    """Where these children live today, by somebody's word, the newest word first.

    One child may be in two places: at a school in the week, in a home at weekends.
    """
    rows = session.scalars(
        sa.select(Placement)
        .where(
            Placement.child_id.in_(children),
            Placement.undone_at.is_(None),
            Placement.from_day <= today,
            sa.or_(Placement.until_day.is_(None), Placement.until_day > today),
        )
        .order_by(Placement.kept_at.desc(), Placement.id.desc())
    )
    return [_placed(row) for row in rows]


def _change(
    session: Session, placement: UUID, *conditions: sa.ColumnElement[bool], **values: object
) -> None:
    changed = session.scalar(
        sa.update(Placement)
        .where(Placement.id == placement, Placement.undone_at.is_(None), *conditions)
        .values(**values)
        .returning(Placement.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        raise UnknownPlacementError


def _placed(row: Placement) -> Placed:
    return Placed(
        placement=row.id,
        child=row.child_id,
        institution=row.institution_id,
        unit=row.unit_id,
        from_day=row.from_day,
        until_day=row.until_day,
        stated_by=StatedBy(row.stated_by),
        kept_by=row.kept_by,
        kept_at=row.kept_at,
    )
