"""A message comes in: kept once, in order, queued, watched and recorded, on either engine."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg.errors
import pytest
import sqlalchemy as sa

from chat.errors import DifferentTextError, UnknownConversationError
from chat.models import Message
from helpline import access, apart, intake
from helpline.audit.models import AuditEntry
from helpline.intake import Intake, Kept, Outcome, Refused, Said
from helpline.public import conversations
from helpline.queue.models import Job
from helpline.todo.models import Task
from helpline.wiring import Adapters
from tests import installation
from tests.clock import Clock
from tests.stores import Stores
from triage import assessment
from triage.grades import Grade
from triage.models import Entry, Escalation


@pytest.fixture
def adapters(stores: Stores, clock: Clock) -> Iterator[Adapters]:
    with installation.installed(stores, clock) as installed:
        yield installed


@pytest.fixture
def conversation(adapters: Adapters) -> UUID:
    return conversations.start(adapters).conversation


def write(adapters: Adapters, *said: Said) -> list[Outcome]:
    return list(adapters.writer._write(said))


def texts(adapters: Adapters, conversation: UUID) -> list[tuple[int, str]]:
    with adapters.transactions.reading() as session:
        found = access.for_child(session, adapters, conversation=conversation, after=0)
    return [(each.seq, each.text) for each in found]


def count(adapters: Adapters, table: type) -> int:
    with adapters.transactions.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_a_batch_is_kept_in_order_with_queue_job_and_audit_rows(
    adapters: Adapters, conversation: UUID
) -> None:
    other = conversations.start(adapters).conversation
    audited = count(adapters, AuditEntry)
    outcomes = write(
        adapters,
        Said(conversation, "a", "one"),
        Said(other, "a", "elsewhere"),
        Said(conversation, "b", "two"),
    )
    assert [o.seq for o in outcomes if isinstance(o, Kept)] == [1, 1, 2]
    assert texts(adapters, conversation) == [(1, "one"), (2, "two")]
    assert texts(adapters, other) == [(1, "elsewhere")]
    assert count(adapters, Entry) == 2
    assert count(adapters, Escalation) == 2
    assert count(adapters, Job) == 2
    assert count(adapters, AuditEntry) == audited + 3


def test_a_retry_gets_the_first_answer_and_is_kept_once(
    adapters: Adapters, conversation: UUID, clock: Clock
) -> None:
    [first] = write(adapters, Said(conversation, "a", "hello"))
    clock.advance(timedelta(minutes=1))
    again = write(
        adapters,
        Said(conversation, "new", "next"),
        Said(conversation, "a", "hello"),
        Said(conversation, "a", "hello"),
    )
    assert isinstance(first, Kept)
    assert again[1] == again[2] == Kept(first.seq, first.at, again=True)
    assert texts(adapters, conversation) == [(1, "hello"), (2, "next")]


def test_the_same_message_twice_in_one_batch_is_kept_once(
    adapters: Adapters, conversation: UUID
) -> None:
    first, second = write(
        adapters, Said(conversation, "a", "hello"), Said(conversation, "a", "hello")
    )
    assert isinstance(first, Kept)
    assert isinstance(second, Kept)
    assert first.seq == second.seq == 1
    assert second.again
    assert texts(adapters, conversation) == [(1, "hello")]


def test_other_words_under_a_used_client_id_are_refused(
    adapters: Adapters, conversation: UUID
) -> None:
    write(adapters, Said(conversation, "a", "hello"))
    assert write(adapters, Said(conversation, "a", "other")) == [Refused(DifferentTextError)]
    assert texts(adapters, conversation) == [(1, "hello")]


def test_an_unknown_conversation_does_not_cost_the_others_their_message(
    adapters: Adapters, conversation: UUID
) -> None:
    stranger = uuid4()
    adapters.keystore.make([f"conversation:{stranger}"], now=adapters.clock())
    outcomes = write(adapters, Said(stranger, "a", "hello"), Said(conversation, "a", "keep me"))
    assert outcomes[0] == Refused(UnknownConversationError)
    assert texts(adapters, conversation) == [(1, "keep me")]


def test_a_message_that_cannot_be_sealed_becomes_a_sealed_task_once(
    adapters: Adapters, conversation: UUID
) -> None:
    lost = conversations.start(adapters).conversation
    adapters.keystore.destroy(f"conversation:{lost}", now=adapters.clock())
    for _ in range(2):
        outcomes = write(adapters, Said(lost, "a", "raw words"), Said(conversation, "a", "hello"))
        assert isinstance(outcomes[0], Kept)
        assert outcomes[0].seq == 0
    with adapters.transactions.reading() as session:
        [task] = session.scalars(sa.select(Task)).all()
    assert task.kept is not None
    assert b"raw words" not in task.kept
    opened = adapters.sealing.open(apart.SCOPE, "task", task.id, "kept", task.kept)
    assert opened == "raw words"
    assert texts(adapters, conversation) == [(1, "hello")]


def test_what_is_kept_apart_waits_in_the_queue_as_urgent(adapters: Adapters) -> None:
    lost = conversations.start(adapters).conversation
    adapters.keystore.destroy(f"conversation:{lost}", now=adapters.clock())
    write(adapters, Said(lost, "a", "raw words"))
    with adapters.transactions.reading() as session:
        entry = session.get_one(Entry, lost)
        [escalation] = session.scalars(sa.select(Escalation)).all()
    assert (entry.grade_rank, entry.waiting_since) == (Grade.URGENT.rank, adapters.clock())
    assert escalation.entry_id == lost


def test_other_words_under_the_id_of_a_message_kept_apart_get_no_tick(adapters: Adapters) -> None:
    lost = conversations.start(adapters).conversation
    adapters.keystore.destroy(f"conversation:{lost}", now=adapters.clock())
    write(adapters, Said(lost, "a", "raw words"))
    assert write(adapters, Said(lost, "a", "other words")) == [Refused(DifferentTextError)]
    assert isinstance(write(adapters, Said(lost, "a", "raw words"))[0], Kept)


def test_while_the_keystore_is_away_nothing_is_ticked_or_set_apart(
    adapters: Adapters, conversation: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(scope: str) -> bytes:
        raise sa.exc.OperationalError(scope, {}, Exception())

    monkeypatch.setattr(adapters.keystore, "key", away)
    assert write(adapters, Said(conversation, "a", "hello")) == [Refused(intake.NotKeptError)]
    assert count(adapters, Task) == 0


def test_a_batch_that_the_database_sent_back_is_written_once_more(
    adapters: Adapters, conversation: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, times = Intake._write_together, []

    def first_sent_back(self: Intake, prepared: Any) -> Any:
        times.append(len(prepared))
        if len(times) == 1:
            raise psycopg.errors.DeadlockDetected
        return real(self, prepared)

    monkeypatch.setattr(Intake, "_write_together", first_sent_back)
    write(adapters, Said(conversation, "a", "hello"), Said(conversation, "b", "again"))
    assert times == [2, 2]
    assert texts(adapters, conversation) == [(1, "hello"), (2, "again")]


def test_a_text_that_triage_cannot_read_is_urgent_and_kept(
    adapters: Adapters, conversation: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(text: str) -> assessment.Assessment:
        raise RuntimeError(text)

    monkeypatch.setattr(assessment, "assess", crash)
    write(adapters, Said(conversation, "a", "hello"))
    with adapters.transactions.reading() as session:
        assert session.get_one(Entry, conversation).grade_rank == Grade.URGENT.rank
    assert texts(adapters, conversation) == [(1, "hello")]


def test_nothing_of_a_message_stands_in_the_open(adapters: Adapters, conversation: UUID) -> None:
    write(adapters, Said(conversation, "a", "a very particular sentence"))
    with adapters.transactions.reading() as session:
        body = session.scalar(sa.select(Message.body))
    assert body is not None
    assert b"particular" not in body


def test_an_emergency_is_due_at_once_and_a_later_mild_text_does_not_lower_it(
    adapters: Adapters, conversation: UUID, clock: Clock
) -> None:
    write(adapters, Said(conversation, "a", "hello"))
    clock.advance(timedelta(minutes=1))
    write(adapters, Said(conversation, "b", "i have taken a lot of tablets and i want to die now"))
    alarmed_at = clock.now()
    clock.advance(timedelta(minutes=1))
    write(adapters, Said(conversation, "c", "ok thanks"))
    with adapters.transactions.reading() as session:
        entry = session.get_one(Entry, conversation)
        [escalation] = session.scalars(sa.select(Escalation)).all()
    assert entry.grade_rank == Grade.EMERGENCY.rank
    assert escalation.grade_rank == Grade.EMERGENCY.rank
    assert escalation.due_at == alarmed_at
    assert entry.waiting_since == alarmed_at - timedelta(minutes=1)
