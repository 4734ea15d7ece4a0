"""A member of staff's own phone, and the PIN with which they take an alarm by keypad.

The phone is rung when they call a child back, when a child rings us, and when they are paged. Its
number is sealed under the scope of staff and opened for ringing alone; a page shows two digits.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat import numbers, sending
from chat.numbers import Number
from chat.sending import Kind, Why
from helpline.accounts import totp, trail
from helpline.accounts.models import Staff
from helpline.accounts.parts import Parts

_PIN = re.compile(r"[0-9]{4,6}")
_RUNS = "01234567890", "09876543210"
_FEW_DIGITS = 3


class OwnPhoneError(ValueError):
    """That cannot be kept."""


class NotRingableError(OwnPhoneError):
    """Nobody can be rung at this number."""

    def __init__(self, why: Why) -> None:
        super().__init__()
        self.why = why


class WrongPinError(OwnPhoneError):
    """A PIN has 4 to 6 digits. Nothing was kept."""


class ObviousPinError(OwnPhoneError):
    """That PIN is one of the first that anybody would try. Choose another."""


class DifferentPinError(OwnPhoneError):
    """The two PINs are not the same. Nothing was kept."""


@dataclass(frozen=True, slots=True)
class OwnPhone:
    """What a page shows of somebody's phone: its last two digits, and whether there is a PIN."""

    ending: str | None
    has_pin: bool


def keep_number(parts: Parts, *, staff: UUID, text: str) -> None:
    """Keep the number of a phone that can be rung.

    Raises :class:`chat.numbers.NotANumberError` and :class:`NotRingableError`.
    """
    number = numbers.read(text)
    check_ringable(number, is_demo=parts.settings.demo, now=parts.clock())
    sealed = parts.sealing.seal(totp.SCOPE, "staff", staff, "phone", number.e164)
    _keep(parts, staff, trail.PHONE_SET, phone=sealed)


def forget_number(parts: Parts, *, staff: UUID) -> None:
    """Ring this person no more."""
    _keep(parts, staff, trail.PHONE_FORGOTTEN, phone=None)


def checked_pin(pin: str, again: str) -> str:
    """A PIN that was typed twice, if it may be one; :class:`OwnPhoneError` says why not."""
    if not _PIN.fullmatch(pin):
        raise WrongPinError
    if pin != again:
        raise DifferentPinError
    if len(set(pin)) < _FEW_DIGITS or any(pin in run for run in _RUNS):
        raise ObviousPinError
    return pin


def keep_pin(parts: Parts, *, staff: UUID, pin_hash: str) -> None:
    """Keep the hash (helpline/accounts/passwords.py) of a PIN that was checked."""
    _keep(parts, staff, trail.PIN_SET, pin_hash=pin_hash)


def shown(session: Session, parts: Parts, *, staff: UUID) -> OwnPhone:
    """What a person's own page shows."""
    person = session.get_one(Staff, staff)
    number = number_of(session, parts, staff=staff)
    return OwnPhone(
        ending=None if number is None else number.e164[-2:], has_pin=person.pin_hash is not None
    )


def number_of(session: Session, parts: Parts, *, staff: UUID) -> Number | None:
    """The number to ring somebody at; None for whoever has set none, or was disabled."""
    sealed = session.scalar(
        sa.select(Staff.phone).where(Staff.id == staff, Staff.disabled_at.is_(None))
    )
    if sealed is None:
        return None
    return numbers.read(parts.sealing.open(totp.SCOPE, "staff", staff, "phone", sealed))


def check_ringable(number: Number, *, is_demo: bool, now: datetime) -> None:
    """Refuse a number that nobody could ever be rung at, by the one gate."""
    verdict = sending.may_send(sending.stranger(number), now, Kind.PAGE_CALL, is_demo=is_demo)
    if verdict.why is not None:
        raise NotRingableError(verdict.why)


def _keep(parts: Parts, staff: UUID, action: str, **values: bytes | str | None) -> None:
    with parts.transactions.begin() as session:
        session.execute(sa.update(Staff).where(Staff.id == staff).values(**values))
        trail.by_person(session, parts.audit, staff=staff, action=action, now=parts.clock())
