"""Which signs of finished work are too old. Pure.

A sign counts from the start of the process that looks, at the earliest: after a stop in the night
nothing is late because it was off. A lane that is behind but finishes is slow, not stuck: the
metrics say that, and nobody is woken for it here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from helpline.watch.figures import Figures

# With so many looks missed the signs say nothing about now: the clock jumped, or we were stopped.
MOST_LOOKS_MISSED = 4


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that should have happened by now: since when it has not, and what to do."""

    id: str
    since: datetime
    says: str
    do: str


def faults(
    signs: Mapping[str, datetime | None], *, figures: Figures, watched_from: datetime, now: datetime
) -> tuple[Fault, ...]:
    """Every fault, in the order of the table.

    ``signs`` says for a limit's id when it was last seen to be right (None: never); an id that is
    not in it was not looked at. ``watched_from`` is when this process began to look, or went on
    after it had itself stood still.
    """
    found = []
    for limit in figures.limits.values():
        if limit.id not in signs:
            continue
        since = max(signs[limit.id] or watched_from, watched_from)
        if now - since > limit.after:
            found.append(Fault(limit.id, since, limit.says, limit.do))
    return tuple(found)


def went_on_after_a_gap(*, looked_at: datetime, now: datetime, figures: Figures) -> bool:
    """Whether this process itself stood still since its last look, so that every sign looks old."""
    return not 0 <= (now - looked_at) / figures.look_every <= MOST_LOOKS_MISSED
