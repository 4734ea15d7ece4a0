"""`helpline audit verify`: the chain of the record against itself and what was published of it."""

from pathlib import Path

from sqlalchemy.orm import Session

from helpline import clock, migrating
from helpline.audit import heads, record, verify
from helpline.audit.chain import Head
from helpline.audit.verify import Verified
from helpline.settings import Settings
from integrations import database
from integrations.keystore import KeyEncryptionKey, Keystore

NOT_COMPARED = (
    "No published head was compared, so rows cut off the end would not be missed. "
    "Give the published heads with --heads, or say --without-heads."
)


def report(settings: Settings, *, file: Path | None, without_heads: bool) -> tuple[list[str], bool]:
    """What was found, a line each, and whether all is sound.

    It only reads, so that it may run beside a service that writes. Without ``file`` the heads
    are those of the file that the service publishes to, if it does.
    """
    known = _heads(file or Path(settings.audit_head_to or ""))
    found = _verified(settings, known)
    lines = [
        f"{found.sealed} rows in the chain, {found.unsealed} waiting to be chained.",
        f"{len(known)} published heads compared." if known else NOT_COMPARED,
        *map(str, found.faults),
    ]
    return lines, found.is_sound and bool(known or without_heads)


def _heads(published: Path) -> list[Head]:
    return heads.read(published.read_text("utf-8")) if published.is_file() else []


def _verified(settings: Settings, known: list[Head]) -> Verified:
    store = database.connect(settings.database_url)
    keystore_store = database.connect(settings.keystore_url)
    try:
        migrating.check(store, line="data")
        migrating.check(keystore_store, line="keystore")
        keystore = Keystore(keystore_store, KeyEncryptionKey(settings.kek))
        key = keystore.key(record.KEY_SCOPE)
        with Session(store.read) as session:
            return verify.verify(session, key=key, heads=known, now=clock.utc_now())
    finally:
        store.dispose()
        keystore_store.dispose()
