"""The audit on both engines: what is recorded, sealed, published, and what tampering shows."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from helpline.audit import heads, record, seal, statements, verify
from helpline.audit.chain import Fault, Head
from helpline.audit.models import AuditEntry
from helpline.audit.record import Actor, Audit
from helpline.audit.verify import Verified
from helpline.transaction import Transactions
from integrations import database
from integrations.standins.mail import FolderMail, sent
from tests.clock import Clock
from tests.stores import Stores

KEY = b"k" * 32
SUBJECT = UUID(int=5)
MOVE = "UPDATE audit_entry SET position = :new WHERE position = :old"
STAFF = Actor("staff", UUID(int=6))


@pytest.fixture
def transactions(stores: Stores) -> Iterator[Transactions]:
    store = database.connect(stores.database_url)
    yield Transactions(store)
    store.dispose()


def deeds(transactions: Transactions, clock: Clock, count: int) -> None:
    with transactions.begin() as session:
        for number in range(count):
            actor = STAFF if number % 2 else record.SOFTWARE
            Audit(KEY).record(
                session, actor=actor, action=f"deed.{number}", subject=SUBJECT, now=clock.now()
            )


def seal_all(transactions: Transactions, clock: Clock, holder: str = "a", limit: int = 500) -> int:
    with transactions.begin() as session:
        return seal.seal(session, key=KEY, holder=holder, now=clock.now(), limit=limit).rows


def check(transactions: Transactions, clock: Clock, *published: Head) -> Verified:
    with transactions.reading() as session:
        return verify.verify(session, key=KEY, heads=published, now=clock.now())


def faults(transactions: Transactions, clock: Clock, *published: Head) -> list[Fault]:
    return [found.fault for found in check(transactions, clock, *published).faults]


def tamper(transactions: Transactions, statement: str, **values: int) -> None:
    with transactions.begin() as session:
        session.execute(sa.text(statement), values)


def test_untouched_rows_verify_sealed_or_not(transactions: Transactions, clock: Clock) -> None:
    deeds(transactions, clock, 5)
    assert seal_all(transactions, clock, limit=3) == 3
    verified = check(transactions, clock)
    assert (verified.sealed, verified.unsealed, verified.is_sound) == (3, 2, True)
    assert seal_all(transactions, clock) == 2
    assert seal_all(transactions, clock) == 0
    verified = check(transactions, clock)
    assert (verified.sealed, verified.unsealed, verified.is_sound) == (5, 0, True)
    with transactions.reading() as session:
        assert Head(*seal.last(session)) == verified.head
        rows = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [row.position for row in rows] == [1, 2, 3, 4, 5]
    assert verified.head.position == 5


def test_batch_writes_the_same_rows_as_one_by_one(transactions: Transactions, clock: Clock) -> None:
    deeds(transactions, clock, 2)
    store = transactions.store
    given = [
        record.row(KEY, actor=actor, action="message.kept", subject=SUBJECT, now=clock.now())
        for actor in (Actor("child", UUID(int=9)), record.SOFTWARE)
    ]
    borrowed = store.write.raw_connection()
    connection: Any = borrowed.driver_connection
    if store.engine_name == "sqlite":
        connection.execute("BEGIN IMMEDIATE")
    statements.statements_for(store.engine_name).record_batch(connection, given)
    statements.statements_for(store.engine_name).record_batch(connection, [])
    connection.commit()
    borrowed.close()
    seal_all(transactions, clock)
    verified = check(transactions, clock)
    assert (verified.sealed, verified.is_sound) == (4, True)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entry SET action = 'deed.9' WHERE action = 'deed.1'",
        "UPDATE audit_entry SET actor_kind = 'child' WHERE action = 'deed.1'",
        "UPDATE audit_entry SET actor_id = NULL WHERE action = 'deed.1'",
        "UPDATE audit_entry SET subject_id = actor_id WHERE action = 'deed.1'",
        "UPDATE audit_entry SET at = (SELECT raised_at FROM task) WHERE action = 'deed.1'",
    ],
)
@pytest.mark.parametrize("is_sealed", [False, True])
def test_changed_row_is_found(
    transactions: Transactions, clock: Clock, change: str, *, is_sealed: bool
) -> None:
    deeds(transactions, clock, 2)
    if is_sealed:
        seal_all(transactions, clock)
    clock.advance(timedelta(microseconds=1))
    with transactions.begin() as session:
        session.execute(
            sa.text(
                "INSERT INTO task (id, why, subject_id, dedupe_key, raised_at)"
                " SELECT id, 'job gave up', subject_id, 'x', :at FROM audit_entry LIMIT 1"
            ).bindparams(sa.bindparam("at", clock.now(), database.Instant()))
        )
    tamper(transactions, change)
    assert faults(transactions, clock) == [Fault.ALTERED]


def test_removed_row_is_found(transactions: Transactions, clock: Clock) -> None:
    deeds(transactions, clock, 5)
    seal_all(transactions, clock)
    tamper(transactions, "DELETE FROM audit_entry WHERE position = 3")
    [found] = check(transactions, clock).faults
    assert (found.fault, found.position) == (Fault.DELETED, 3)


def test_removed_row_whose_gap_was_closed_is_found(
    transactions: Transactions, clock: Clock
) -> None:
    deeds(transactions, clock, 4)
    seal_all(transactions, clock)
    tamper(transactions, "DELETE FROM audit_entry WHERE position = 2")
    for position in (3, 4):
        tamper(transactions, MOVE, old=position, new=position - 1)
    assert Fault.REORDERED in faults(transactions, clock)


def test_exchanged_rows_are_found(transactions: Transactions, clock: Clock) -> None:
    deeds(transactions, clock, 4)
    seal_all(transactions, clock)
    for old, new in ((2, 99), (3, 2), (99, 3)):
        tamper(transactions, MOVE, old=old, new=new)
    assert Fault.REORDERED in faults(transactions, clock)


def test_cut_off_rows_are_found_by_the_head_outside(
    transactions: Transactions, clock: Clock
) -> None:
    deeds(transactions, clock, 5)
    seal_all(transactions, clock)
    head = check(transactions, clock).head
    assert faults(transactions, clock, head) == []
    tamper(transactions, "DELETE FROM audit_entry WHERE position >= 4")
    assert faults(transactions, clock) == []
    assert faults(transactions, clock, head) == [Fault.TRUNCATED]
    deeds(transactions, clock, 2)
    seal_all(transactions, clock)
    assert faults(transactions, clock, head) == [Fault.TRUNCATED]


def test_row_taken_out_of_the_chain_is_found(transactions: Transactions, clock: Clock) -> None:
    deeds(transactions, clock, 3)
    seal_all(transactions, clock)
    tamper(transactions, "UPDATE audit_entry SET position = NULL, chain = NULL WHERE position = 3")
    clock.advance(verify.SEALED_WITHIN + timedelta(seconds=1))
    assert faults(transactions, clock) == [Fault.NOT_SEALED]


def test_other_key_shows_every_row_as_altered(transactions: Transactions, clock: Clock) -> None:
    deeds(transactions, clock, 2)
    with transactions.reading() as session:
        verified = verify.verify(session, key=b"x" * 32, heads=[], now=clock.now())
    assert [found.fault for found in verified.faults] == [Fault.ALTERED] * 2


def test_second_sealer_waits_until_the_first_is_gone(
    transactions: Transactions, clock: Clock
) -> None:
    deeds(transactions, clock, 1)
    assert seal_all(transactions, clock, "a") == 1
    deeds(transactions, clock, 1)
    assert seal_all(transactions, clock, "b") == 0
    clock.advance(seal.LEASE)
    assert seal_all(transactions, clock, "b") == 1


def test_sealers_at_once_never_fork_the_chain(transactions: Transactions, clock: Clock) -> None:
    deeds(transactions, clock, 60)

    def work(holder: str) -> None:
        for _ in range(10):
            seal_all(transactions, clock, holder, limit=3)
            clock.advance(seal.LEASE)

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.advance(seal.LEASE)
    seal_all(transactions, clock, "last")
    verified = check(transactions, clock)
    assert [f for f in verified.faults if f.fault is not Fault.NOT_SEALED] == []
    assert verified.sealed == 60


def test_head_is_published_at_most_every_five_minutes_and_on_demand(
    transactions: Transactions, clock: Clock, tmp_path: Path
) -> None:
    to = tmp_path / "heads"
    mail = FolderMail(tmp_path / "mail", sender="audit@example.org")

    def publish(*, on_demand: bool = False) -> Head | None:
        return heads.publish(
            transactions, mail=mail, to=str(to), now=clock.now(), on_demand=on_demand
        ).head

    assert publish(on_demand=True) is None
    deeds(transactions, clock, 2)
    seal_all(transactions, clock)
    first = publish()
    assert first is not None
    assert publish() is None
    assert publish(on_demand=True) == first
    clock.advance(heads.EVERY)
    deeds(transactions, clock, 1)
    seal_all(transactions, clock)
    second = publish()
    assert heads.read(to.read_text()) == [first, first, second]
    assert faults(transactions, clock, *heads.read(to.read_text())) == []
    assert to.stat().st_mode & 0o777 == 0o600


def test_head_goes_by_mail_and_is_read_back(
    transactions: Transactions, clock: Clock, tmp_path: Path
) -> None:
    deeds(transactions, clock, 1)
    seal_all(transactions, clock)
    mail = FolderMail(tmp_path, sender="audit@example.org")
    published = heads.publish(
        transactions, mail=mail, to="mailto:keeper@example.org", now=clock.now()
    )
    [kept] = sent(tmp_path)
    assert kept.to == "keeper@example.org"
    assert heads.read(kept.text) == [published.head]


def test_line_that_is_no_head_is_refused() -> None:
    with pytest.raises(heads.HeadUnreadableError):
        heads.read('{"position": 1, "chain": "zz", "at": "2026-11-02T10:00:00Z"}\n')
