"""The batch statements of this package for SQLite, on an sqlite3 connection."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from chat.errors import UnknownConversationError
from chat.service.receive import Arrival, Earlier, Received
from integrations.database import from_sqlite_instant, sqlite_instant

# One step for all conversations of the batch; a step for each took twice as long. The INSERT stays
# row by row: a statement over many rows that may hit a constraint keeps a journal of its own of
# every page it changes, which took two and a half times as long.
_COUNT = """
WITH many (id, messages) AS (
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)
)
UPDATE conversation SET last_seq = last_seq + many.messages, left_at = NULL
FROM many WHERE conversation.id = many.id
RETURNING id, last_seq
"""

_INSERT = """
INSERT INTO message (id, conversation_id, seq, author, client_id, body, said_by, kept_at)
VALUES (?, ?, ?, 'child', ?, ?, NULL, ?)
"""

_EARLIER = """
SELECT id, seq, kept_at, body FROM message
WHERE conversation_id = ? AND author = 'child' AND client_id = ?
"""

_encoder = msgspec.json.Encoder()

_ONCE = "message.conversation_id, message.author, message.client_id"


def receive(
    connection: Any, arrivals: Sequence[Arrival], *, now: datetime
) -> Callable[[], list[Received]]:
    """See :class:`chat.service.receive.Statements`."""
    many = Counter(arrival.conversation.hex for arrival in arrivals)
    counted = connection.execute(_COUNT, (_encoder.encode([*many.items()]).decode(),))
    following = {conversation: last - many[conversation] for conversation, last in counted}
    if len(following) < len(many):
        raise UnknownConversationError
    at = sqlite_instant(now)
    received, rows = [], []
    for arrival in arrivals:
        conversation = arrival.conversation.hex
        following[conversation] = seq = following[conversation] + 1
        received.append(Received(arrival.message, arrival.conversation, seq, now))
        rows.append((arrival.message.hex, conversation, seq, arrival.client_id, arrival.body, at))
    connection.executemany(_INSERT, rows)
    return lambda: received


def earlier(connection: Any, arrivals: Sequence[Arrival]) -> list[Earlier]:
    """See :class:`chat.service.receive.Statements`."""
    found = []
    for a in arrivals:
        row = connection.execute(_EARLIER, (a.conversation.hex, a.client_id)).fetchone()
        if row is not None:
            message, seq, kept_at, body = row
            received = Received(UUID(message), a.conversation, seq, from_sqlite_instant(kept_at))
            found.append(Earlier(received, a.client_id, body))
    return found


def is_repetition(problem: Exception) -> bool:
    """See :class:`chat.service.receive.Statements`."""
    return isinstance(problem, sqlite3.IntegrityError) and _ONCE in str(problem)


def is_unknown(problem: Exception) -> bool:
    """See :class:`chat.service.receive.Statements`."""
    return isinstance(problem, UnknownConversationError)
