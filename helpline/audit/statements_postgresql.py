"""Audit rows in PostgreSQL's own words."""

from collections.abc import Sequence
from typing import Any

import msgspec

from helpline.audit.record import Row

# One JSON text instead of arrays, for the reason given in helpline/queue/statements_postgresql.py.
RECORD_BATCH = """
INSERT INTO audit_entry (id, at, actor_kind, actor_id, action, subject_id, mac)
SELECT id, at, actor_kind, actor_id, action, subject_id, decode(mac, 'base64')
FROM json_to_recordset(%s::json) AS new (
    id uuid, at timestamptz, actor_kind text, actor_id uuid, action text, subject_id uuid, mac text
)
"""

_encoder = msgspec.json.Encoder()


def record_batch(connection: Any, rows: Sequence[Row]) -> None:
    """Write audit rows on a psycopg connection, which may be in pipeline mode."""
    if rows:
        connection.execute(RECORD_BATCH, (_encoder.encode(rows).decode(),))
