"""Work that goes on after an answer was given, and waiting for it to have an effect."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine

log = logging.getLogger(__name__)


class Changes:
    """Wakes whoever waits for something to become true."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def tell(self) -> None:
        """Have everybody look again."""
        told, self._event = self._event, asyncio.Event()
        told.set()

    async def until(self, is_true: Callable[[], bool], *, seconds: float) -> bool:
        """Wait until it is true, and say whether it is."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not is_true():
                    await self._event.wait()
        return is_true()


class Background:
    """The tasks that are under way; kept from being collected, and counted."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._tasks

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Begin a piece of work."""
        _ = self.task(work)

    def task(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Begin a piece of work that somebody waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def cancel(self) -> None:
        """End everything."""
        for task in self._tasks:
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changes.tell()
        if not task.cancelled() and (error := task.exception()) is not None:
            # Its words may hold a number or a text.
            log.error("work in the background failed: %s", type(error).__name__)


class Chain:
    """Pieces of work that come one after another, such as the reports on one call."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._last: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether everything is done."""
        return self._last is None or self._last.done()

    def add(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do it when what was added before is done."""
        self._last = self._background.task(self._after(self._last, work))

    @staticmethod
    async def _after(
        before: asyncio.Task[None] | None, work: Callable[[], Awaitable[None]]
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        await work()
