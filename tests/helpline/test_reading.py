"""Fragments are read together: what no message says alone, their sum may say."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from helpline import intake, jobs
from helpline.hub import Notice
from helpline.queue.models import Job, Lane
from tests import stores as stores_of_tests
from tests.helpline import house as houses
from tests.helpline.house import House
from triage.grades import Grade
from triage.models import Entry, Escalation

FRAGMENTS = ("i want", "to", "die")
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module", params=stores_of_tests.ENGINES)
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with houses.opened(request, request.param) as house:
        yield house


@pytest.fixture
def conversation(house: House) -> UUID:
    return house.begin()


def grade_of(house: House, conversation: UUID) -> Grade:
    with house.adapters.transactions.reading() as session:
        return list(Grade)[session.get_one(Entry, conversation).grade_rank]


def jobs_of(house: House, conversation: UUID) -> list[str]:
    with house.adapters.transactions.reading() as session:
        return list(
            session.scalars(
                sa.select(Job.state).where(
                    Job.subject_id == conversation, Job.kind == intake.READ_TOGETHER
                )
            )
        )


def work(house: House, *, after: timedelta = 3 * SECOND) -> None:
    """Let the worker come by, once the fragments have rested."""
    house.clock.advance(after)
    jobs.drain(house.adapters, lane=Lane.NORMAL, owner="test")


def test_fragments_that_say_nothing_alone_raise_the_grade_together(
    house: House, conversation: UUID
) -> None:
    for text in FRAGMENTS:
        house.say(conversation, text)
        house.clock.advance(SECOND)
    assert grade_of(house, conversation) is Grade.HIGH
    work(house)
    assert grade_of(house, conversation) is Grade.URGENT
    with house.adapters.transactions.reading() as session:
        [climb] = session.scalars(sa.select(Escalation).where(Escalation.entry_id == conversation))
    assert (climb.grade_rank, climb.round) == (1, 1)
    assert climb.due_at == house.clock.now() + 10 * MINUTE


def test_an_emergency_in_fragments_is_due_at_once(house: House, conversation: UUID) -> None:
    house.say(conversation, "i took", "all", "my tablets")
    assert grade_of(house, conversation) is Grade.HIGH
    work(house)
    assert grade_of(house, conversation) is Grade.EMERGENCY
    with house.adapters.transactions.reading() as session:
        [climb] = session.scalars(sa.select(Escalation).where(Escalation.entry_id == conversation))
    assert climb.due_at == house.clock.now()


def test_a_burst_is_read_once_and_not_before_it_has_rested(
    house: House, conversation: UUID
) -> None:
    house.say(conversation, *FRAGMENTS)
    assert jobs_of(house, conversation) == ["ready"]
    work(house, after=2 * SECOND)
    assert jobs_of(house, conversation) == ["ready"]
    work(house, after=SECOND)
    assert jobs_of(house, conversation) == ["done"]
    house.say(conversation, "more")
    assert sorted(jobs_of(house, conversation)) == ["done", "ready"]


def test_a_worker_that_comes_late_still_reads_them_together(
    house: House, conversation: UUID
) -> None:
    house.say(conversation, *FRAGMENTS)
    work(house, after=timedelta(hours=1))
    assert grade_of(house, conversation) is Grade.URGENT


def test_two_minutes_apart_belong_together_and_more_do_not(house: House) -> None:
    together, apart = house.begin(), house.begin()
    for conversation in (together, apart):
        house.say(conversation, "i want to")
    house.clock.advance(2 * MINUTE)
    house.say(together, "die")
    house.clock.advance(SECOND)
    house.say(apart, "die")
    work(house)
    assert grade_of(house, together) is Grade.URGENT
    assert grade_of(house, apart) is Grade.HIGH


def test_a_long_text_before_them_does_not_push_the_fragments_out(
    house: House, conversation: UUID
) -> None:
    house.say(conversation, "lunch was good " * 666, *FRAGMENTS)
    assert grade_of(house, conversation) is Grade.HIGH
    work(house)
    assert grade_of(house, conversation) is Grade.URGENT


def test_a_worker_that_comes_late_reads_fragments_that_the_child_has_long_gone_on_from(
    house: House, conversation: UUID
) -> None:
    house.say(conversation, "i want to", "die")
    for _ in range(5):
        house.clock.advance(MINUTE)
        house.say(conversation, "so anyway")
    work(house)
    assert grade_of(house, conversation) is Grade.URGENT


def test_words_that_are_danger_only_as_one_text_are_graded_as_one(
    house: House, conversation: UUID
) -> None:
    for text in ("they held", "me down on the floor"):
        house.say(conversation, text)
        house.clock.advance(MINUTE)
    assert grade_of(house, conversation) is Grade.HIGH
    work(house)
    assert grade_of(house, conversation) is Grade.URGENT


def test_a_lone_message_is_not_read_twice(house: House, conversation: UUID) -> None:
    house.say(conversation, "hello")
    work(house)
    assert jobs_of(house, conversation) == ["done"]
    assert grade_of(house, conversation) is Grade.HIGH


def test_what_is_read_together_never_lowers_a_grade(house: House, conversation: UUID) -> None:
    house.say(conversation, "i want to die", "ok", "thanks")
    assert grade_of(house, conversation) is Grade.URGENT
    work(house)
    assert grade_of(house, conversation) is Grade.URGENT


def test_the_console_is_rung_when_the_grade_rose_and_only_then(
    house: House, conversation: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[Notice] = []
    monkeypatch.setattr(house.adapters.hub, "ring", lambda *notices: rung.extend(notices))
    house.say(conversation, "hello", "there")
    work(house)
    assert rung == []
    house.say(conversation, *FRAGMENTS)
    work(house)
    assert rung == [Notice("queue", conversation)]
