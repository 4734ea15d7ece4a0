"""Passwords: which are refused, and how the others are kept.

Hashing takes tens of milliseconds of a core, so it never runs on the event loop, never more than
twice at once in a process, and never on more than a bounded text.
"""

import functools
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import anyio.to_thread
import argon2
from anyio.lowlevel import RunVar

from helpline.accounts import limits

HASHER = argon2.PasswordHasher(
    time_cost=limits.ARGON2_PASSES,
    memory_cost=limits.ARGON2_MEMORY_KIB,
    parallelism=limits.ARGON2_LANES,
)

# What people here would try first. Length carries the weight; this only stops the obvious.
_OBVIOUS = """
    password passwort passphrase letmein welcome qwertyuiop qwerty asdfghjkl zxcvbnm abcdefghijkl
    helpline advocate advocacy childline children child console admin administrator supervisor
    manager secret changeme trustno iloveyou sunshine princess football liverpool arsenal monkey
    dragon summer winter spring autumn january february monday friday london england
"""
REFUSED_WORDS = frozenset(_OBVIOUS.split())
_RUNS = "0123456789" * 3, "9876543210" * 3
_FEW_CHARACTERS = 5
_LETTERS_TO_SPARE = 4

_AT_ONCE: RunVar[anyio.CapacityLimiter] = RunVar("password_hashes")


class Fault(StrEnum):
    """Why a new password is refused."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_COMMON = "too_common"


@dataclass(frozen=True, kw_only=True)
class Verified:
    """Whether a password fits, and whether its hash should be made again at today's cost."""

    fits: bool
    is_outdated: bool = False


def fault_of(password: str, *, own_words: Iterable[str] = ()) -> Fault | None:
    """Why ``password`` is refused, or None. ``own_words`` are the person's name and address."""
    if len(password) > limits.PASSWORD_MAX:
        return Fault.TOO_LONG
    text = unicodedata.normalize("NFKC", password)
    if len(text) < limits.PASSWORD_MIN:
        return Fault.TOO_SHORT
    return Fault.TOO_COMMON if _is_common(text.casefold(), own_words) else None


async def hashed(password: str) -> str:
    """What is kept of a password that has no fault."""
    return await anyio.to_thread.run_sync(HASHER.hash, _bytes(password), limiter=_limiter())


async def verified(password: str, kept: str | None) -> Verified:
    """Whether ``password`` is the one that was ``kept``. None costs the same and never fits."""
    work = functools.partial(_verify, password, kept, HASHER)
    return await anyio.to_thread.run_sync(work, limiter=_limiter())


def _verify(password: str, kept: str | None, hasher: argon2.PasswordHasher) -> Verified:
    # Too long a text is cut before it is hashed, and cannot fit.
    can_fit = kept is not None and len(password) <= limits.PASSWORD_MAX
    against = kept if kept is not None and can_fit else _nobodys(hasher)
    try:
        hasher.verify(against, _bytes(password[: limits.PASSWORD_MAX]))
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return Verified(fits=False)
    return Verified(fits=can_fit, is_outdated=hasher.check_needs_rehash(against))


@functools.cache
def _nobodys(hasher: argon2.PasswordHasher) -> str:
    """A hash that stands in for people who do not exist, at today's cost."""
    return hasher.hash(b"nobody")


def _bytes(password: str) -> bytes:
    # The same letters can be typed as different characters on two keyboards.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")


def _is_common(text: str, own_words: Iterable[str]) -> bool:
    if len(set(text)) < _FEW_CHARACTERS or any(text in run for run in _RUNS):
        return True
    letters = "".join(c for c in text if c.isalpha())
    own = ("".join(c for c in word.casefold() if c.isalpha()) for word in own_words)
    refused = {*REFUSED_WORDS, *(word for word in own if len(word) >= _LETTERS_TO_SPARE)}
    left = letters
    for word in sorted(refused, key=len, reverse=True):
        left = left.replace(word, "")
    return left != letters and len(left) < _LETTERS_TO_SPARE


def _limiter() -> anyio.CapacityLimiter:
    # One for the event loop of this process: a limiter belongs to the loop that made it.
    try:
        return _AT_ONCE.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(limits.HASHES_AT_ONCE)
        _AT_ONCE.set(limiter)
        return limiter
