"""How many parts a text is sent in, and how much room its last part has.

A text of the plain telephone letters (GSM-7) holds 160; a longer one is cut into parts of 153,
because each then carries a header. One letter outside that alphabet, a curly quote or an emoji,
changes the whole text to UCS-2: 70, and parts of 67. Source: 3GPP TS 23.038 (letters) and
TS 23.040 (parts), in the form that networks use in the United Kingdom.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Encoding: TypeAlias = Literal["GSM-7", "UCS-2"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each of these is sent as an escape and a letter: two units, which stay together.
_EXTENSION = frozenset("\f^{}\\[~]|€")
_GSM_7 = _BASIC | _EXTENSION

_ALONE: dict[Encoding, int] = {"GSM-7": 160, "UCS-2": 70}
_JOINED: dict[Encoding, int] = {"GSM-7": 153, "UCS-2": 67}
_LAST_OF_ONE_UNIT = 0xFFFF


@dataclass(frozen=True, slots=True)
class Segments:
    """A text as a network sends it.

    ``units`` are septets of GSM-7 or UTF-16 units of UCS-2. ``left_in_part`` is what the last part
    still holds. A text of nothing has 0 parts, and a whole one left.
    """

    encoding: Encoding
    units: int
    parts: int
    left_in_part: int


def count(text: str) -> Segments:
    """The parts of this text, its letters counted as they are sent."""
    encoding: Encoding = "UCS-2" if outside_gsm7(text) else "GSM-7"
    if encoding == "GSM-7":
        sizes = [2 if letter in _EXTENSION else 1 for letter in text]
    else:
        sizes = [2 if ord(letter) > _LAST_OF_ONE_UNIT else 1 for letter in text]
    units = sum(sizes)
    if units <= _ALONE[encoding]:
        left = _ALONE[encoding] - units
        return Segments(encoding=encoding, units=units, parts=min(units, 1), left_in_part=left)
    parts, left = 1, _JOINED[encoding]
    for size in sizes:
        if size > left:
            # An escape, or half of a pair, is never the last of a part.
            parts, left = parts + 1, _JOINED[encoding]
        left -= size
    return Segments(encoding=encoding, units=units, parts=parts, left_in_part=left)


def outside_gsm7(text: str) -> tuple[str, ...]:
    """The letters that make this text a UCS-2 one, each once, in the order of the text."""
    return tuple(dict.fromkeys(each for each in text if each not in _GSM_7))
