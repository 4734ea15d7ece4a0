"""The batch statements of this package for PostgreSQL, on a psycopg connection."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg.errors

from chat.service.receive import Arrival, Earlier, Received

# Conversations are locked in the order of their ids, so that two processes never wait for each
# other; NO KEY, so that a note about one never waits for its messages. A conversation that does
# not exist leaves seq empty, which the table refuses: the batch fails as a whole and intake runs
# it again one by one. One JSON text instead of four arrays, for which psycopg builds element by
# element in Python.
_RECEIVE = """
WITH arrived AS (
    SELECT id, conversation_id, client_id, decode(body, 'base64') AS body, place
    FROM ROWS FROM (json_to_recordset(%s::json) AS (
        message uuid, conversation uuid, client_id text, body text
    )) WITH ORDINALITY AS t (id, conversation_id, client_id, body, place)
), many AS (
    SELECT conversation_id, count(*) AS messages FROM arrived GROUP BY conversation_id
), locked AS (
    SELECT id, last_seq FROM conversation
    WHERE id IN (SELECT conversation_id FROM many) ORDER BY id FOR NO KEY UPDATE
), counted AS (
    UPDATE conversation SET last_seq = locked.last_seq + many.messages, left_at = NULL
    FROM locked JOIN many ON many.conversation_id = locked.id
    WHERE conversation.id = locked.id
    RETURNING conversation.id, locked.last_seq AS before
)
INSERT INTO message (id, conversation_id, seq, author, client_id, body, said_by, kept_at)
SELECT arrived.id, arrived.conversation_id,
       counted.before + row_number() OVER (PARTITION BY arrived.conversation_id ORDER BY place),
       'child', client_id, body, NULL, %s
FROM arrived LEFT JOIN counted ON counted.id = arrived.conversation_id
RETURNING id, conversation_id, seq
"""

_EARLIER = """
SELECT message.id, conversation_id, seq, kept_at, client_id, body
FROM message JOIN unnest(%s::uuid[], %s::text[]) AS asked (conversation, client)
    ON conversation_id = asked.conversation AND client_id = asked.client
WHERE author = 'child'
"""

_encoder = msgspec.json.Encoder()

_ONCE = "uq_message_conversation_id_author_client_id"


def receive(
    connection: Any, arrivals: Sequence[Arrival], *, now: datetime
) -> Callable[[], list[Received]]:
    """See :class:`chat.service.receive.Statements`."""
    cursor = connection.execute(
        _RECEIVE,
        (_encoder.encode(arrivals).decode(), now),
    )
    return lambda: [
        Received(message, conversation, seq, now)
        for message, conversation, seq in cursor.fetchall()
    ]


def earlier(connection: Any, arrivals: Sequence[Arrival]) -> list[Earlier]:
    """See :class:`chat.service.receive.Statements`."""
    cursor = connection.execute(
        _EARLIER, ([a.conversation for a in arrivals], [a.client_id for a in arrivals])
    )
    return [
        Earlier(Received(message, conversation, seq, kept_at), client_id, body)
        for message, conversation, seq, kept_at, client_id, body in cursor.fetchall()
    ]


def is_repetition(problem: Exception) -> bool:
    """See :class:`chat.service.receive.Statements`."""
    return (
        isinstance(problem, psycopg.errors.UniqueViolation)
        and problem.diag.constraint_name == _ONCE
    )


def is_unknown(problem: Exception) -> bool:
    """See :class:`chat.service.receive.Statements`."""
    return (
        isinstance(problem, psycopg.errors.NotNullViolation) and problem.diag.column_name == "seq"
    )
