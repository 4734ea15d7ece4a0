"""The batch statement of this package for PostgreSQL, on a psycopg connection."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from triage.service.place import Clocks, Unread

# Grades only ever rise here. A message that is worse than what its open escalation was about
# starts the climb again, in a new round, never later than the page that was due already. The rows
# come as one JSON text: psycopg builds arrays element by element in Python.
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
INSERT INTO escalation (id, entry_id, grade_rank, state, round, step, raised_at, started_at, due_at)
SELECT escalation_id, id, placed.grade_rank, 'armed', 0, 0, %(now)s,
       (%(started)s::timestamptz[])[placed.grade_rank + 1],
       (%(due)s::timestamptz[])[placed.grade_rank + 1]
FROM arrived JOIN placed USING (id)
ON CONFLICT (entry_id) WHERE state <> 'closed' DO UPDATE SET
    grade_rank = excluded.grade_rank, state = 'armed', round = escalation.round + 1, step = 0,
    started_at = excluded.started_at, due_at = LEAST(escalation.due_at, excluded.due_at),
    acknowledged_by = NULL, acknowledged_at = NULL, next_step = NULL
WHERE excluded.grade_rank < escalation.grade_rank
"""

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
