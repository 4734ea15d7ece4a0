"""Asking somebody who is signed in for their password once more: to unlock, to make new codes."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import anyio.to_thread
import sqlalchemy as sa

from helpline.accounts import attempts, limits, passwords, recovery, sessions, trail
from helpline.accounts.attempts import Refused
from helpline.accounts.models import Staff
from helpline.accounts.parts import Parts
from helpline.accounts.sessions import Held


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """An attempt that was written down, and the hash to check it against."""

    token: bytes
    kept: str | None


async def unlock(parts: Parts, *, held: Held, password: str) -> Refused | None:
    """Open a locked session with the person's password; None when it is open."""
    refused = await _password_again(parts, held=held, password=password)
    if refused is None:
        await anyio.to_thread.run_sync(partial(_unlock, parts, held=held))
    return refused


async def fresh_codes(parts: Parts, *, held: Held, password: str) -> tuple[str, ...] | Refused:
    """A new set of recovery codes in place of the old one, for the person's password."""
    refused = await _password_again(parts, held=held, password=password)
    if refused is not None:
        return refused
    return await anyio.to_thread.run_sync(partial(_make_codes, parts, held=held))


def lock(parts: Parts, *, held: Held) -> None:
    """Lock a session now, because its person asked or left the page alone."""
    with parts.transactions.begin() as session:
        sessions.lock(session, token_hash=held.token_hash, now=parts.clock())


async def _password_again(parts: Parts, *, held: Held, password: str) -> Refused | None:
    now = parts.clock()
    asked = await anyio.to_thread.run_sync(partial(_ask, parts, held=held, now=now))
    if isinstance(asked, Refused):
        return asked
    verified = await passwords.verified(password, asked.kept)
    await anyio.to_thread.run_sync(
        partial(_note, parts, asked, held=held, fits=verified.fits, now=now)
    )
    return None if verified.fits else Refused()


def _ask(parts: Parts, *, held: Held, now: datetime) -> _Asked | Refused:
    # By person, not by session: nobody gets five more guesses by signing in elsewhere.
    token = attempts.token(parts.keystore, "again", held.staff, now=now)
    with parts.transactions.begin() as session:
        wait = attempts.wait(session, token=token, rule=limits.PASSWORD_SLOWING, now=now)
        refused = attempts.refusal(wait)
        if refused:
            return refused
        attempts.write_down(session, token=token, now=now)
        kept = session.scalar(sa.select(Staff.password_hash).where(Staff.id == held.staff))
        return _Asked(token=token, kept=kept)


def _note(parts: Parts, asked: _Asked, *, held: Held, fits: bool, now: datetime) -> None:
    with parts.transactions.begin() as session:
        if fits:
            attempts.forgive(session, tokens=[asked.token])
        else:
            trail.by_nobody(
                session, parts.audit, subject=held.staff, action=trail.UNLOCK_FAILED, now=now
            )


def _unlock(parts: Parts, *, held: Held) -> None:
    now = parts.clock()
    with parts.transactions.begin() as session:
        sessions.unlock(session, token_hash=held.token_hash, now=now)
        trail.by_person(session, parts.audit, staff=held.staff, action=trail.UNLOCKED, now=now)


def _make_codes(parts: Parts, *, held: Held) -> tuple[str, ...]:
    now = parts.clock()
    with parts.transactions.begin() as session:
        trail.by_person(session, parts.audit, staff=held.staff, action=trail.CODES_MADE, now=now)
        return recovery.make(session, staff=held.staff)
