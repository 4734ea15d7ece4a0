"""Which texts are alike, and when alike texts of many senders are a crowd. Pure.

A flood of copies must not stand between us and a child. Copies share one turn in the queue; each
keeps its own grade, and nothing is dropped or lowered. See docs/decisions/0017-crowds.md.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from hashlib import blake2b
from importlib import resources
from typing import Any

from triage.errors import UnusableFiguresError

_PRINT_BYTES = 8
_FEWEST_SENDERS = 2


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of `crowd.toml`; see there for what each means."""

    compared_from: int
    words: int
    most_prints: int
    kept_for: timedelta
    alike_share: float
    senders: int
    within: timedelta
    many_texts: int
    many_within: timedelta
    busy_from: int
    known_turns: int
    alone_turns: int
    crowd_turns: int
    put_last_for: tuple[timedelta, ...]
    source: str
    checked: str

    def __post_init__(self) -> None:
        """Refuse figures that would make a crowd of one, or a lane that never has a turn."""
        if self.senders < _FEWEST_SENDERS or self.many_texts < _FEWEST_SENDERS:
            raise UnusableFiguresError("One is no crowd.")
        if min(self.known_turns, self.alone_turns, self.crowd_turns) < 1:
            raise UnusableFiguresError("Every lane has a turn.")
        if not 0 < self.alike_share <= 1 or self.words < 1 or self.most_prints < 1:
            raise UnusableFiguresError("Texts are compared by at least one print.")


def prints(words: Sequence[str], *, key: bytes, figures: Figures) -> tuple[int, ...]:
    """The keyed numbers that a text shares with texts alike to it, smallest first.

    ``words`` are its plain words; numbers among them do not count, so that a counter makes no copy
    new. Without any word there are none: such texts are alike to nothing. The numbers say nothing
    to whoever lacks the key.
    """
    counted = [word for word in words if word.isalpha()]
    if not counted:
        return ()
    many = max(1, len(counted) - figures.words + 1)
    rows = {" ".join(counted[at : at + figures.words]) for at in range(many)}
    return tuple(sorted(_print(row, key) for row in rows)[: figures.most_prints])


def shared_by_alike(own: Sequence[int], *, figures: Figures) -> int:
    """How many of its own prints a text must share with another to be alike to it."""
    return max(1, math.ceil(figures.alike_share * len(own)))


def are_alike(one: Sequence[int], other: Sequence[int], *, figures: Figures) -> bool:
    """Whether two texts are alike; the same whichever is named first."""
    if not one or not other:
        return False
    longer = max(one, other, key=len)
    return len({*one} & {*other}) >= shared_by_alike(longer, figures=figures)


def _print(row: str, key: bytes) -> int:
    digest = blake2b(row.encode("utf-8", "surrogatepass"), key=key, digest_size=_PRINT_BYTES)
    return int.from_bytes(digest.digest(), "big", signed=True)


def load(text: str | None = None) -> Figures:
    """The figures from TOML text, or as shipped.

    Raises :class:`triage.errors.UnusableFiguresError`.
    """
    return _shipped() if text is None else _parsed(tomllib.loads(text))


@cache
def _shipped() -> Figures:
    return _parsed(tomllib.loads(resources.files("triage").joinpath("crowd.toml").read_text()))


def _parsed(table: Mapping[str, Any]) -> Figures:
    try:
        return Figures(
            compared_from=table["compared_from"],
            words=table["prints"]["words"],
            most_prints=table["prints"]["most"],
            kept_for=timedelta(minutes=table["prints"]["kept_minutes"]),
            alike_share=table["prints"]["alike_share"],
            senders=table["crowd"]["senders"],
            within=timedelta(minutes=table["crowd"]["within_minutes"]),
            many_texts=table["many"]["texts"],
            many_within=timedelta(minutes=table["many"]["within_minutes"]),
            busy_from=table["busy"]["from_unknown"],
            known_turns=table["busy"]["known"],
            alone_turns=table["busy"]["alone"],
            crowd_turns=table["busy"]["crowds"],
            put_last_for=tuple(timedelta(hours=each) for each in table["put_last"]["hours"]),
            source=table["source"],
            checked=table["checked"],
        )
    except KeyError as error:
        raise UnusableFiguresError(f"The figures of crowds have no {error}.") from error
