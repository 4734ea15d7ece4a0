"""The writer's transaction on the driver's own connection: whole, or not at all."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from integrations import batches, database
from integrations.batches import OUTAGES, Batches
from integrations.database import Store
from tests import servers
from tests import stores as stores_of_tests

INSERT = "INSERT INTO batch_row (id) VALUES (%d)"


@pytest.fixture(scope="module", params=stores_of_tests.ENGINES)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    template: stores_of_tests.Template = request.getfixturevalue(f"_{request.param}_template")
    with template.fresh() as stores:
        store = database.connect(stores.database_url)
        with store.write.begin() as connection:
            connection.execute(sa.text("CREATE TABLE batch_row (id INTEGER PRIMARY KEY)"))
        yield store
        store.dispose()


@pytest.fixture
def opened(store: Store) -> Iterator[Batches]:
    with store.write.begin() as connection:
        connection.execute(sa.text("DELETE FROM batch_row"))
    opened = batches.batches_for(store)
    yield opened
    opened.close()


def write(opened: Batches, *ids: int, then: type[BaseException] | None = None) -> None:
    with opened.transaction() as connection:
        for each in ids:
            connection.execute(INSERT % each)
        if then is not None:
            raise then


def rows(store: Store) -> list[int]:
    with store.read.connect() as connection:
        return list(connection.execute(sa.text("SELECT id FROM batch_row ORDER BY id")).scalars())


def test_a_batch_is_on_disk_when_its_block_ends_and_not_before(
    store: Store, opened: Batches
) -> None:
    with opened.transaction() as connection:
        connection.execute(INSERT % 1)
        connection.execute(INSERT % 2)
        assert rows(store) == []
    assert rows(store) == [1, 2]


def test_a_batch_that_raises_leaves_nothing_and_the_next_one_works(
    store: Store, opened: Batches
) -> None:
    with pytest.raises(LookupError):
        write(opened, 1, then=LookupError)
    write(opened, 2)
    assert rows(store) == [2]


def test_a_batch_that_the_database_refuses_leaves_nothing_of_itself(
    store: Store, opened: Batches
) -> None:
    with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
        write(opened, 1, 1, 2)
    assert rows(store) == []
    write(opened, 3)
    assert rows(store) == [3]


@pytest.mark.parametrize("ended", [SystemExit, KeyboardInterrupt, MemoryError])
def test_whatever_ends_the_thread_rolls_back_first(
    store: Store, opened: Batches, ended: type[BaseException]
) -> None:
    with pytest.raises(ended):
        write(opened, 1, then=ended)
    write(opened, 2)
    assert rows(store) == [2]


def test_one_connection_serves_every_batch(opened: Batches) -> None:
    with opened.transaction() as first:
        first.execute(INSERT % 1)
    with opened.transaction() as second:
        second.execute(INSERT % 2)
    assert first is second


def test_a_lost_connection_is_an_outage_and_the_next_batch_has_a_new_one(
    postgres: servers.Postgres,
) -> None:
    postgres.create("outage")
    store = database.connect(postgres.url("outage"))
    opened = batches.PostgresqlBatches(store)
    try:
        with opened.transaction() as connection:
            connection.execute("CREATE TABLE batch_row (id INTEGER PRIMARY KEY)")
        lost = connection.info.backend_pid
        address = postgres.url("postgres").replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [lost])
        with pytest.raises(OUTAGES), opened.transaction() as connection:
            connection.execute(INSERT % 1)
        with opened.transaction() as connection:
            connection.execute(INSERT % 2)
        assert rows(store) == [2]
    finally:
        opened.close()
        store.dispose()
        postgres.drop("outage")


def test_a_server_that_is_away_is_an_outage_each_time_until_it_is_back() -> None:
    server = servers.unless_missing(servers.Postgres.start)
    store = database.connect(server.url("postgres"))
    opened = batches.PostgresqlBatches(store)
    try:
        with opened.transaction() as connection:
            connection.execute("CREATE TABLE batch_row (id INTEGER PRIMARY KEY)")
        server.pause()
        for number in range(3):
            with pytest.raises(OUTAGES), opened.transaction() as connection:
                connection.execute(INSERT % number)
        server.restart()
        with opened.transaction() as connection:
            connection.execute(INSERT % 7)
        assert rows(store) == [7]
    finally:
        opened.close()
        store.dispose()
        server.stop()


def test_a_sqlite_file_that_another_program_holds_is_an_outage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0.05)
    store = database.connect(f"sqlite:///{tmp_path / 'data.db'}")
    opened = batches.batches_for(store)
    other = sqlite3.connect(tmp_path / "data.db", isolation_level=None)
    other.execute("CREATE TABLE batch_row (id INTEGER PRIMARY KEY)")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OUTAGES):
        write(opened, 1)
    other.execute("ROLLBACK")
    other.close()
    write(opened, 2)
    assert rows(store) == [2]
    opened.close()
    store.dispose()


class _FullDisk:
    """A driver's connection whose next commit fails and leaves its transaction open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def commit(self) -> None:
        raise sqlite3.OperationalError


def test_a_commit_that_fails_leaves_no_transaction_open(tmp_path: Path) -> None:
    store = database.connect(f"sqlite:///{tmp_path / 'data.db'}")
    with store.write.begin() as connection:
        connection.execute(sa.text("CREATE TABLE batch_row (id INTEGER PRIMARY KEY)"))
    opened = batches.SqliteBatches(store)
    borrowed = opened._borrowed
    sound = borrowed.driver_connection
    assert isinstance(sound, sqlite3.Connection)
    full: Any = SimpleNamespace(driver_connection=_FullDisk(sound))
    opened._borrowed = full
    with pytest.raises(OUTAGES):
        write(opened, 1)
    assert not sound.in_transaction
    opened._borrowed = borrowed
    write(opened, 2)
    assert rows(store) == [2]
    opened.close()
    store.dispose()
