"""Migrated databases for tests: made once for each engine, then copied for each test."""

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests import servers

ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True, kw_only=True)
class Stores:
    """Where one test's data and keys live. Both are empty and at the newest schema."""

    database_url: str
    keystore_url: str


class Template(Protocol):
    """A migrated pair of stores that can be copied."""

    def fresh(self) -> AbstractContextManager[Stores]:
        """Give one test a copy of its own, and remove it afterwards."""


def migrate(stores: Stores) -> None:
    """Bring both stores up to date, as `helpline migrate` does."""
    migrating = pytest.importorskip("helpline.migrating", reason="the schema is not there yet")
    migrating.upgrade(stores.database_url, stores.keystore_url)


class SqliteTemplate:
    """Two SQLite files; a test's copy is a copy of the files."""

    def __init__(self, *, folder: Path) -> None:
        self._folder = folder
        self._number = itertools.count(1)
        self._made = folder / "template"
        self._made.mkdir()
        migrate(_files(self._made))
        for name in ("data.db", "keys.db"):
            _settle(self._made / name)

    @contextmanager
    def fresh(self) -> Iterator[Stores]:
        folder = self._folder / str(next(self._number))
        shutil.copytree(self._made, folder)
        try:
            yield _files(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class PostgresTemplate:
    """Two PostgreSQL databases; a test's copy is a `CREATE DATABASE ... TEMPLATE`."""

    def __init__(self, *, server: servers.Postgres) -> None:
        self._server = server
        self._number = itertools.count(1)
        for name in ("template_data", "template_keys"):
            server.create(name)
        migrate(self._urls("template"))

    @contextmanager
    def fresh(self) -> Iterator[Stores]:
        prefix = f"test{next(self._number)}"
        names = [f"{prefix}_data", f"{prefix}_keys"]
        try:
            for name in names:
                self._server.create(name, template=name.replace(prefix, "template"))
            yield self._urls(prefix)
        finally:
            for name in names:
                self._server.drop(name)

    def _urls(self, prefix: str) -> Stores:
        return Stores(
            database_url=self._server.url(f"{prefix}_data"),
            keystore_url=self._server.url(f"{prefix}_keys"),
        )


def _files(folder: Path) -> Stores:
    return Stores(
        database_url=f"sqlite:///{folder / 'data.db'}",
        keystore_url=f"sqlite:///{folder / 'keys.db'}",
    )


def _settle(path: Path) -> None:
    """Fold the write-ahead log into the file, so that the file alone is the whole database."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for left_over in (path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        left_over.unlink(missing_ok=True)
