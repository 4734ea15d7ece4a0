"""Passwords: what hashing costs, how much of it happens at once, and where."""

import threading
import time
from typing import Literal

import anyio
import argon2
import pytest

from helpline.accounts import limits, passwords
from helpline.accounts.passwords import Fault


def test_hashes_are_kept_at_the_cost_that_was_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the real cost, once
    kept = passwords.HASHER.hash("violet kettle marches north")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_at_most_two_hashes_run_at_once_and_none_on_the_event_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running, most, threads = 0, 0, set[int]()
    counting = threading.Lock()

    class Slow(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - argon2's word
            nonlocal running, most
            with counting:
                running, most = running + 1, max(most, running + 1)
                threads.add(threading.get_ident())
            time.sleep(0.02)
            with counting:
                running -= 1
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "HASHER", Slow(time_cost=1, memory_cost=8, parallelism=1))
    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(passwords.verified, "guess", None)
    assert most == limits.HASHES_AT_ONCE
    assert threading.get_ident() not in threads


async def test_outdated_hash_is_noticed() -> None:
    kept = await passwords.hashed("violet kettle marches north")
    assert not (await passwords.verified("violet kettle marches north", kept)).is_outdated
    cheaper = argon2.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(
        "violet kettle marches north"
    )
    found = await passwords.verified("violet kettle marches north", cheaper)
    assert (found.fits, found.is_outdated) == (True, True)


async def test_nobodys_password_fits_nobody() -> None:
    assert not (await passwords.verified("nobody", None)).fits


async def test_broken_hash_fits_nothing() -> None:
    assert not (await passwords.verified("anything", "not a hash")).fits


async def test_text_beyond_the_longest_never_fits() -> None:
    kept = await passwords.hashed("v" * limits.PASSWORD_MAX)
    assert (await passwords.verified("v" * limits.PASSWORD_MAX, kept)).fits
    assert not (await passwords.verified("v" * (limits.PASSWORD_MAX + 1), kept)).fits


async def test_same_letters_typed_on_another_keyboard_fit() -> None:
    kept = await passwords.hashed("f\u00fcnf kettle marches")
    assert (await passwords.verified("fu\u0308nf kettle marches", kept)).fits


@pytest.mark.parametrize("typed", ["\ud800" * 14 + "abcd", "a\x00b" * 5])
async def test_strange_characters_are_only_characters(typed: str) -> None:
    kept = await passwords.hashed(typed)
    assert (await passwords.verified(typed, kept)).fits


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("violet kettle marches north", None),
        ("childish purple spoons", None),
        ("8f3K-zz1q-Lm40", None),
        ("elevenchars", Fault.TOO_SHORT),
        ("Child-Helpline-2026", Fault.TOO_COMMON),
        ("987654321098", Fault.TOO_COMMON),
        ("abababababab", Fault.TOO_COMMON),
        ("y" * 257, Fault.TOO_LONG),
    ],
)
def test_only_the_obvious_is_refused(password: str, fault: Fault | None) -> None:
    assert passwords.fault_of(password) == fault


def test_own_name_is_no_password() -> None:
    assert passwords.fault_of("annokaforokafor1", own_words=["Ann", "Okafor"]) is Fault.TOO_COMMON
