"""A sign of life to a watcher elsewhere, who raises the alarm when it stays away.

Any service that is pinged at an address of its own will do. The address is a secret: whoever has
it can keep the alarm silent.
"""

from typing import Protocol

import urllib3

# It is sent between two looks at the service, and must not hold up the next one for long.
TIMEOUT_SECONDS = 3.0
_GOOD = range(200, 300)


class HeartbeatError(Exception):
    """The watcher did not take the sign of life. Trying again can help."""


class Heartbeat(Protocol):
    """Tells somebody outside that everything works."""

    def beat(self) -> None:
        """Give one sign of life, or raise :class:`HeartbeatError`."""


class HttpHeartbeat:
    """Pings one address with POST. It follows no redirect and reads no answer but its status."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(total=TIMEOUT_SECONDS), retries=False
        )

    def beat(self) -> None:
        """See :class:`Heartbeat`."""
        try:
            answer = self._pool.request("POST", self._url, redirect=False)
        # "from None": the address, in the error's words, goes no further.
        except urllib3.exceptions.HTTPError:
            raise HeartbeatError from None
        if answer.status not in _GOOD:
            raise HeartbeatError
