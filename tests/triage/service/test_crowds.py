"""Which crowd an entry stands in, on both engines."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from tests.clock import Clock
from tests.triage.service.alarms import FIRST, Alarms
from triage import assessment, crowd
from triage.grades import Grade
from triage.models import CrowdPrint, Entry, PrintSeen
from triage.service import crowds, holding
from triage.service.crowds import Found

FIGURES = crowd.load()
KEY = b"k" * 32
HOAX = "there is a bomb under the stairs of this house"
MANY = FIGURES.senders


def prints(text: str) -> tuple[int, ...]:
    return crowd.prints(assessment.plain(text).words.split(), key=KEY, figures=FIGURES)


def say(alarms: Alarms, entry: UUID, *texts: str, sends_many: bool = False) -> Found:
    alarms.place((entry, Grade.URGENT, 0.5))
    with alarms.adapters.transactions.begin() as session:
        return crowds.find_place(
            session,
            entry=entry,
            texts=[prints(text) for text in texts],
            sends_many=sends_many,
            figures=FIGURES,
            now=alarms.adapters.clock(),
        )


def stands_in(alarms: Alarms, entry: UUID) -> UUID | None:
    with alarms.adapters.transactions.reading() as session:
        return session.scalar(sa.select(Entry.crowd_id).where(Entry.id == entry))


@pytest.fixture
def crowded(alarms: Alarms) -> UUID:
    """A crowd of copies, just begun."""
    found = [say(alarms, uuid4(), f"{HOAX} {number}") for number in range(MANY)]
    assert [each.crowd for each in found[:-1]] == [None] * (MANY - 1)
    assert len(found[-1].others) == MANY - 1
    assert found[-1].crowd is not None
    return found[-1].crowd


def test_copies_of_so_many_senders_are_a_crowd_and_the_earlier_ones_are_named(
    alarms: Alarms, crowded: UUID
) -> None:
    assert say(alarms, uuid4(), HOAX) == Found(crowded, moved=True, others=())


def test_a_child_with_own_words_stands_alone(alarms: Alarms, crowded: UUID) -> None:
    assert say(alarms, uuid4(), "my stepdad locks me under the stairs").crowd is None
    child = uuid4()
    assert say(alarms, child, HOAX).crowd == crowded
    found = say(alarms, child, HOAX, "please its true hes here")
    assert (found.crowd, found.moved) == (None, True)
    assert stands_in(alarms, child) is None


def test_one_sender_of_the_same_text_again_and_again_is_no_crowd(alarms: Alarms) -> None:
    entry = uuid4()
    for _ in range(MANY * 2):
        assert say(alarms, entry, HOAX).crowd is None


def test_the_same_words_over_a_long_time_are_no_crowd(alarms: Alarms, clock: Clock) -> None:
    for _ in range(MANY * 2):
        assert say(alarms, uuid4(), "can someone ring me").crowd is None
        clock.advance(FIGURES.within / (MANY - 2))


@pytest.mark.usefixtures("crowded")
def test_answered_and_held_children_make_no_crowd_and_stand_in_none(alarms: Alarms) -> None:
    held = uuid4()
    alarms.place((held, Grade.URGENT, 0.5))
    with alarms.adapters.transactions.begin() as session:
        holding.claim(session, entry=held, staff=FIRST, now=alarms.now)
    assert say(alarms, held, HOAX).crowd is None
    for number in range(MANY - 1):
        entry = uuid4()
        say(alarms, entry, f"something else that nobody said before {number}")
        alarms.answered(entry)
    assert say(alarms, uuid4(), "something else that nobody said before").crowd is None


def test_a_child_whom_somebody_knows_leaves_the_crowd(alarms: Alarms, crowded: UUID) -> None:
    child = uuid4()
    assert say(alarms, child, HOAX).crowd == crowded
    with alarms.adapters.transactions.begin() as session:
        crowds.stand_alone(session, entries=[child], now=alarms.now)
    assert stands_in(alarms, child) is None


def test_senders_of_very_many_texts_share_a_turn_once_there_are_enough_of_them(
    alarms: Alarms,
) -> None:
    found = [
        say(alarms, uuid4(), f"own words of number {'x' * number}", sends_many=True)
        for number in range(1, MANY + 2)
    ]
    assert [each.crowd for each in found[: MANY - 1]] == [None] * (MANY - 1)
    assert found[-1].crowd == found[-2].crowd is not None
    assert say(alarms, uuid4(), "own words of a child").crowd is None


@pytest.mark.usefixtures("crowded")
def test_the_grade_of_a_copy_stays_what_it_was(alarms: Alarms) -> None:
    entry = uuid4()
    say(alarms, entry, HOAX)
    with alarms.adapters.transactions.reading() as session:
        assert session.scalar(sa.select(Entry.grade_rank).where(Entry.id == entry)) == 1


@pytest.mark.usefixtures("crowded")
def test_prints_are_forgotten_after_their_time(alarms: Alarms, clock: Clock) -> None:
    for wait, left in ((FIGURES.kept_for, True), (timedelta(seconds=1), False)):
        clock.advance(wait)
        with alarms.adapters.transactions.begin() as session:
            crowds.forget(session, figures=FIGURES, now=alarms.now)
            assert (session.scalar(sa.select(PrintSeen.print).limit(1)) is not None) is left
            assert (session.scalar(sa.select(CrowdPrint.print).limit(1)) is not None) is left


def test_unclaimed_are_counted_up_to_a_number(alarms: Alarms) -> None:
    for _ in range(3):
        alarms.place((uuid4(), Grade.HIGH, 0.1))
    with alarms.adapters.transactions.reading() as session:
        assert [crowds.unclaimed(session, most=most) for most in (2, 5)] == [2, 3]
