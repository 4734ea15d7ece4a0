"""Jobs in SQLite's own words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from helpline.queue import add
from helpline.queue.add import NewJob
from integrations import database

# The same promise as on PostgreSQL; here the one writer already keeps the worker away.
ADD_BATCH = """
INSERT INTO job (
    id, lane, kind, subject_id, dedupe_key, state, due_at, attempts, fence, made_at
)
VALUES (?, ?, ?, ?, ?, 'ready', ?, 0, 0, ?)
ON CONFLICT (dedupe_key) WHERE state = 'ready'
DO UPDATE SET due_at = excluded.due_at WHERE job.due_at > excluded.due_at
"""


def add_batch(connection: Any, jobs: Sequence[NewJob], *, now: datetime) -> None:
    """Write jobs on an sqlite3 connection, inside the transaction that is open on it."""
    # Many jobs have one instant, and writing that out costs more than the rest of a row.
    due = {at: database.sqlite_instant(at) for at in {job.due_at for job in jobs}}
    made_at = database.sqlite_instant(now)
    connection.executemany(
        ADD_BATCH,
        [
            (
                job.id.hex,
                job.lane.value,
                job.kind,
                job.subject.hex,
                job.dedupe_key,
                due[job.due_at],
                made_at,
            )
            for job in add.one_each(jobs)
        ],
    )
