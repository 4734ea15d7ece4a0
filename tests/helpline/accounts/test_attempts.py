"""Failures slow the next attempt, through the pages, on both engines."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import anyio.lowlevel
import anyio.to_thread
import pytest

from helpline.accounts import attempts, limits, passwords
from tests.helpline.accounts.conftest import EMAIL, PASSWORD, Face


def answers(browser: Any, email: str, password: str) -> Any:
    return browser.post("/console/sign-in", data={"email": email, "password": password})


def test_five_failures_slow_the_next_even_with_the_right_password(face: Face) -> None:
    face.welcome()
    for _ in range(5):
        assert answers(face.browser(), EMAIL, "a wrong password here").status_code == 422
    waits = answers(face.browser(), EMAIL, PASSWORD)
    assert waits.status_code == 429
    assert "Wait 4 seconds" in waits.text
    assert waits.headers["retry-after"] == "4"
    face.clock.advance(timedelta(seconds=4))
    assert answers(face.browser(), EMAIL, "a wrong password here").status_code == 422
    assert "Wait 8 seconds" in answers(face.browser(), EMAIL, PASSWORD).text
    face.clock.advance(timedelta(seconds=8))
    assert answers(face.browser(), EMAIL, PASSWORD).status_code == 303


def test_unknown_address_is_slowed_like_a_known_one(face: Face) -> None:
    seen = [answers(face.browser(), "nobody@x.example", PASSWORD) for _ in range(6)]
    assert [answer.status_code for answer in seen] == [422] * 5 + [429]


def test_failures_of_one_address_do_not_slow_another_but_a_flood_slows_all(face: Face) -> None:
    face.welcome()
    for _ in range(6):
        answers(face.browser(), "nobody@x.example", PASSWORD)
    assert answers(face.browser(), EMAIL, PASSWORD).status_code == 303
    for number in range(limits.EVERYONE_SLOWING.free):
        answers(face.browser(), f"nobody{number}@x.example", PASSWORD)
    assert answers(face.browser(), EMAIL, PASSWORD).status_code == 429
    face.clock.advance(timedelta(minutes=1))
    assert answers(face.browser(), EMAIL, PASSWORD).status_code == 303


def test_waiting_costs_no_hash(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        answers(face.browser(), EMAIL, PASSWORD)

    async def refuse(*_: object) -> passwords.Verified:
        await anyio.lowlevel.checkpoint()
        pytest.fail("hashed while waiting")

    monkeypatch.setattr(passwords, "verified", refuse)
    assert answers(face.browser(), EMAIL, PASSWORD).status_code == 429


def test_codes_are_slowed_by_person_across_sessions(face: Face) -> None:
    face.welcome()
    face.clock.advance(timedelta(minutes=2))
    for _ in range(5):
        assert face.second(face.sign_in(), "000000").status_code == 422
    waits = face.second(face.sign_in(), face.code())
    assert waits.status_code == 429
    assert "Wait 30 seconds" in waits.text


def test_many_attempts_at_one_moment_do_not_all_pass(face: Face) -> None:
    face.welcome()
    with ThreadPoolExecutor(12) as crowd:
        seen = list(
            crowd.map(
                lambda _: answers(face.browser(), EMAIL, "a wrong password here").status_code,
                range(24),
            )
        )
    # Transactions that begin together do not see one another, so a few more than five may pass.
    assert seen.count(429) >= 24 - 5 - 12


def test_a_burst_of_codes_gains_no_attempt(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    face.welcome()
    face.clock.advance(timedelta(minutes=2))
    browsers = [face.sign_in() for _ in range(limits.SECOND_FACTOR_SLOWING.free + 3)]
    met = threading.Barrier(len(browsers), timeout=1)
    looked = attempts.wait

    def wait(*given: Any, **named: Any) -> timedelta:
        found = looked(*given, **named)
        # Whoever looks before the row is locked meets all the others here.
        with contextlib.suppress(threading.BrokenBarrierError):
            met.wait()
        return found

    monkeypatch.setattr(attempts, "wait", wait)
    with ThreadPoolExecutor(len(browsers)) as crowd:
        seen = list(crowd.map(lambda each: face.second(each, "000000").status_code, browsers))
    assert seen.count(422) == limits.SECOND_FACTOR_SLOWING.free
    assert seen.count(429) == 3
