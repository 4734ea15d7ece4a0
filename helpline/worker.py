"""The Celery app: a doorbell and a clock for the jobs table, and nothing else.

Its messages say "look at this lane" and carry no ids and no words; losing one costs two seconds.
See docs/decisions/0005-celery-is-a-doorbell.md.

Every process that rings, works or keeps the schedule calls :func:`configure` once; one that works
or keeps the schedule then calls :func:`use`, because Celery finds its tasks by name and so cannot
be handed the adapters any other way.
"""

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from celery import Celery
from kombu.entity import Queue

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
    sweep,
    unreported,
)
from helpline.audit import heads, seal
from helpline.queue import lease, tidy
from helpline.queue.models import Lane
from helpline.signals import looking
from triage import crowd
from triage.service import crowds

if TYPE_CHECKING:
    from helpline.settings import Settings
    from helpline.wiring import Adapters

log = structlog.get_logger()

# This process, in leases and claims.
OWNER = f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"

# One place for each lane, for climbing, for sealing, for the sweep of grave silence and for the two
# of texts, and one to spare, so that none of them ever waits for another. Each runs at most once at
# a time in a process.
THREADS = 11
# A ring that nobody heard in this time has been rung again since.
RING_EXPIRES_SECONDS = 10
# How often a sign of life is written; the sweep misses a worker after 15 s.
BEAT_EVERY = timedelta(seconds=5)
# More than five seconds of the heaviest traffic that was measured.
SEAL_BATCHES = 400
SCHEDULE = "schedule"

app = Celery("helpline")


class NotInUseError(RuntimeError):
    """A task ran before worker.use(adapters) was called."""


class InUseError(RuntimeError):
    """worker.use(adapters) was called twice in one process."""


_adapters: "Adapters | None" = None
_at_work: set[str] = set()
_beaten: dict[str, datetime] = {}
_lock = threading.Lock()


def use(adapters: "Adapters") -> None:
    """Let the tasks of this process use these adapters. Set once; :func:`release` undoes it."""
    global _adapters  # noqa: PLW0603 - Celery's tasks are found by name, see above
    if _adapters is not None:
        raise InUseError
    configure(adapters.settings)
    _adapters = adapters
    _beaten.clear()


def release() -> None:
    """Forget the adapters, at the end of the process or of a test."""
    global _adapters  # noqa: PLW0603 - as above
    _adapters = None


def adapters_in_use() -> "Adapters":
    """The adapters that :func:`use` was given."""
    if _adapters is None:
        raise NotInUseError
    return _adapters


def configure(settings: "Settings") -> None:
    """Point Celery at the broker: Redis, or this process's memory in the embedded default."""
    app.conf.update(
        broker_url=settings.redis_url or "memory://",
        broker_transport_options=_REDIS if settings.redis_url else _MEMORY,
    )


# The time-outs bound a worker's and a ring's wait for a Redis that is hung; a listening worker asks
# every second, so 5 s are never reached by a healthy one. With max_retries a ring fails at once
# instead of trying for ever (celery issue 4296).
_REDIS = {
    "global_keyprefix": "helpline:",
    "socket_connect_timeout": 0.5,
    "socket_timeout": 5.0,
    "max_retries": 0,
    "interval_start": 0,
}
# Measured: 0.02 s costs 0.35 % more of a core than 0.1 s when idle, and a ring takes 22 ms, not 61.
_MEMORY = {"polling_interval": 0.02}

app.conf.update(
    # A broken connection is tried again for ever: the worker has nothing better to do.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_connection_timeout=1.0,
    # A killed worker may lose a ring, never a job; late ones would come back an hour later.
    task_acks_late=False,
    task_ignore_result=True,
    task_publish_retry=False,
    task_default_queue=Lane.NORMAL.value,
    task_queues=[Queue(lane.value) for lane in Lane],  # type: ignore[no-untyped-call]  # Celery has no types
    task_serializer="json",
    accept_content=["json"],
    enable_utc=True,
    timezone="UTC",
    worker_pool="threads",
    worker_concurrency=THREADS,
    worker_prefetch_multiplier=1,
    worker_disable_rate_limits=True,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_redirect_stdouts=False,
    worker_hijack_root_logger=False,
    beat_enable_remote_control=False,
)


def _entry(task: str, every: float, queue: Lane, *args: str) -> dict[str, Any]:
    options = {"queue": queue.value, "expires": RING_EXPIRES_SECONDS}
    return {"task": task, "schedule": every, "args": args, "options": options}


app.conf.beat_schedule = {
    **{f"drain {lane}": _entry("drain_lane", 2.0, lane, lane.value) for lane in Lane},
    "climb": _entry("climb", 2.0, Lane.URGENT),
    "seal the audit": _entry("seal_audit", 5.0, Lane.NORMAL),
    "notice silence": _entry("notice_silence", 10.0, Lane.NORMAL),
    "find missing texts": _entry("find_texts", 10.0, Lane.OUTSIDE),
    "ask for missing reports": _entry("ask_for_reports", 10.0, Lane.OUTSIDE),
    "look for patterns": _entry("look_for_patterns", 60.0, Lane.NORMAL),
    "canary": _entry("canary", canary.EVERY.total_seconds(), Lane.NORMAL),
}


def publish(lane: Lane) -> None:
    """Ring a lane. It may wait for the broker and fail: requests ring through a Bell instead."""
    app.send_task("drain_lane", args=(lane.value,), queue=lane.value, expires=RING_EXPIRES_SECONDS)


@app.task(name="drain_lane")  # type: ignore[untyped-decorator]  # Celery has no types
def drain_lane(lane: str) -> None:
    """Do the jobs of a lane that are due. Whoever rings the urgent one may have an alarm."""
    if lane == Lane.URGENT:
        climb()
    with _alone(f"drain {lane}") as adapters:
        if adapters is not None:
            jobs.drain(adapters, lane=Lane(lane), owner=OWNER)


@app.task(name="climb")  # type: ignore[untyped-decorator]  # Celery has no types
def climb() -> None:
    """Climb the escalations that are due, then show that this worker is alive."""
    with _alone("climb") as adapters:
        if adapters is not None:
            climbing.climb(adapters)
            beat_row(adapters, sweep.WORKER)


@app.task(name="seal_audit")  # type: ignore[untyped-decorator]  # Celery has no types
def seal_audit() -> None:
    """Chain the audit rows that are new, and publish the end of the chain now and then."""
    with _alone("seal audit") as adapters:
        if adapters is not None:
            seal_pending(adapters)


@app.task(name="notice_silence")  # type: ignore[untyped-decorator]  # Celery has no types
def notice_silence() -> None:
    """Look for children in danger who say nothing after we wrote. It waits for nobody outside."""
    with _alone("notice silence") as adapters:
        if adapters is not None:
            quiet.notice(adapters, owner=OWNER)


@app.task(name="find_texts")  # type: ignore[untyped-decorator]  # Celery has no types
def find_texts() -> None:
    """Look for texts whose webhook never came, then for phones that are silent without any."""
    with _alone("find texts") as adapters:
        if adapters is not None:
            reconcile.reconcile(adapters, owner=OWNER)
            silence.fall_silent(adapters)


@app.task(name="ask_for_reports")  # type: ignore[untyped-decorator]  # Celery has no types
def ask_for_reports() -> None:
    """Ask what became of texts about which no report came."""
    with _alone("ask for reports") as adapters:
        if adapters is not None:
            unreported.ask(adapters, owner=OWNER)


@app.task(name="look_for_patterns")  # type: ignore[untyped-decorator]  # Celery has no types
def look_for_patterns() -> None:
    """Look for what stands out across children, every ten minutes; nobody outside is waited for."""
    with _alone("look for patterns") as adapters:
        if adapters is not None:
            looking.look(adapters, owner=OWNER)


@app.task(name="canary")  # type: ignore[untyped-decorator]  # Celery has no types
def send_canary() -> None:
    """Send a canary through each lane; remove jobs done long ago; look at call-backs' windows."""
    with _alone("canary") as adapters:
        if adapters is not None:
            with adapters.transactions.begin() as session:
                canary.sing(session, now=adapters.clock())
                tidy.tidy(session, now=adapters.clock())
                crowds.forget(session, figures=crowd.load(), now=adapters.clock())
            call_backs.close_windows(adapters)
            check_ins.notice_missed(adapters)
            routing.return_silent(adapters)


def seal_pending(adapters: "Adapters", *, owner: str = OWNER) -> int:
    """Seal what waits, in short transactions; say how many rows. Then publish if it is time."""
    rows = 0
    for _ in range(SEAL_BATCHES):
        with adapters.transactions.reading() as session:
            if not seal.is_any_unsealed(session):
                break
        with adapters.transactions.begin() as session:
            sealed = seal.seal(
                session, key=adapters.audit.key, holder=owner, now=adapters.clock()
            ).rows
        rows += sealed
        if not sealed:
            break
    heads.publish(
        adapters.transactions,
        mail=adapters.mail,
        to=adapters.settings.audit_head_to,
        now=adapters.clock(),
    )
    return rows


def beat_row(adapters: "Adapters", name: str) -> None:
    """Write a sign of life of this process, at most every 5 s."""
    now = adapters.clock()
    if name in _beaten and timedelta() <= now - _beaten[name] < BEAT_EVERY:
        return
    with adapters.transactions.begin() as session:
        lease.lead(session, name=name, holder=OWNER, now=now, for_=BEAT_EVERY * 2)
    _beaten[name] = now


@contextmanager
def _alone(work: str) -> Iterator["Adapters | None"]:
    """The adapters, or None while another thread of this process does the same work.

    A ring during a drain is not lost: a drain goes on until nothing is due.
    """
    adapters = adapters_in_use()
    with _lock:
        is_alone = work not in _at_work
        _at_work.add(work)
    try:
        yield adapters if is_alone else None
    finally:
        if is_alone:
            with _lock:
                _at_work.discard(work)
