"""What each member of staff can do, carries, and must not see."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from triage.errors import TooMuchToCarryError, UnknownSkillError
from triage.grades import Grade
from triage.models import ConflictOfInterest, Entry, Profile, SkillOf
from triage.routing import Figures

_LANGUAGE = "lang:"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one member of staff. ``load`` are the grades of what they hold."""

    capacity: int
    away_since: datetime | None = None
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    load: tuple[Grade, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A conflict of interest that stands."""

    id: UUID
    staff: UUID
    about: UUID
    noted_by: UUID
    noted_at: datetime


def known(session: Session, *, staff: Sequence[UUID], figures: Figures) -> dict[UUID, Known]:
    """Each of these, with the default capacity where none was set."""
    profiles = {
        row.staff_id: row
        for row in session.scalars(sa.select(Profile).where(Profile.staff_id.in_(staff)))
    }
    skills: dict[UUID, set[str]] = {}
    for row in session.scalars(sa.select(SkillOf).where(SkillOf.staff_id.in_(staff))):
        skills.setdefault(row.staff_id, set()).add(row.skill)
    held: dict[UUID, list[Grade]] = {}
    for holder, rank in session.execute(
        sa.select(Entry.claimed_by, Entry.grade_rank).where(Entry.claimed_by.in_(staff))
    ):
        if holder is not None:
            held.setdefault(holder, []).append(list(Grade)[rank])
    return {
        person: Known(
            capacity=profiles[person].capacity if person in profiles else figures.capacity,
            away_since=profiles[person].away_since if person in profiles else None,
            languages=frozenset(
                each.removeprefix(_LANGUAGE)
                for each in skills.get(person, ())
                if each.startswith(_LANGUAGE)
            ),
            skills=frozenset(
                each for each in skills.get(person, ()) if not each.startswith(_LANGUAGE)
            ),
            load=tuple(held.get(person, ())),
        )
        for person in staff
    }


def set_skills(
    session: Session,
    *,
    staff: UUID,
    skills: Collection[str],
    languages: Collection[str],
    figures: Figures,
) -> None:
    """Let these be what somebody can do. Raises :class:`UnknownSkillError`."""
    if not {*skills} <= figures.skills.keys() or any(not code.isalnum() for code in languages):
        raise UnknownSkillError
    wanted = {*skills, *(f"{_LANGUAGE}{code.lower()}" for code in languages)}
    session.execute(sa.delete(SkillOf).where(SkillOf.staff_id == staff))
    session.add_all(SkillOf(staff_id=staff, skill=skill) for skill in sorted(wanted))
    session.flush()


def set_capacity(session: Session, *, staff: UUID, capacity: int, figures: Figures) -> None:
    """How much somebody should carry, in points."""
    if not 0 <= capacity <= figures.most_capacity:
        raise TooMuchToCarryError
    _profile(session, staff, figures).capacity = capacity
    session.flush()


def say_away(session: Session, *, staff: UUID, away: bool, figures: Figures, now: datetime) -> None:
    """Somebody says that they are away, or here again."""
    row = _profile(session, staff, figures)
    row.away_since = (row.away_since or now) if away else None
    session.flush()


def note_conflict(session: Session, *, staff: UUID, about: UUID, by: UUID, now: datetime) -> bool:
    """Somebody must not see children of this place from now on; False when that stood already."""
    if any(each.about == about for each in conflicts(session, staff=[staff])):
        return False
    session.add(
        ConflictOfInterest(id=uuid7(), staff_id=staff, about_id=about, noted_by=by, noted_at=now)
    )
    session.flush()
    return True


def end_conflict(session: Session, *, conflict: UUID, by: UUID, now: datetime) -> bool:
    """End one; False when it was over."""
    ended = session.scalar(
        sa.update(ConflictOfInterest)
        .where(ConflictOfInterest.id == conflict, ConflictOfInterest.over_at.is_(None))
        .values(over_at=now, over_by=by)
        .returning(ConflictOfInterest.id)
        .execution_options(synchronize_session=False)
    )
    return ended is not None


def conflicts(session: Session, *, staff: Sequence[UUID]) -> list[Conflict]:
    """The conflicts of interest of these that stand, the oldest first."""
    rows = session.scalars(
        sa.select(ConflictOfInterest)
        .where(ConflictOfInterest.staff_id.in_(staff), ConflictOfInterest.over_at.is_(None))
        .order_by(ConflictOfInterest.noted_at, ConflictOfInterest.id)
    )
    return [
        Conflict(row.id, row.staff_id, row.about_id, row.noted_by, row.noted_at) for row in rows
    ]


def with_conflict(session: Session, *, about: Collection[UUID]) -> Mapping[UUID, frozenset[UUID]]:
    """For each member of staff with a conflict of interest about any of these: about which."""
    rows = session.execute(
        sa.select(ConflictOfInterest.staff_id, ConflictOfInterest.about_id).where(
            ConflictOfInterest.about_id.in_(about), ConflictOfInterest.over_at.is_(None)
        )
    )
    found: dict[UUID, set[UUID]] = {}
    for staff, place in rows:
        found.setdefault(staff, set()).add(place)
    return {staff: frozenset(places) for staff, places in found.items()}


def _profile(session: Session, staff: UUID, figures: Figures) -> Profile:
    row = session.scalar(sa.select(Profile).where(Profile.staff_id == staff).with_for_update())
    if row is None:
        row = Profile(staff_id=staff, capacity=figures.capacity)
        session.add(row)
        session.flush()
    return row
