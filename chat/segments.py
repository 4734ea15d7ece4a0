"""How many parts a text takes on the phones' network. Pure.

A text in the phones' own alphabet holds 160 letters, any other 70; one of several parts loses a few
of each to the mark that joins them (3GPP TS 23.038 and 23.040).
"""

from dataclasses import dataclass
from typing import Literal

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[~]|€\f")


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text takes: ``units`` in all, in ``parts``; ``left_in_part`` before it takes more."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    parts: int
    left_in_part: int


def count(text: str) -> Segments:
    """The parts of a text. An empty one takes none."""
    if outside_gsm7(text):
        # A letter beyond the first 65,536 is two units, and is never cut in half.
        units = [len(letter.encode("utf-16-le", "surrogatepass")) // 2 for letter in text]
        return _filled("UCS-2", units, alone=70, joined=67)
    return _filled(
        "GSM-7", [2 if letter in EXTENSION else 1 for letter in text], alone=160, joined=153
    )


def outside_gsm7(text: str) -> tuple[str, ...]:
    """The letters that the phones' alphabet does not have, each once, in order."""
    return tuple(
        dict.fromkeys(letter for letter in text if letter not in BASIC and letter not in EXTENSION)
    )


def _filled(
    encoding: Literal["GSM-7", "UCS-2"], units: list[int], *, alone: int, joined: int
) -> Segments:
    total = sum(units)
    if total <= alone:
        return Segments(encoding, total, 1 if total else 0, alone - total)
    parts, room = 1, joined
    for each in units:
        if each > room:
            parts, room = parts + 1, joined
        room -= each
    return Segments(encoding, total, parts, room)
