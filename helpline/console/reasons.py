"""Why a message has its grade, shown beside the child's own words.

Pure. It cuts a text into pieces and says which of them carry a reason; it makes no HTML, so the
template's own escaping is the only one there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from triage.assessment import Reason


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the text. ``notes`` are the numbers of the reasons that cover it, from 1."""

    text: str
    notes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SideNote:
    """One reason, numbered as in the text."""

    number: int
    concern: str
    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A text cut at the edges of its reasons; joined, the pieces are the text again."""

    pieces: tuple[Piece, ...]
    notes: tuple[SideNote, ...]


def mark(text: str, reasons: Sequence[Reason]) -> Marked:
    """Cut ``text`` where reasons begin and end. Spans may overlap, repeat or reach too far."""
    spans = [
        (max(0, reason.start), min(len(text), reason.end), number)
        for number, reason in enumerate(reasons, start=1)
    ]
    edges = sorted(
        {0, len(text), *(at for start, end, _ in spans if start < end for at in (start, end))}
    )
    pieces = tuple(
        Piece(
            text=text[start:end],
            notes=tuple(number for first, last, number in spans if first <= start and end <= last),
        )
        for start, end in pairwise(edges)
    )
    notes = tuple(
        SideNote(number=number, concern=reason.concern, rule=reason.rule, why=reason.why)
        for number, reason in enumerate(reasons, start=1)
    )
    return Marked(pieces=pieces, notes=notes)
