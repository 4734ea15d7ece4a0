"""Celery as a doorbell and a clock: embedded in one process, and grown with a real Redis."""

import base64
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa
from kombu.exceptions import OperationalError
from redis import Redis

from helpline import jobs, processes, sweep, wiring, worker
from helpline.audit import record
from helpline.audit.models import AuditEntry
from helpline.bell import Bell
from helpline.queue import add, lease
from helpline.queue.models import Job, Lane
from helpline.settings import Settings
from helpline.wiring import Adapters
from tests import installation, servers
from tests.stores import PostgresTemplate, SqliteTemplate

PROGRAM = Path(sys.executable).with_name("helpline")
KIND = "canary"


@pytest.fixture(autouse=True)
def _no_adapters_left() -> Iterator[None]:
    yield
    worker.release()


@pytest.fixture
def embedded(_sqlite_template: SqliteTemplate) -> Iterator[Adapters]:
    with _sqlite_template.fresh() as stores:
        yield from _built(installation.settings_for(stores))


@pytest.fixture
def grown(_postgresql_template: PostgresTemplate, redis: servers.Redis) -> Iterator[Adapters]:
    with _postgresql_template.fresh() as stores:
        yield from _built(installation.settings_for(stores, redis_url=redis.url))


def _built(settings: Settings) -> Iterator[Adapters]:
    # A process has one broker for all its life; Celery keeps the connections of the test before.
    worker.app._pool = None
    worker.app.amqp._producer_pool = None
    worker.configure(settings)
    adapters = wiring.build(settings, bell=Bell(worker.publish))
    yield adapters
    adapters.bell.stop()  # type: ignore[attr-defined]  # the one that was given above
    adapters.close()


def put(adapters: Adapters, key: str, *, kind: str = KIND, lane: Lane = Lane.URGENT) -> None:
    with adapters.transactions.begin() as session:
        add.add(
            session,
            kind=kind,
            subject=UUID(int=0),
            lane=lane,
            dedupe_key=key,
            due_at=adapters.clock(),
            now=adapters.clock(),
        )


def done(adapters: Adapters) -> set[str]:
    with adapters.transactions.reading() as session:
        found = session.scalars(sa.select(Job.dedupe_key).where(Job.state == "done"))
        return set(found)


def are_done(adapters: Adapters, *keys: str) -> Callable[[], bool]:
    return lambda: done(adapters) >= set(keys)


def within(seconds: float, condition: Callable[[], object]) -> float:
    """Wait for a condition and say how long it took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds
        time.sleep(0.02)
    return time.monotonic() - started


@contextlib.contextmanager
def process(adapters: Adapters, name: str) -> Iterator["subprocess.Popen[bytes]"]:
    settings = adapters.settings
    environment = {
        "PATH": os.defpath,
        "HELPLINE_DEMO": "1",
        "HELPLINE_DATABASE_URL": settings.database_url,
        "HELPLINE_KEYSTORE_URL": settings.keystore_url,
        "HELPLINE_REDIS_URL": settings.redis_url or "",
        "HELPLINE_CHILD_ORIGIN": settings.child_origin,
        "HELPLINE_STAFF_ORIGIN": settings.staff_origin,
        "HELPLINE_KEK": base64.b64encode(settings.kek).decode(),
    }
    started = subprocess.Popen(
        [PROGRAM, name], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def test_embedded_worker_does_what_is_rung_and_what_is_due_and_stops_soon(
    embedded: Adapters, capfd: pytest.CaptureFixture[str]
) -> None:
    before = threading.active_count()
    running = processes.start_embedded(embedded)
    put(embedded, "rung")
    embedded.bell.ring(Lane.URGENT)
    assert within(5, are_done(embedded, "rung")) < 1.9
    for lane in Lane:
        put(embedded, lane.value, lane=lane)
    with embedded.transactions.begin() as session:
        embedded.audit.record(
            session,
            actor=record.SOFTWARE,
            action="test.deed",
            subject=UUID(int=1),
            now=embedded.clock(),
        )
    within(5, are_done(embedded, *Lane))
    within(9, lambda: _sealed(embedded) == 1)
    for name in (sweep.WORKER, worker.SCHEDULE):
        with embedded.transactions.reading() as session:
            assert lease.beaten_at(session, name=name) is not None
    started = time.monotonic()
    running.stop()
    assert time.monotonic() - started < 3
    assert threading.active_count() <= before + 1  # the bell, which was not there at first
    out = capfd.readouterr()
    assert (out.out, out.err) == ("", "")


def test_embedded_worker_starts_again_after_a_stop(embedded: Adapters) -> None:
    for key in ("first", "second"):
        running = processes.start_embedded(embedded)
        put(embedded, key)
        embedded.bell.ring(Lane.URGENT)
        within(5, are_done(embedded, key))
        running.stop()


def test_lane_that_hangs_holds_up_no_other_lane(
    embedded: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def outside() -> None:
        go_on.wait(20)

    hanging = jobs.Errand(prepare=lambda *_given: outside, settle=lambda *_given: None)
    monkeypatch.setitem(jobs.HANDLERS, "hangs", hanging)
    running = processes.start_embedded(embedded)
    # One after another, so that each ring finds work that nobody has claimed: as many as would
    # take every place the worker has.
    hung = [(lane, f"{lane} {number}") for number in range(4) for lane in (Lane.BULK, Lane.NORMAL)]
    for lane, key in hung:
        put(embedded, key, kind="hangs", lane=lane)
        embedded.bell.ring(lane)
        time.sleep(0.2)
    put(embedded, "urgent")
    embedded.bell.ring(Lane.URGENT)
    within(1.9, are_done(embedded, "urgent"))
    go_on.set()
    within(9, lambda: len(done(embedded)) == len(hung) + 1)
    running.stop()


def test_ring_without_a_broker_fails_within_a_second(grown: Adapters, redis: servers.Redis) -> None:
    worker.publish(Lane.URGENT)
    redis.pause()
    for _ in range(2):
        started = time.monotonic()
        with pytest.raises(OperationalError):
            worker.publish(Lane.URGENT)
        assert time.monotonic() - started < 1
        grown.bell.ring(Lane.URGENT)


def test_ring_carries_the_name_of_a_lane_and_nothing_else(
    grown: Adapters, redis: servers.Redis
) -> None:
    put(grown, "opaque")
    worker.publish(Lane.URGENT)
    with Redis(host=servers.LOOPBACK, port=redis.port) as client:
        [kept] = client.lrange("helpline:urgent", 0, -1)
    message = msgspec.json.decode(kept)
    assert msgspec.json.decode(base64.b64decode(message["body"]))[:2] == [["urgent"], {}]
    assert b"opaque" not in kept


def test_worker_and_schedule_work_through_a_flushed_and_stopped_redis_and_end_on_sigterm(
    grown: Adapters, redis: servers.Redis
) -> None:
    with process(grown, "worker") as at_work, process(grown, "beat") as schedule:
        put(grown, "by the clock")
        within(20, are_done(grown, "by the clock"))
        redis.flush()
        put(grown, "after a flush")
        within(6, are_done(grown, "after a flush"))
        redis.pause()
        time.sleep(3)
        redis.restart()
        put(grown, "after a restart")
        within(20, are_done(grown, "after a restart"))
        for each in (at_work, schedule):
            each.send_signal(signal.SIGTERM)
            assert each.wait(10) == 0


def test_killed_worker_loses_no_job(grown: Adapters) -> None:
    with process(grown, "beat"):
        for number in range(2):
            with process(grown, "worker"):
                put(grown, f"{number} before")
                within(20, are_done(grown, f"{number} before"))
                put(grown, f"{number} while it dies")
        with process(grown, "worker"):
            within(45, lambda: len(done(grown)) >= 4)
    with grown.transactions.reading() as session:
        left = session.scalars(sa.select(Job.state).where(Job.kind == KIND)).all()
    assert set(left) == {"done"}


def _sealed(adapters: Adapters) -> int:
    with adapters.transactions.reading() as session:
        sealed = sa.select(sa.func.count()).where(AuditEntry.position.is_not(None))
        return session.scalar(sealed) or 0
