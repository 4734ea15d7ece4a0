"""How long a thing that a person confirmed may be leaned on: telephone numbers above all. Pure."""

from datetime import date, timedelta
from enum import StrEnum

# A number of the police or of an authority may change without a word to us. Proposed by the
# service; whoever owns it confirms the figure.
HOLDS_FOR = timedelta(days=90)
# Clocks of two machines, or a person beyond midnight, may be a day apart. A later day is a slip of
# the pen, and must not silence the warning for years.
_AHEAD = timedelta(days=1)


class Check(StrEnum):
    """Whether somebody has confirmed a thing lately."""

    FRESH = "fresh"
    STALE = "stale"
    NEVER = "never"


def of(checked: date | None, *, today: date) -> Check:
    """How a thing stands that was confirmed on a day, or never."""
    if checked is None or checked - today > _AHEAD:
        return Check.NEVER
    return Check.STALE if today - checked > HOLDS_FOR else Check.FRESH


def as_day(mark: object) -> date | None:
    """The day of a ``checked`` mark, or None when it says something else."""
    if isinstance(mark, date):
        return mark
    try:
        return date.fromisoformat(str(mark))
    except ValueError:
        return None
