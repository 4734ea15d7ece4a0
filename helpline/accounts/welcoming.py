"""The one-time link: a new person chooses a password and proves the second factor.

The link works until both are done, so that whoever is interrupted opens it again. Until then the
person cannot sign in with the password alone.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import anyio.to_thread
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
from helpline.accounts.passwords import Fault
from helpline.accounts.sessions import Begun, Held, Standing


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """Whose link this is."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A password was chosen. It is complete in the demo, which asks for no second factor."""

    begun: Begun
    is_complete: bool


@dataclass(frozen=True, kw_only=True)
class Enrolling:
    """The secret that the person's authenticator app is to learn."""

    secret: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Completed:
    """A person who may work, and the recovery codes to show them once."""

    begun: Begun
    codes: tuple[str, ...]


def newcomer(parts: Parts, *, secret: str) -> Newcomer | None:
    """The person whose link holds ``secret``, while it works."""
    now = parts.clock()
    with parts.transactions.reading() as session:
        person = staff.welcomed(session, secret=secret, now=now)
        return _newcomer(parts, person) if person else None


async def choose(parts: Parts, *, secret: str, name: str, password: str) -> Chosen | Fault | None:
    """Set name and password. None when the link does not work, a fault when the password does not.

    Raises WrongNameError.
    """
    found = await anyio.to_thread.run_sync(partial(newcomer, parts, secret=secret))
    if found is None:
        return None
    chosen_name = addresses.checked_name(name)
    own_words = (*chosen_name.split(), *found.email.split("@"))
    fault = passwords.fault_of(password, own_words=own_words)
    if fault is not None:
        return fault
    kept = await passwords.hashed(password)
    return await anyio.to_thread.run_sync(
        partial(_choose, parts, secret=secret, name=chosen_name, kept=kept)
    )


def enrolling(parts: Parts, *, held: Held | None) -> Enrolling | None:
    """What to show a person who has chosen a password and must now prove the second factor."""
    if held is None or held.standing is not Standing.HALF:
        return None
    with parts.transactions.reading() as session:
        person = session.get_one(Staff, held.staff)
        if person.welcome_hash is None or person.totp_secret is None:
            return None
        return Enrolling(
            secret=totp.open_sealed(parts.sealing, staff=person.id, sealed=person.totp_secret),
            email=_newcomer(parts, person).email,
        )


def prove(parts: Parts, *, held: Held, code: str) -> Completed | Refused:
    """Take the first code of the new app: the link is used up and the person is in."""
    now = parts.clock()
    token = attempts.token(parts.keystore, "totp", held.staff, now=now)
    with parts.transactions.begin() as session:
        # Locked before the wait is looked at, so that of a burst each sees the one before.
        person = session.get_one(Staff, held.staff, with_for_update=True)
        refused = attempts.refusal(
            attempts.wait(session, token=token, rule=limits.SECOND_FACTOR_SLOWING, now=now)
        )
        if refused:
            return refused
        if person.welcome_hash is None or person.totp_secret is None:
            return Refused()
        secret = totp.open_sealed(parts.sealing, staff=person.id, sealed=person.totp_secret)
        attempts.write_down(session, token=token, now=now)
        if not totp.use(session, staff=person.id, secret=secret, code=code, now=now):
            return Refused()
        attempts.forgive(session, tokens=[token, person.email_token])
        begun = _finish(session, parts, person, now=now)
        return Completed(begun=begun, codes=recovery.make(session, staff=person.id))


def _choose(parts: Parts, *, secret: str, name: str, kept: str) -> Chosen | None:
    now = parts.clock()
    with parts.transactions.begin() as session:
        person = staff.welcomed(session, secret=secret, now=now)
        if person is None:
            return None
        person.name = parts.sealing.seal(totp.SCOPE, "staff", person.id, "name", name)
        person.password_hash = kept
        if parts.settings.demo:
            attempts.forgive(session, tokens=[person.email_token])
            return Chosen(begun=_finish(session, parts, person, now=now), is_complete=True)
        person.totp_secret = totp.seal(parts.sealing, staff=person.id, secret=totp.fresh_secret())
        person.totp_last_step = None
        sessions.end_all(session, staff_id=person.id, now=now)
        begun = sessions.begin(session, staff_id=person.id, second_factor_done=False, now=now)
        return Chosen(begun=begun, is_complete=False)


def _finish(session: Session, parts: Parts, person: Staff, *, now: datetime) -> Begun:
    person.welcome_hash = None
    person.welcome_until = None
    sessions.end_all(session, staff_id=person.id, now=now)
    trail.by_person(session, parts.audit, staff=person.id, action=trail.SET_UP, now=now)
    trail.by_person(session, parts.audit, staff=person.id, action=trail.SIGNED_IN, now=now)
    return sessions.begin(session, staff_id=person.id, second_factor_done=True, now=now)


def _newcomer(parts: Parts, person: Staff) -> Newcomer:
    return Newcomer(
        name=parts.sealing.open(totp.SCOPE, "staff", person.id, "name", person.name),
        email=parts.sealing.open(totp.SCOPE, "staff", person.id, "email", person.email),
    )
