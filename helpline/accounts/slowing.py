"""How long somebody must wait before the next attempt. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from helpline.accounts.limits import Slowing

_DOUBLINGS = 20


def wait(failures: Sequence[datetime], *, rule: Slowing, now: datetime) -> timedelta:
    """The time left to wait after these failures; zero when the next attempt may come now."""
    recent = [min(at, now) for at in failures if now - at < rule.window]
    beyond = len(recent) - rule.free
    if beyond < 0:
        return timedelta(0)
    delay = min(rule.first * (1 << min(beyond, _DOUBLINGS)), rule.longest)
    return max(max(recent) + delay - now, timedelta(0))
