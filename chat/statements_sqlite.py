"""The batch statements of this package for SQLite, on an sqlite3 connection."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chat.errors import UnknownConversationError
from chat.service.receive import Arrival, Earlier, Received
from integrations.database import from_sqlite_instant, sqlite_instant

_COUNT = """
UPDATE conversation SET last_seq = last_seq + ?, left_at = NULL WHERE id = ? RETURNING last_seq
"""

_INSERT = """
INSERT INTO message (id, conversation_id, seq, author, client_id, body, said_by, kept_at)
VALUES (?, ?, ?, 'child', ?, ?, NULL, ?)
"""

_EARLIER = """
SELECT id, seq, kept_at, body FROM message
WHERE conversation_id = ? AND author = 'child' AND client_id = ?
"""

_ONCE = "message.conversation_id, message.author, message.client_id"


def receive(
    connection: Any, arrivals: Sequence[Arrival], *, now: datetime
) -> Callable[[], list[Received]]:
    """See :class:`chat.service.receive.Statements`."""
    following: dict[UUID, int] = {}
    for conversation, messages in Counter(a.conversation for a in arrivals).items():
        row = connection.execute(_COUNT, (messages, conversation.hex)).fetchone()
        if row is None:
            raise UnknownConversationError
        following[conversation] = row[0] - messages + 1
    received = []
    for arrival in arrivals:
        seq = following[arrival.conversation]
        following[arrival.conversation] = seq + 1
        received.append(Received(arrival.message, arrival.conversation, seq, now))
    at = sqlite_instant(now)
    connection.executemany(
        _INSERT,
        [
            (a.message.hex, a.conversation.hex, r.seq, a.client_id, a.body, at)
            for a, r in zip(arrivals, received, strict=True)
        ],
    )
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
