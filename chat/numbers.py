"""Telephone numbers: written in one form, and what kind of phone each one is.

A text to a landline may be read out aloud by a machine, a call to a premium number costs the
service or the child money, and the numbers of films belong in demos only. So every number has a
kind before anything is sent to it (`chat.sending` asks), and what is not known for sure to be a
mobile or a landline is neither.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from chat.errors import NotANumberError, UnusableTableError

_HOME = "GB"
_HOME_CODE = 44
# Digits of any script, and what people put between them. Letters are refused, although a telephone
# library reads them: "0800 FLOWERS" is no child's number.
_WRITTEN = re.compile(r"[\d\s+().\-/\u00a0\u2010-\u2015]+")
_RANGE_STARTS = re.compile(r"\+44\d{6,9}")


class NumberKind(StrEnum):
    """What a number belongs to. OTHER is everything that is not known: never texted, never rung.

    LANDLINE includes 03 numbers, which are charged like landlines. PERSONAL is 070, which looks
    like a mobile and is charged like a premium number.
    """

    MOBILE = "mobile"
    LANDLINE = "landline"
    PREMIUM = "premium"
    FREEPHONE = "freephone"
    PERSONAL = "personal"
    PAGER = "pager"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number such as ``+447700900123``. Its repr does not show it: logs hold none.

    ``is_drama``: it is one of those that Ofcom keeps free for films and demos.
    """

    e164: str = field(repr=False)
    kind: NumberKind
    is_drama: bool


@dataclass(frozen=True, slots=True)
class DramaRange:
    """Numbers that no phone has: ``starts`` and then ``digits`` more digits."""

    name: str
    starts: str
    digits: int
    kind: NumberKind

    def __post_init__(self) -> None:
        """Refuse a range so wide that real phones could fall into it."""
        if not _RANGE_STARTS.fullmatch(self.starts) or not 1 <= self.digits <= 3:  # noqa: PLR2004 - a thousand numbers, Ofcom's own block
            raise UnusableTableError(f"The drama range {self.name} is not readable or too wide.")

    def holds(self, e164: str) -> bool:
        """Whether this number is one of them."""
        return e164.startswith(self.starts) and len(e164) == len(self.starts) + self.digits


def read(text: str) -> Number:
    """The number that somebody wrote: with or without spaces, as 07..., 0044... or +44...

    A number without a country is taken as one of the United Kingdom. Raises
    :class:`chat.errors.NotANumberError` for short codes, 999, withheld callers and words; the
    error never repeats what was written.
    """
    # The library holds 6 MiB, and a service that no phone has reached yet must stay small.
    import phonenumbers  # noqa: PLC0415 - loaded for the first number, not when the service starts

    if not _WRITTEN.fullmatch(text):
        raise NotANumberError
    try:
        parsed = phonenumbers.parse(text, _HOME)
    except phonenumbers.NumberParseException:
        raise NotANumberError from None
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise NotANumberError
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    drama = next((each for each in drama_ranges() if each.holds(e164)), None)
    if drama is not None:
        return Number(e164=e164, kind=drama.kind, is_drama=True)
    kinds = _kinds()
    kind = (
        kinds.get(phonenumbers.number_type(parsed), NumberKind.OTHER)
        if parsed.country_code == _HOME_CODE
        else NumberKind.OTHER
    )
    return Number(e164=e164, kind=kind, is_drama=False)


def drama_ranges(text: str | None = None) -> tuple[DramaRange, ...]:
    """The drama ranges from TOML text; without text, those that ship with the package."""
    return _packaged() if text is None else _parsed(text)


def national(e164: str) -> str:
    """A British number as people write it: ``07700 900123``."""
    import phonenumbers  # noqa: PLC0415 - the same as in `read`

    parsed = phonenumbers.parse(e164, _HOME)
    shown: str = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return shown


@cache
def _kinds() -> Mapping[int, NumberKind]:
    from phonenumbers import PhoneNumberType  # noqa: PLC0415 - the same as in `read`

    return {
        PhoneNumberType.MOBILE: NumberKind.MOBILE,
        PhoneNumberType.FIXED_LINE: NumberKind.LANDLINE,
        PhoneNumberType.UAN: NumberKind.LANDLINE,
        PhoneNumberType.TOLL_FREE: NumberKind.FREEPHONE,
        PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM,
        PhoneNumberType.SHARED_COST: NumberKind.PREMIUM,
        PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
        PhoneNumberType.PAGER: NumberKind.PAGER,
    }


@cache
def _packaged() -> tuple[DramaRange, ...]:
    return _parsed(resources.files("chat").joinpath("drama_numbers.toml").read_text("utf-8"))


def _parsed(text: str) -> tuple[DramaRange, ...]:
    try:
        return tuple(_range(row) for row in tomllib.loads(text)["range"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise UnusableTableError(f"The drama numbers are not readable: {error}") from error


def _range(row: Mapping[str, Any]) -> DramaRange:
    return DramaRange(
        name=row["name"],
        starts=row["starts"],
        digits=row["digits"],
        kind=NumberKind(row["kind"]),
    )
