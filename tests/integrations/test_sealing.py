"""Sealed words open in one place only, and not at all once their key is gone."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import database
from integrations.keystore import KeyEncryptionKey, KeyMissingError, Keystore
from integrations.sealing import KeyedLookup, SealBrokenError, Sealing
from tests import stores as stores_of_tests

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
SCOPE, OTHER_SCOPE = "conversation:one", "conversation:other"
ROW = UUID(int=1)


@pytest.fixture(scope="module", params=stores_of_tests.ENGINES)
def keystore(request: pytest.FixtureRequest) -> Iterator[Keystore]:
    template: stores_of_tests.Template = request.getfixturevalue(f"_{request.param}_template")
    with template.fresh() as stores:
        store = database.connect(stores.keystore_url)
        keystore = Keystore(store, KeyEncryptionKey(secrets.token_bytes(32)))
        keystore.make([SCOPE, OTHER_SCOPE], now=NOW)
        yield keystore
        store.dispose()


@pytest.fixture(scope="module")
def sealing(keystore: Keystore) -> Sealing:
    return Sealing(keystore)


@given(text=st.text(st.characters(codec="utf-8"), max_size=200))
def test_what_was_sealed_opens_in_its_place(sealing: Sealing, text: str) -> None:
    sealed = sealing.seal(SCOPE, "message", ROW, "body", text)
    assert sealing.open(SCOPE, "message", ROW, "body", sealed) == text


def test_the_same_words_never_look_the_same_and_show_nothing(sealing: Sealing) -> None:
    sealed = {sealing.seal(SCOPE, "message", ROW, "body", "tell nobody") for _ in range(10)}
    assert len(sealed) == 10
    assert not any(b"nobody" in each for each in sealed)


@pytest.mark.parametrize(
    ("scope", "table", "row", "column"),
    [
        (OTHER_SCOPE, "message", ROW, "body"),
        (SCOPE, "note", ROW, "body"),
        (SCOPE, "message", UUID(int=2), "body"),
        (SCOPE, "message", ROW, "subject"),
    ],
    ids=["another scope", "another table", "another row", "another column"],
)
def test_words_that_were_moved_do_not_open(
    sealing: Sealing, scope: str, table: str, row: UUID, column: str
) -> None:
    sealed = sealing.seal(SCOPE, "message", ROW, "body", "hello")
    with pytest.raises(SealBrokenError):
        sealing.open(scope, table, row, column, sealed)


@given(data=st.data())
def test_words_that_were_changed_do_not_open(sealing: Sealing, data: st.DataObject) -> None:
    sealed = bytearray(sealing.seal(SCOPE, "message", ROW, "body", "hello"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBrokenError):
        sealing.open(SCOPE, "message", ROW, "body", bytes(sealed))


@given(length=st.integers(0, 32))
def test_words_that_were_cut_off_do_not_open(sealing: Sealing, length: int) -> None:
    sealed = sealing.seal(SCOPE, "message", ROW, "body", "hello")
    with pytest.raises(SealBrokenError):
        sealing.open(SCOPE, "message", ROW, "body", sealed[:length])


def test_once_the_key_is_destroyed_nothing_opens_and_nothing_is_sealed(
    keystore: Keystore, sealing: Sealing
) -> None:
    scope = f"conversation:{uuid4()}"
    keystore.make([scope], now=NOW)
    sealed = sealing.seal(scope, "message", ROW, "body", "hello")
    keystore.destroy(scope, now=NOW)
    with pytest.raises(KeyMissingError):
        sealing.open(scope, "message", ROW, "body", sealed)
    with pytest.raises(KeyMissingError):
        sealing.seal(scope, "message", ROW, "body", "hello")


def test_nothing_is_sealed_for_a_scope_without_a_key(sealing: Sealing) -> None:
    with pytest.raises(KeyMissingError):
        sealing.seal("conversation:never", "message", ROW, "body", "hello")


def test_a_value_is_found_by_its_token_and_only_in_its_own_column(keystore: Keystore) -> None:
    email = KeyedLookup(keystore, "staff.email", now=NOW)
    number = KeyedLookup(keystore, "contact.number", now=NOW)
    token = email.token("sam@example.org")
    assert len(token) == 16
    assert KeyedLookup(keystore, "staff.email", now=NOW).token("sam@example.org") == token
    assert email.token("jo@example.org") != token
    assert number.token("sam@example.org") != token
    assert b"sam" not in token
