"""The messages of a conversation as a page shows them, each with the reasons in its own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from helpline.access import Shown
from helpline.console import reasons
from helpline.console.queue_view import Names
from helpline.console.reasons import Marked
from triage import assessment, conversation, fragments
from triage.assessment import Reason
from triage.fragments import Fragment
from triage.hours import LONDON

# So many messages before and after those that are shown are read with them, as triage does.
CONTEXT = conversation.load().most_messages


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message with its reasons marked. ``new_day`` asks for a line with the date above it."""

    seq: int
    author: str
    who: str
    at: datetime
    marked: Marked
    new_day: bool
    is_first_unanswered: bool


@dataclass(frozen=True, slots=True)
class _Found:
    alone: tuple[Reason, ...]
    together: tuple[Reason, ...]


_NOTHING = _Found((), ())


def messages(
    words: Sequence[Shown],
    *,
    between: tuple[int, int],
    is_waiting: bool,
    reader: UUID,
    child: str,
    names: Names,
) -> tuple[ShownMessage, ...]:
    """The messages above the first number and below the second, oldest first.

    ``words`` may hold more of them, before and after. An earlier one comes again where a message
    that is shown is read as one text with it, for its reasons may be new.
    """
    start, end = between
    found = _read(words)
    is_read_anew = any(found[each.seq].together for each in words if start < each.seq < end)
    answered = max((each.seq for each in words if each.author == "advocate"), default=0)
    unanswered = min(
        (each.seq for each in words if each.author == "child" and each.seq > answered),
        default=None,
    )
    shown = []
    day: date | None = None
    for each in words:
        before, day = day, each.at.astimezone(LONDON).date()
        is_again = each.seq <= start
        if each.seq >= end or (is_again and not (is_read_anew and found[each.seq].together)):
            continue
        why = found[each.seq]
        shown.append(
            ShownMessage(
                seq=each.seq,
                author=each.author,
                who=_who(each, reader=reader, child=child, names=names),
                at=each.at,
                marked=reasons.mark(each.text, (*why.alone, *why.together)),
                new_day=day != before and not is_again,
                is_first_unanswered=is_waiting and each.seq == unanswered,
            )
        )
    return tuple(shown)


def _read(words: Sequence[Shown]) -> Mapping[int, _Found]:
    """What triage finds in each message, by its number: alone, and with those beside it."""
    said = [each for each in words if each.author == "child"]
    pieces = [Fragment(each.at, each.text, assessment.assess(each.text)) for each in said]
    together = fragments.read_together(pieces, conversation.load().together).reasons
    found = dict.fromkeys((each.seq for each in words), _NOTHING)
    for each, piece, reasons_together in zip(said, pieces, together, strict=True):
        found[each.seq] = _Found(piece.alone.reasons, reasons_together)
    return found


def _who(message: Shown, *, reader: UUID, child: str, names: Names) -> str:
    if message.author == "child":
        return child
    if message.by is None:
        return "Sent by itself"
    return "You" if message.by == reader else names(message.by)
