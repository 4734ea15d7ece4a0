"""The ceiling: the very same service with a writer that keeps nothing.

Sockets, writer thread, sealing, triage, audit marks, job rows, ticks and deliveries are those of
the service; only what would go to the database is dropped, and numbers are given out in memory.
A process of its own: ``python -m helpline.bench.unstored PORT``.
"""

import dataclasses
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chat.service.receive import Arrival, Earlier, Received
from helpline import intake, logs, serving, worker
from helpline.bell import Bell
from helpline.intake import Intake, Outcome, Said
from helpline.settings import Settings
from helpline.transaction import Transactions
from helpline.writer import Writer

if TYPE_CHECKING:
    from uuid import UUID


class _Unstored(Transactions):
    @contextmanager
    def batch(self) -> Iterator[Any]:
        """No transaction at all."""
        yield None


class _Numbers:
    """Stands for a context's statements: gives numbers out, and drops everything else."""

    def __init__(self) -> None:
        self._last: Counter[UUID] = Counter()

    def receive(
        self, connection: Any, arrivals: Sequence[Arrival], *, now: datetime
    ) -> Callable[[], list[Received]]:
        """Give out the next number of each conversation."""
        del connection
        received = []
        for arrival in arrivals:
            self._last[arrival.conversation] += 1
            seq = self._last[arrival.conversation]
            received.append(Received(arrival.message, arrival.conversation, seq, now))
        return lambda: received

    def earlier(self, connection: Any, arrivals: Sequence[Arrival]) -> list[Earlier]:
        """Nothing was kept before."""
        del connection, arrivals
        return []

    def is_repetition(self, problem: Exception) -> bool:
        """Nothing is kept twice, because nothing is kept."""
        del problem
        return False

    def is_unknown(self, problem: Exception) -> bool:
        """Every conversation is known."""
        del problem
        return False

    def drop(self, *given: Any, **named: Any) -> None:
        """Write nothing."""

    place = add_batch = record_batch = drop


def writer(incoming: Intake) -> Writer[Said, Outcome]:
    """The writer of an intake that keeps nothing."""
    numbers = _Numbers()
    statements = intake.Statements(chat=numbers, triage=numbers, queue=numbers, audit=numbers)
    nowhere = _Unstored(incoming.transactions.store)
    return dataclasses.replace(incoming, transactions=nowhere, statements=statements).writer()


def main(port: int) -> None:
    """Serve without keeping anything, until a signal comes."""
    logs.start()
    settings = Settings.from_environ()
    worker.configure(settings)
    bell = Bell(worker.publish)
    serving.serve(settings, bell=bell, host="127.0.0.1", port=port, writes=writer)


if __name__ == "__main__":
    main(int(sys.argv[1]))
