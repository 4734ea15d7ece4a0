"""Group commit: one thread that writes, and hands over whatever waits as one batch.

There is no timer. While the writer is busy with a batch the next one gathers; when it is idle a
lone message goes at once. What to write is somebody else's business (helpline/intake.py).
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger()

# Larger batches gained nothing in measurements and make the first of them wait for the last.
MOST_IN_A_BATCH = 256

# A batch that takes longer is stuck: the process is not ready for more.
STUCK_AFTER_SECONDS = 15.0

# A stop waits this long for what is being written. A sender without an answer sends again.
STOP_WITHIN_SECONDS = 10.0

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Answer = Callable[[Outcome], None]


class WriterDeadError(RuntimeError):
    """The writer has stopped. Nothing can be kept by this process any more."""


class Writer(Generic[Item, Outcome]):
    """Runs ``write(batch) -> outcomes`` in a thread of its own; answers come back on the loop.

    ``failed`` is the outcome of every item of a batch that raised. ``after`` is told of each
    finished batch, on the loop, after the answers.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Sequence[Outcome]],
        *,
        failed: Outcome,
        after: Callable[[Sequence[Item], Sequence[Outcome]], None],
    ) -> None:
        self._write = write
        self._failed = failed
        self._after = after
        self._handed: queue.SimpleQueue[list[Item] | None] = queue.SimpleQueue()
        self._waiting: list[tuple[Item, Answer[Outcome]]] = []
        self._busy: list[tuple[Item, Answer[Outcome]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="intake-writer", daemon=True)
        self._on_death: list[Callable[[], None]] = []
        self._idle = asyncio.Event()
        self._idle.set()
        self._busy_since: float | None = None
        self.is_alive = False
        self.batches = 0
        self.last_batch_size = 0

    @property
    def waiting(self) -> int:
        """How many items wait or are being written."""
        return len(self._waiting) + len(self._busy)

    @property
    def is_stuck(self) -> bool:
        """Whether one batch has been in the writing for more than 15 seconds."""
        since = self._busy_since
        return since is not None and time.monotonic() - since > STUCK_AFTER_SECONDS

    def start(self) -> None:
        """Start the thread. Call on the loop that will submit."""
        self._loop = asyncio.get_running_loop()
        self.is_alive = True
        self._thread.start()

    def on_death(self, told: Callable[[], None]) -> None:
        """Be told, on the loop, if the thread dies."""
        self._on_death.append(told)

    def submit(self, item: Item, answer: Answer[Outcome]) -> None:
        """Write ``item`` with the next batch; ``answer`` is called once it is on disk, or not."""
        if not self.is_alive:
            raise WriterDeadError
        self._idle.clear()
        self._waiting.append((item, answer))
        if not self._busy:
            self._hand_over()

    async def stop(self) -> None:
        """Write what waits, then end the thread; after 10 seconds leave both behind."""
        if not self.is_alive:
            return
        until = time.monotonic() + STOP_WITHIN_SECONDS
        try:
            async with asyncio.timeout(STOP_WITHIN_SECONDS):
                await self._idle.wait()
        except TimeoutError:
            log.error("writer.not_stopped", waiting=self.waiting)
        self.is_alive = False
        self._handed.put(None)
        await asyncio.to_thread(self._thread.join, max(0.0, until - time.monotonic()))

    def _hand_over(self) -> None:
        self._busy, self._waiting = (
            self._waiting[:MOST_IN_A_BATCH],
            self._waiting[MOST_IN_A_BATCH:],
        )
        self._busy_since = time.monotonic() if self._busy else None
        if self._busy:
            self._handed.put([item for item, _ in self._busy])

    def _run(self) -> None:
        try:
            while (batch := self._handed.get()) is not None:
                outcomes = self._written(batch)
                self._tell_loop(self._finished, batch, outcomes)
        except BaseException as problem:  # noqa: BLE001 - whatever ended it, the loop must know
            log.critical("writer.died", error=type(problem).__name__)
            self._tell_loop(self._died)

    def _written(self, batch: list[Item]) -> Sequence[Outcome]:
        try:
            return self._write(batch)
        except Exception as problem:  # noqa: BLE001 - a batch that fails must not end the writer
            log.error("writer.batch_failed", error=type(problem).__name__, size=len(batch))
            return [self._failed] * len(batch)

    def _tell_loop(self, callback: Callable[..., None], *values: object) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(callback, *values)

    def _finished(self, batch: Sequence[Item], outcomes: Sequence[Outcome]) -> None:
        answered = self._busy
        self.batches += 1
        self.last_batch_size = len(batch)
        # The next batch goes to the writer before the answers go out, so that both work at once.
        self._hand_over()
        if not self._busy:
            self._idle.set()
        for (_, answer), outcome in zip(answered, outcomes, strict=True):
            _call(answer, outcome)
        _call(self._after, batch, outcomes)

    def _died(self) -> None:
        self.is_alive = False
        lost, self._busy, self._waiting = self._busy + self._waiting, [], []
        self._idle.set()
        for _, answer in lost:
            _call(answer, self._failed)
        for told in self._on_death:
            _call(told)


def _call(told: Callable[..., None], *what: object) -> None:
    try:
        told(*what)
    except Exception as problem:  # noqa: BLE001 - a sender that is gone costs no other its answer
        log.error("writer.answer_failed", error=type(problem).__name__)
