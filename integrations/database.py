"""The database engines: PostgreSQL in the grown set-up, SQLite in the embedded default.

Everything that depends on which of the two it is stands here or in a context's pair of
``statements_*`` modules.
"""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import StaticPool
from sqlalchemy.types import TypeDecorator

EngineName = Literal["postgresql", "sqlite"]

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite waits this long for a lock that another process should not be holding at all.
BUSY_TIMEOUT_SECONDS = 5.0

# A statement that takes longer is ended by PostgreSQL. None of ours needs a tenth; a migration
# may, and sets a limit of its own.
STATEMENT_TIMEOUT_SECONDS = 30

# How soon a server that vanished without a word is given up. The kernel's own patience is a quarter
# of an hour, which the writer's one connection would spend in silence.
_VANISHED: dict[str, int] = {
    "connect_timeout": 5,
    "tcp_user_timeout": 15_000,  # milliseconds, for what was sent and is not acknowledged
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


class NaiveInstantError(ValueError):
    """A time without its zone reached the database."""


class UnsafeDatabaseError(RuntimeError):
    """The database is set up so that it may lose what it said it kept."""


class UnknownEngineError(ValueError):
    """Only postgresql:// and sqlite:// addresses are understood."""


class Instant(TypeDecorator[datetime]):
    """An aware instant, in UTC. SQLite keeps it as text of fixed width, so that it sorts."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveInstantError
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the main database."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Instant(), UUID: sa.Uuid(), bytes: sa.LargeBinary()}  # noqa: RUF012 - SQLAlchemy reads it as a plain class attribute


class KeystoreBase(DeclarativeBase):
    """Every table of the keystore, which is a database of its own."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Instant(), UUID: sa.Uuid(), bytes: sa.LargeBinary()}  # noqa: RUF012 - as above


def sqlite_instant(at: datetime) -> str:
    """The text that :class:`Instant` keeps in SQLite, for statements that skip SQLAlchemy."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def from_sqlite_instant(text: str) -> datetime:
    """The reverse of :func:`sqlite_instant`."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)


@dataclass(frozen=True)
class Store:
    """One database: an engine that writes and one that only reads.

    With SQLite the writing engine has exactly one connection and the reading ones are opened
    read-only: SQLite before 3.51.3 can corrupt its log when two connections write and checkpoint
    at once. With PostgreSQL both are the same engine.
    """

    engine_name: EngineName
    write: sa.Engine
    read: sa.Engine

    def dispose(self) -> None:
        """Close every connection."""
        self.read.dispose()
        self.write.dispose()


def engine_name(url: str) -> EngineName:
    """Which engine an address names."""
    try:
        name = make_url(url).get_backend_name()
    except (sa.exc.ArgumentError, ValueError):
        # Its own error may repeat a password that stands in the address.
        raise UnknownEngineError from None
    if name == "postgresql":
        return "postgresql"
    if name == "sqlite":
        return "sqlite"
    raise UnknownEngineError


def sqlite_path(url: str) -> Path:
    """The file that an SQLite address names."""
    database = make_url(url).database
    if not database or database == ":memory:":
        raise UnknownEngineError
    return Path(database)


def is_same(one: str, other: str) -> bool:
    """Whether two addresses name the same database, as far as addresses can tell."""
    if engine_name(one) != engine_name(other):
        return False
    if engine_name(one) == "sqlite":
        return sqlite_path(one).resolve() == sqlite_path(other).resolve()
    return _postgresql_place(one) == _postgresql_place(other)


def connect(url: str, *, readers: int = 8) -> Store:
    """Open the database at ``url``. Nothing is created but an empty SQLite file."""
    if engine_name(url) == "sqlite":
        return _sqlite_store(sqlite_path(url), readers)
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    engine = _postgresql_engine(parsed, readers)
    return Store("postgresql", engine, engine)


def check_durable(store: Store) -> None:
    """Refuse a server that answers before its disk has the data (promise: a tick is kept)."""
    if store.engine_name == "sqlite":
        return
    with store.read.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            if connection.execute(sa.text(f"SHOW {setting}")).scalar_one() == "off":
                raise UnsafeDatabaseError(setting)


def _postgresql_place(url: str) -> tuple[str, int, str | None]:
    parsed = make_url(url)
    host = (parsed.host or "localhost").lower()
    is_here = host in {"localhost", "127.0.0.1", "::1"}
    return "localhost" if is_here else host, parsed.port or 5432, parsed.database


def _postgresql_engine(url: URL, readers: int) -> sa.Engine:
    return sa.create_engine(
        url,
        pool_size=readers,
        max_overflow=readers,
        pool_pre_ping=True,
        connect_args={
            "options": (
                "-c timezone=UTC -c lock_timeout=10s"
                f" -c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s"
            ),
            **_VANISHED,
        },
    )


def _sqlite_store(path: Path, readers: int) -> Store:
    def connect_writing() -> sqlite3.Connection:
        connection = sqlite3.connect(
            path,
            timeout=BUSY_TIMEOUT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def connect_reading() -> sqlite3.Connection:
        # Read-only connections cannot checkpoint, not even when the last of them closes.
        return sqlite3.connect(
            f"file:{quote(str(path))}?mode=ro",
            uri=True,
            timeout=BUSY_TIMEOUT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )

    write = sa.create_engine("sqlite://", creator=connect_writing, poolclass=StaticPool)
    read = sa.create_engine(
        "sqlite://", creator=connect_reading, poolclass=sa.QueuePool, pool_size=readers
    )
    _begin_with(write, "BEGIN IMMEDIATE")
    _begin_with(read, "BEGIN")
    return Store("sqlite", write, read)


def _begin_with(engine: sa.Engine, statement: str) -> None:
    # A deferred BEGIN that reads first and writes later fails at once on a conflict, whatever
    # the busy time-out says; an immediate one waits.
    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(statement)
