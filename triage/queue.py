"""Who is answered next: one fixed order, the same for every reader."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

from triage.grades import Grade

OrderKey: TypeAlias = tuple[bool, bool, int, bool, datetime, bool, float, UUID]

_NOT_WAITING = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the order needs to know of one entry.

    `waiting_since` is when the first message came that nobody has answered; None when all are
    answered. It is never the time of the last activity: a child who writes again must not lose
    their place. `gone_quiet_since` is when a grave silence was noticed that still lasts.
    """

    entry: UUID
    grade: Grade
    score: float
    unacknowledged_escalation: bool
    present: bool
    waiting_since: datetime | None
    gone_quiet_since: datetime | None = None


def order_key(waiting: Waiting) -> OrderKey:
    """Smallest first: total and stable, so two readers never see two orders.

    An escalation that nobody has acknowledged; then those who wait for something, an answer or
    that somebody looks why they are silent; then the worse grade; within it the silent, then the
    longer wait. A child who is there now, the higher score and the entry's id only part what is
    equal.
    """
    return (
        not waiting.unacknowledged_escalation,
        waiting.waiting_since is None and waiting.gone_quiet_since is None,
        waiting.grade.rank,
        waiting.gone_quiet_since is None,
        waiting.gone_quiet_since or waiting.waiting_since or _NOT_WAITING,
        not waiting.present,
        -_orderable(waiting.score),
        waiting.entry,
    )


def _orderable(score: float) -> float:
    # A score that is not a number would break the order; it counts as the worst.
    return 1.0 if math.isnan(score) else score
