"""Whose turn is next when many write at once: lanes share a busy queue, and a crowd has one turn.

In calm times this is the order of `triage.queue`. Above a number of unknown senders the turns are
shared: children whom somebody knows have a lane of their own, unknown senders whose words are like
nobody's another, and crowds the third. Within a lane the order is the same as ever, and the first
of all lanes goes first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias
from uuid import UUID

from triage import queue
from triage.crowd import Figures
from triage.queue import OrderKey, Waiting

Lane: TypeAlias = Literal["known", "alone", "crowd"]
_LANES: tuple[Lane, ...] = ("known", "alone", "crowd")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entry that waits. ``crowd`` is the crowd it stands in; a known child stands in none.

    ``put_last``: a person said that it is a hoax, for a while.
    """

    waiting: Waiting
    is_known: bool = True
    crowd: UUID | None = None
    put_last: bool = False

    @property
    def lane(self) -> Lane:
        """Where it waits while turns are shared."""
        if self.is_known:
            return "known"
        return "alone" if self.crowd is None else "crowd"


@dataclass(frozen=True, slots=True)
class Turn:
    """One place in the queue: an entry, or a crowd, whose first entry stands for all."""

    first: Candidate
    many: int
    crowd: UUID | None
    lane: Lane

    @property
    def key(self) -> OrderKey:
        """Where it stands within its lane."""
        return queue.order_key(self.first.waiting)


def in_order(
    candidates: Iterable[Candidate], *, unknown_waiting: int, figures: Figures
) -> list[Turn]:
    """Every turn, the next first: the same for everybody, in whatever order they are given.

    ``unknown_waiting`` is how many unknown senders wait, also those who are not among the
    candidates. What a person put last comes after all others.
    """
    turns = _turns(candidates)
    first = sorted((turn for turn in turns if not turn.first.put_last), key=lambda turn: turn.key)
    last = sorted((turn for turn in turns if turn.first.put_last), key=lambda turn: turn.key)
    if unknown_waiting >= figures.busy_from:
        first = _shared(first, figures)
    return [*first, *last]


def is_busy(*, unknown_waiting: int, figures: Figures) -> bool:
    """Whether turns are shared."""
    return unknown_waiting >= figures.busy_from


def _turns(candidates: Iterable[Candidate]) -> list[Turn]:
    crowds: dict[tuple[UUID, bool], list[Candidate]] = {}
    turns = []
    for each in candidates:
        if each.lane == "crowd" and each.crowd is not None:
            # What was put last by itself does not hide those who stand in its crowd.
            crowds.setdefault((each.crowd, each.put_last), []).append(each)
        else:
            turns.append(Turn(each, 1, None, each.lane))
    for (crowd, _), members in crowds.items():
        first = min(members, key=lambda each: queue.order_key(each.waiting))
        turns.append(Turn(first, len(members), crowd, "crowd"))
    return turns


def _shared(ordered: list[Turn], figures: Figures) -> list[Turn]:
    waiting = {lane: [turn for turn in ordered if turn.lane == lane] for lane in _LANES}
    turns = {
        "known": figures.known_turns,
        "alone": figures.alone_turns,
        "crowd": figures.crowd_turns,
    }
    had = dict.fromkeys(_LANES, 0)
    at = dict.fromkeys(_LANES, 0)
    shared: list[Turn] = []
    while len(shared) < len(ordered):
        open_lanes = [lane for lane in _LANES if at[lane] < len(waiting[lane])]
        # The lane that is furthest behind its share; of lanes that are equal, the graver turn.
        lane = min(
            open_lanes, key=lambda lane: (had[lane] / turns[lane], waiting[lane][at[lane]].key)
        )
        shared.append(waiting[lane][at[lane]])
        at[lane] += 1
        had[lane] += 1
    return shared
