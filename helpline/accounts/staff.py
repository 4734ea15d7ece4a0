"""Who is on the staff: adding, welcoming, finding and disabling a person."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline.accounts import addresses, limits, sessions, totp
from helpline.accounts.models import RecoveryCode, Role, Staff
from integrations.keystore import Keystore
from integrations.sealing import KeyedLookup, Sealing


@dataclass(frozen=True, kw_only=True)
class Added:
    """A person who may set a password. ``link_secret`` is shown once and kept nowhere."""

    id: UUID
    link_secret: str
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class Disabled:
    """A person who can no longer sign in and whose sessions have ended."""

    id: UUID


def lookup(keystore: Keystore, *, now: datetime) -> KeyedLookup:
    """Finds people by their address, without the address being kept in the open."""
    return KeyedLookup(keystore, "staff.email", now=now)


def add(
    session: Session,
    *,
    sealing: Sealing,
    lookup: KeyedLookup,
    email: str,
    name: str,
    role: Role,
    now: datetime,
) -> Added:
    """Add a person, or give one who was added before a fresh start.

    A fresh start is for a lost password or phone, and for coming back: it ends every session,
    forgets password, second factor, recovery codes, phone and PIN, and enables the person again.
    Raises WrongAddressError and WrongNameError.
    """
    address = addresses.checked(email)
    person_name = addresses.checked_name(name)
    secret = secrets.token_urlsafe(limits.TOKEN_BYTES)
    token = lookup.token(address)
    kept = session.scalars(sa.select(Staff).where(Staff.email_token == token)).first()
    if kept is None:
        person = Staff(id=uuid7(), email_token=token, made_at=now)
        session.add(person)
    else:
        person = kept
        _forget_secrets(session, person, now=now)
    person.email = sealing.seal(totp.SCOPE, "staff", person.id, "email", address)
    person.name = sealing.seal(totp.SCOPE, "staff", person.id, "name", person_name)
    person.role = role.value
    person.disabled_at = None
    person.welcome_hash = _hash(secret)
    person.welcome_until = now + limits.WELCOME_LASTS
    return Added(id=person.id, link_secret=secret, is_new=kept is None)


def disable(session: Session, *, staff: UUID, now: datetime) -> Disabled:
    """Shut a person out at once: no session, link, password or code of theirs works again."""
    person = session.get_one(Staff, staff)
    _forget_secrets(session, person, now=now)
    person.disabled_at = person.disabled_at or now
    return Disabled(id=person.id)


def find(session: Session, *, token: bytes) -> Staff | None:
    """The person with this address, whether or not they can sign in."""
    return session.scalars(sa.select(Staff).where(Staff.email_token == token)).first()


def is_set_up(person: Staff, *, without_second_factor: bool) -> bool:
    """Whether a person has finished the welcome and may sign in. The demo asks for less."""
    return (
        person.disabled_at is None
        and person.password_hash is not None
        and person.welcome_hash is None
        and (without_second_factor or person.totp_secret is not None)
    )


def welcomed(session: Session, *, secret: str, now: datetime) -> Staff | None:
    """The person whose one-time link holds ``secret``, while it works."""
    return session.scalars(
        sa.select(Staff).where(
            Staff.welcome_hash == _hash(secret),
            Staff.welcome_until > now,
            Staff.disabled_at.is_(None),
        )
    ).first()


def _forget_secrets(session: Session, person: Staff, *, now: datetime) -> None:
    sessions.end_all(session, staff_id=person.id, now=now)
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == person.id))
    person.password_hash = None
    person.totp_secret = None
    person.totp_last_step = None
    person.welcome_hash = None
    person.welcome_until = None
    # A lost phone rings for nobody, and whoever is gone is rung no more.
    person.phone = None
    person.pin_hash = None


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.strip().encode("utf-8", "replace")).digest()
