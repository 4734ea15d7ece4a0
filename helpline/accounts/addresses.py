"""E-mail addresses of staff, in the one form in which they are compared. Pure."""

import unicodedata

from helpline.accounts import errors, limits


def tidy(text: str) -> str:
    """The form in which an address is looked up, whatever was typed. Never raises."""
    cut = text.strip()[: limits.EMAIL_MAX]
    lowered = unicodedata.normalize("NFC", unicodedata.normalize("NFC", cut).lower())
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_surrogate(c) else c for c in lowered)


def checked(text: str) -> str:
    """The same for an address that is to be kept; WrongAddressError when it cannot be one."""
    before, at, after = text.strip().rpartition("@")
    is_sound = bool(before and at and after) and len(text.strip()) <= limits.EMAIL_MAX
    if not is_sound or "@" in before or not all(_is_visible(c) for c in text.strip()):
        raise errors.WrongAddressError
    return tidy(text)


def checked_name(text: str) -> str:
    """A name on one line, without control characters; WrongNameError when nothing is left."""
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    if not 0 < len(spaced) <= limits.NAME_MAX or not all(
        c == " " or _is_visible(c) for c in spaced
    ):
        raise errors.WrongNameError
    return spaced


def _is_surrogate(character: str) -> bool:
    return unicodedata.category(character) == "Cs"


def _is_visible(character: str) -> bool:
    # Everything of category C is a control, format, surrogate or unassigned character; Z a space.
    return unicodedata.category(character)[0] not in "CZ"
