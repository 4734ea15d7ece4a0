"""Ringing a lane never delays or fails whoever rings."""

import threading
import time

import pytest

from helpline.bell import Bell
from helpline.queue.models import Lane


def test_rings_that_wait_become_one_ring_and_urgent_goes_first() -> None:
    rung: list[Lane] = []
    is_held, go_on = threading.Event(), threading.Event()

    def publish(lane: Lane) -> None:
        is_held.set()
        go_on.wait(5)
        rung.append(lane)

    bell = Bell(publish)
    bell.ring(Lane.BULK)
    assert is_held.wait(5)
    for lane in (Lane.NORMAL, Lane.URGENT, Lane.URGENT, Lane.NORMAL):
        bell.ring(lane)
    go_on.set()
    wait_for(lambda: len(rung) == 3)
    bell.stop()
    assert rung == [Lane.BULK, Lane.URGENT, Lane.NORMAL]


def test_broker_that_hangs_holds_nobody_up() -> None:
    go_on = threading.Event()

    def publish(_lane: Lane) -> None:
        go_on.wait(5)

    bell = Bell(publish)
    started = time.perf_counter()
    for _ in range(1000):
        bell.ring(Lane.URGENT)
    assert time.perf_counter() - started < 0.5
    go_on.set()
    bell.stop()


def test_ring_that_fails_is_followed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpline.bell.REST_SECONDS", 0.0)
    rung: list[Lane] = []

    def publish(lane: Lane) -> None:
        rung.append(lane)
        raise ConnectionError

    bell = Bell(publish)
    for number in (1, 2):
        bell.ring(Lane.URGENT)
        wait_for(lambda number=number: len(rung) == number)
    bell.stop()


def wait_for(condition: object) -> None:
    give_up = time.monotonic() + 5
    while not condition():  # type: ignore[operator]  # any callable
        assert time.monotonic() < give_up
        time.sleep(0.005)
