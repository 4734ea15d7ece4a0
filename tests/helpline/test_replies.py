"""An advocate answers: by the holder only, to what they saw, once; kept first and then shown."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from chat.errors import BadClientIdError, DifferentTextError, EmptyTextError, TooLongError
from chat.models import Message
from helpline import replies
from helpline.access import NotAllowedError
from helpline.accounts.models import Role
from helpline.accounts.sessions import SignedIn
from helpline.hub import Notice, Spoken
from helpline.replies import Sent, StaleViewError, Written
from tests import stores as stores_of_tests
from tests.helpline import house as houses
from tests.helpline.house import House, person
from triage.errors import NotHolderError, UnknownEntryError
from triage.models import Entry
from triage.service import holding

SAM = person()


@pytest.fixture(scope="module", params=stores_of_tests.ENGINES)
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with houses.opened(request, request.param) as house:
        yield house


@pytest.fixture
def rung(house: House, monkeypatch: pytest.MonkeyPatch) -> list[Notice]:
    heard: list[Notice] = []
    monkeypatch.setattr(house.adapters.hub, "ring", lambda *notices: heard.extend(notices))
    return heard


@pytest.fixture
def conversation(house: House) -> UUID:
    """A conversation with one message of the child, held by Sam."""
    begun = house.begin()
    house.say(begun, "hello")
    hold(house, begun, SAM)
    return begun


def hold(house: House, conversation: UUID, staff: SignedIn) -> None:
    with house.adapters.transactions.begin() as session:
        holding.take_over(session, entry=conversation, staff=staff.id, now=house.clock.now())


def send(
    house: House,
    conversation: UUID,
    text: str = "I am here.",
    *,
    staff: SignedIn = SAM,
    client_id: str = "r1",
    seen_seq: int = 1,
) -> Sent:
    with house.adapters.transactions.begin() as session:
        return replies.send(
            session,
            house.adapters,
            staff=staff,
            conversation=conversation,
            written=Written(client_id=client_id, text=text, seen_seq=seen_seq),
            now=house.clock.now(),
        )


def waits(house: House, conversation: UUID) -> bool:
    with house.adapters.transactions.reading() as session:
        return session.get_one(Entry, conversation).waiting_since is not None


def test_a_reply_is_kept_sealed_and_shown_with_its_words_and_the_wait_ends(
    house: House, conversation: UUID, rung: list[Notice]
) -> None:
    sent = send(house, conversation)
    assert sent == Sent(2, house.clock.now())
    assert house.texts(conversation) == ["hello", "I am here."]
    assert not waits(house, conversation)
    spoken = Spoken(2, "advocate", "I am here.", house.clock.now())
    assert rung == [Notice("message", conversation, 2, spoken)]
    with house.adapters.transactions.reading() as session:
        row = session.scalar(
            sa.select(Message).where(Message.conversation_id == conversation, Message.seq == 2)
        )
    assert row is not None
    assert row.said_by == SAM.id
    assert b"here" not in row.body
    assert house.audited(row.id) == [("message.sent", SAM.id)]


def test_who_does_not_hold_the_conversation_is_refused(house: House, conversation: UUID) -> None:
    with pytest.raises(NotHolderError):
        send(house, conversation, staff=person())
    with house.adapters.transactions.begin() as session:
        holding.release(session, entry=conversation, staff=SAM.id)
    with pytest.raises(NotHolderError):
        send(house, conversation)
    assert house.texts(conversation) == ["hello"]
    assert waits(house, conversation)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN])
def test_who_may_not_read_may_not_write_even_as_holder(
    house: House, conversation: UUID, role: Role
) -> None:
    staff = person(role)
    hold(house, conversation, staff)
    with pytest.raises(NotAllowedError):
        send(house, conversation, staff=staff)
    assert house.texts(conversation) == ["hello"]


def test_a_reply_to_what_was_not_seen_is_refused_and_nothing_of_it_is_kept(
    house: House, conversation: UUID, rung: list[Notice]
) -> None:
    house.say(conversation, "wait, something else")
    with pytest.raises(StaleViewError) as refused:
        send(house, conversation, seen_seq=1)
    assert refused.value.latest == 2
    assert house.texts(conversation) == ["hello", "wait, something else"]
    assert waits(house, conversation)
    assert rung == []
    assert send(house, conversation, seen_seq=2).seq == 3


def test_a_reply_sent_twice_is_kept_and_shown_once_with_the_same_number(
    house: House, conversation: UUID, rung: list[Notice]
) -> None:
    first = send(house, conversation)
    house.say(conversation, "thank you")
    house.clock.advance(timedelta(minutes=1))
    assert send(house, conversation) == first
    assert house.texts(conversation) == ["hello", "I am here.", "thank you"]
    assert len(rung) == 1
    assert waits(house, conversation), "the child wrote again meanwhile"


def test_other_words_under_the_same_client_id_are_refused_and_not_lost_in_silence(
    house: House, conversation: UUID
) -> None:
    send(house, conversation, "I am here.")
    with pytest.raises(DifferentTextError):
        send(house, conversation, "I am here. Please ring 999.")
    assert house.texts(conversation) == ["hello", "I am here."]


@pytest.mark.parametrize(
    ("text", "client_id", "problem"),
    [
        ("", "r1", EmptyTextError),
        (" \n", "r1", EmptyTextError),
        ("x" * 10_001, "r1", TooLongError),
        ("hello", "", BadClientIdError),
        ("hello", "not an id", BadClientIdError),
    ],
)
def test_what_is_no_message_is_refused(
    house: House, conversation: UUID, text: str, client_id: str, problem: type[Exception]
) -> None:
    with pytest.raises(problem):
        send(house, conversation, text, client_id=client_id)
    assert house.texts(conversation) == ["hello"]


def test_what_no_database_can_keep_is_replaced_in_a_reply_too(
    house: House, conversation: UUID
) -> None:
    send(house, conversation, "a\0b\ud800c")
    assert house.texts(conversation)[-1] == "a\ufffdb\ufffdc"


def test_a_conversation_in_which_nobody_wrote_cannot_be_answered(house: House) -> None:
    with pytest.raises(UnknownEntryError):
        send(house, house.begin(), seen_seq=0)


def test_nobody_is_shown_a_reply_that_was_not_committed(
    house: House, conversation: UUID, rung: list[Notice]
) -> None:
    with pytest.raises(LookupError):
        _send_and_fail(house, conversation)
    assert rung == []
    assert house.texts(conversation) == ["hello"]


def _send_and_fail(house: House, conversation: UUID) -> None:
    with house.adapters.transactions.begin() as session:
        replies.send(
            session,
            house.adapters,
            staff=SAM,
            conversation=conversation,
            written=Written(client_id="r1", text="hello", seen_seq=1),
            now=house.clock.now(),
        )
        raise LookupError
