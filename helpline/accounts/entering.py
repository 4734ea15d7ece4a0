"""Signing in and signing out: the edge between the pages and the rules.

Whoever asks learns only one of two things: that they are in, or that the two did not fit (and how
long to wait). An address that nobody has takes the same steps and the same time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import anyio.to_thread
import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts import (
    addresses,
    attempts,
    limits,
    passwords,
    recovery,
    sessions,
    staff,
    totp,
    trail,
)
from helpline.accounts.attempts import Refused
from helpline.accounts.models import Staff
from helpline.accounts.parts import Parts
from helpline.accounts.sessions import Begun, Held


@dataclass(frozen=True, kw_only=True)
class Entered:
    """The way in, or half of it while the second factor is missing."""

    begun: Begun
    is_complete: bool


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """An attempt that was written down. ``staff`` and ``kept`` are empty for nobody."""

    attempt: UUID
    subject: UUID
    staff: UUID | None
    kept: str | None


async def with_password(
    parts: Parts, *, email: str, password: str, old_session: bytes | None
) -> Entered | Refused:
    """Sign in with address and password. Ends ``old_session``, which this browser brought."""
    now = parts.clock()
    asked = await anyio.to_thread.run_sync(partial(_ask, parts, email=email, now=now))
    if isinstance(asked, Refused):
        return asked
    verified = await passwords.verified(password, asked.kept)
    if not verified.fits or asked.staff is None:
        await anyio.to_thread.run_sync(partial(_note_failure, parts, asked.subject, now=now))
        return Refused()
    renewed = await passwords.hashed(password) if verified.is_outdated else None
    return await anyio.to_thread.run_sync(
        partial(_enter, parts, asked, renewed=renewed, old_session=old_session, now=now)
    )


async def with_code(parts: Parts, *, held: Held, typed: str) -> Entered | Refused:
    """Give the second factor, an app's code or a recovery code, to a half open session."""
    now = parts.clock()
    return await anyio.to_thread.run_sync(
        partial(_second_factor, parts, held=held, typed=typed, now=now)
    )


def sign_out(parts: Parts, *, held: Held) -> None:
    """End this session for good."""
    now = parts.clock()
    with parts.transactions.begin() as session:
        sessions.end(session, token_hash=held.token_hash, now=now)
        trail.by_person(session, parts.audit, staff=held.staff, action=trail.SIGNED_OUT, now=now)


def _ask(parts: Parts, *, email: str, now: datetime) -> _Asked | Refused:
    token = staff.lookup(parts.keystore, now=now).token(addresses.tidy(email))
    with parts.transactions.reading() as session:
        refused = attempts.refusal(_wait_outside(session, token, now=now))
    if refused:
        # Only reading so far: a flood of attempts must not stand in the writer's way.
        return refused
    with parts.transactions.begin() as session:
        refused = attempts.refusal(_wait_outside(session, token, now=now))
        if refused:
            return refused
        person = staff.find(session, token=token)
        if person and not staff.is_set_up(person, without_second_factor=parts.settings.demo):
            person = None
        return _Asked(
            attempt=attempts.write_down(session, token=token, now=now),
            # Nobody's attempts are written down under the keyed token of what was typed.
            subject=person.id if person else UUID(bytes=token),
            staff=person.id if person else None,
            kept=person.password_hash if person else None,
        )


def _wait_outside(session: Session, token: bytes, *, now: datetime) -> timedelta:
    own = attempts.wait(session, token=token, rule=limits.PASSWORD_SLOWING, now=now)
    return max(own, attempts.wait_of_everyone(session, now=now))


def _enter(
    parts: Parts,
    asked: _Asked,
    *,
    renewed: str | None,
    old_session: bytes | None,
    now: datetime,
) -> Entered | Refused:
    with parts.transactions.begin() as session:
        person = session.scalars(
            sa.select(Staff)
            .where(Staff.id == asked.staff, Staff.password_hash == asked.kept)
            .with_for_update()
        ).first()
        if person is None or not staff.is_set_up(person, without_second_factor=parts.settings.demo):
            # Disabled or renewed while the password was being checked.
            return Refused()
        if renewed:
            person.password_hash = renewed
        is_complete = person.totp_secret is None
        attempts.take_back(session, attempt=asked.attempt)
        if old_session:
            sessions.end(session, token_hash=old_session, now=now)
        begun = sessions.begin(session, staff_id=person.id, second_factor_done=is_complete, now=now)
        if is_complete:
            _complete(session, parts, person, now=now)
        return Entered(begun=begun, is_complete=is_complete)


def _second_factor(parts: Parts, *, held: Held, typed: str, now: datetime) -> Entered | Refused:
    is_recovery = recovery.looks_like_one(typed)
    rule = limits.PASSWORD_SLOWING if is_recovery else limits.SECOND_FACTOR_SLOWING
    token = attempts.token(
        parts.keystore, "recovery" if is_recovery else "totp", held.staff, now=now
    )
    with parts.transactions.begin() as session:
        # Locked before the wait is looked at, so that of a burst each sees the one before.
        person = session.get(Staff, held.staff, with_for_update=True)
        refused = attempts.refusal(attempts.wait(session, token=token, rule=rule, now=now))
        if refused:
            return refused
        if person is None or not staff.is_set_up(person, without_second_factor=False):
            return Refused()
        attempts.write_down(session, token=token, now=now)
        if not _fits(session, parts, person, typed=typed, is_recovery=is_recovery, now=now):
            trail.by_nobody(
                session, parts.audit, subject=person.id, action=trail.SIGN_IN_FAILED, now=now
            )
            return Refused()
        attempts.forgive(session, tokens=[token])
        # A new token: one that was planted or overheard before this moment is worth nothing.
        sessions.end(session, token_hash=held.token_hash, now=now)
        begun = sessions.begin(session, staff_id=person.id, second_factor_done=True, now=now)
        _complete(session, parts, person, now=now)
        return Entered(begun=begun, is_complete=True)


def _fits(
    session: Session,
    parts: Parts,
    person: Staff,
    *,
    typed: str,
    is_recovery: bool,
    now: datetime,
) -> bool:
    if is_recovery:
        is_taken = recovery.use(session, staff=person.id, typed=typed, now=now)
        if is_taken:
            trail.by_person(session, parts.audit, staff=person.id, action=trail.CODE_USED, now=now)
        return is_taken
    if person.totp_secret is None:
        return False
    secret = totp.open_sealed(parts.sealing, staff=person.id, sealed=person.totp_secret)
    return totp.use(session, staff=person.id, secret=secret, code=typed, now=now)


def _complete(session: Session, parts: Parts, person: Staff, *, now: datetime) -> None:
    attempts.forgive(session, tokens=[person.email_token])
    trail.by_person(session, parts.audit, staff=person.id, action=trail.SIGNED_IN, now=now)


def _note_failure(parts: Parts, subject: UUID, *, now: datetime) -> None:
    with parts.transactions.begin() as session:
        trail.by_nobody(session, parts.audit, subject=subject, action=trail.SIGN_IN_FAILED, now=now)
