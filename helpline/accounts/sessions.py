"""Sessions of staff, kept on the server so that they can be ended.

The browser holds a random token; the database holds its hash. A session *stands* in one of three
ways: half open (the second factor is missing), open, or locked (nobody used it for a while). A
locked one opens again with the password and has lost nothing.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from uuid import UUID

import anyio.to_thread
import sqlalchemy as sa
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from helpline.accounts import cookies, errors, limits, parts
from helpline.accounts.models import Role, Staff, StaffSession
from helpline.accounts.parts import Parts

# A page sends this header with what it asks for on its own (a ring, a timer), so that a console
# that nobody sits at still locks.
UNATTENDED = "x-unattended"


class Standing(StrEnum):
    """How a session that has not ended stands."""

    HALF = "half"
    OPEN = "open"
    LOCKED = "locked"


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A session that was begun. ``token`` goes into the cookie and is kept nowhere."""

    token: str
    token_hash: bytes
    csrf: str


@dataclass(frozen=True, kw_only=True)
class Held:
    """A session that has not ended, however it stands."""

    token_hash: bytes
    staff: UUID
    role: Role
    csrf: str
    standing: Standing
    seen_at: datetime
    locked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """The person at an open session. ``session`` is the hash of its token."""

    id: UUID
    role: Role
    session: bytes
    csrf: str
    name: str


def hash_of(token: str) -> bytes:
    """What is kept of a token. It is random, so a fast hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def begin(session: Session, *, staff_id: UUID, second_factor_done: bool, now: datetime) -> Begun:
    """Begin a session with a token of its own; never takes one that a browser brought."""
    token = secrets.token_urlsafe(limits.TOKEN_BYTES)
    begun = Begun(
        token=token, token_hash=hash_of(token), csrf=secrets.token_urlsafe(limits.TOKEN_BYTES)
    )
    session.add(
        StaffSession(
            token_hash=begun.token_hash,
            staff_id=staff_id,
            csrf=begun.csrf,
            second_factor_done=second_factor_done,
            begun_at=now,
            seen_at=now,
        )
    )
    return begun


def find(session: Session, *, token_hash: bytes, now: datetime) -> Held | None:
    """The session of a token, if it has not ended and its person is not disabled."""
    row = session.execute(
        sa.select(StaffSession, Staff.role)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(StaffSession.token_hash == token_hash, *_alive(now))
    ).first()
    if row is None:
        return None
    kept, role = row
    return Held(
        token_hash=kept.token_hash,
        staff=kept.staff_id,
        role=Role(role),
        csrf=kept.csrf,
        standing=_standing(kept, now),
        seen_at=kept.seen_at,
        locked_at=kept.locked_at,
    )


def touch(session: Session, *, token_hash: bytes, now: datetime) -> None:
    """Write that a person uses this session."""
    _change(session, token_hash, StaffSession.locked_at.is_(None), seen_at=now)


def lock(session: Session, *, token_hash: bytes, now: datetime) -> None:
    """Lock a session. It stays, and what was typed stays with it."""
    _change(session, token_hash, StaffSession.locked_at.is_(None), locked_at=now)


def unlock(session: Session, *, token_hash: bytes, now: datetime) -> None:
    """Open a locked session again. The caller has checked the password."""
    _change(session, token_hash, locked_at=None, seen_at=now)


def end(session: Session, *, token_hash: bytes, now: datetime) -> None:
    """End one session for good."""
    _change(session, token_hash, StaffSession.ended_at.is_(None), ended_at=now)


def end_all(session: Session, *, staff_id: UUID, now: datetime) -> None:
    """End every session of a person for good."""
    session.execute(
        sa.update(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def still_valid(session: Session, *, token_hash: bytes, now: datetime) -> bool:
    """Whether a socket may stay open. A locked console still rings: a ring carries ids only."""
    return bool(still_valid_among(session, token_hashes=[token_hash], now=now))


def still_valid_among(
    session: Session, *, token_hashes: Collection[bytes], now: datetime
) -> frozenset[bytes]:
    """Those of many sessions that have not ended: one query for all sockets of a process."""
    return frozenset(
        session.scalars(
            sa.select(StaffSession.token_hash)
            .join(Staff, Staff.id == StaffSession.staff_id)
            .where(
                StaffSession.token_hash.in_(token_hashes),
                StaffSession.second_factor_done,
                *_alive(now),
            )
        )
    )


def last_seen(session: Session, *, since: datetime, now: datetime) -> dict[UUID, datetime]:
    """Who used a console that is open after ``since``, and when last."""
    rows = session.execute(
        sa.select(
            StaffSession.staff_id,
            sa.type_coerce(sa.func.max(StaffSession.seen_at), StaffSession.seen_at.type),
        )
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(
            StaffSession.second_factor_done,
            StaffSession.locked_at.is_(None),
            StaffSession.seen_at > since,
            *_alive(now),
        )
        .group_by(StaffSession.staff_id)
    )
    return {row[0]: row[1] for row in rows}


async def held(connection: HTTPConnection) -> Held | None:
    """The session that a request or a socket brings, however it stands. Looked up once."""
    if not hasattr(connection.state, "held"):
        connection.state.held = await _held(connection)
    found: Held | None = connection.state.held
    return found


async def who(connection: HTTPConnection) -> SignedIn | None:
    """The person who is signed in: both factors given, not locked, not disabled. Else None."""
    found = await held(connection)
    if found is None or found.standing is not Standing.OPEN:
        return None
    if not hasattr(connection.state, "signed_in"):
        adapters = parts.of(connection)
        connection.state.signed_in = SignedIn(
            id=found.staff,
            role=found.role,
            session=found.token_hash,
            csrf=found.csrf,
            name=await anyio.to_thread.run_sync(adapters.names.of, found.staff),
        )
    person: SignedIn = connection.state.signed_in
    return person


async def required(connection: HTTPConnection, *roles: Role) -> SignedIn:
    """The person who is signed in, in one of ``roles`` (any role when none is named).

    Raises NotSignedInError, LockedError or NotAllowedError, which `refusals.py` answers.
    """
    person = await who(connection)
    if person is None:
        found = await held(connection)
        if found is not None and found.standing is Standing.LOCKED:
            raise errors.LockedError
        raise errors.NotSignedInError
    if roles and person.role not in roles:
        raise errors.NotAllowedError
    return person


async def _held(connection: HTTPConnection) -> Held | None:
    adapters = parts.of(connection)
    token = cookies.token_of(connection, adapters.settings)
    if token is None:
        return None
    is_attended = connection.scope["type"] == "http" and UNATTENDED not in connection.headers
    return await anyio.to_thread.run_sync(partial(_look, adapters, token, is_attended=is_attended))


def _look(adapters: Parts, token: str, *, is_attended: bool) -> Held | None:
    now = adapters.clock()
    token_hash = hash_of(token)
    with adapters.transactions.reading() as session:
        found = find(session, token_hash=token_hash, now=now)
    if found is None:
        return None
    if found.standing is Standing.LOCKED and found.locked_at is None:
        with adapters.transactions.begin() as session:
            lock(session, token_hash=token_hash, now=now)
    elif (
        is_attended and found.standing is Standing.OPEN and now - found.seen_at >= limits.SEEN_EVERY
    ):
        with adapters.transactions.begin() as session:
            touch(session, token_hash=token_hash, now=now)
    return found


def _standing(kept: StaffSession, now: datetime) -> Standing:
    if not kept.second_factor_done:
        return Standing.HALF
    if kept.locked_at is not None or now - kept.seen_at >= limits.IDLE_LOCK:
        return Standing.LOCKED
    return Standing.OPEN


def _alive(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        StaffSession.ended_at.is_(None),
        Staff.disabled_at.is_(None),
        StaffSession.begun_at > now - limits.SESSION_ENDS,
        sa.or_(
            StaffSession.second_factor_done,
            StaffSession.begun_at > now - limits.SECOND_FACTOR_WITHIN,
        ),
    )


def _change(
    session: Session,
    token_hash: bytes,
    *conditions: sa.ColumnElement[bool],
    **values: datetime | None,
) -> None:
    session.execute(
        sa.update(StaffSession)
        .where(StaffSession.token_hash == token_hash, *conditions)
        .values(**values)
    )
