"""The batch statement of this package for SQLite, on an sqlite3 connection."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from integrations.database import sqlite_instant
from triage.service.place import Clocks, Unread

_ENTRY = """
INSERT INTO entry (id, kind, grade_rank, score, waiting_since, last_child_at)
VALUES (:entry, 'conversation', :rank, :score, :now, :now)
ON CONFLICT (id) DO UPDATE SET
    grade_rank = MIN(entry.grade_rank, excluded.grade_rank),
    score = MAX(entry.score, excluded.score),
    waiting_since = COALESCE(entry.waiting_since, excluded.waiting_since),
    last_child_at = excluded.last_child_at
"""

# See statements_postgresql.py for the rule; the three clocks are those of the three grades.
_ESCALATION = """
INSERT INTO escalation (id, entry_id, grade_rank, state, round, step, raised_at, started_at, due_at)
SELECT :escalation, id, grade_rank, 'armed', 0, 0, :now,
       CASE grade_rank WHEN 0 THEN :started_0 WHEN 1 THEN :started_1 ELSE :started_2 END,
       CASE grade_rank WHEN 0 THEN :due_0 WHEN 1 THEN :due_1 ELSE :due_2 END
FROM entry WHERE id = :entry
ON CONFLICT (entry_id) WHERE state <> 'closed' DO UPDATE SET
    grade_rank = excluded.grade_rank, state = 'armed', round = escalation.round + 1, step = 0,
    started_at = excluded.started_at, due_at = MIN(escalation.due_at, excluded.due_at),
    acknowledged_by = NULL, acknowledged_at = NULL, next_step = NULL
WHERE excluded.grade_rank < escalation.grade_rank
"""


def place(connection: Any, unread: Sequence[Unread], clocks: Clocks, *, now: datetime) -> None:
    """See :class:`triage.service.place.Statements`."""
    same = {
        "now": sqlite_instant(now),
        **{f"started_{rank}": sqlite_instant(at) for rank, at in enumerate(clocks.started_at)},
        **{f"due_{rank}": sqlite_instant(at) for rank, at in enumerate(clocks.due_at)},
    }
    rows = [
        {
            "entry": each.entry.hex,
            "rank": each.rank,
            "score": each.score,
            "escalation": each.escalation.hex,
            **same,
        }
        for each in unread
    ]
    connection.executemany(_ENTRY, rows)
    connection.executemany(_ESCALATION, rows)
