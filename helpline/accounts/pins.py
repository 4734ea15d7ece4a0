"""Checking the PIN that somebody presses to take an alarm by phone.

Each attempt is written down before it is checked, like one at a password, so that a PIN cannot be
guessed by answering many calls.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

import anyio.to_thread
import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts import attempts, limits, passwords, trail
from helpline.accounts.attempts import Refused
from helpline.accounts.models import Staff
from helpline.accounts.parts import Parts

_KIND = "pin"


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """An attempt that was written down, and the hash to check it against."""

    token: bytes
    kept: str | None = field(repr=False)


def has_pin(session: Session, *, staff: UUID) -> bool:
    """Whether somebody who was not disabled has set a PIN."""
    return _kept(session, staff) is not None


async def check(parts: Parts, *, staff: UUID, pin: str) -> Refused | None:
    """None when ``pin`` is that person's. Hashing takes its time off the event loop."""
    now = parts.clock()
    asked = await anyio.to_thread.run_sync(partial(_ask, parts, staff, now))
    if isinstance(asked, Refused):
        return asked
    verified = await passwords.verified(pin, asked.kept)
    await anyio.to_thread.run_sync(partial(_note, parts, asked, staff, now, fits=verified.fits))
    return None if verified.fits else Refused()


def _ask(parts: Parts, staff: UUID, now: datetime) -> _Asked | Refused:
    token = attempts.token(parts.keystore, _KIND, staff, now=now)
    with parts.transactions.begin() as session:
        wait = attempts.wait(session, token=token, rule=limits.PIN_SLOWING, now=now)
        refused = attempts.refusal(wait)
        if refused:
            return refused
        attempts.write_down(session, token=token, now=now)
        return _Asked(token=token, kept=_kept(session, staff))


def _note(parts: Parts, asked: _Asked, staff: UUID, now: datetime, *, fits: bool) -> None:
    with parts.transactions.begin() as session:
        if fits:
            attempts.forgive(session, tokens=[asked.token])
        else:
            trail.by_nobody(session, parts.audit, subject=staff, action=trail.PIN_FAILED, now=now)


def _kept(session: Session, staff: UUID) -> str | None:
    return session.scalar(
        sa.select(Staff.pin_hash).where(Staff.id == staff, Staff.disabled_at.is_(None))
    )
