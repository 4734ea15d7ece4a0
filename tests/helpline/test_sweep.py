"""The web processes do the urgent work when no worker does."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from helpline import canary, climbing, sweep, worker
from helpline.queue import add, claim, lease
from helpline.queue.models import Job, Lane
from helpline.wiring import Adapters
from tests import installation
from tests.clock import Clock
from tests.stores import Stores


@pytest.fixture
def adapters(stores: Stores, clock: Clock) -> Iterator[Adapters]:
    with installation.installed(stores, clock) as adapters:
        yield adapters


@pytest.fixture
def climbs(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    climbed: list[object] = []
    monkeypatch.setattr(climbing, "climb", climbed.append)
    return climbed


def put(adapters: Adapters, lane: Lane) -> None:
    with adapters.transactions.begin() as session:
        add.add(
            session,
            kind=canary.KIND,
            subject=UUID(int=list(Lane).index(lane)),
            lane=lane,
            dedupe_key=lane.value,
            due_at=adapters.clock(),
            now=adapters.clock(),
        )


def beat(adapters: Adapters) -> None:
    with adapters.transactions.begin() as session:
        lease.lead(
            session,
            name=sweep.WORKER,
            holder="worker",
            now=adapters.clock(),
            for_=worker.BEAT_EVERY,
        )


def states(adapters: Adapters) -> dict[str, str]:
    with adapters.transactions.reading() as session:
        return {job.lane: job.state for job in session.scalars(sa.select(Job))}


def test_web_leaves_the_work_to_a_worker_that_beats(
    adapters: Adapters, clock: Clock, climbs: list[object]
) -> None:
    put(adapters, Lane.URGENT)
    beat(adapters)
    clock.advance(sweep.MISSED_AFTER)
    assert not sweep.sweep(adapters, owner="web")
    assert (climbs, states(adapters)) == ([], {"urgent": "ready"})


def test_one_web_process_climbs_and_drains_when_the_worker_is_missed(
    adapters: Adapters, clock: Clock, climbs: list[object]
) -> None:
    beat(adapters)
    clock.advance(sweep.MISSED_AFTER + timedelta(seconds=1))
    for lane in Lane:
        put(adapters, lane)
    assert sweep.sweep(adapters, owner="web 1")
    assert not sweep.sweep(adapters, owner="web 2")
    assert climbs == [adapters] * 4, "first of all, and after each job, which may have been slow"
    assert states(adapters) == {
        "urgent": "done",
        "ringing": "done",
        "normal": "done",
        "outside": "done",
        "bulk": "ready",
    }
    clock.advance(sweep.LEASE)
    assert sweep.sweep(adapters, owner="web 2")


def test_worker_that_beats_but_hangs_in_the_urgent_lane_is_helped(
    adapters: Adapters, clock: Clock, climbs: list[object]
) -> None:
    with adapters.transactions.begin() as session:
        canary.heard(session, adapters, UUID(int=0), clock.now())
    clock.advance(sweep.STUCK_AFTER)
    beat(adapters)
    assert not sweep.sweep(adapters, owner="web")
    clock.advance(timedelta(seconds=1))
    assert sweep.sweep(adapters, owner="web")
    assert climbs == [adapters]


def test_urgent_job_of_a_killed_worker_goes_on_within_forty_seconds(
    adapters: Adapters, clock: Clock, climbs: list[object]
) -> None:
    beat(adapters)
    put(adapters, Lane.URGENT)
    with adapters.transactions.begin() as session:
        assert claim.claim(session, lane=Lane.URGENT, owner="killed", now=clock.now(), limit=1)
    killed_at = clock.now()
    while states(adapters) != {"urgent": "done"}:
        clock.advance(sweep.EVERY)
        sweep.sweep(adapters, owner="web")
    assert clock.now() - killed_at <= timedelta(seconds=40)
    assert climbs
