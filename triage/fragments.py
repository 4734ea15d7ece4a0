"""Messages that a child sent close together, read as one text, because each alone may say nothing.

Pure. A reason points into the message that its words stand in; one that spans two messages points
into both, and says so. Reading together only adds: what each message says alone stands as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from triage import assessment
from triage.assessment import Assessment, Reason
from triage.conversation import Together
from triage.grades import Grade

_JOINT = " "


@dataclass(frozen=True, slots=True)
class Fragment:
    """A child's message, and what it is graded alone."""

    at: datetime
    text: str
    alone: Assessment


@dataclass(frozen=True, slots=True)
class Joined:
    """What fragments say together: a grade and score, and what no message said alone.

    ``reasons`` has one tuple for each fragment, in the same order. ``grade`` and ``score`` are
    None where no two of them stand close together.
    """

    grade: Grade | None
    score: float | None
    reasons: tuple[tuple[Reason, ...], ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    fragment: int
    start: int
    text: str


def read_together(fragments: Sequence[Fragment], figures: Together) -> Joined:
    """Read every stretch of fragments that stand close together as one text.

    A stretch is as long as time and characters allow, so no two neighbours within the time are
    ever read apart. Each stretch is at most ``figures.most_characters`` long, and there are no more
    of them than fragments.
    """
    reasons: list[dict[Reason, None]] = [{} for _ in fragments]
    worst: Grade | None = None
    score: float | None = None
    for stretch in _stretches(fragments, figures):
        found = assessment.assess(_JOINT.join(piece.text for piece in stretch))
        worst = min(worst or found.grade, found.grade, key=lambda grade: grade.rank)
        score = max(score or found.score, found.score)
        for reason in _only_together(found, [fragments[piece.fragment] for piece in stretch]):
            for fragment, part in _parts(reason, stretch, figures.note):
                reasons[fragment][part] = None
    return Joined(worst, score, tuple(tuple(each) for each in reasons))


def _stretches(fragments: Sequence[Fragment], figures: Together) -> Iterator[list[_Piece]]:
    reached = -1
    for first in range(len(fragments) - 1):
        stretch, is_whole = _stretch(fragments, first, figures)
        last = stretch[-1].fragment
        # One that ends where an earlier one did lies within it.
        if len(stretch) > 1 and (last > reached or not is_whole):
            yield stretch
        reached = max(reached, last if is_whole else last - 1)


def _stretch(
    fragments: Sequence[Fragment], first: int, figures: Together
) -> tuple[list[_Piece], bool]:
    """From ``first`` as far as it goes; and whether its last message is in it whole."""
    stretch = [_end_of(fragments[first].text, first, figures.most_characters // 2)]
    room = figures.most_characters - len(stretch[0].text)
    for index in range(first + 1, len(fragments)):
        text = fragments[index].text
        if fragments[index].at - fragments[first].at > figures.within:
            break
        room -= len(_JOINT)
        if len(text) > room:
            if beginning := _beginning_of(text, room):
                stretch.append(_Piece(index, 0, beginning))
                return stretch, False
            break
        stretch.append(_Piece(index, 0, text))
        room -= len(text)
    return stretch, True


def _end_of(text: str, fragment: int, most: int) -> _Piece:
    if len(text) <= most:
        return _Piece(fragment, 0, text)
    # Half a word may read as another word: the cut goes on to the next space, if there is one.
    cut = len(text) - most
    space = text.find(" ", cut)
    start = cut if space < 0 else space + 1
    return _Piece(fragment, start, text[start:])


def _beginning_of(text: str, most: int) -> str:
    if most <= 0:
        return ""
    space = text.rfind(" ", 0, most)
    return text[: most if space < 0 else space]


def _only_together(found: Assessment, fragments: Sequence[Fragment]) -> Iterator[Reason]:
    known = {reason.rule for each in fragments for reason in each.alone.reasons}
    new = [reason for reason in found.reasons if reason.rule not in known]
    is_worse = all(found.grade.rank < each.alone.grade.rank for each in fragments)
    # What each says alone may be worse together: then it is the sum that says why.
    yield from new or (found.reasons if is_worse else ())


def _parts(reason: Reason, stretch: Sequence[_Piece], note: str) -> Iterator[tuple[int, Reason]]:
    at = 0
    for piece in stretch:
        start, end = max(reason.start, at), min(reason.end, at + len(piece.text))
        if start < end:
            yield (
                piece.fragment,
                replace(
                    reason,
                    start=start - at + piece.start,
                    end=end - at + piece.start,
                    why=f"{reason.why} {note}",
                ),
            )
        at += len(piece.text) + len(_JOINT)
