"""Looks every few seconds, in a thread of its own, whether work comes out again.

In a thread of its own because what it watches may hang: a sweep that waits for a mail server, a
worker that beats and does nothing.
"""

import threading
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from helpline.watch import judging, signs
from helpline.watch.figures import Figures, load
from helpline.watch.judging import Fault
from helpline.watch.outside import Outside

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()


class Watch:
    """What the last look of this process found. The console shows it without a look of its own."""

    def __init__(self) -> None:
        self.faults: tuple[Fault, ...] = ()


class Watcher:
    """A daemon thread that looks, shows and tells, for as long as the web process lives."""

    def __init__(self, adapters: "Adapters", *, owner: str, figures: Figures | None = None) -> None:
        self._adapters = adapters
        self._figures = figures or load()
        self._outside = Outside(adapters, figures=self._figures, owner=owner)
        self._watched_from = self._looked_at = adapters.clock()
        self._read_at: datetime | None = None
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Look for the first time after one pause."""
        self._watched_from = self._looked_at = self._adapters.clock()
        self._thread.start()

    def stop(self) -> None:
        """Stop after the look that runs now, if one does."""
        self._is_stopped.set()
        self._thread.join(3)

    def look(self) -> tuple[Fault, ...]:
        """Look once: show what is wrong, tell people outside, or give a sign of life."""
        try:
            return self._look(self._adapters.clock())
        finally:
            # From its end: a look that was slow is no gap, or a slow database would hide itself.
            self._looked_at = self._adapters.clock()

    def _look(self, now: datetime) -> tuple[Fault, ...]:
        if judging.went_on_after_a_gap(looked_at=self._looked_at, now=now, figures=self._figures):
            # We stood still ourselves (a laptop's lid, a stopped process): give work time to go on.
            self._watched_from = now
        found = judging.faults(
            self._signs(now), figures=self._figures, watched_from=self._watched_from, now=now
        )
        if {each.id for each in found} != {each.id for each in self._adapters.watch.faults}:
            log.warning("watch.changed", faults=[each.id for each in found])
        self._adapters.watch.faults = found
        self._outside.tell(found, now=now)
        if not found and self._read_at == now:
            self._outside.beat(now=now)
        return found

    def _signs(self, now: datetime) -> signs.Signs:
        try:
            with self._adapters.transactions.reading() as session:
                found = signs.read(session, now=now)
        except sa.exc.SQLAlchemyError as problem:
            log.warning("watch.no_database", error=type(problem).__name__)
            return {"database": self._read_at}
        self._read_at = now
        return {**found, "database": now}

    def _run(self) -> None:
        while not self._is_stopped.wait(self._figures.look_every.total_seconds()):
            try:
                self.look()
            except Exception as problem:  # noqa: BLE001 - the next look may succeed
                log.error("watch.failed", error=type(problem).__name__)
