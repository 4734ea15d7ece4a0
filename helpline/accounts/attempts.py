"""Attempts at a password or a code. Each is written down before it is checked.

So a hundred attempts at the same moment cannot all pass before the first has failed. Success
takes the rows away again.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline.accounts import limits, slowing
from helpline.accounts.limits import Slowing
from helpline.accounts.models import SignInAttempt
from integrations.keystore import Keystore
from integrations.sealing import KeyedLookup

_KEPT = max(
    rule.window
    for rule in (
        limits.PASSWORD_SLOWING,
        limits.SECOND_FACTOR_SLOWING,
        limits.PIN_SLOWING,
        limits.EVERYONE_SLOWING,
    )
)


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Not in. ``wait_seconds`` is above zero when nothing was even checked."""

    wait_seconds: int = 0


def refusal(wait: timedelta) -> Refused | None:
    """The refusal of somebody who must wait; None for one who need not."""
    seconds = math.ceil(wait.total_seconds())
    return Refused(wait_seconds=seconds) if seconds > 0 else None


def token(keystore: Keystore, kind: str, person: UUID, *, now: datetime) -> bytes:
    """What a known person's attempts of one kind go by; never the token of an address."""
    return KeyedLookup(keystore, "sign_in_attempt", now=now).token(f"{kind}|{person}")


def wait(session: Session, *, token: bytes, rule: Slowing, now: datetime) -> timedelta:
    """How long whoever goes by ``token`` must wait before the next attempt."""
    failures = session.scalars(
        sa.select(SignInAttempt.at).where(
            SignInAttempt.email_token == token, SignInAttempt.at > now - rule.window
        )
    ).all()
    return slowing.wait(failures, rule=rule, now=now)


def wait_of_everyone(session: Session, *, now: datetime) -> timedelta:
    """How long all who are not signed in must wait, whoever they are."""
    rule = limits.EVERYONE_SLOWING
    failures = session.scalars(
        sa.select(SignInAttempt.at).where(SignInAttempt.at > now - rule.window)
    ).all()
    return slowing.wait(failures, rule=rule, now=now)


def write_down(session: Session, *, token: bytes, now: datetime) -> UUID:
    """Count an attempt as failed until it is forgiven. Forgets those that no longer count."""
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.at <= now - _KEPT))
    attempt = SignInAttempt(id=uuid7(), email_token=token, at=now)
    session.add(attempt)
    return attempt.id


def take_back(session: Session, *, attempt: UUID) -> None:
    """Uncount an attempt that did not fail."""
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.id == attempt))


def forgive(session: Session, *, tokens: list[bytes]) -> None:
    """Forget every failure of these tokens: the person proved who they are."""
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.email_token.in_(tokens)))
