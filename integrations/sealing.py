"""Sealing words: AES-256-GCM under the key of a scope, bound to the place where they stand.

A sealed value opens only in the table, row and column it was sealed for, so that nobody with the
database alone can move one child's words into another child's record.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from integrations.keystore import NONCE_BYTES, Keystore

_VERSION = b"\x01"


class SealBrokenError(ValueError):
    """These bytes were not sealed for this place, or they were changed since."""


class Sealing:
    """Seals and opens text. Keys come from the keystore by scope."""

    def __init__(self, keystore: Keystore) -> None:
        self._keystore = keystore

    def seal(self, scope: str, table: str, row: UUID, column: str, text: str) -> bytes:
        """Seal ``text`` for one column of one row.

        Raises :class:`integrations.keystore.KeyMissingError` when the scope has no key.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(self._keystore.key(scope))
        return _VERSION + nonce + cipher.encrypt(nonce, text.encode(), _place(table, row, column))

    def open(self, scope: str, table: str, row: UUID, column: str, sealed: bytes) -> str:
        """The text that was sealed for this place; :class:`SealBrokenError` for any other."""
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        cipher = AESGCM(self._keystore.key(scope))
        if sealed[:1] != _VERSION:
            raise SealBrokenError
        try:
            return cipher.decrypt(nonce, body, _place(table, row, column)).decode()
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise SealBrokenError from None


class KeyedLookup:
    """Finds a row by a secret value without keeping the value: HMAC-SHA-256, 128 bits.

    One key a column, so that equal values in two tables cannot be joined.
    """

    def __init__(self, keystore: Keystore, column: str, *, now: datetime) -> None:
        self._key = keystore.key_for_ever(f"lookup:{column}", now=now)

    def token(self, value: str) -> bytes:
        """The token of a value: 16 bytes."""
        return hmac.digest(self._key, value.encode(), hashlib.sha256)[:16]


def _place(table: str, row: UUID, column: str) -> bytes:
    return f"{table}|{row}|{column}".encode()
