"""The transaction of the intake writer, on the driver's own connection.

One connection is kept for the life of the writer: borrowing one from a pool would cost a round
trip a batch, and at a low rate the round trips are what a child waits for.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa

from integrations.database import Store

# The database is away, full or busy. Trying again later can help; trying less at once cannot.
OUTAGES = (
    sqlite3.OperationalError,
    psycopg.OperationalError,
    sa.exc.OperationalError,
    sa.exc.TimeoutError,
    ConnectionError,
)


# SQLite folds its log into the file after this many pages of 4 KiB, inside somebody's commit and
# with syncs of its own. Its default is 1,000, which a busy service fills in a few commits.
FOLD_AFTER_PAGES = 4_000


# The database ended this transaction to let another one through. The same again will do.
CONTENTION = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.LockNotAvailable,
)


class Batches(Protocol):
    """Opens one transaction after another, always on the same connection."""

    def transaction(self) -> contextlib.AbstractContextManager[Any]:
        """Yield a driver's connection; commit when the block ends, roll back when it raises."""

    def close(self) -> None:
        """Give the connection back."""


class PostgresqlBatches:
    """Sends a whole transaction, its COMMIT included, in one round trip."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._borrowed: Any = None

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """See :class:`Batches`. Results may be read only after the block."""
        if self._borrowed is None:
            self._borrowed = self._store.write.raw_connection()
        connection = self._borrowed.driver_connection
        try:
            # What is sent in a pipeline fails as one: after the first error the server skips the
            # rest, the COMMIT too.
            with connection.pipeline():
                yield connection
                connection.commit()
        except BaseException:
            self._roll_back(connection)
            raise

    def close(self) -> None:
        """See :class:`Batches`."""
        if self._borrowed is not None:
            self._borrowed.close()
            self._borrowed = None

    def _roll_back(self, connection: Any) -> None:
        try:
            connection.rollback()
        except Exception:  # noqa: BLE001 - whatever is wrong, this connection is not used again
            self._borrowed.invalidate()
            self._borrowed = None


class SqliteBatches:
    """The embedded default's one writing connection; the caller holds the writer's lock."""

    def __init__(self, store: Store) -> None:
        self._borrowed = store.write.raw_connection()
        connection = self._borrowed.driver_connection
        if connection is not None:
            connection.execute(f"PRAGMA wal_autocheckpoint={FOLD_AFTER_PAGES}").fetchall()

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """See :class:`Batches`."""
        connection = self._borrowed.driver_connection
        if connection is None:
            raise ConnectionError
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            # A commit that fails, on a full disk say, leaves the transaction open.
            connection.commit()
        except BaseException:
            connection.rollback()
            raise

    def close(self) -> None:
        """See :class:`Batches`."""
        self._borrowed.close()


def batches_for(store: Store) -> Batches:
    """The batches of a store's engine."""
    return PostgresqlBatches(store) if store.engine_name == "postgresql" else SqliteBatches(store)
