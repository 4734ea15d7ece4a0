"""The tables of staff and their sessions. Names and addresses are sealed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from integrations.database import Base


class Role(StrEnum):
    """What a member of staff may do. An admin sees configuration and no child's words."""

    ADVOCATE = "advocate"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ADMIN = "admin"


# Who may read a child's words (helpline/access.py). An admin sees configuration; a manager sees
# institutions.
READERS = frozenset({Role.ADVOCATE, Role.SUPERVISOR})


class Staff(Base):
    """One member of staff. ``email``, ``name`` and ``phone`` are sealed under the scope ``staff``.

    ``pin_hash`` is that of the PIN with which they take an alarm by keypad.
    """

    __tablename__ = "staff"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email_token: Mapped[bytes] = mapped_column(unique=True)
    email: Mapped[bytes]
    name: Mapped[bytes]
    role: Mapped[str] = mapped_column(sa.String(16))
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    totp_secret: Mapped[bytes | None]
    totp_last_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    welcome_hash: Mapped[bytes | None]
    welcome_until: Mapped[datetime | None]
    phone: Mapped[bytes | None]
    pin_hash: Mapped[str | None] = mapped_column(sa.String(200))
    made_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One code that stands in for the second factor, once."""

    __tablename__ = "recovery_code"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    code_hash: Mapped[bytes]
    used_at: Mapped[datetime | None]


class StaffSession(Base):
    """A signed-in browser. Only a hash of its token is kept; ``ended_at`` revokes it."""

    __tablename__ = "staff_session"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    csrf: Mapped[str] = mapped_column(sa.String(64))
    second_factor_done: Mapped[bool]
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    locked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A failed sign-in, by keyed token of what was typed: it slows the next one down."""

    __tablename__ = "sign_in_attempt"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email_token: Mapped[bytes] = mapped_column(index=True)
    at: Mapped[datetime]
