"""A child who asks or comes back again and again, and whom nobody answers, is read sooner."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from chat.models import Conversation
from helpline import jobs, reading, replies
from helpline.audit.models import AuditEntry
from helpline.console import deeds, queue_view
from helpline.console.queue_view import Show
from helpline.hub import Notice
from helpline.queue.models import Lane
from helpline.replies import Written
from tests import stores as stores_of_tests
from tests.helpline import house as houses
from tests.helpline.house import House
from triage.grades import Grade
from triage.models import Entry, Escalation
from triage.service import crowds, signs
from triage.service.signs import Seen

SAM = houses.person()
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ASKS = ("hello?", "is anyone there", "please answer me", "hello??")


@pytest.fixture(scope="module", params=stores_of_tests.ENGINES)
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with houses.opened(request, request.param) as house:
        yield house


@pytest.fixture
def conversation(house: House) -> UUID:
    return house.begin()


def work(house: House) -> None:
    house.clock.advance(3 * SECOND)
    jobs.drain(house.adapters, lane=Lane.NORMAL, owner="test")


def ask(house: House, conversation: UUID, *texts: str, every: timedelta = 5 * MINUTE) -> None:
    for text in texts:
        house.clock.advance(every - 3 * SECOND)
        house.say(conversation, text)
        work(house)


def seen(house: House, conversation: UUID) -> list[Seen]:
    with house.adapters.transactions.reading() as session:
        return signs.seen_in(session, entries=[conversation])


def grade_of(house: House, conversation: UUID) -> Grade:
    with house.adapters.transactions.reading() as session:
        return list(Grade)[session.get_one(Entry, conversation).grade_rank]


def answer(house: House, conversation: UUID, *, seen_seq: int) -> None:
    """Let a person claim it and write."""
    deeds.claim(house.adapters, person=SAM, conversation=conversation)
    with house.adapters.transactions.begin() as session:
        replies.send(
            session,
            house.adapters,
            staff=SAM,
            conversation=conversation,
            written=Written(client_id=f"r{seen_seq}", text="Hello.", seen_seq=seen_seq),
            now=house.clock.now(),
        )


def same_contact(house: House, *conversations: UUID) -> None:
    """Make the conversations those of one contact, as a phone's are."""
    with house.adapters.transactions.begin() as session:
        contact = session.get_one(Conversation, conversations[0]).contact_id
        session.execute(
            sa.update(Conversation)
            .where(Conversation.id.in_(conversations))
            .values(contact_id=contact)
        )


def test_a_child_who_asks_again_and_again_becomes_urgent_and_the_reason_is_kept(
    house: House, conversation: UUID
) -> None:
    ask(house, conversation, *ASKS[:3])
    assert grade_of(house, conversation) is Grade.HIGH
    ask(house, conversation, ASKS[3])
    assert grade_of(house, conversation) is Grade.URGENT
    [sign] = seen(house, conversation)
    assert (sign.rule, sign.grade, sign.is_over) == ("asking-again", Grade.URGENT, False)
    with house.adapters.transactions.reading() as session:
        [climb] = session.scalars(sa.select(Escalation).where(Escalation.entry_id == conversation))
    assert climb.grade_rank == Grade.URGENT.rank
    assert climb.due_at == house.clock.now() + 10 * MINUTE


def test_asking_on_is_known_already_and_writes_nothing(
    house: House, conversation: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A calm night, whoever else of this module waits: texts are not compared.
    monkeypatch.setattr(crowds, "unclaimed", lambda _session, **_given: 0)
    ask(house, conversation, *ASKS, "hello", "please")
    assert len(seen(house, conversation)) == 1
    with house.adapters.transactions.reading() as session:
        read = reading.read_together(session, house.adapters, conversation, house.clock.now())
    assert read is None


def test_one_word_a_message_is_asking_once(house: House, conversation: UUID) -> None:
    ask(house, conversation, "i", "would", "like", "to", "talk", "to", "you", every=10 * SECOND)
    assert grade_of(house, conversation) is Grade.HIGH
    assert seen(house, conversation) == []


def test_a_persons_answer_ends_it_and_what_is_held_stays(house: House, conversation: UUID) -> None:
    ask(house, conversation, *ASKS)
    answer(house, conversation, seen_seq=4)
    assert [each.is_over for each in seen(house, conversation)] == [True]
    assert grade_of(house, conversation) is Grade.URGENT


def test_counting_begins_anew_with_a_persons_answer(house: House, conversation: UUID) -> None:
    ask(house, conversation, *ASKS[:3])
    answer(house, conversation, seen_seq=3)
    ask(house, conversation, *ASKS[:3])
    assert seen(house, conversation) == []
    ask(house, conversation, ASKS[3])
    assert len(seen(house, conversation)) == 1


def test_a_contact_that_comes_back_again_and_again_becomes_urgent(house: House) -> None:
    conversations = [house.begin() for _ in range(3)]
    same_contact(house, *conversations)
    for conversation in conversations[:2]:
        house.say(conversation, "hello")
    work(house)
    assert seen(house, conversations[1]) == []
    house.say(conversations[2], "hi")
    work(house)
    assert [each.rule for each in seen(house, conversations[2])] == ["coming-back"]
    assert grade_of(house, conversations[2]) is Grade.URGENT
    assert grade_of(house, conversations[0]) is Grade.HIGH


def test_three_children_who_each_come_once_do_not_come_back(house: House) -> None:
    conversations = [house.begin() for _ in range(3)]
    for conversation in conversations:
        house.say(conversation, "hello")
    work(house)
    assert all(seen(house, each) == [] for each in conversations)


def test_the_console_is_rung_the_queue_says_so_and_the_audit_says_who(
    house: House, conversation: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(house, conversation, *ASKS[:3])
    rung: list[Notice] = []
    monkeypatch.setattr(house.adapters.hub, "ring", lambda *notices: rung.extend(notices))
    ask(house, conversation, ASKS[3])
    assert Notice("queue", conversation) in rung
    with house.adapters.transactions.reading() as session:
        listed = queue_view.listed(
            session,
            reader=houses.person().id,
            names=house.adapters.names.of,
            show=Show.ALL,
            now=house.clock.now(),
        )
        kinds = session.scalars(
            sa.select(AuditEntry.actor_kind).where(
                AuditEntry.subject_id == conversation, AuditEntry.action == "entry.asking_again"
            )
        )
        assert list(kinds) == ["software"]
    assert [row.asks_again for row in listed.rows if row.conversation == conversation] == [True]
