"""The rota is saved a week at a time, read, checked in to, and left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from triage import rota
from triage.errors import NotYourShiftError, RotaRefusedError, UnknownShiftError
from triage.models import RotaSave, Shift
from triage.rota import CheckIn, Figures, Line


@dataclass(frozen=True, slots=True)
class Standing:
    """A shift that stands, and how checking in for it went."""

    id: UUID
    shift: rota.Shift
    checked_in_at: datetime | None
    missed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Saved:
    """The rota of a week was saved: so many shifts are new, and so many of before are over."""

    save: UUID
    begun: int
    over: int


def standing(session: Session, *, from_: datetime, until: datetime) -> list[Standing]:
    """Every shift that touches this time, in the order of their starts and lines."""
    rows = session.scalars(
        sa.select(Shift)
        .where(Shift.over_at.is_(None), Shift.starts_at < until, Shift.ends_at > from_)
        .order_by(Shift.starts_at, Shift.line, Shift.person_id, Shift.id)
    )
    return [_standing(row) for row in rows]


def save_week(
    session: Session,
    *,
    week_from: datetime,
    week_until: datetime,
    shifts: Sequence[rota.Shift],
    staff: UUID,
    figures: Figures,
    now: datetime,
) -> Saved:
    """Let these be the shifts that start in a week. A shift that stays as it was keeps its row.

    Raises :class:`RotaRefusedError`, and saves nothing, when somebody first on call is missing
    between now and the first shift after the week, or a shift is impossible. What is over already
    is not asked about.
    """
    _lock(session)
    before = session.scalars(
        sa.select(Shift).where(
            Shift.over_at.is_(None), Shift.starts_at >= week_from, Shift.starts_at < week_until
        )
    ).all()
    around = _around(session, week_from, week_until)
    until = _planned_until(around, week_until)
    refused = rota.refused(
        [*shifts, *around], from_=max(week_from, now), until=until, figures=figures
    )
    if any(not week_from <= each.starts_at < week_until for each in shifts):
        raise UnknownShiftError
    if refused:
        raise RotaRefusedError(refused)
    save = RotaSave(id=uuid7(), week_from=week_from, saved_by=staff, saved_at=now)
    session.add(save)
    session.flush()
    same = {_as_rule(row): row for row in before}
    wanted = dict.fromkeys(shifts)
    begun = [each for each in wanted if each not in same]
    over = [row for each, row in same.items() if each not in wanted]
    for row in over:
        row.over_at, row.over_by = now, save.id
    session.add_all(_row(each, save.id) for each in begun)
    session.flush()
    return Saved(save.id, len(begun), len(over))


def last_save(session: Session, *, week_from: datetime) -> RotaSave | None:
    """The newest save of a week that was not undone."""
    return session.scalar(
        sa.select(RotaSave)
        .where(RotaSave.week_from == week_from, RotaSave.undone_at.is_(None))
        .order_by(RotaSave.saved_at.desc(), RotaSave.id.desc())
        .limit(1)
    )


def undo_save(
    session: Session, *, save: UUID, figures: Figures, week_until: datetime, now: datetime
) -> None:
    """Take the last save of a week back: what it ended stands again, what it began is over.

    Raises :class:`UnknownShiftError` for one that is not the last, and :class:`RotaRefusedError`
    when what stood before had nobody first on call.
    """
    _lock(session)
    row = session.get(RotaSave, save)
    last = None if row is None else last_save(session, week_from=row.week_from)
    if row is None or last is None or last.id != save:
        raise UnknownShiftError
    row.undone_at = now
    for shift in session.scalars(
        sa.select(Shift).where(Shift.save_id == save, Shift.over_at.is_(None))
    ):
        shift.over_at = now
    for shift in session.scalars(sa.select(Shift).where(Shift.over_by == save)):
        shift.over_at = shift.over_by = None
    session.flush()
    stands = standing(session, from_=row.week_from, until=week_until)
    refused = rota.refused(
        [each.shift for each in stands],
        from_=max(row.week_from, now),
        until=week_until,
        figures=figures,
    )
    # A week that was empty before its first save may be emptied again.
    if refused and stands:
        raise RotaRefusedError(refused)


def check_in(
    session: Session, *, shift: UUID, staff: UUID, figures: Figures, now: datetime
) -> Standing:
    """Somebody shows that they can be reached for their shift. Late is better than never."""
    row = session.scalar(
        sa.select(Shift).where(Shift.id == shift, Shift.over_at.is_(None)).with_for_update()
    )
    if row is None:
        raise UnknownShiftError
    if row.person_id != staff:
        raise NotYourShiftError
    stands = rota.check_in(_as_rule(row), checked_in_at=row.checked_in_at, now=now, figures=figures)
    if stands is CheckIn.NOT_YET or now >= row.ends_at:
        raise UnknownShiftError
    if row.checked_in_at is None:
        row.checked_in_at = now
        session.flush()
    return _standing(row)


def notice_missed(session: Session, *, figures: Figures, now: datetime) -> list[Standing]:
    """Shifts for which nobody checked in in time, each once."""
    rows = session.scalars(
        sa.select(Shift)
        .where(
            Shift.over_at.is_(None),
            Shift.checked_in_at.is_(None),
            Shift.missed_at.is_(None),
            Shift.starts_at <= now - figures.check_in_missed,
            Shift.ends_at > now,
        )
        .order_by(Shift.starts_at, Shift.id)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.missed_at = now
    session.flush()
    return [_standing(row) for row in rows]


def is_any_missed(session: Session, *, figures: Figures, now: datetime) -> bool:
    """Whether :func:`notice_missed` would find something. Reads only."""
    return (
        session.scalar(
            sa.select(sa.literal(1))
            .where(
                Shift.over_at.is_(None),
                Shift.checked_in_at.is_(None),
                Shift.missed_at.is_(None),
                Shift.starts_at <= now - figures.check_in_missed,
                Shift.ends_at > now,
            )
            .limit(1)
        )
        is not None
    )


def leave(session: Session, *, person: UUID, now: datetime) -> int:
    """End the shifts of somebody who left, from now on; how many. It may leave a gap: say so."""
    rows = session.scalars(
        sa.select(Shift).where(
            Shift.person_id == person, Shift.over_at.is_(None), Shift.ends_at > now
        )
    ).all()
    for row in rows:
        row.over_at = now
    session.flush()
    return len(rows)


def _lock(session: Session) -> None:
    # Of two saves at once the second starts from what the first made.
    session.execute(sa.select(RotaSave.id).with_for_update())


def _around(session: Session, week_from: datetime, week_until: datetime) -> list[rota.Shift]:
    rows = session.scalars(
        sa.select(Shift).where(
            Shift.over_at.is_(None),
            sa.or_(
                sa.and_(Shift.starts_at < week_from, Shift.ends_at > week_from),
                sa.and_(
                    Shift.starts_at >= week_until,
                    Shift.starts_at < week_until + (week_until - week_from),
                ),
            ),
        )
    )
    return [_as_rule(row) for row in rows]


def _planned_until(around: Sequence[rota.Shift], week_until: datetime) -> datetime:
    # Where the week after is planned, the night between the two must be covered, too.
    later = [
        each.starts_at
        for each in around
        if each.line is Line.FIRST and each.starts_at >= week_until
    ]
    return min(later, default=week_until)


def _row(shift: rota.Shift, save: UUID) -> Shift:
    return Shift(
        id=uuid7(),
        line=shift.line.value,
        person_id=shift.person,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        save_id=save,
    )


def _as_rule(row: Shift) -> rota.Shift:
    return rota.Shift(Line(row.line), row.person_id, row.starts_at, row.ends_at)


def _standing(row: Shift) -> Standing:
    return Standing(row.id, _as_rule(row), row.checked_in_at, row.missed_at)
