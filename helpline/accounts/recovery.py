"""Recovery codes: ten pieces of paper that stand in for a lost phone, once each."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline.accounts import limits
from helpline.accounts.models import RecoveryCode

# Crockford's base32: no letter in it looks like a digit.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
_GROUP = 4


def looks_like_one(typed: str) -> bool:
    """Whether this is shaped like a recovery code, right or wrong. Pure."""
    return len(_tidy(typed)) == limits.RECOVERY_CODE_LENGTH


def make(session: Session, *, staff: UUID) -> tuple[str, ...]:
    """A new set of codes, to be shown once. The old set no longer works."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == staff))
    codes = tuple(_fresh() for _ in range(limits.RECOVERY_CODES))
    session.add_all(
        RecoveryCode(id=uuid7(), staff_id=staff, code_hash=_hash(code)) for code in codes
    )
    return codes


def use(session: Session, *, staff: UUID, typed: str, now: datetime) -> bool:
    """Take a code. False when it is wrong or was taken before."""
    taken = session.scalars(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == staff,
            RecoveryCode.code_hash == _hash(typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    return taken.first() is not None


def left(session: Session, *, staff: UUID) -> int:
    """How many codes still work."""
    counted = sa.select(sa.func.count()).where(
        RecoveryCode.staff_id == staff, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(counted) or 0


def _fresh() -> str:
    text = "".join(secrets.choice(_ALPHABET) for _ in range(limits.RECOVERY_CODE_LENGTH))
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def _tidy(typed: str) -> str:
    return typed.strip().upper().translate(_MISREAD)


def _hash(code: str) -> bytes:
    return hashlib.sha256(_tidy(code).encode("utf-8", "replace")).digest()
