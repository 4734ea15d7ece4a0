"""A batch of unread messages takes its place in the queue, each with its clock running."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from uuid_utils.compat import uuid7

from triage import escalation
from triage.escalation import Due
from triage.grades import Grade, GradeTable
from triage.hours import OpenHours

# The grades that software may give, worst first; a rank is an index into it.
SOFTWARE_GRADES = (Grade.EMERGENCY, Grade.URGENT, Grade.HIGH)


@dataclass(frozen=True, slots=True)
class Unread:
    """One entry with something new to read: the worst rank and score of what came."""

    entry: UUID
    rank: int
    score: float
    escalation: UUID


@dataclass(frozen=True, slots=True)
class Clocks:
    """For each grade that software gives: what its steps count from, and the first page."""

    started_at: tuple[datetime, ...]
    due_at: tuple[datetime, ...]


class Statements(Protocol):
    """The two forms of this package's statement, one an engine."""

    def place(
        self, connection: Any, unread: Sequence[Unread], clocks: Clocks, *, now: datetime
    ) -> None:
        """Write the batch; nothing is read back."""


def clocks_at(grades: GradeTable, hours: OpenHours, *, now: datetime) -> Clocks:
    """The clocks of messages that come at ``now``."""
    due = [escalation.armed(grades, grade, now, hours) for grade in SOFTWARE_GRADES]
    return Clocks(tuple(each.started_at for each in due), tuple(_first(each) for each in due))


def together(assessed: Iterable[tuple[UUID, int, float]]) -> list[Unread]:
    """One :class:`Unread` an entry, in id order, from (entry, rank, score) of each message."""
    worst: dict[UUID, tuple[int, float]] = {}
    for entry, rank, score in assessed:
        known_rank, known_score = worst.get(entry, (rank, score))
        worst[entry] = (min(rank, known_rank), max(score, known_score))
    return [Unread(entry, rank, score, uuid7()) for entry, (rank, score) in sorted(worst.items())]


def _first(due: Due) -> datetime:
    # A grade of software always pages somebody; without a step its limit would be the due time.
    return due.due_at or due.limit_at
