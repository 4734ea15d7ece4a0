"""Telephone numbers: read into E.164, and what kind of number each is. Pure.

A text to a landline may be read aloud in the room where it stands, so the kind decides what may be
sent (chat/sending.py). Times and places are England's: a number without a country is read as a
British one.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import phonenumbers
from phonenumbers import PhoneNumberType

_GREAT_BRITAIN = 44
_LONGEST = 40


class NotANumberError(ValueError):
    """That is not a telephone number. Write it with all its digits, such as 07700 900123."""


class NumberKind(StrEnum):
    """What a number is. OTHER is foreign, of a company, or of no kind that we know."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    PREMIUM = "premium"
    FREEPHONE = "freephone"
    PERSONAL = "personal"
    PAGER = "pager"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Number:
    """A number in E.164. ``is_drama`` says that it is kept for drama and rings nowhere."""

    e164: str = field(repr=False)
    kind: NumberKind
    is_drama: bool


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers for drama: a prefix and how many digits follow."""

    prefix: str
    digits: int
    kind: NumberKind

    def holds(self, e164: str) -> bool:
        """Whether the number is one of these."""
        return e164.startswith(self.prefix) and len(e164) == len(self.prefix) + self.digits


_KINDS = {
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberKind.LANDLINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.LANDLINE,
    PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM,
    PhoneNumberType.SHARED_COST: NumberKind.PREMIUM,
    PhoneNumberType.TOLL_FREE: NumberKind.FREEPHONE,
    PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
    PhoneNumberType.PAGER: NumberKind.PAGER,
}


def read(text: str) -> Number:
    """The number that somebody wrote, with or without spaces and country.

    Raises :class:`NotANumberError`, which never repeats what was written.
    """
    if len(text) > _LONGEST:
        raise NotANumberError
    try:
        parsed = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        raise NotANumberError from None
    if not phonenumbers.is_possible_number(parsed):
        raise NotANumberError
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    for each in drama():
        if each.holds(e164):
            return Number(e164, each.kind, is_drama=True)
    if not phonenumbers.is_valid_number(parsed):
        raise NotANumberError
    if parsed.country_code != _GREAT_BRITAIN:
        return Number(e164, NumberKind.OTHER, is_drama=False)
    kind = _KINDS.get(phonenumbers.number_type(parsed), NumberKind.OTHER)
    return Number(e164, kind, is_drama=False)


def national(e164: str) -> str:
    """A British number as people write it: ``07700 900123``."""
    parsed = phonenumbers.parse(e164, "GB")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


@cache
def drama() -> tuple[Range, ...]:
    """The ranges of chat/drama_numbers.toml."""
    with resources.files("chat").joinpath("drama_numbers.toml").open("rb") as file:
        return ranges(tomllib.load(file))


def ranges(given: Mapping[str, Any]) -> tuple[Range, ...]:
    """The ranges in a table of that form."""
    return tuple(
        Range(prefix, row["digits"], NumberKind(row["kind"]))
        for row in given["range"]
        for prefix in row.get("prefixes", [row.get("prefix")])
    )
