"""When the helpline is open, in England's local time, and how open time is counted.

Times in and out are aware instants; answers are UTC. Local time is used for nothing but the
hours on the door: "plus 90 minutes" in local time is 150 minutes on the night the clocks go back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ENTRY = re.compile(
    r"(?P<first>[A-Za-z]{3})(?:-(?P<last>[A-Za-z]{3}))?"
    r" (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)",
    re.ASCII,
)
_ONE_DAY = timedelta(days=1)
_OVER_A_WEEK = timedelta(days=8)
_MIDNIGHT_AFTER = 24 * 60
_SATURDAY = 5


class OpenHoursError(ValueError):
    """The open hours are not readable. Write: Mon-Fri 09:00-21:00, Sat-Sun 10:00-18:00."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening on one day of the week (0 is Monday), in minutes after local midnight."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class OpenHours:
    """The week's openings; at least one. The closing minute itself is closed."""

    openings: tuple[Opening, ...]

    def __post_init__(self) -> None:
        """Refuse a week that never opens: every wait for it would be without end."""
        if not self.openings:
            raise OpenHoursError("The helpline is never open. Write at least one opening.")

    def is_open(self, at: datetime) -> bool:
        """Whether the helpline is open at this instant."""
        return any(start <= at < end for start, end in _spans_on(self, _local_day(at)))

    def opens_next(self, at: datetime) -> datetime:
        """`at` itself when it is open, else the next opening; UTC."""
        now = at.astimezone(UTC)
        for start, end in self._spans(now):
            if now < end:
                return max(start, now)
        raise OpenHoursError("The helpline never opens again.")

    def closes_next(self, at: datetime) -> datetime | None:
        """The first closed instant from now on; None when it has none within the next week."""
        now = cursor = at.astimezone(UTC)
        for start, end in self._spans(now):
            if start > cursor or cursor - now > _OVER_A_WEEK:
                break
            cursor = max(cursor, end)
        return None if cursor - now > _OVER_A_WEEK else cursor

    def after_open_time(self, start: datetime, duration: timedelta) -> datetime:
        """The UTC instant when `duration` of open time has passed since `start`."""
        # Never count in local time: a sum over the night the clocks change would be an hour off.
        left, cursor = duration, start.astimezone(UTC)
        if left <= timedelta(0):
            return cursor
        for opens, closes in self._spans(cursor):
            begins = max(cursor, opens)
            if begins >= closes:
                continue
            if left <= closes - begins:
                return begins + left
            left -= closes - begins
            cursor = closes
        raise OpenHoursError("The helpline never opens again.")

    def _spans(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = _local_day(at)
        while day < date.max:
            yield from _spans_on(self, day)
            day += _ONE_DAY


def parse(text: str) -> OpenHours:
    """Open hours from a setting such as `Mon-Fri 09:00-21:00, Sat-Sun 10:00-18:00`, or `always`.

    A night is written as two openings (`Fri 20:00-24:00, Sat 00:00-02:00`), so that nobody has
    to guess which day's night is meant.
    """
    if text.strip().lower() == "always":
        return ALWAYS_OPEN
    openings = {opening for entry in text.split(",") for opening in _openings(entry.strip())}
    return OpenHours(openings=tuple(sorted(openings, key=_order)))


def after_working_days(start: datetime, days: int, holidays: frozenset[date]) -> datetime:
    """The UTC end of the day `days` working days after `start`; Saturday and Sunday are not."""
    day, left = _local_day(start), days
    while left > 0:
        day += _ONE_DAY
        if day.weekday() < _SATURDAY and day not in holidays:
            left -= 1
    return _instant(day, _MIDNIGHT_AFTER, closing=True)


def _openings(entry: str) -> Iterator[Opening]:
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise OpenHoursError(
            f"{entry!r} is not readable as open hours. Write it like: Mon-Fri 09:00-21:00."
        )
    first = _weekday(match["first"])
    last = first if match["last"] is None else _weekday(match["last"])
    opens, closes = _minute(match["opens"]), _minute(match["closes"])
    if opens >= closes:
        raise OpenHoursError(
            f"{entry!r} closes before it opens. Write a night as two openings, split at 24:00."
        )
    for weekday in range(first, first + (last - first) % 7 + 1):
        yield Opening(weekday=weekday % 7, opens=opens, closes=closes)


def _weekday(word: str) -> int:
    try:
        return _DAYS.index(word.capitalize())
    except ValueError:
        raise OpenHoursError(f"{word!r} is not a day. Days are {', '.join(_DAYS)}.") from None


def _minute(word: str) -> int:
    hour, minute = int(word[:2]), int(word[3:])
    if minute > 59 or hour * 60 + minute > _MIDNIGHT_AFTER:  # noqa: PLR2004 - an hour's last minute
        raise OpenHoursError(f"{word!r} is not a time of day.")
    return hour * 60 + minute


def _order(opening: Opening) -> tuple[int, int, int]:
    return opening.weekday, opening.opens, opening.closes


def _local_day(at: datetime) -> date:
    return at.astimezone(LONDON).date()


@lru_cache(maxsize=1024)
def _spans_on(hours: OpenHours, day: date) -> tuple[tuple[datetime, datetime], ...]:
    return tuple(
        (
            _instant(day, opening.opens, closing=False),
            _instant(day, opening.closes, closing=True),
        )
        for opening in hours.openings
        if opening.weekday == day.weekday()
    )


def _instant(day: date, minute: int, *, closing: bool) -> datetime:
    # An hour that happens twice opens at its first and closes at its second; an hour that the
    # clocks skip is taken as the one after it. So a change of clocks never shortens an opening
    # by a child's unlucky minute, and openings stay in order.
    local = datetime.combine(day + _ONE_DAY * (minute // _MIDNIGHT_AFTER), time(), tzinfo=LONDON)
    local = local.replace(hour=minute // 60 % 24, minute=minute % 60)
    first = local.astimezone(UTC)
    return max(first, local.replace(fold=1).astimezone(UTC)) if closing else first


ALWAYS_OPEN = OpenHours(
    openings=tuple(
        Opening(weekday=weekday, opens=0, closes=_MIDNIGHT_AFTER) for weekday in range(7)
    )
)
