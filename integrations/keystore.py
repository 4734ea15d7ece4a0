"""Data keys, wrapped by a key-encryption key, in a store of their own.

Destroying a key is how something is erased, so the keystore is never part of the main database:
a backup of the one without the other opens nothing.
"""

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Mapped, Session, mapped_column
from uuid_utils.compat import uuid7

from integrations.database import KeystoreBase, Store

KEY_BYTES = 32
NONCE_BYTES = 12
REMEMBERED_KEYS = 4096


class WrongKeyEncryptionKeyError(RuntimeError):
    """The key-encryption key does not fit this keystore. Start with the key that made it."""


class KeyMissingError(LookupError):
    """There is no key for this scope: it was never made, or it was destroyed."""


class WrappedKey(KeystoreBase):
    """One data key. ``wrapped`` is empty once the key was destroyed."""

    __tablename__ = "wrapped_key"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(sa.String(120), unique=True)
    kek_id: Mapped[str] = mapped_column(sa.String(16))
    wrapped: Mapped[bytes]
    made_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]


class KeyEncryptionKey:
    """The one key that is not in any database."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            message = "A key-encryption key has 32 bytes."
            raise ValueError(message)
        self._cipher = AESGCM(key)
        self.id = hashlib.sha256(b"kek|" + key).hexdigest()[:16]

    def wrap(self, key: bytes, *, scope: str) -> bytes:
        """Seal a data key so that it only opens for the same scope."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, scope.encode())

    def unwrap(self, wrapped: bytes, *, scope: str) -> bytes:
        """Open a data key, or say that this is not the key it was wrapped with."""
        try:
            return self._cipher.decrypt(
                wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], scope.encode()
            )
        except InvalidTag:
            raise WrongKeyEncryptionKeyError from None


class Keystore:
    """Makes, finds and destroys data keys. Safe to call from any thread."""

    def __init__(self, store: Store, kek: KeyEncryptionKey) -> None:
        self._store = store
        self._kek = kek
        self._writing = threading.Lock()
        self._known: OrderedDict[str, bytes] = OrderedDict()
        self._knowing = threading.Lock()

    def make(self, scopes: Sequence[str], *, now: datetime) -> None:
        """Make a key for each scope, in one commit, before any data needs it.

        A scope that has a key keeps it.
        """
        fresh = {scope: secrets.token_bytes(KEY_BYTES) for scope in scopes}
        with self._writing, Session(self._store.write) as session, session.begin():
            existing = set(
                session.scalars(sa.select(WrappedKey.scope).where(WrappedKey.scope.in_(fresh)))
            )
            for scope, key in fresh.items():
                if scope not in existing:
                    session.add(
                        WrappedKey(
                            id=uuid7(),
                            scope=scope,
                            kek_id=self._kek.id,
                            wrapped=self._kek.wrap(key, scope=scope),
                            made_at=now,
                        )
                    )
        for scope, key in fresh.items():
            if scope not in existing:
                self._remember(scope, key)

    def key(self, scope: str) -> bytes:
        """The key of a scope; :class:`KeyMissingError` when it has none."""
        with self._knowing:
            known = self._known.get(scope)
            if known is not None:
                self._known.move_to_end(scope)
                return known
        with Session(self._store.read) as session:
            wrapped = session.scalar(
                sa.select(WrappedKey.wrapped).where(
                    WrappedKey.scope == scope, WrappedKey.destroyed_at.is_(None)
                )
            )
        if wrapped is None:
            raise KeyMissingError
        key = self._kek.unwrap(wrapped, scope=scope)
        self._remember(scope, key)
        return key

    def key_for_ever(self, scope: str, *, now: datetime) -> bytes:
        """The key of an installation-wide scope, made when it is first asked for."""
        try:
            return self.key(scope)
        except KeyMissingError:
            pass
        try:
            self.make([scope], now=now)
        except sa.exc.IntegrityError:
            # Another process made it in the same moment; its key is the one that counts.
            self._forget(scope)
        return self.key(scope)

    def destroy(self, scope: str, *, now: datetime) -> None:
        """Destroy a key for good. What it sealed can never be opened again."""
        with self._writing, Session(self._store.write) as session, session.begin():
            session.execute(
                sa.update(WrappedKey)
                .where(WrappedKey.scope == scope)
                .values(wrapped=b"", destroyed_at=now)
            )
        self._forget(scope)

    def check(self, *, now: datetime) -> None:
        """Refuse a key-encryption key that did not make this keystore."""
        self.key_for_ever("installation:check", now=now)

    def _remember(self, scope: str, key: bytes) -> None:
        with self._knowing:
            self._known[scope] = key
            self._known.move_to_end(scope)
            while len(self._known) > REMEMBERED_KEYS:
                self._known.popitem(last=False)

    def _forget(self, scope: str) -> None:
        with self._knowing:
            self._known.pop(scope, None)
