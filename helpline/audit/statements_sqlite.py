"""Audit rows in SQLite's own words."""

from collections.abc import Sequence
from typing import Any

from helpline.audit.record import Row
from integrations import database

RECORD_BATCH = """
INSERT INTO audit_entry (id, at, actor_kind, actor_id, action, subject_id, mac)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""


def record_batch(connection: Any, rows: Sequence[Row]) -> None:
    """Write audit rows on an sqlite3 connection, inside the transaction that is open on it."""
    # Many rows have one instant, and writing that out costs more than the rest of a row.
    instants = {at: database.sqlite_instant(at) for at in {row.at for row in rows}}
    connection.executemany(
        RECORD_BATCH,
        [
            (
                row.id.hex,
                instants[row.at],
                row.actor_kind,
                None if row.actor_id is None else row.actor_id.hex,
                row.action,
                row.subject_id.hex,
                row.mac,
            )
            for row in rows
        ],
    )
