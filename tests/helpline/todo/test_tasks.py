"""Human tasks: raised once, seen, opened through the door they are given, done by one person."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from helpline.console import task_pages
from helpline.todo import tasks
from helpline.todo.models import Why
from helpline.todo.tasks import TaskNotFoundError
from helpline.transaction import Transactions
from integrations import database
from tests.clock import Clock
from tests.stores import Stores

TASK, SUBJECT, PERSON = (UUID(int=number) for number in (1, 2, 3))


@pytest.fixture
def transactions(stores: Stores) -> Iterator[Transactions]:
    store = database.connect(stores.database_url)
    yield Transactions(store)
    store.dispose()


def put(
    transactions: Transactions,
    clock: Clock,
    key: str,
    *,
    task: UUID | None = None,
    kept: bytes | None = None,
) -> bool:
    with transactions.begin() as session:
        return tasks.raise_task(
            session,
            why=Why.MESSAGE_NOT_PROCESSED,
            subject=SUBJECT,
            dedupe_key=key,
            now=clock.now(),
            kept=kept,
            task=task,
        ).is_new


def test_same_failure_twice_is_one_task(transactions: Transactions, clock: Clock) -> None:
    assert put(transactions, clock, "a", task=TASK, kept=b"sealed")
    clock.advance(timedelta(minutes=1))
    assert not put(transactions, clock, "a")
    assert put(transactions, clock, "b")
    with transactions.reading() as session:
        first, second = tasks.list_open(session)
    assert (first.id, first.why, first.subject) == (TASK, Why.MESSAGE_NOT_PROCESSED, SUBJECT)
    assert (first.has_words, second.has_words) == (True, False)
    assert second.raised_at - first.raised_at == timedelta(minutes=1)


def test_words_are_opened_only_through_the_given_door(
    transactions: Transactions, clock: Clock
) -> None:
    put(transactions, clock, "a", task=TASK, kept=b"sealed")
    put(transactions, clock, "b")
    asked: list[tuple[UUID, bytes]] = []

    def opens(task: UUID, kept: bytes) -> str:
        asked.append((task, kept))
        return "words"

    with transactions.reading() as session:
        opened = [
            tasks.open_task(session, task=task.id, opens=opens).words
            for task in tasks.list_open(session)
        ]
    assert opened == ["words", None]
    assert asked == [(TASK, b"sealed")]


def test_task_is_done_once(transactions: Transactions, clock: Clock) -> None:
    put(transactions, clock, "a", task=TASK)
    with transactions.begin() as session:
        assert tasks.done(session, task=TASK, by=PERSON, now=clock.now()).at == clock.now()
    with pytest.raises(TaskNotFoundError), transactions.begin() as session:
        tasks.done(session, task=TASK, by=PERSON, now=clock.now())
    with transactions.reading() as session:
        assert tasks.list_open(session) == []
        with pytest.raises(TaskNotFoundError):
            tasks.open_task(session, task=TASK, opens=lambda _task, _kept: "")


def test_every_reason_is_explained_to_staff() -> None:
    assert set(task_pages.WHAT_IT_MEANS) == set(Why)
