"""How times, waits and references are written on the staff's pages. Pure.

Times are shown as England's local time; nothing is counted in it.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from triage.hours import LONDON

_MINUTE = 60
_HOUR = 3600
_DAY = 86400


def wait(since: datetime, now: datetime) -> str:
    """A wait in the unit that matters: ``40 s``, ``7 m``, ``1 h 05 m``, ``2 d 3 h``."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} m"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE:02} m"
    return f"{seconds // _DAY} d {seconds % _DAY // _HOUR} h"


def countdown(until: datetime, now: datetime) -> str:
    """What is left, as ``04:32`` or ``1:04:32``; ``now`` when nothing is."""
    left = until - now
    if left <= timedelta(0):
        return "now"
    seconds = int(left.total_seconds())
    hours, rest = divmod(seconds, _HOUR)
    minutes, seconds = divmod(rest, _MINUTE)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def clock(at: datetime) -> str:
    """The time of day in England, to the minute."""
    return at.astimezone(LONDON).strftime("%H:%M")


def day(at: datetime) -> str:
    """The day in England, as staff say it: ``Sunday 22 November``."""
    local = at.astimezone(LONDON)
    return f"{local:%A} {local.day} {local:%B}"


def local_day(at: datetime) -> date:
    """Which day it is in England."""
    return at.astimezone(LONDON).date()


def moment(at: datetime, now: datetime) -> str:
    """A time of day, with its date when that is not today."""
    local = at.astimezone(LONDON)
    if local.date() == now.astimezone(LONDON).date():
        return f"{local:%H:%M}"
    return f"{local:%H:%M} on {local.day} {local:%b}"


def hour(at: datetime) -> str:
    """A day of the week and a time of day in England, as ``Sun 25 Oct 01:00``."""
    local = at.astimezone(LONDON)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def reference(subject: UUID) -> str:
    """A short name for a thing in a list, safe to say aloud: its last four digits."""
    return subject.hex[-4:].upper()
