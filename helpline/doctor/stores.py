"""The databases, the keystore, the disk beneath them and the Redis beside them."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis
import sqlalchemy as sa

from helpline import migrating
from helpline.doctor.finding import Finding, Level
from helpline.settings import Settings
from integrations import database
from integrations.database import Store
from integrations.keystore import (
    KeyEncryptionKey,
    KeyMissingError,
    Keystore,
    WrongKeyEncryptionKeyError,
)

# The scope whose key shows which key-encryption key made a keystore; see Keystore.check.
CHECK_SCOPE = "installation:check"

# https://sqlite.org/wal.html, section "The WAL-reset bug": before this version two connections
# that write and checkpoint at the same time can corrupt a database.
FIRST_SOUND_SQLITE = (3, 51, 3)

REDIS_WITHIN_SECONDS = 2.0
LOW_SHARE = 0.15
VERY_LOW_SHARE = 0.05


@dataclass
class Opened:
    """Both stores, opened for reading. ``is_readable`` says whether the tables can be read."""

    data: Store
    keys: Store
    is_readable: bool = False


@contextmanager
def opened(settings: Settings) -> Iterator[Opened]:
    """Open both stores. Nothing is connected to or created by this alone."""
    data = database.connect(settings.database_url, readers=1)
    keys = database.connect(settings.keystore_url, readers=1)
    try:
        yield Opened(data, keys)
    finally:
        data.dispose()
        keys.dispose()


def inspect(settings: Settings, stores: Opened) -> list[Finding]:
    """What is wrong with what this installation stands on; sets ``stores.is_readable``."""
    data = _store(stores.data, "data", "HELPLINE_DATABASE_URL")
    keys = _store(stores.keys, "keystore", "HELPLINE_KEYSTORE_URL")
    stores.is_readable = not data and not keys
    found = [*data, *keys]
    if stores.is_readable:
        found += [*_apart(settings, stores), *_key(settings, stores.keys)]
    return [*found, *_redis(settings), *_sqlite(settings)]


def _store(store: Store, line: str, setting: str) -> list[Finding]:
    try:
        with store.read.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
        database.check_durable(store)
        migrating.check(store, line=line)
    except database.UnsafeDatabaseError as problem:
        return [
            Finding(
                Level.UNSAFE,
                setting,
                f"The {line} database has {problem} off: it may lose what it said it kept.",
                f"Turn {problem} on in the server's configuration.",
            )
        ]
    except migrating.SchemaBehindError:
        return [
            Finding(
                Level.MISSING,
                setting,
                f"The {line} database is older than this program, or empty.",
                "Run `helpline migrate` with the service stopped.",
            )
        ]
    except migrating.SchemaAheadError:
        return [
            Finding(
                Level.UNSAFE,
                setting,
                f"The {line} database is newer than this program.",
                "Start the newer program. Never run the older one on it.",
            )
        ]
    except sa.exc.SQLAlchemyError:
        return [
            Finding(
                Level.MISSING,
                setting,
                f"The {line} database cannot be reached.",
                "Is its server running, and is the address right? A new SQLite file is made by "
                "`helpline migrate`.",
            )
        ]
    return []


def _apart(settings: Settings, stores: Opened) -> list[Finding]:
    """Two addresses may be two names of one database."""
    if settings.is_embedded:
        data, keys = (
            database.sqlite_path(url) for url in (settings.database_url, settings.keystore_url)
        )
        if data.samefile(keys):
            return [_one_database()]
        return []
    (server, name), (key_server, key_name) = (
        _identity(each) for each in (stores.data, stores.keys)
    )
    if server is None or server != key_server:
        return []
    if name == key_name:
        return [_one_database()]
    return [
        Finding(
            Level.NOTE,
            "keystore",
            "Data and keystore are two databases of one server: its backup holds both.",
            "Put the keystore on a server of its own, with a short backup of its own.",
        )
    ]


def _one_database() -> Finding:
    return Finding(
        Level.UNSAFE,
        "keystore",
        "Data and keystore are one database under two names: a thief gets words and keys at once.",
        "Give the keystore a database of its own.",
    )


def _identity(store: Store) -> tuple[str | None, str]:
    with store.read.connect() as connection:
        name: str = connection.execute(sa.text("SELECT current_database()")).scalar_one()
        try:
            server = connection.execute(
                sa.text("SELECT system_identifier FROM pg_control_system()")
            ).scalar_one()
        except sa.exc.DBAPIError:
            return None, name
    return str(server), name


def _key(settings: Settings, keys: Store) -> list[Finding]:
    try:
        Keystore(keys, KeyEncryptionKey(settings.kek)).key(CHECK_SCOPE)
    except KeyMissingError:
        return [
            Finding(
                Level.NOTE,
                "keystore",
                "The keystore is empty: the service has never started.",
                "The first start makes its keys.",
            )
        ]
    except WrongKeyEncryptionKeyError:
        return [
            Finding(
                Level.UNSAFE,
                "HELPLINE_KEK",
                "The key-encryption key is not the one that made this keystore.",
                "Put the right key back. With this one nothing can be read, and nothing starts.",
            )
        ]
    return []


def _redis(settings: Settings) -> list[Finding]:
    if settings.redis_url is None:
        return []
    try:
        with redis.Redis.from_url(
            settings.redis_url,
            socket_connect_timeout=REDIS_WITHIN_SECONDS,
            socket_timeout=REDIS_WITHIN_SECONDS,
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError):
        return [
            Finding(
                Level.MISSING,
                "HELPLINE_REDIS_URL",
                "Redis cannot be reached: messages arrive some seconds late, and a web process "
                "does the worker's urgent work.",
                "Start Redis. Nothing is lost meanwhile.",
            )
        ]
    return []


def _sqlite(settings: Settings) -> list[Finding]:
    if not settings.is_embedded:
        return []
    found = []
    if sqlite3.sqlite_version_info < FIRST_SOUND_SQLITE:
        found.append(
            Finding(
                Level.NOTE,
                "sqlite",
                f"SQLite {sqlite3.sqlite_version} can corrupt a file that two processes write.",
                "The service lets one process write. Do not open the file with other programs.",
            )
        )
    folder = database.sqlite_path(settings.database_url).resolve().parent
    if folder.is_dir():
        usage = shutil.disk_usage(folder)
        found += disk(usage.free / usage.total)
    return found


def disk(free: float) -> list[Finding]:
    """What a share of free disk, from 0 to 1, is called."""
    if free >= LOW_SHARE:
        return []
    level = Level.UNSAFE if free < VERY_LOW_SHARE else Level.NOTE
    return [
        Finding(
            level,
            "disk",
            f"The disk of the database has {free:.0%} left. On a full disk no message is kept.",
            "Make room or a larger disk.",
        )
    ]
