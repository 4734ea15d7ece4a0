"""A conversation begins, is answered and is read, on either engine; only sealed bytes pass here."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from chat.errors import UnknownConversationError
from chat.models import Channel, Contact, Message
from chat.service import leave, read, reply, start
from chat.service.receive import Arrival
from chat.service.reply import Newer, Replied
from helpline import wiring
from helpline.wiring import Adapters
from tests import installation
from tests.clock import Clock
from tests.stores import Stores

STAFF = uuid4()


@pytest.fixture
def adapters(stores: Stores, clock: Clock) -> Iterator[Adapters]:
    with installation.installed(stores, clock) as installed:
        yield installed


@pytest.fixture
def conversation(adapters: Adapters) -> UUID:
    started, contact = uuid7(), uuid7()
    with adapters.transactions.begin() as session:
        begun = start.start(
            session,
            conversation=started,
            contact=contact,
            language="en",
            shown_name=b"sealed name",
            now=adapters.clock(),
        )
    assert (begun.conversation, begun.contact) == (started, contact)
    return started


def child_writes(adapters: Adapters, conversation: UUID, *client_ids: str) -> None:
    incoming = [Arrival(uuid7(), conversation, each, b"child") for each in client_ids]
    statements = wiring.statements_for(adapters.transactions.store.engine_name).chat
    with adapters.transactions.batch() as connection:
        statements.receive(connection, incoming, now=adapters.clock())


def answer(
    adapters: Adapters, conversation: UUID, *, client_id: str = "a", seen: int = 0
) -> Replied | Newer:
    with adapters.transactions.begin() as session:
        return reply.reply(
            session,
            message=uuid7(),
            conversation=conversation,
            client_id=client_id,
            body=b"sealed words",
            said_by=STAFF,
            seen_seq=seen,
            now=adapters.clock(),
        )


def messages(adapters: Adapters, conversation: UUID, **asked: int) -> list[read.SealedMessage]:
    with adapters.transactions.reading() as session:
        return read.messages_after(session, conversation=conversation, **{"after": 0, **asked})


def test_a_new_conversation_has_a_contact_of_its_own_and_no_messages(
    adapters: Adapters, conversation: UUID, clock: Clock
) -> None:
    with adapters.transactions.reading() as session:
        found = read.find(session, conversation=conversation)
        [contact] = session.scalars(sa.select(Contact)).all()
    assert (found.last_seq, found.language, found.shown_name) == (0, "en", b"sealed name")
    assert (found.opened_at, found.left_at) == (clock.now(), None)
    assert contact.channel == Channel.WEB
    assert messages(adapters, conversation) == []


def test_a_reply_is_the_next_message_and_says_who_wrote_it(
    adapters: Adapters, conversation: UUID, clock: Clock
) -> None:
    child_writes(adapters, conversation, "a", "b")
    replied = answer(adapters, conversation, seen=2)
    assert isinstance(replied, Replied)
    assert (replied.seq, replied.kept_at, replied.again) == (3, clock.now(), False)
    *_, last = messages(adapters, conversation)
    assert (last.message, last.seq, last.author) == (replied.message, 3, "advocate")
    assert (last.body, last.said_by, last.at) == (b"sealed words", STAFF, clock.now())


def test_a_child_and_an_advocate_may_use_the_same_client_id(
    adapters: Adapters, conversation: UUID
) -> None:
    child_writes(adapters, conversation, "a")
    assert isinstance(answer(adapters, conversation, client_id="a", seen=1), Replied)
    assert [each.author for each in messages(adapters, conversation)] == ["child", "advocate"]


def test_a_reply_to_a_stale_view_is_refused_and_nothing_is_kept(
    adapters: Adapters, conversation: UUID
) -> None:
    child_writes(adapters, conversation, "a", "b")
    assert answer(adapters, conversation, seen=1) == Newer(2)
    assert len(messages(adapters, conversation)) == 2
    with adapters.transactions.reading() as session:
        assert read.find(session, conversation=conversation).last_seq == 2


def test_a_reply_tried_again_is_the_same_reply_even_when_the_view_is_stale_by_now(
    adapters: Adapters, conversation: UUID, clock: Clock
) -> None:
    first = answer(adapters, conversation)
    child_writes(adapters, conversation, "b")
    clock.advance(timedelta(minutes=1))
    again = answer(adapters, conversation)
    assert isinstance(first, Replied)
    assert isinstance(again, Replied)
    assert again == Replied(first.message, first.seq, first.kept_at, b"sealed words", again=True)
    assert len(messages(adapters, conversation)) == 2


def test_a_conversation_that_does_not_exist_cannot_be_answered_or_found(
    adapters: Adapters,
) -> None:
    with pytest.raises(UnknownConversationError):
        answer(adapters, uuid4())
    with adapters.transactions.reading() as session, pytest.raises(UnknownConversationError):
        read.find(session, conversation=uuid4())


def test_of_many_replies_at_once_to_one_view_exactly_one_is_kept(
    adapters: Adapters, conversation: UUID
) -> None:
    child_writes(adapters, conversation, "a")
    together = threading.Barrier(8)
    outcomes: list[Replied | Newer] = []

    def write(number: int) -> None:
        together.wait()
        outcomes.append(answer(adapters, conversation, client_id=f"r{number}", seen=1))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(each).__name__ for each in outcomes) == ["Newer"] * 7 + ["Replied"]
    assert [each.seq for each in messages(adapters, conversation)] == [1, 2]


def test_messages_come_in_order_from_the_cursor_and_no_more_than_asked(
    adapters: Adapters, conversation: UUID
) -> None:
    child_writes(adapters, conversation, "a", "b", "c", "d")
    assert [m.seq for m in messages(adapters, conversation, after=1)] == [2, 3, 4]
    assert [m.seq for m in messages(adapters, conversation, after=1, limit=2)] == [2, 3]
    assert messages(adapters, conversation, after=4) == []
    assert messages(adapters, uuid4()) == []


def test_one_answer_never_holds_more_than_the_most(adapters: Adapters, conversation: UUID) -> None:
    child_writes(adapters, conversation, *(f"n{each}" for each in range(read.MOST_AT_ONCE + 1)))
    found = messages(adapters, conversation, limit=10_000)
    assert [m.seq for m in found] == list(range(1, read.MOST_AT_ONCE + 1))
    [rest] = messages(adapters, conversation, after=found[-1].seq)
    assert rest.seq == read.MOST_AT_ONCE + 1


def test_the_latest_numbers_of_many_conversations_come_in_one_answer(
    adapters: Adapters, conversation: UUID
) -> None:
    child_writes(adapters, conversation, "a", "b")
    with adapters.transactions.reading() as session:
        numbers = read.latest_numbers(session, conversations=[conversation, uuid4()])
    assert numbers == {conversation: 2}


def test_a_child_who_left_is_shown_as_gone_until_it_writes_again(
    adapters: Adapters, conversation: UUID, clock: Clock
) -> None:
    with adapters.transactions.begin() as session:
        leave.leave(session, conversation=conversation, now=clock.now())
    with adapters.transactions.reading() as session:
        assert read.find(session, conversation=conversation).left_at == clock.now()
    child_writes(adapters, conversation, "a")
    with adapters.transactions.reading() as session:
        assert read.find(session, conversation=conversation).left_at is None


def test_the_database_itself_refuses_a_second_message_with_one_number(
    adapters: Adapters, conversation: UUID
) -> None:
    child_writes(adapters, conversation, "a")
    with pytest.raises(IntegrityError), adapters.transactions.begin() as session:
        session.execute(_same_number(conversation, 1, adapters))


def _same_number(conversation: UUID, seq: int, adapters: Adapters) -> sa.Insert:
    return sa.insert(Message).values(
        id=uuid7(),
        conversation_id=conversation,
        seq=seq,
        author="advocate",
        client_id="z",
        body=b"x",
        kept_at=adapters.clock(),
    )
