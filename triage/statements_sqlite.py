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
INSERT INTO escalation AS open (
    id, entry_id, grade_rank, newest_rank, state, round, step, raised_at, started_at, due_at
)
SELECT ?2, id, grade_rank, ?10, 'armed', 0, 0, ?3,
       CASE grade_rank WHEN 0 THEN ?4 WHEN 1 THEN ?5 ELSE ?6 END,
       CASE grade_rank WHEN 0 THEN ?7 WHEN 1 THEN ?8 ELSE ?9 END
FROM entry WHERE id = ?1
ON CONFLICT (entry_id) WHERE state <> 'closed' DO UPDATE SET
    grade_rank = MIN(open.grade_rank, excluded.grade_rank),
    newest_rank = excluded.newest_rank,
    state = CASE WHEN {again} AND open.state = 'acknowledged' THEN 'paging' ELSE open.state END,
    round = CASE WHEN {again} THEN open.round + 1 ELSE open.round END,
    step = CASE WHEN {again} THEN 0 ELSE open.step END,
    started_at = CASE WHEN {again} THEN excluded.started_at ELSE open.started_at END,
    due_at = MIN(open.due_at, CASE WHEN {again} THEN excluded.due_at
        ELSE CASE excluded.newest_rank WHEN 0 THEN ?7 WHEN 1 THEN ?8 ELSE ?9 END END),
    reached_nobody_at = CASE WHEN {again} THEN NULL ELSE open.reached_nobody_at END,
    acknowledged_by = CASE WHEN {again} THEN NULL ELSE open.acknowledged_by END,
    acknowledged_at = CASE WHEN {again} THEN NULL ELSE open.acknowledged_at END,
    promised_until = CASE WHEN {again} THEN NULL ELSE open.promised_until END,
    next_step = CASE WHEN {again} THEN NULL ELSE open.next_step END
WHERE excluded.grade_rank < open.grade_rank OR open.state = 'acknowledged'
""".replace(
    "{again}",
    "(excluded.grade_rank < open.grade_rank"
    " OR (open.state = 'acknowledged' AND excluded.newest_rank = 0))",
)


def place(connection: Any, unread: Sequence[Unread], clocks: Clocks, *, now: datetime) -> None:
    """See :class:`triage.service.place.Statements`."""
    at = sqlite_instant(now)
    clock = [sqlite_instant(each) for each in (*clocks.started_at, *clocks.due_at)]
    connection.executemany(_ENTRY, [(each.entry.hex, each.rank, each.score, at) for each in unread])
    connection.executemany(
        _ESCALATION,
        [(each.entry.hex, each.escalation.hex, at, *clock, each.rank) for each in unread],
    )
