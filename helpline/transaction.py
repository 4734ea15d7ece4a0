"""The only commit.

``begin`` opens the one transaction of a request, a job or a command. What must happen afterwards
(ring a console, wake a lane) is registered with ``after_commit`` and is dropped on a rollback.

In the embedded default every write goes through one connection behind one lock, whichever thread
asks; with PostgreSQL each transaction has a connection of its own.
"""

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import structlog
from sqlalchemy.orm import Session

from helpline.settings import Settings
from integrations import batches, database

log = structlog.get_logger()

Effect = Callable[[], None]
_EFFECTS = "effects"


def after_commit(session: Session, effect: Effect) -> None:
    """Run ``effect`` once the transaction of ``session`` is on disk; never if it is not."""
    session.info.setdefault(_EFFECTS, []).append(effect)


class NestedTransactionError(RuntimeError):
    """A transaction was begun inside another of the same thread. Hand the session on instead."""


class _OneWriter:
    """The lock of the embedded default's one connection.

    A thread that has it is refused a second time: both transactions would be the same one to
    SQLite, and the end of the inner would silently take the outer's rows with it.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._is_held = False

    def __enter__(self) -> None:
        self._lock.acquire()
        if self._is_held:
            self._lock.release()
            raise NestedTransactionError
        self._is_held = True

    def __exit__(self, *ended: object) -> None:
        self._is_held = False
        self._lock.release()


class Transactions:
    """Opens transactions on one store."""

    def __init__(self, store: database.Store) -> None:
        self.store = store
        self._one_writer: AbstractContextManager[Any] = (
            _OneWriter() if store.engine_name == "sqlite" else nullcontext()
        )
        self._batches: batches.Batches | None = None
        self._batching = threading.Lock()

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction that commits when the block ends and rolls back when it raises."""
        with self._one_writer, Session(self.store.write, expire_on_commit=False) as session:
            with session.begin():
                yield session
            effects: list[Effect] = session.info.pop(_EFFECTS, [])
        for effect in effects:
            _run(effect)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads; it never waits for a writer."""
        with Session(self.store.read, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Close every connection of the store."""
        if self._batches is not None:
            self._batches.close()
            self._batches = None
        self.store.dispose()

    @contextmanager
    def batch(self) -> Iterator[Any]:
        """Open the transaction of intake, on the driver's own connection: one at a time.

        It is the writer thread's; the sweep of texts uses it too, where it finds one.

        Yields a psycopg connection in pipeline mode, so nothing is read inside the block, or an
        sqlite3 connection, alone with the writer. Commits when the block ends.
        """
        with self._one_writer, self._batching:
            if self._batches is None:
                self._batches = batches.batches_for(self.store)
            with self._batches.transaction() as connection:
                yield connection


class AlreadyRunningError(RuntimeError):
    """Another process has this database open. The embedded default allows one."""


@contextmanager
def hold_alone(settings: Settings) -> Iterator[None]:
    """Hold the embedded database alone; with PostgreSQL there is nothing to hold.

    Two processes that write one SQLite file can corrupt it (see docs/operations.md).
    """
    if not settings.is_embedded:
        yield
        return
    path = database.sqlite_path(settings.database_url)
    with path.with_name(path.name + ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError from None
        yield


def _run(effect: Effect) -> None:
    # The data is safe by now and every effect is only a doorbell, so one that fails must not
    # turn a success into an error.
    try:
        effect()
    except Exception as problem:  # noqa: BLE001 - a doorbell may fail in any way
        log.warning("effect.failed", error=type(problem).__name__)
