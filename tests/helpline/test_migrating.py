"""The schema: what the models have and the migrations have is the same, and a service checks it."""

from collections.abc import Iterator
from typing import Literal

import pytest
import sqlalchemy as sa

from helpline import migrating
from helpline.migrating import SchemaAheadError, SchemaBehindError
from integrations import database
from integrations.database import Store
from tests import servers
from tests.stores import Stores

LINES: tuple[Literal["data", "keystore"], ...] = ("data", "keystore")


@pytest.fixture(params=LINES)
def line(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def store(stores: Stores, line: str) -> Iterator[Store]:
    store = database.connect(stores.database_url if line == "data" else stores.keystore_url)
    yield store
    store.dispose()


def mark(store: Store, revision: str | None) -> None:
    with store.write.begin() as connection:
        if revision is None:
            connection.execute(sa.text("DROP TABLE alembic_version"))
        else:
            connection.execute(
                sa.text("UPDATE alembic_version SET version_num = :revision"),
                {"revision": revision},
            )


def test_models_and_migrations_say_the_same(store: Store, line: str) -> None:
    assert migrating.drift(store, line=line) == []


def test_a_difference_is_found(store: Store, line: str) -> None:
    with store.write.begin() as connection:
        connection.execute(sa.text("CREATE TABLE left_over (id INTEGER PRIMARY KEY)"))
    [found] = migrating.drift(store, line=line)
    assert "left_over" in found


def test_a_schema_that_fits_is_accepted(store: Store, line: str) -> None:
    migrating.check(store, line=line)


def test_the_revisions_are_read_once_however_often_somebody_looks(
    store: Store, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrating.check(store, line=line)
    monkeypatch.setattr(migrating, "ScriptDirectory", None)
    migrating.check(store, line=line)


def test_a_newer_schema_is_refused(store: Store, line: str) -> None:
    mark(store, "9999")
    with pytest.raises(SchemaAheadError):
        migrating.check(store, line=line)


def test_a_schema_that_was_never_made_is_refused_as_behind(store: Store, line: str) -> None:
    mark(store, None)
    with pytest.raises(SchemaBehindError):
        migrating.check(store, line=line)


def test_no_key_is_kept_beside_the_data(stores: Stores) -> None:
    store = database.connect(stores.database_url)
    try:
        names = set(sa.inspect(store.read).get_table_names())
    finally:
        store.dispose()
    assert "message" in names
    assert "wrapped_key" not in names


def test_bringing_up_to_date_twice_changes_nothing_and_loses_nothing(stores: Stores) -> None:
    migrating.upgrade(stores.database_url, stores.keystore_url)
    store = database.connect(stores.keystore_url)
    with store.write.begin() as connection:
        connection.execute(sa.text("CREATE TABLE kept (id INTEGER PRIMARY KEY)"))
    store.dispose()
    migrating.upgrade(stores.database_url, stores.keystore_url)
    store = database.connect(stores.keystore_url)
    assert "kept" in sa.inspect(store.read).get_table_names()
    store.dispose()


def test_a_migration_that_would_wait_for_a_busy_table_gives_up(
    postgres: servers.Postgres,
) -> None:
    postgres.create("busy")
    store = database.connect(postgres.url("busy"))
    try:
        with migrating._connection(store) as connection:
            assert connection.execute(sa.text("SHOW lock_timeout")).scalar() == "4s"
            assert connection.execute(sa.text("SHOW statement_timeout")).scalar() == "0"
            held = connection.execute(
                sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
            ).scalar()
            assert held == 1, "one process migrates at a time"
    finally:
        store.dispose()
        postgres.drop("busy")
