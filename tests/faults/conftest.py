"""Installations whose processes, and whose PostgreSQL and Redis, a fault test may kill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.faults.processes import Installation


@pytest.fixture
def own_postgres() -> Iterator[servers.Postgres]:
    """A cluster of this test's own: nobody else's data is in the way when it is killed."""
    server = servers.unless_missing(servers.Postgres.start)
    server.create("data")
    server.create("keys")
    yield server
    server.stop()


@pytest.fixture
def own_redis() -> Iterator[servers.Redis]:
    server = servers.unless_missing(servers.Redis.start)
    yield server
    server.stop()


@pytest.fixture
def installation(
    engine_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Installation]:
    """An installation on either engine: prepared, nothing launched."""
    if engine_name == "postgresql":
        yield request.getfixturevalue("grown")
        return
    embedded = Installation.prepared(tmp_path, {})
    yield embedded
    embedded.end()


@pytest.fixture
def grown(
    own_postgres: servers.Postgres, own_redis: servers.Redis, tmp_path: Path
) -> Iterator[Installation]:
    """An installation on PostgreSQL and Redis, with a worker and a schedule of its own."""
    installation = Installation.prepared(
        tmp_path,
        {
            "HELPLINE_DATABASE_URL": own_postgres.url("data"),
            "HELPLINE_KEYSTORE_URL": own_postgres.url("keys"),
            "HELPLINE_REDIS_URL": own_redis.url,
        },
    )
    yield installation
    installation.end()
