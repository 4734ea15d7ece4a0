"""The stand-in's calendar, which a test may set ahead, and the forms in which it is written."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime


@dataclass(slots=True)
class Calendar:
    """Tells the time."""

    ahead: float = 0.0  # seconds

    def now(self) -> int:
        """Return milliseconds of the Unix clock."""
        return round((time.time() + self.ahead) * 1000)


def instant(stamp: int) -> datetime:
    """Return it in UTC."""
    return datetime.fromtimestamp(stamp / 1000, tz=UTC)


def stamp(at: datetime) -> int:
    """Return an instant, which carries its zone, as the file keeps it."""
    return round(at.timestamp() * 1000)


def rfc2822(stamp: int | None) -> str | None:
    """Return the form that the API uses, to the second."""
    return None if stamp is None else format_datetime(instant(stamp).replace(microsecond=0))


def iso(stamp: int) -> str:
    """Return the form that the control API uses."""
    return instant(stamp).isoformat()
