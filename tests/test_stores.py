"""The harness keeps its own promises: what tests stand on is durable, separate and empty."""

import psycopg
import sqlalchemy as sa

from tests import servers
from tests.stores import Stores


def names_of_tables(url: str) -> set[str]:
    engine = sa.create_engine(url)
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def leave_a_mark(url: str) -> None:
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE mark (id INTEGER)"))
    finally:
        engine.dispose()


def test_stores_are_migrated_and_nobody_has_used_them(stores: Stores) -> None:
    assert "conversation" in names_of_tables(stores.database_url)
    assert not names_of_tables(stores.database_url) & names_of_tables(stores.keystore_url) - {
        "alembic_version"
    }
    assert "mark" not in names_of_tables(stores.database_url)
    leave_a_mark(stores.database_url)


def test_what_one_test_writes_no_other_test_sees(stores: Stores) -> None:
    # The same as above in the other order: tests run in a random one.
    assert "mark" not in names_of_tables(stores.database_url)
    leave_a_mark(stores.database_url)


def test_private_postgres_writes_as_durably_as_ours_must(postgres: servers.Postgres) -> None:
    address = postgres.url("postgres").replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
            assert row == ("on",), setting


def test_databases_are_made_and_dropped_after_a_restart_as_before(
    postgres: servers.Postgres,
) -> None:
    postgres.create("before")
    postgres.restart()
    postgres.drop("before")
    postgres.create("after", template="template0")
    postgres.drop("after")


def test_redis_comes_back_on_its_port_with_nothing_in_it(redis: servers.Redis) -> None:
    url = redis.url
    redis.pause()
    assert not redis.answers()
    redis.restart()
    assert redis.answers()
    assert redis.url == url
