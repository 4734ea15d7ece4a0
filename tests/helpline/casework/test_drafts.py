from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from chat.models import Contact, Conversation
from helpline.casework import drafts, notes
from helpline.casework.models import Box
from helpline.transaction import Transactions
from integrations import database
from tests.clock import Clock
from tests.stores import Stores


@pytest.fixture
def transactions(stores: Stores) -> Iterator[Transactions]:
    store = database.connect(stores.database_url)
    yield Transactions(store)
    store.dispose()


@pytest.fixture
def conversation(transactions: Transactions, clock: Clock) -> UUID:
    contact, made = uuid4(), uuid4()
    with transactions.begin() as session:
        session.execute(
            sa.insert(Contact).values(id=contact, channel="web", first_seen_at=clock.now())
        )
        session.execute(
            sa.insert(Conversation).values(
                id=made, contact_id=contact, last_seq=0, opened_at=clock.now()
            )
        )
    return made


def test_a_draft_is_one_for_each_person_and_box(
    transactions: Transactions, conversation: UUID, clock: Clock
) -> None:
    sam, jo = uuid4(), uuid4()
    with transactions.begin() as session:
        for staff, box, body in (
            (sam, Box.REPLY, b"one"),
            (sam, Box.NOTE, b"two"),
            (jo, Box.REPLY, b"three"),
            (sam, Box.REPLY, b"four"),
        ):
            row = drafts.row_of(session, conversation=conversation, staff=staff, box=box)
            now = clock.advance(timedelta(seconds=1))
            drafts.save(
                session,
                draft=row or uuid4(),
                conversation=conversation,
                staff=staff,
                box=box,
                body=body,
                now=now,
            )
    with transactions.reading() as session:
        kept = drafts.load(session, conversation=conversation)
    assert [(each.staff, each.box, each.body) for each in kept] == [
        (sam, Box.NOTE, b"two"),
        (jo, Box.REPLY, b"three"),
        (sam, Box.REPLY, b"four"),
    ]


def test_forgetting_one_draft_leaves_the_others(
    transactions: Transactions, conversation: UUID, clock: Clock
) -> None:
    sam, jo = uuid4(), uuid4()
    with transactions.begin() as session:
        for staff in (sam, jo):
            drafts.save(
                session,
                draft=uuid4(),
                conversation=conversation,
                staff=staff,
                box=Box.REPLY,
                body=b"x",
                now=clock.now(),
            )
        drafts.forget(session, conversation=conversation, staff=sam, box=Box.REPLY)
    with transactions.reading() as session:
        assert [each.staff for each in drafts.load(session, conversation=conversation)] == [jo]
        assert drafts.begun_in(session, conversations=[conversation], staff=jo) == {conversation}
        assert drafts.begun_in(session, conversations=[conversation], staff=sam) == set()


def test_notes_are_read_in_the_order_they_were_written(
    transactions: Transactions, conversation: UUID, clock: Clock
) -> None:
    staff = uuid4()
    with transactions.begin() as session:
        for body in (b"first", b"second"):
            notes.write_note(
                session,
                note=uuid4(),
                conversation=conversation,
                written_by=staff,
                body=body,
                now=clock.advance(timedelta(seconds=1)),
            )
    with transactions.reading() as session:
        found = notes.notes_of(session, conversation=conversation)
    assert [(each.body, each.written_by) for each in found] == [
        (b"first", staff),
        (b"second", staff),
    ]


def test_a_note_belongs_to_a_conversation_that_exists(
    transactions: Transactions, clock: Clock
) -> None:
    with pytest.raises(IntegrityError), transactions.begin() as session:
        notes.write_note(
            session,
            note=uuid4(),
            conversation=uuid4(),
            written_by=uuid4(),
            body=b"x",
            now=clock.now(),
        )
