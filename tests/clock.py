"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

# A Monday morning within opening hours, after the clocks went back.
START = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


class Clock:
    """The time of a test: pass `clock.now()` as `now`, or `clock.now` where a callable is asked."""

    def __init__(self, *, at: datetime = START) -> None:
        self._now = at

    def now(self) -> datetime:
        """Return the instant, in UTC."""
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move forward and return the new instant."""
        self._now += by
        return self._now

    def set(self, at: datetime) -> None:
        """Jump to an instant, which carries its zone."""
        if at.tzinfo is None:
            raise ValueError(at)
        self._now = at.astimezone(UTC)
