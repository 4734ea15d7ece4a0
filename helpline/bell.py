"""Ringing a lane from a request: off its thread, at once, and never its problem if it fails."""

import threading
from collections.abc import Callable

import structlog

from helpline.queue.models import Lane

log = structlog.get_logger()

# After a failed ring the broker is left alone for a moment. The schedule rings every lane anyway,
# and without a broker the sweep of the web processes does the work.
REST_SECONDS = 1.0


class Bell:
    """Rings lanes in a thread of its own. Rings that wait for it become one ring a lane."""

    def __init__(self, publish: Callable[[Lane], None]) -> None:
        self._publish = publish
        self._lock = threading.Lock()
        self._waiting: set[Lane] = set()
        self._is_rung = threading.Event()
        self._is_stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def ring(self, lane: Lane) -> None:
        """Wake a lane, from any thread, in microseconds. The ring may be lost."""
        with self._lock:
            self._waiting.add(lane)
            if self._thread is None and not self._is_stopped.is_set():
                self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
                self._thread.start()
        self._is_rung.set()

    def stop(self) -> None:
        """End the thread; it needs no longer than one ring takes. Rings that wait are dropped."""
        self._is_stopped.set()
        self._is_rung.set()
        if self._thread is not None:
            self._thread.join(2)

    def _run(self) -> None:
        while True:
            self._is_rung.wait()
            self._is_rung.clear()
            if self._is_stopped.is_set():
                return
            with self._lock:
                lanes, self._waiting = self._waiting, set()
            # The urgent lane first: the order of the enumeration.
            for lane in (lane for lane in Lane if lane in lanes):
                self._ring_one(lane)

    def _ring_one(self, lane: Lane) -> None:
        try:
            self._publish(lane)
        except Exception as problem:  # noqa: BLE001 - a doorbell may fail in any way
            log.warning("bell.failed", lane=lane.value, error=type(problem).__name__)
            self._is_stopped.wait(REST_SECONDS)
