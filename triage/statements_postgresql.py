"""The batch statement of this package for PostgreSQL, on a psycopg connection."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from triage.service.place import Clocks, Unread

# Grades only ever rise here. An open escalation starts again, in a new round and never later than
# what was due already, when a message is worse than all before it, or is an emergency by itself
# although somebody owns it. Whoever owns it is asked again, at the latest, when the newest message
# should have been read. What a person raised or was paged for stays theirs: it is never armed.
# The rows come as one JSON text: psycopg builds arrays element by element in Python.
_PLACE = """
WITH arrived AS (
    SELECT entry AS id, rank AS grade_rank, score, escalation AS escalation_id
    FROM json_to_recordset(%(unread)s::json) AS t (
        entry uuid, rank smallint, score float8, escalation uuid
    )
), placed AS (
    INSERT INTO entry (id, kind, grade_rank, score, waiting_since, last_child_at)
    SELECT id, 'conversation', grade_rank, score, %(now)s, %(now)s FROM arrived
    ON CONFLICT (id) DO UPDATE SET
        grade_rank = LEAST(entry.grade_rank, excluded.grade_rank),
        score = GREATEST(entry.score, excluded.score),
        waiting_since = COALESCE(entry.waiting_since, excluded.waiting_since),
        last_child_at = excluded.last_child_at
    RETURNING id, grade_rank
)
INSERT INTO escalation AS open (
    id, entry_id, grade_rank, newest_rank, state, round, step, raised_at, started_at, due_at
)
SELECT escalation_id, id, placed.grade_rank, arrived.grade_rank, 'armed', 0, 0, %(now)s,
       (%(started)s::timestamptz[])[placed.grade_rank + 1],
       (%(due)s::timestamptz[])[placed.grade_rank + 1]
FROM arrived JOIN placed USING (id)
ON CONFLICT (entry_id) WHERE state <> 'closed' DO UPDATE SET
    grade_rank = LEAST(open.grade_rank, excluded.grade_rank),
    newest_rank = excluded.newest_rank,
    state = CASE WHEN {again} AND open.state = 'acknowledged' THEN 'paging' ELSE open.state END,
    round = CASE WHEN {again} THEN open.round + 1 ELSE open.round END,
    step = CASE WHEN {again} THEN 0 ELSE open.step END,
    started_at = CASE WHEN {again} THEN excluded.started_at ELSE open.started_at END,
    due_at = LEAST(open.due_at, CASE WHEN {again} THEN excluded.due_at
        ELSE (%(due)s::timestamptz[])[excluded.newest_rank + 1] END),
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

_encoder = msgspec.json.Encoder()


def place(connection: Any, unread: Sequence[Unread], clocks: Clocks, *, now: datetime) -> None:
    """See :class:`triage.service.place.Statements`."""
    connection.execute(
        _PLACE,
        {
            "unread": _encoder.encode(unread).decode(),
            "started": list(clocks.started_at),
            "due": list(clocks.due_at),
            "now": now,
        },
    )
