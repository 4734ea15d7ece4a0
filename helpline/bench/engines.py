"""The engines to measure on: SQLite always, PostgreSQL where it is named or can be started."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from helpline.bench import commits, private, served
from helpline.bench.load import Spread
from helpline.bench.served import Installation
from integrations.database import EngineName


@dataclass(frozen=True)
class Engine:
    """An installation on one engine, and the bare commit of the same disk."""

    name: EngineName
    installation: Installation
    bare_commit: Callable[[], Spread]


Opening = Callable[[Mapping[str, str]], AbstractContextManager[Engine]]


@contextmanager
def sqlite(given: Mapping[str, str]) -> Iterator[Engine]:
    """The embedded default in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="helpline-bench-") as name:
        folder = Path(name)
        installation = served.installed(
            database_url=f"sqlite:///{folder / 'data.db'}",
            keystore_url=f"sqlite:///{folder / 'keys.db'}",
            redis_url=None,
            given=given,
        )
        yield Engine("sqlite", installation, partial(commits.sqlite, folder))


@contextmanager
def postgresql(given: Mapping[str, str]) -> Iterator[Engine]:
    """The grown set-up on a private PostgreSQL and Redis."""
    with private.servers() as grown:
        installation = served.installed(
            database_url=grown.database_url,
            keystore_url=grown.keystore_url,
            redis_url=grown.redis_url,
            given=given,
        )
        yield Engine("postgresql", installation, partial(commits.postgresql, grown.database_url))
