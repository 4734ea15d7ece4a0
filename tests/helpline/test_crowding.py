"""A flood of copies comes in: every text is kept, and the children among it stay in sight."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chat.models import Message
from chat.service import contacts
from helpline import jobs, replies
from helpline.children import links
from helpline.children.links import NewChild
from helpline.console import deeds, queue_view
from helpline.console.queue_view import Listed, Show
from helpline.queue.models import Lane
from helpline.replies import Written
from tests.helpline import house as houses
from tests.helpline.house import House
from triage import crowd
from triage.models import Entry
from triage.service import put_last

FIGURES = crowd.load()
# Half of them copy words that a child in danger would say.
HOAXES = [
    "i want to kill myself right now",
    "he has a knife and he is coming in",
    "there is a bomb under the stairs of the home",
    "send me a pizza with extra cheese to the unit",
    "this line is a joke and so are all of you",
    "my goldfish has stolen my homework again today",
]


@pytest.fixture
def house(request: pytest.FixtureRequest, engine_name: str) -> Iterator[House]:
    with houses.opened(request, engine_name) as house:
        yield house


def work(house: House) -> None:
    house.clock.advance(timedelta(seconds=4))
    for _ in range(3):
        jobs.drain(house.adapters, lane=Lane.NORMAL, owner="test")


def flood(house: House, many: int, *, texts: list[str] = HOAXES) -> list[UUID]:
    begun = []
    for number in range(many):
        conversation = house.begin()
        house.say(conversation, f"{texts[number % len(texts)]} {number}")
        begun.append(conversation)
        house.clock.advance(timedelta(milliseconds=100))
    work(house)
    return begun


def link(house: House, conversation: UUID) -> None:
    child, row, staff = uuid4(), uuid4(), uuid4()
    with house.adapters.transactions.begin() as session:
        links.make_child(
            session,
            new=NewChild(child=child, called=b"sealed", token=uuid4().bytes),
            by=staff,
            now=house.clock.now(),
        )
        links.link(
            session,
            row=row,
            contact=contacts.contact_of(session, conversation=conversation),
            child=child,
            how_known=b"sealed",
            by=staff,
            now=house.clock.now(),
        )


def listed(house: House) -> Listed:
    with house.adapters.transactions.reading() as session:
        return queue_view.listed(
            session, reader=uuid4(), names=str, show=Show.ALL, now=house.clock.now()
        )


def place(house: House, conversation: UUID) -> int:
    return 1 + [row.conversation for row in listed(house).rows].index(conversation)


def crowd_of(house: House, conversation: UUID) -> UUID | None:
    with house.adapters.transactions.reading() as session:
        return session.get_one(Entry, conversation).crowd_id


def test_a_known_child_is_among_the_first_five_and_a_stranger_among_the_first_thirty(
    house: House,
) -> None:
    known = house.begin()
    link(house, known)
    begun = flood(house, 150)
    stranger = house.begin()
    house.say(known, "its me again, bit rubbish tonight")
    house.say(stranger, "they wont let me ring my nan and i dont get why")
    work(house)
    assert place(house, known) <= 5
    assert place(house, stranger) <= 30
    assert listed(house).is_busy
    with house.adapters.transactions.reading() as session:
        kept = sa.select(sa.func.count()).select_from(Message)
        assert session.scalar(kept) == len(begun) + 2
    rows = [row for row in listed(house).rows if row.crowd]
    assert len(rows) == len(HOAXES)
    assert sum(row.many for row in rows) == len(begun)
    assert listed(house).left_out == 0


def test_a_child_who_goes_on_in_own_words_leaves_the_crowd(house: House) -> None:
    flood(house, 40, texts=HOAXES[:1])
    child = house.begin()
    house.say(child, HOAXES[0])
    work(house)
    assert crowd_of(house, child) is not None
    house.say(child, "please i mean it, my door is open and he isnt asleep")
    work(house)
    assert crowd_of(house, child) is None
    assert place(house, child) <= 30


def test_a_child_whom_we_answered_before_is_never_compared(house: House) -> None:
    child = house.begin()
    house.say(child, "hello")
    sam = houses.person()
    deeds.claim(house.adapters, person=sam, conversation=child)
    with house.adapters.transactions.begin() as session:
        replies.send(
            session,
            house.adapters,
            staff=sam,
            conversation=child,
            written=Written(client_id="r1", text="Hello. I am here.", seen_seq=1),
            now=house.clock.now(),
        )
    deeds.give_back(house.adapters, person=sam, conversation=child)
    flood(house, 40, texts=HOAXES[:1])
    house.say(child, HOAXES[0])
    work(house)
    assert crowd_of(house, child) is None


def test_a_calm_night_compares_nothing(house: House) -> None:
    begun = flood(house, FIGURES.compared_from - 1, texts=HOAXES[:1])
    assert {crowd_of(house, each) for each in begun} == {None}
    assert not listed(house).is_busy


def test_grave_words_of_another_kind_end_what_a_person_put_last(house: House) -> None:
    hoaxer = house.begin()
    house.say(hoaxer, "you smell and i want to kill myself haha")
    work(house)
    with house.adapters.transactions.begin() as session:
        put_last.put_last(
            session,
            row=uuid4(),
            entry=hoaxer,
            staff=uuid4(),
            why="A test",
            until=house.clock.now() + timedelta(hours=4),
            now=house.clock.now(),
        )

    def is_last() -> bool:
        [row] = [row for row in listed(house).rows if row.conversation == hoaxer]
        return row.is_put_last

    house.clock.advance(timedelta(minutes=1))
    house.say(hoaxer, "you smell and i want to kill myself haha")
    house.say(hoaxer, "what is for tea")
    work(house)
    assert is_last()
    house.say(hoaxer, "ive took all my tablets and im scared")
    work(house)
    assert not is_last()
    with house.adapters.transactions.reading() as session:
        assert put_last.standing_of(session, entries=[hoaxer], now=house.clock.now()) == []
