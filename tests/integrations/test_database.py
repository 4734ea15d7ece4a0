"""The engines: aware instants only, one writer, read-only readers, and no unsafe server."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.orm import Session

from integrations import database
from integrations.database import (
    Instant,
    NaiveInstantError,
    Store,
    UnknownEngineError,
    UnsafeDatabaseError,
)
from tests import servers
from tests import stores as stores_of_tests

NOW = datetime(2026, 11, 2, 10, 0, 0, 123456, tzinfo=UTC)

_tables = sa.MetaData()
_moment = sa.Table(
    "moment", _tables, sa.Column("id", sa.Integer, primary_key=True), sa.Column("at", Instant())
)


@pytest.fixture(scope="module", params=stores_of_tests.ENGINES)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    template: stores_of_tests.Template = request.getfixturevalue(f"_{request.param}_template")
    with template.fresh() as stores:
        store = database.connect(stores.database_url)
        _tables.create_all(store.write)
        yield store
        store.dispose()


def kept(store: Store, at: datetime | None) -> datetime | None:
    with Session(store.write) as session, session.begin():
        session.execute(sa.delete(_moment))
        session.execute(sa.insert(_moment).values(id=1, at=at))
    with Session(store.read) as session:
        return session.scalar(sa.select(_moment.c.at))


@pytest.mark.parametrize(
    "at",
    [
        NOW,
        NOW.replace(microsecond=0),
        datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/London"), fold=1),
        datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=4, minutes=30))),
        None,
    ],
)
def test_an_instant_comes_back_as_the_same_moment_in_utc(store: Store, at: datetime | None) -> None:
    found = kept(store, at)
    assert found == (None if at is None else at.astimezone(UTC))
    assert found is None or found.tzinfo is UTC or found.utcoffset() == timedelta(0)


def test_a_time_without_its_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError) as refused:
        kept(store, NOW.replace(tzinfo=None))
    assert isinstance(refused.value.orig, NaiveInstantError)


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the strategy asks for it so
def test_the_driver_and_the_mapper_write_an_instant_alike(at: datetime) -> None:
    assert database.from_sqlite_instant(database.sqlite_instant(at)) == at


def test_instants_sort_as_text_in_sqlite(tmp_path: Path) -> None:
    store = database.connect(f"sqlite:///{tmp_path / 'sorted.db'}")
    _tables.create_all(store.write)
    moments = [NOW.replace(microsecond=0), NOW, NOW + timedelta(microseconds=1)]
    with store.write.begin() as connection:
        connection.execute(
            sa.insert(_moment), [{"id": i, "at": at} for i, at in enumerate(moments)]
        )
        text = connection.exec_driver_sql("SELECT at FROM moment ORDER BY at").scalars().all()
    store.dispose()
    assert text == [database.sqlite_instant(each) for each in moments]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///data.db", "sqlite"),
        ("postgresql://h/d", "postgresql"),
        ("postgresql+psycopg://h/d", "postgresql"),
    ],
)
def test_an_address_names_its_engine(url: str, name: str) -> None:
    assert database.engine_name(url) == name


@pytest.mark.parametrize("url", ["mysql://h/d", "no address", "", "sqlite", "postgresql://h:x/d"])
def test_any_other_address_is_not_understood(url: str) -> None:
    with pytest.raises(UnknownEngineError):
        database.engine_name(url)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("sqlite:///data.db", "sqlite:///./data.db", True),
        ("sqlite:////tmp/data.db", "sqlite:////tmp/../tmp/data.db", True),
        ("sqlite:///data.db", "sqlite:///keys.db", False),
        ("postgresql://h/d", "postgresql+psycopg://someone:else@H:5432/d?application_name=x", True),
        ("postgresql://127.0.0.1/d", "postgresql://localhost/d", True),
        ("postgresql://h/d", "postgresql://h/k", False),
        ("postgresql://h/d", "postgresql://h:5433/d", False),
        ("postgresql://h/d", "postgresql://other/d", False),
        ("postgresql://h/d", "sqlite:///d", False),
    ],
)
def test_one_database_has_many_addresses(one: str, other: str, *, is_same: bool) -> None:
    assert database.is_same(one, other) is is_same
    assert database.is_same(other, one) is is_same


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_keeps_nothing_and_is_refused(url: str) -> None:
    with pytest.raises(UnknownEngineError):
        database.connect(url)


def test_sqlite_writes_through_to_the_disk_and_keeps_its_keys(tmp_path: Path) -> None:
    store = database.connect(f"sqlite:///{tmp_path / 'data.db'}")
    with store.write.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    store.dispose()
    full = 2
    assert found == {"journal_mode": "wal", "synchronous": full, "foreign_keys": 1}


@pytest.mark.parametrize("name", ["data.db", "my data.db", "50%.db", "a#b.db", "what?.db", "é.db"])
def test_any_file_name_is_read_and_written_as_one_file(tmp_path: Path, name: str) -> None:
    url = sa.URL.create("sqlite", database=str(tmp_path / name)).render_as_string()
    store = database.connect(url)
    _tables.create_all(store.write)
    assert kept(store, NOW) == NOW
    store.dispose()
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_reader_of_sqlite_cannot_write(tmp_path: Path) -> None:
    store = database.connect(f"sqlite:///{tmp_path / 'data.db'}")
    _tables.create_all(store.write)
    with store.read.connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.execute(sa.insert(_moment).values(id=1))
    store.dispose()


def test_a_reader_does_not_wait_for_a_writer(store: Store) -> None:
    kept(store, NOW)
    with Session(store.write) as writing, writing.begin():
        writing.execute(sa.update(_moment).values(at=NOW + timedelta(days=1)))
        with Session(store.read) as reading:
            assert reading.scalar(sa.select(_moment.c.at)) == NOW


def test_sqlite_takes_the_writers_place_when_a_transaction_begins(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    store = database.connect(f"sqlite:///{path}")
    _tables.create_all(store.write)
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with store.write.begin(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()
    store.dispose()


def test_a_store_may_be_used_from_any_thread(store: Store) -> None:
    found: list[datetime | None] = []
    thread = threading.Thread(target=lambda: found.append(kept(store, NOW)))
    thread.start()
    thread.join()
    assert found == [NOW]


def test_a_safe_database_is_accepted(store: Store) -> None:
    database.check_durable(store)


def test_postgresql_speaks_utc_and_waits_for_no_lock_for_ever(postgres: servers.Postgres) -> None:
    store = database.connect(postgres.url("postgres"))
    with store.read.connect() as connection:
        assert connection.execute(sa.text("SHOW timezone")).scalar() == "UTC"
        assert connection.execute(sa.text("SHOW lock_timeout")).scalar() == "10s"
    store.dispose()


def test_no_statement_and_no_vanished_server_holds_a_connection_for_long(
    postgres: servers.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "STATEMENT_TIMEOUT_SECONDS", 1)
    store = database.connect(postgres.url("postgres"))
    with store.write.connect() as connection:
        driver: Any = connection.connection.driver_connection
        given = driver.info.get_parameters()
        with pytest.raises(OperationalError, match="statement timeout"):
            connection.execute(sa.text("SELECT pg_sleep(5)"))
    store.dispose()
    assert 0 < int(given["tcp_user_timeout"]) <= 20_000
    assert 0 < int(given["keepalives_idle"]) <= 30


def test_a_server_that_answers_before_its_disk_is_refused(postgres: servers.Postgres) -> None:
    postgres.create("unsafe")
    try:
        address = make_url(postgres.url("unsafe")).set(drivername="postgresql")
        plain = address.render_as_string()
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute("ALTER DATABASE unsafe SET synchronous_commit = off")
        store = database.connect(plain)
        with pytest.raises(UnsafeDatabaseError, match="synchronous_commit"):
            database.check_durable(store)
        store.dispose()
    finally:
        postgres.drop("unsafe")
