"""What the disk allows: one row a commit, on the engine and the disk that the service uses."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import perf_counter

import psycopg
from sqlalchemy.engine import make_url

from helpline.bench import load
from helpline.bench.load import Spread

COMMITS = 2_000
WARM_UP = 100
# A slow disk is measured with fewer.
MOST_SECONDS = 4.0
# A sealed line of 15 words.
_ROW = bytes(range(100))


def sqlite(folder: Path) -> Spread:
    """Commits to a file in ``folder``, in the log and with the syncs of the service."""
    path = folder / "commits.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, body BLOB)")
        return _timed(lambda: connection.execute("INSERT INTO row (body) VALUES (?)", (_ROW,)))


def postgresql(url: str) -> Spread:
    """Commits to a table of its own in the database at ``url``, which is removed afterwards."""
    with _table(url) as connection:
        return _timed(
            lambda: connection.execute("INSERT INTO bench_row (body) VALUES (%s)", [_ROW])
        )


@contextmanager
def _table(url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True, prepare_threshold=0) as connection:
        connection.execute("CREATE TABLE bench_row (id BIGSERIAL PRIMARY KEY, body BYTEA)")
        try:
            yield connection
        finally:
            connection.execute("DROP TABLE bench_row")


def _timed(commit: Callable[[], object]) -> Spread:
    took: list[float] = []
    until = perf_counter() + MOST_SECONDS
    while len(took) < WARM_UP + COMMITS and (perf_counter() < until or len(took) < 2 * WARM_UP):
        began = perf_counter()
        commit()
        took.append(perf_counter() - began)
    return load.spread(took[WARM_UP:])
