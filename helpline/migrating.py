"""The schema of both databases: bring it up to date, check it, compare it with the models."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources

import sqlalchemy as sa
from alembic import autogenerate, command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from chat import models as chat_models
from helpline.accounts import models as accounts_models
from helpline.audit import models as audit_models
from helpline.casework import models as casework_models
from helpline.children import models as children_models
from helpline.danger import models as danger_models
from helpline.institutions import models as institutions_models
from helpline.public import models as public_models
from helpline.queue import models as queue_models
from helpline.signals import models as signals_models
from helpline.todo import models as todo_models
from integrations import database, keystore
from triage import models as triage_models

# Named so that importing this module is what puts every table into its metadata.
TABLES_OF = (
    chat_models,
    triage_models,
    accounts_models,
    audit_models,
    casework_models,
    children_models,
    danger_models,
    institutions_models,
    public_models,
    queue_models,
    signals_models,
    todo_models,
    keystore,
)

# A migration that cannot have its locks at once gives up instead of stopping every message.
LOCK_TIMEOUT = "4s"

# One process migrates at a time; the number is arbitrary and only has to be ours.
_ADVISORY_LOCK = 7_431_001

_METADATA = {"data": database.Base.metadata, "keystore": database.KeystoreBase.metadata}


class SchemaBehindError(RuntimeError):
    """The database is empty or older than this program. Run `helpline migrate`."""


class SchemaAheadError(RuntimeError):
    """The database is newer than this program. Start the newer program."""


def upgrade(database_url: str, keystore_url: str) -> None:
    """Bring both databases up to date; nothing changes when they are."""
    for line, url in (("data", database_url), ("keystore", keystore_url)):
        store = database.connect(url)
        try:
            with _connection(store) as connection:
                command.upgrade(_config(line, connection), "head")
        finally:
            store.dispose()


def check(store: database.Store, *, line: str) -> None:
    """Refuse a schema that is behind or ahead of this program."""
    current = _current(store)
    head, known = _revisions(line)
    if current == head:
        return
    if current is not None and current not in known:
        raise SchemaAheadError
    raise SchemaBehindError


def check_both(database_url: str, keystore_url: str) -> None:
    """The same for both databases, before anything else is asked of them."""
    for line, url in (("data", database_url), ("keystore", keystore_url)):
        store = database.connect(url)
        try:
            check(store, line=line)
        finally:
            store.dispose()


def _current(store: database.Store) -> str | None:
    try:
        with store.read.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except sa.exc.OperationalError:
        # A reader makes no file, so for SQLite this is a database that was never made. A server
        # that does not answer says nothing about its schema.
        if store.engine_name == "sqlite":
            return None
        raise


@cache
def _revisions(line: str) -> tuple[str | None, frozenset[str]]:
    """The newest revision and every one there is. Read once: a running program has no new ones."""
    script = ScriptDirectory.from_config(_config(line, None))
    known = frozenset(revision.revision for revision in script.walk_revisions())
    return script.get_current_head(), known


def drift(store: database.Store, *, line: str) -> list[str]:
    """What the models have and the migrations have not, or the reverse; one line each."""
    with store.write.connect() as connection:
        context = MigrationContext.configure(connection)
        found = autogenerate.compare_metadata(context, _METADATA[line])
    return [repr(each) for each in found]


def write_revision(store: database.Store, *, line: str, message: str) -> None:
    """Write a new migration from the difference. For developers."""
    with _connection(store) as connection:
        config = _config(line, connection)
        number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
        command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04}")


def _config(line: str, connection: sa.Connection | None) -> Config:
    folder = resources.files("helpline") / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("version_locations", str(folder / line))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = _METADATA[line]
    return config


@contextmanager
def _connection(store: database.Store) -> Iterator[sa.Connection]:
    with store.write.connect() as connection:
        if store.engine_name == "postgresql":
            connection.execute(sa.text("SET statement_timeout = 0"))  # a big table takes its time
            connection.execute(sa.text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
            connection.execute(sa.text(f"SELECT pg_advisory_lock({_ADVISORY_LOCK})"))
            connection.commit()
        yield connection
        connection.commit()
