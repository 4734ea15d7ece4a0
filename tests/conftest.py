"""What every test may ask for: stores on both engines, a clock, private servers, free ports.

A test that names `stores` (or `engine_name`) runs twice, once on SQLite and once on PostgreSQL.
"""

import itertools
import shutil
from collections.abc import Iterator

import pytest

from tests import folders, servers
from tests import stores as stores_of_tests
from tests.clock import Clock
from tests.service import Service
from tests.stores import Stores

pytest_plugins = ["tests.order", "tests.skips"]
numbers = itertools.count(1)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """One cluster for the session, or for each worker under `-n`: starting takes half a second."""
    server = servers.unless_missing(servers.Postgres.start)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[servers.Redis]:
    server = servers.unless_missing(servers.Redis.start)
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: servers.Redis) -> servers.Redis:
    """An empty Redis; a test may pause and restart it."""
    if not redis_server.answers():
        redis_server.restart()
    redis_server.flush()
    return redis_server


@pytest.fixture(scope="session")
def _sqlite_template() -> Iterator[stores_of_tests.SqliteTemplate]:
    folder = folders.fresh_folder(prefix="helpline-sqlite-")
    yield stores_of_tests.SqliteTemplate(folder=folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _postgresql_template(postgres: servers.Postgres) -> stores_of_tests.PostgresTemplate:
    return stores_of_tests.PostgresTemplate(server=postgres)


@pytest.fixture(params=stores_of_tests.ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def stores(engine_name: str, request: pytest.FixtureRequest) -> Iterator[Stores]:
    """A data store and a keystore of this test's own: migrated, empty, durable."""
    template: stores_of_tests.Template = request.getfixturevalue(f"_{engine_name}_template")
    with template.fresh() as fresh:
        yield fresh


@pytest.fixture(scope="module")
def served(request: pytest.FixtureRequest) -> Iterator[Service]:
    """The whole service in processes of its own, embedded unless the module says otherwise.

    `pytestmark = service.ON_BOTH_ENGINES` runs a module's tests on both.
    """
    settings: dict[str, str] = {}
    if getattr(request, "param", "sqlite") == "postgresql":
        settings = _grown(
            postgres=request.getfixturevalue("postgres"),
            redis_server=request.getfixturevalue("redis_server"),
        )
    service = Service.start(settings=settings)
    yield service
    service.remove()


def _grown(*, postgres: servers.Postgres, redis_server: servers.Redis) -> dict[str, str]:
    number = next(numbers)
    data, keys = f"served{number}_data", f"served{number}_keys"
    postgres.create(data)
    postgres.create(keys)
    if not redis_server.answers():
        redis_server.restart()
    redis_server.flush()
    return {
        "HELPLINE_DATABASE_URL": postgres.url(data),
        "HELPLINE_KEYSTORE_URL": postgres.url(keys),
        "HELPLINE_REDIS_URL": redis_server.url,
    }
