"""How long a child waits at most, said honestly. Pure.

The figure is the limit that the escalation keeps, so that the page never promises what nobody is
paged for. It is rounded up, never down. Never a place in the queue: triage moves people, and a
number that grows feels like being pushed back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from triage import escalation
from triage.grades import Grade, GradeTable
from triage.hours import LONDON, OpenHours

Unit = Literal["minutes", "hours", "days"]

# Bands in minutes that a person can picture. A wait is rounded up to the next one.
_BANDS = (5, 10, 15, 20, 30, 45)
_HOUR = 60
_DAY_HOURS = 24


@dataclass(frozen=True, slots=True)
class Band:
    """A length of time in words: ``count`` of ``unit``."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Opening:
    """When the door opens next, as a clock on a wall in England shows it.

    ``days_ahead`` is 0 for today; ``weekday`` is 0 for Monday.
    """

    hour: int
    minute: int
    days_ahead: int
    weekday: int


@dataclass(frozen=True, slots=True)
class Wait:
    """What the page may say. ``within`` is None when the limit has passed: nothing honest is left.

    ``opens`` is None while the helpline is open.
    """

    is_open: bool
    within: Band | None
    opens: Opening | None


def wait(
    *, table: GradeTable, hours: OpenHours, now: datetime, since: datetime | None = None
) -> Wait:
    """The wait of a message sent now, or of one that has waited ``since`` then.

    It is the limit of the mildest grade that software gives: whatever is read sooner is no
    broken promise, and the page shows nobody how a message was graded.
    """
    limit_at = escalation.armed(table, Grade.HIGH, since or now, hours).limit_at
    is_open = hours.is_open(now)
    return Wait(
        is_open=is_open,
        within=band(limit_at - now) if limit_at > now else None,
        opens=None if is_open else _opening(hours.opens_next(now), now),
    )


def band(length: timedelta) -> Band:
    """A length of time, rounded up to one that is easy to say."""
    minutes = -(-length // timedelta(minutes=1))
    for most in _BANDS:
        if minutes <= most:
            return Band(count=most, unit="minutes")
    in_hours = -(-minutes // _HOUR)
    if in_hours <= _DAY_HOURS:
        return Band(count=in_hours, unit="hours")
    return Band(count=-(-in_hours // _DAY_HOURS), unit="days")


def _opening(at: datetime, now: datetime) -> Opening:
    local, today = at.astimezone(LONDON), now.astimezone(LONDON).date()
    return Opening(
        hour=local.hour,
        minute=local.minute,
        days_ahead=(local.date() - today).days,
        weekday=local.weekday(),
    )
