"""The batch statement of this package for SQLite, on an sqlite3 connection."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from integrations.database import sqlite_instant
from triage.service.place import Clocks, Unread

_ENTRY = """
INSERT INTO entry (id, kind, grade_rank, score, waiting_since, last_child_at)
VALUES (?1, 'conversation', ?2, ?3, ?4, ?4)
ON CONFLICT (id) DO UPDATE SET
    grade_rank = MIN(entry.grade_rank, excluded.grade_rank),
    score = MAX(entry.score, excluded.score),
    waiting_since = COALESCE(entry.waiting_since, excluded.waiting_since),
    last_child_at = excluded.last_child_at
"""

# See statements_postgresql.py for the rule; the three clocks are those of the three grades.
_ESCALATION = """
INSERT INTO escalation (id, entry_id, grade_rank, state, round, step, raised_at, started_at, due_at)
SELECT ?2, id, grade_rank, 'armed', 0, 0, ?3,
       CASE grade_rank WHEN 0 THEN ?4 WHEN 1 THEN ?5 ELSE ?6 END,
       CASE grade_rank WHEN 0 THEN ?7 WHEN 1 THEN ?8 ELSE ?9 END
FROM entry WHERE id = ?1
ON CONFLICT (entry_id) WHERE state <> 'closed' DO UPDATE SET
    grade_rank = excluded.grade_rank, state = 'armed', round = escalation.round + 1, step = 0,
    started_at = excluded.started_at, due_at = MIN(escalation.due_at, excluded.due_at),
    acknowledged_by = NULL, acknowledged_at = NULL, next_step = NULL
WHERE excluded.grade_rank < escalation.grade_rank
"""


def place(connection: Any, unread: Sequence[Unread], clocks: Clocks, *, now: datetime) -> None:
    """See :class:`triage.service.place.Statements`."""
    at = sqlite_instant(now)
    clock = [sqlite_instant(each) for each in (*clocks.started_at, *clocks.due_at)]
    connection.executemany(_ENTRY, [(each.entry.hex, each.rank, each.score, at) for each in unread])
    connection.executemany(
        _ESCALATION, [(each.entry.hex, each.escalation.hex, at, *clock) for each in unread]
    )
