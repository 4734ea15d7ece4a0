"""Whether the sessions behind open sockets still stand: one query for all sockets of a process."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from helpline.accounts import sessions
from helpline.accounts.sessions import Held

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()

# Whoever is disabled must be out within five seconds (docs/decisions/0007-staff-sessions.md).
LOOKED_EVERY = 2.5  # seconds

Told = Callable[[], None]


class Watch:
    """Looks at every session that a socket of this app depends on, while there are any.

    Everything but the query runs on the event loop, so nothing here needs a lock.
    """

    def __init__(self, adapters: "Adapters") -> None:
        self._adapters = adapters
        self._watched: dict[object, tuple[bytes, Told, Told]] = {}
        self._looking: asyncio.Task[None] | None = None

    @contextmanager
    def over(self, held: Held, *, ended: Told, unknown: Told) -> Iterator[None]:
        """Say ``ended`` once the session has ended, ``unknown`` when nobody can tell."""
        place = object()
        self._watched[place] = (held.token_hash, ended, unknown)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            del self._watched[place]
            if not self._watched and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOKED_EVERY)
            before = list(self._watched.values())
            try:
                valid = await run_in_threadpool(self._valid, {each[0] for each in before})
            except sa.exc.SQLAlchemyError as problem:
                # Whoever was disabled must not stay in; the pages of the others come back.
                log.warning("live.sessions_unknown", error=type(problem).__name__)
                for _, _, unknown in before:
                    unknown()
                continue
            for token_hash, ended, _ in before:
                if token_hash not in valid:
                    ended()

    def _valid(self, token_hashes: set[bytes]) -> frozenset[bytes]:
        with self._adapters.transactions.reading() as session:
            return sessions.still_valid_among(
                session, token_hashes=token_hashes, now=self._adapters.clock()
            )


def watch_of(app: Starlette) -> Watch:
    """The one watch of an app; made when its first socket comes."""
    found: Watch | None = getattr(app.state, "standing", None)
    if found is None:
        found = app.state.standing = Watch(app.state.adapters)
    return found
