"""Keys in a store of their own: made before use, opened by one key, destroyed for good."""

import secrets
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from integrations import database
from integrations import keystore as keystores
from integrations.database import Store
from integrations.keystore import (
    KeyEncryptionKey,
    KeyMissingError,
    Keystore,
    WrappedKey,
    WrongKeyEncryptionKeyError,
)
from tests import stores as stores_of_tests

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
KEK = KeyEncryptionKey(secrets.token_bytes(32))


@pytest.fixture(scope="module", params=stores_of_tests.ENGINES)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """One keystore for the module: each test has scopes of its own."""
    template: stores_of_tests.Template = request.getfixturevalue(f"_{request.param}_template")
    with template.fresh() as stores:
        store = database.connect(stores.keystore_url)
        yield store
        store.dispose()


@pytest.fixture
def keystore(store: Store) -> Keystore:
    return Keystore(store, KEK)


@pytest.fixture
def scope() -> str:
    return f"conversation:{uuid4()}"


def row_of(store: Store, scope: str) -> WrappedKey | None:
    with Session(store.read) as session:
        return session.scalar(sa.select(WrappedKey).where(WrappedKey.scope == scope))


def test_a_key_is_on_disk_before_anything_can_be_sealed_with_it(
    store: Store, keystore: Keystore, scope: str
) -> None:
    keystore.make([scope], now=NOW)
    another_process = Keystore(store, KEK)
    assert another_process.key(scope) == keystore.key(scope)
    assert len(keystore.key(scope)) == 32


def test_each_scope_has_a_key_of_its_own_in_one_commit(keystore: Keystore) -> None:
    scopes = [f"conversation:{uuid4()}" for _ in range(20)]
    keystore.make(scopes, now=NOW)
    assert len({keystore.key(each) for each in scopes}) == 20


def test_a_scope_keeps_the_key_it_has(store: Store, keystore: Keystore, scope: str) -> None:
    keystore.make([scope], now=NOW)
    first = keystore.key(scope)
    Keystore(store, KEK).make([scope, f"conversation:{uuid4()}"], now=NOW)
    assert Keystore(store, KEK).key(scope) == first


def test_a_key_that_was_never_made_is_missing(keystore: Keystore, scope: str) -> None:
    with pytest.raises(KeyMissingError):
        keystore.key(scope)


def test_no_key_stands_in_the_open(store: Store, keystore: Keystore, scope: str) -> None:
    keystore.make([scope], now=NOW)
    row = row_of(store, scope)
    assert row is not None
    assert keystore.key(scope) not in row.wrapped
    assert (row.kek_id, row.made_at, row.destroyed_at) == (KEK.id, NOW, None)


def test_a_destroyed_key_is_gone_for_this_process_and_the_next_and_is_never_made_again(
    store: Store, keystore: Keystore, scope: str
) -> None:
    keystore.make([scope], now=NOW)
    keystore.destroy(scope, now=NOW)
    row = row_of(store, scope)
    assert row is not None
    assert (row.wrapped, row.destroyed_at) == (b"", NOW)
    keystore.make([scope], now=NOW)
    for each in (keystore, Keystore(store, KEK)):
        with pytest.raises(KeyMissingError):
            each.key(scope)
        with pytest.raises(KeyMissingError):
            each.key_for_ever(scope, now=NOW)


def test_a_wrapped_key_moved_to_another_scope_does_not_open(
    store: Store, keystore: Keystore, scope: str
) -> None:
    other = f"conversation:{uuid4()}"
    keystore.make([scope, other], now=NOW)
    row = row_of(store, scope)
    assert row is not None
    with Session(store.write) as session, session.begin():
        session.execute(
            sa.update(WrappedKey).where(WrappedKey.scope == other).values(wrapped=row.wrapped)
        )
    with pytest.raises(WrongKeyEncryptionKeyError):
        Keystore(store, KEK).key(other)


def test_another_key_encryption_key_is_refused_and_changes_nothing(
    store: Store, keystore: Keystore, scope: str
) -> None:
    keystore.check(now=NOW)
    keystore.make([scope], now=NOW)
    wrong = Keystore(store, KeyEncryptionKey(secrets.token_bytes(32)))
    with pytest.raises(WrongKeyEncryptionKeyError):
        wrong.check(now=NOW)
    with pytest.raises(WrongKeyEncryptionKeyError):
        wrong.key(scope)
    with pytest.raises(WrongKeyEncryptionKeyError):
        wrong.key_for_ever(scope, now=NOW)
    Keystore(store, KEK).check(now=NOW)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_encryption_key_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        KeyEncryptionKey(secrets.token_bytes(length))


def test_many_that_want_one_installation_key_at_once_get_the_same(store: Store) -> None:
    scope = f"lookup:{uuid4()}"
    # Threads of one process in the embedded default, processes in the grown set-up.
    one = Keystore(store, KEK)
    many = [one if store.engine_name == "sqlite" else Keystore(store, KEK) for _ in range(8)]
    together = threading.Barrier(8)
    got: list[bytes] = []

    def ask(keystore: Keystore) -> None:
        together.wait()
        got.append(keystore.key_for_ever(scope, now=NOW))

    threads = [threading.Thread(target=ask, args=(each,)) for each in many]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert set(got) == {Keystore(store, KEK).key(scope)}


def test_memory_holds_only_the_keys_used_last_and_the_store_has_the_others(
    keystore: Keystore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keystores, "REMEMBERED_KEYS", 2)
    scopes = [f"conversation:{uuid4()}" for _ in range(4)]
    keystore.make(scopes, now=NOW)
    assert list(keystore._known) == scopes[2:]
    keystore.key(scopes[2])
    first = keystore.key(scopes[0])
    assert list(keystore._known) == [scopes[2], scopes[0]]
    assert keystore.key(scopes[0]) == first
