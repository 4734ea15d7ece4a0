"""The rota of a week as a person reads and writes it: rows of people, days and times of day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.models import READERS, Staff
from triage import rota
from triage.hours import LONDON
from triage.rota import CheckIn, Figures, Gap, Line
from triage.service import shifts, swaps
from triage.service.shifts import Standing
from triage.service.swaps import Offered

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LINES = {Line.FIRST: "First on call", Line.SECOND: "Second on call", Line.SUPERVISOR: "Supervisor"}
_ONE_DAY = timedelta(days=1)
_ONE_WEEK = timedelta(days=7)

Names = Callable[[UUID], str]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the form: who, on which line, on which days (0 is Monday), from when to when."""

    line: str
    person: str
    days: frozenset[int]
    starts: str
    ends: str


@dataclass(frozen=True, slots=True)
class ShiftShown:
    """One shift as it is listed."""

    id: UUID
    line: str
    name: str
    starts_at: datetime
    ends_at: datetime
    is_mine: bool
    check_in: CheckIn
    is_on: bool
    offer: Offered | None
    offered_to: str | None
    may_take: bool


@dataclass(frozen=True, slots=True)
class DayShown:
    """A local day and the shifts that start on it."""

    day: date
    shifts: tuple[ShiftShown, ...]


@dataclass(frozen=True, slots=True)
class WeekShown:
    """A week of the rota. ``gaps`` are when nobody is first on call, from now on."""

    monday: date
    days: tuple[DayShown, ...]
    gaps: tuple[Gap, ...]
    rows: tuple[Row, ...]
    last_save: UUID | None
    saved_at: datetime | None


def monday_of(at: datetime) -> date:
    """The Monday of the local week of an instant."""
    day = at.astimezone(LONDON).date()
    return day - timedelta(days=day.weekday())


def monday_asked(text: str, *, now: datetime) -> date:
    """The Monday of the week that an address asks for; of this week when it asks for none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return monday_of(now)
    return day - timedelta(days=day.weekday())


def week(
    session: Session, *, monday: date, reader: UUID, names: Names, figures: Figures, now: datetime
) -> WeekShown:
    """A week as it stands."""
    from_, until = rota.week_of(monday)
    standing = shifts.standing(session, from_=from_, until=until)
    mine = [each for each in standing if from_ <= each.shift.starts_at < until]
    offers = {
        each.shift: each
        for each in swaps.open_offers(session, shifts=[each.id for each in mine], now=now)
    }
    shown = [_shown(each, offers.get(each.id), reader, names, figures, now) for each in mine]
    save = shifts.last_save(session, week_from=from_)
    return WeekShown(
        monday=monday,
        days=tuple(
            DayShown(
                day,
                tuple(each for each in shown if each.starts_at.astimezone(LONDON).date() == day),
            )
            for day in (monday + number * _ONE_DAY for number in range(7))
        ),
        gaps=rota.gaps(
            [each.shift for each in standing],
            line=Line.FIRST,
            from_=max(from_, min(now, until)),
            until=until,
        ),
        rows=rows_of(mine),
        last_save=None if save is None else save.id,
        saved_at=None if save is None else save.saved_at,
    )


def rows_of(standing: Sequence[Standing]) -> tuple[Row, ...]:
    """The shifts of a week, those of one person at the same times of day in one row."""
    days: dict[tuple[Line, UUID, str, str], set[int]] = {}
    for each in standing:
        starts, ends = (at.astimezone(LONDON) for at in (each.shift.starts_at, each.shift.ends_at))
        key = (each.shift.line, each.shift.person, f"{starts:%H:%M}", f"{ends:%H:%M}")
        days.setdefault(key, set()).add(starts.weekday())
    order = tuple(Line)
    return tuple(
        Row(line.value, str(person), frozenset(on), starts, ends)
        for (line, person, starts, ends), on in sorted(
            days.items(), key=lambda item: (order.index(item[0][0]), item[0][2], min(item[1]))
        )
    )


def copied(session: Session, *, monday: date) -> tuple[Row, ...]:
    """The rows of the week before, for this one."""
    from_, until = rota.week_of(monday - _ONE_WEEK)
    standing = shifts.standing(session, from_=from_, until=until)
    return rows_of([each for each in standing if from_ <= each.shift.starts_at < until])


def shifts_of(rows: Sequence[Row], *, monday: date) -> list[rota.Shift]:
    """The shifts that rows stand for; ``ValueError`` where a row is not a whole one."""
    found = []
    for row in rows:
        starts, ends = time.fromisoformat(row.starts), time.fromisoformat(row.ends)
        for day in sorted(row.days):
            span = rota.between(monday + day * _ONE_DAY, starts, ends)
            found.append(rota.Shift(Line(row.line), UUID(row.person), *span))
    return found


def people(session: Session, *, names: Names) -> list[tuple[str, str]]:
    """Who may be put on a rota: the ids and names of those who may read what a child said."""
    rows = session.execute(
        sa.select(Staff.id).where(
            Staff.disabled_at.is_(None), Staff.role.in_([role.value for role in READERS])
        )
    )
    return sorted(((str(row.id), names(row.id)) for row in rows), key=lambda each: each[1])


def _shown(
    each: Standing,
    offer: Offered | None,
    reader: UUID,
    names: Names,
    figures: Figures,
    now: datetime,
) -> ShiftShown:
    shift = each.shift
    is_mine = shift.person == reader
    return ShiftShown(
        id=each.id,
        line=LINES[shift.line],
        name=names(shift.person),
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        is_mine=is_mine,
        check_in=rota.check_in(shift, checked_in_at=each.checked_in_at, now=now, figures=figures),
        is_on=shift.starts_at <= now < shift.ends_at,
        offer=offer,
        offered_to=None if offer is None or offer.to is None else names(offer.to),
        may_take=offer is not None and not is_mine and offer.to in {None, reader},
    )
