"""An installation behind a real nginx."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import installed
from tests.deploy.installed import Front
from tests.stores import SqliteTemplate, Stores


@pytest.fixture
def front(
    stores: Stores, engine_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Front]:
    """One of this test's own, on either engine: quiet, and empty of people."""
    redis_url = None
    if engine_name == "postgresql":
        redis_url = request.getfixturevalue("redis").url
    with installed.opened(stores, tmp_path, redis_url=redis_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_front(
    _sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    """One for the tests of a module that ask nothing of the databases."""
    folder = tmp_path_factory.mktemp("front")
    with _sqlite_template.fresh() as stores, installed.opened(stores, folder) as opened:
        yield opened
