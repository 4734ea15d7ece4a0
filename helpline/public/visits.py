"""A visit: what a browser's session or an app's token may do, and where on the pages it is.

The token is random and only its hash is stored, so that a copy of the database opens nothing.
Leaving ends the visit at once; its conversation stays open.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.public.models import Visit
from helpline.public.steps import Step

TOKEN_BYTES = 32

# WCAG 2.2.6 asks for 20 hours at least for anything a person has typed.
PAGE_LASTS = timedelta(hours=24)
# An app has no other way back yet: as long as the way back of the design lasts when it is quiet.
APP_LASTS = timedelta(days=30)


class Begun(NamedTuple):
    """A new visit and its secret, which is never seen again."""

    token: str
    visit: Visit


def begin(session: Session, *, now: datetime, step: Step = Step.LANDING) -> Begun:
    """Begin a browser's visit. It has no conversation until the child wants to talk."""
    return _begin(session, now=now, step=step, conversation=None, csrf=secrets.token_urlsafe(32))


def begin_for_app(session: Session, *, conversation: UUID, now: datetime) -> Begun:
    """Begin an app's visit: a bearer token for one conversation, with no pages and no forms."""
    return _begin(session, now=now, step=Step.CHAT, conversation=conversation, csrf=None)


def find(session: Session, token: str, now: datetime) -> Visit | None:
    """The visit of a token, unless it has ended or is too old."""
    visit = session.get(Visit, hashed(token))
    if visit is None or visit.ended_at is not None:
        return None
    lasts = APP_LASTS if visit.csrf is None else PAGE_LASTS
    return visit if now - visit.begun_at < lasts else None


def move(session: Session, *, visit: Visit, step: Step) -> None:
    """Remember which page the visit is on."""
    session.execute(_of(visit.token_hash).values(step=step.value))


def attach(session: Session, *, visit: Visit, conversation: UUID) -> UUID:
    """Give the visit its conversation and show it; the one it has already, if it has one."""
    session.execute(
        _of(visit.token_hash)
        .where(Visit.conversation_id.is_(None))
        .values(conversation_id=conversation)
    )
    session.execute(_of(visit.token_hash).values(step=Step.CHAT.value))
    held = session.scalar(
        sa.select(Visit.conversation_id).where(Visit.token_hash == visit.token_hash)
    )
    return held or conversation


def end(session: Session, *, token: str, now: datetime) -> UUID | None:
    """End the visit of a token for good, and say which conversation it was in.

    None as well when the visit is unknown or had ended before.
    """
    visit = session.get(Visit, hashed(token))
    if visit is None or visit.ended_at is not None:
        return None
    session.execute(_of(visit.token_hash).values(ended_at=now, step=Step.LANDING.value))
    return visit.conversation_id


def has_csrf(visit: Visit, given: str | None) -> bool:
    """Whether a form or a fetch carries this visit's own token."""
    return (
        given is not None
        and visit.csrf is not None
        and hmac.compare_digest(visit.csrf.encode(), given.encode())
    )


def hashed(token: str) -> bytes:
    """What is stored of a token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def _begin(
    session: Session, *, now: datetime, step: Step, conversation: UUID | None, csrf: str | None
) -> Begun:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    visit = Visit(
        token_hash=hashed(token),
        conversation_id=conversation,
        step=step.value,
        csrf=csrf,
        begun_at=now,
        ended_at=None,
    )
    session.add(visit)
    session.flush()  # so that a later statement of this transaction finds the row
    return Begun(token=token, visit=visit)


def _of(token_hash: bytes) -> sa.Update:
    return (
        sa.update(Visit)
        .where(Visit.token_hash == token_hash)
        .execution_options(synchronize_session="fetch")
    )
