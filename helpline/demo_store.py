"""The databases of a demo: whether they are one's at all, and how they are thrown away.

A demo is started with whatever addresses stand in the environment. Putting its people, whose
password everybody knows, into somebody's real installation would open it, and a fresh start would
destroy it; so nothing is touched before both databases are empty or known to be a demo's.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.models import Conversation
from helpline import seeding
from helpline.accounts import staff
from helpline.accounts.models import Staff
from helpline.settings import Settings, SettingsError
from integrations import database
from integrations.database import Store
from integrations.keystore import KeyEncryptionKey, Keystore, WrappedKey

NOT_A_DEMO = (
    "These databases are neither empty nor marked as a demo, so the demo leaves them alone. "
    "Give it databases of its own."
)


def refuse_unless_a_demo(settings: Settings) -> None:
    """Refuse databases that hold anything but this demo. Changes nothing."""
    keys, data = database.connect(settings.keystore_url), database.connect(settings.database_url)
    try:
        if _tables(keys) or _tables(data):
            keystore = Keystore(keys, KeyEncryptionKey(settings.kek))
            if not (_is_marked(keys) and _is_of(data, keystore)):
                raise SettingsError(NOT_A_DEMO)
    finally:
        keys.dispose()
        data.dispose()


def throw_away(settings: Settings) -> None:
    """Empty both databases of a demo. The caller holds them alone."""
    refuse_unless_a_demo(settings)
    for url in (settings.database_url, settings.keystore_url):
        if settings.is_embedded:
            path = database.sqlite_path(url)
            for ending in ("", "-wal", "-shm", "-journal"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
        else:
            _drop_everything(url)


def _tables(store: Store) -> set[str]:
    # A reader of SQLite makes no file, so a file that is not there has no tables.
    if store.engine_name == "sqlite" and not _has_file(store):
        return set()
    with store.read.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


def _has_file(store: Store) -> bool:
    try:
        store.read.connect().close()
    except sa.exc.OperationalError:
        return False
    return True


def _is_marked(keys: Store) -> bool:
    if WrappedKey.__tablename__ not in _tables(keys):
        return False
    with Session(keys.read) as session:
        marked = sa.select(WrappedKey.id).where(WrappedKey.scope == seeding.MARK)
        return session.scalar(marked) is not None


def _is_of(data: Store, keystore: Keystore) -> bool:
    """Whether the data is empty, or the demo's people are in it under this keystore's key."""
    tables = _tables(data)
    if not tables:
        return True
    if not {Staff.__tablename__, Conversation.__tablename__} <= tables:
        return False
    lookup = staff.lookup(keystore, now=datetime.now(UTC))
    tokens = [lookup.token(person.email) for person in seeding.people()]
    with Session(data.read) as session:
        if session.scalar(sa.select(Staff.id).where(Staff.email_token.in_(tokens)).limit(1)):
            return True
        rows = (sa.select(column).limit(1) for column in (Staff.id, Conversation.id))
        return all(session.scalar(row) is None for row in rows)


def _drop_everything(url: str) -> None:
    store = database.connect(url)
    with store.write.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    store.dispose()
