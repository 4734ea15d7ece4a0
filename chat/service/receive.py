"""Messages of children come in, a batch at a time.

The only verbs of this package that take a list: they are the hot path of the service, run as one
constant statement on the driver's own connection, inside a transaction that intake commits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as it comes in: sealed already, with an id that intake gave it."""

    message: UUID
    conversation: UUID
    client_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """A message that is kept, and its number in its conversation."""

    message: UUID
    conversation: UUID
    seq: int
    kept_at: datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message that was kept before under the same client_id, still sealed."""

    received: Received
    client_id: str
    body: bytes


class Statements(Protocol):
    """The two forms of this package's statements, one an engine."""

    def receive(
        self, connection: Any, arrivals: Sequence[Arrival], *, now: datetime
    ) -> Callable[[], list[Received]]:
        """Write the batch. Call the result after the commit to read the numbers given out.

        On PostgreSQL the connection may be in pipeline mode, so that nothing is read before.
        """

    def earlier(self, connection: Any, arrivals: Sequence[Arrival]) -> list[Earlier]:
        """Those of the batch that were kept before."""

    def is_repetition(self, problem: Exception) -> bool:
        """Whether the database refused the batch because of a message kept before."""

    def is_unknown(self, problem: Exception) -> bool:
        """Whether the database refused the batch because there is no such conversation."""
