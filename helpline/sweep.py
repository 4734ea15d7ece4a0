"""What every web process does when no worker is alive: the urgent work itself.

Promise: an urgent job whose worker was killed goes on within 40 s. Its lease lasts 30 s, a worker
is missed after 15 s, and the sweep looks every 5 s.
"""

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from helpline import (
    call_backs,
    canary,
    check_ins,
    climbing,
    jobs,
    quiet,
    reconcile,
    routing,
    silence,
    unreported,
)
from helpline.queue import lease
from helpline.queue.models import Lane

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()

EVERY = timedelta(seconds=5)
MISSED_AFTER = timedelta(seconds=15)
# Two canaries in a row did not come out of the urgent lane: the worker beats, but hangs there.
STUCK_AFTER = canary.EVERY * 3

LEASE_NAME = "sweep"
WORKER = "worker"
# One round may take this long before another web process helps.
LEASE = timedelta(seconds=10)
JOBS_A_ROUND = 100


class Sweep:
    """A daemon thread that looks after the worker, for as long as the web process lives."""

    def __init__(self, adapters: "Adapters", *, owner: str) -> None:
        self._adapters = adapters
        self._owner = owner
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)

    def start(self) -> None:
        """Look for the first time in 5 s."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the job that runs now, if one does."""
        self._is_stopped.set()
        self._thread.join(3)

    def _run(self) -> None:
        while not self._is_stopped.wait(EVERY.total_seconds()):
            try:
                sweep(self._adapters, owner=self._owner)
            except Exception as problem:  # noqa: BLE001 - the next round may succeed
                log.error("sweep.failed", error=type(problem).__name__)


def sweep(adapters: "Adapters", *, owner: str) -> bool:
    """Do the worker's urgent work if it is missed and no other process does; say whether."""
    now = adapters.clock()
    if not _is_missed(adapters, now):
        return False
    with adapters.transactions.begin() as session:
        if not lease.lead(session, name=LEASE_NAME, holder=owner, now=now, for_=LEASE):
            return False
    log.warning("sweep.leads")
    climbing.climb(adapters)
    for lane in (Lane.URGENT, Lane.RINGING, Lane.NORMAL, Lane.OUTSIDE):
        for _ in range(JOBS_A_ROUND):
            if not jobs.drain(adapters, lane=lane, owner=owner, limit=1):
                break
            # One job may wait long for a mail server or for the telephone company; alarms climb
            # between two of them, and their pages leave.
            climbing.climb(adapters)
            jobs.drain(adapters, lane=Lane.RINGING, owner=owner, limit=jobs.CLAIMED_AT_ONCE)
    call_backs.close_windows(adapters)
    check_ins.notice_missed(adapters)
    routing.return_silent(adapters)
    quiet.notice(adapters, owner=owner)
    reconcile.reconcile(adapters, owner=owner)
    silence.fall_silent(adapters)
    # One at a time, like jobs: alarms climb in the next round.
    unreported.ask(adapters, owner=owner, most=1)
    return True


def _is_missed(adapters: "Adapters", now: datetime) -> bool:
    with adapters.transactions.reading() as session:
        beaten_at = lease.beaten_at(session, name=WORKER)
        heard_at = canary.last_heard(session, lane=Lane.URGENT)
    if beaten_at is None or now - beaten_at > MISSED_AFTER:
        return True
    return heard_at is not None and now - heard_at > STUCK_AFTER
