"""Who is on, on which line, at which instant: shifts, gaps, handover and checking in. Pure.

A shift is written in England's local time and kept as two instants. Where the clock goes back a
time of day comes twice: the first is meant, so that shifts which meet at it still meet. Where it
goes forward a time of day is left out: the instant at which the clock is put forward is meant.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any
from uuid import UUID

from triage.errors import UnusableFiguresError
from triage.hours import LONDON

_ONE_DAY = timedelta(days=1)
_ONE_HOUR = timedelta(hours=1)


class Line(StrEnum):
    """The lines of a rota, in the order in which they are paged."""

    FIRST = "first"
    SECOND = "second"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of `rota.toml`."""

    handover: timedelta
    check_in_opens: timedelta
    check_in_missed: timedelta
    longest: timedelta
    looks_ahead: timedelta
    source: str
    checked: str

    def __post_init__(self) -> None:
        """Refuse figures with which nobody could check in, or every shift were too long."""
        if self.check_in_opens < timedelta() or self.check_in_missed <= timedelta():
            raise UnusableFiguresError("Checking in opens before a shift and is missed after it.")
        if self.longest <= timedelta() or self.handover < timedelta():
            raise UnusableFiguresError("A shift has a length, and a handover is not negative.")


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody on a line between two instants (UTC); the end itself is not in it."""

    line: Line
    person: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody is on a line between two instants."""

    line: Line
    from_: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """Why shifts cannot be saved, in words, and when."""

    why: str
    from_: datetime
    until: datetime


class CheckIn(StrEnum):
    """How somebody's checking in stands."""

    NOT_YET = "not yet"
    OPEN = "open"
    DONE = "done"
    MISSED = "missed"


def between(day: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    """The instants of a shift that begins on a local day.

    An end at or before its start is on the next day.
    """
    last = day if ends > starts else day + _ONE_DAY
    return instant(day, starts), instant(last, ends)


def instant(day: date, at: time) -> datetime:
    """A local time of day as an instant (UTC); see above for the nights of the clock changes."""
    local = datetime.combine(day, at, LONDON)
    meant = local.astimezone(UTC)
    if meant.astimezone(LONDON).replace(tzinfo=None) == local.replace(tzinfo=None):
        return meant
    # Left out by the clock, which England puts forward on a full hour.
    return meant.replace(minute=0, second=0, microsecond=0)


def week_of(monday: date) -> tuple[datetime, datetime]:
    """The instants of a local week, from Monday to the next Monday: 167 to 169 hours."""
    return instant(monday, time()), instant(monday + 7 * _ONE_DAY, time())


def gaps(
    shifts: Iterable[Shift], *, line: Line, from_: datetime, until: datetime
) -> tuple[Gap, ...]:
    """When nobody is on a line, in order."""
    spans = sorted(
        (shift.starts_at, shift.ends_at)
        for shift in shifts
        if shift.line is line and shift.starts_at < until and shift.ends_at > from_
    )
    found = []
    covered = from_
    for starts_at, ends_at in spans:
        if starts_at > covered:
            found.append(Gap(line, covered, starts_at))
        covered = max(covered, ends_at)
    if covered < until:
        found.append(Gap(line, covered, until))
    return tuple(found)


def on_at(shifts: Iterable[Shift], at: datetime, *, figures: Figures) -> tuple[Shift, ...]:
    """The shifts that are on at an instant: by line, who came on last first, leavers behind.

    Whoever's shift ended a moment ago is still on, behind those who came: no page falls between two
    people who hand over.
    """
    lines = tuple(Line)
    on = [shift for shift in shifts if shift.starts_at <= at < shift.ends_at + figures.handover]
    return tuple(
        sorted(
            on,
            key=lambda shift: (
                lines.index(shift.line),
                at >= shift.ends_at,
                -shift.starts_at.timestamp(),
                shift.person,
            ),
        )
    )


def check_in(
    shift: Shift, *, checked_in_at: datetime | None, now: datetime, figures: Figures
) -> CheckIn:
    """How checking in for a shift stands."""
    if checked_in_at is not None:
        return CheckIn.DONE
    if now >= shift.starts_at + figures.check_in_missed:
        return CheckIn.MISSED
    if now >= shift.starts_at - figures.check_in_opens:
        return CheckIn.OPEN
    return CheckIn.NOT_YET


def refused(
    shifts: Sequence[Shift], *, from_: datetime, until: datetime, figures: Figures
) -> tuple[Refused, ...]:
    """Why shifts cannot be the rota of this time; empty when they can.

    ``shifts`` are all that touch the time, those of the weeks around it too.
    """
    return (
        *(
            Refused("Nobody is first on call.", gap.from_, gap.until)
            for gap in gaps(shifts, line=Line.FIRST, from_=from_, until=until)
        ),
        *_impossible(shifts, figures),
        *_twice(shifts),
    )


def _impossible(shifts: Iterable[Shift], figures: Figures) -> Iterator[Refused]:
    for shift in shifts:
        if shift.ends_at <= shift.starts_at:
            yield Refused("A shift ends before it starts.", shift.starts_at, shift.ends_at)
        elif shift.ends_at - shift.starts_at > figures.longest:
            hours = int(figures.longest / _ONE_HOUR)
            why = f"A shift is longer than {hours} hours."
            yield Refused(why, shift.starts_at, shift.ends_at)


def _twice(shifts: Iterable[Shift]) -> Iterator[Refused]:
    mine: dict[UUID, list[Shift]] = {}
    for shift in shifts:
        mine.setdefault(shift.person, []).append(shift)
    for each in mine.values():
        each.sort(key=lambda shift: (shift.starts_at, shift.ends_at))
        for one, next_ in pairwise(each):
            if next_.starts_at < one.ends_at:
                why = "Somebody is on twice at the same time."
                yield Refused(why, next_.starts_at, min(one.ends_at, next_.ends_at))


@cache
def load() -> Figures:
    """The figures that ship."""
    return parsed(tomllib.loads(resources.files("triage").joinpath("rota.toml").read_text()))


def parsed(table: Mapping[str, Any]) -> Figures:
    """The figures of a parsed `rota.toml`; :class:`triage.errors.UnusableFiguresError`."""
    try:
        return Figures(
            handover=timedelta(minutes=table["handover_minutes"]),
            check_in_opens=timedelta(minutes=table["check_in_opens_minutes"]),
            check_in_missed=timedelta(minutes=table["check_in_missed_minutes"]),
            longest=timedelta(hours=table["longest_hours"]),
            looks_ahead=timedelta(days=table["looks_ahead_days"]),
            source=table["source"],
            checked=table["checked"],
        )
    except KeyError as error:
        raise UnusableFiguresError(f"The figures of the rota have no {error}.") from error
