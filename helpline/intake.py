"""A child's message comes in, from any channel. Start reading here.

``keep`` is what a page, a socket or a webhook calls. The writer thread (helpline/writer.py) hands
whole batches to ``_write``: each text is assessed and sealed, then one transaction keeps the
messages (chat), gives each its place in the queue (triage), adds the jobs and the audit rows, and
commits. Only then comes the tick, and only after the tick's cause is on disk are screens rung.

What cannot be written with the others is written alone; what cannot be written alone is kept raw
and sealed as a task for a person. The child's words are never the reason for an error.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

import chat.service.receive as chat
from chat import conversation
from chat.errors import DifferentTextError, UnknownConversationError
from chat.service.receive import Arrival, Received
from helpline import apart, failpoints
from helpline.audit import record
from helpline.audit.record import Actor, Audit
from helpline.clock import Clock
from helpline.hub import Hub, Notice, Spoken
from helpline.queue import add as queue
from helpline.queue.add import NewJob
from helpline.queue.models import Lane
from helpline.transaction import Transactions
from helpline.writer import Writer, WriterDeadError
from integrations.batches import CONTENTION, OUTAGES
from integrations.sealing import Sealing
from triage import assessment
from triage.assessment import Assessment
from triage.grades import Grade, GradeTable
from triage.hours import OpenHours
from triage.service import place as triage

log = structlog.get_logger()


# The job that reads the last messages of a conversation as one text (helpline/reading.py). It
# waits this long after a message, so that a burst is read once.
READ_TOGETHER = "read_together"
FRAGMENTS_REST = timedelta(seconds=3)


class NotKeptError(Exception):
    """The message could not be kept just now. Please try again."""


@dataclass(frozen=True, slots=True)
class Said:
    """A child's message, in the form it is kept in.

    ``at_least``: what is known of it beside its words, as a text that is a cry by itself.
    """

    conversation: UUID
    client_id: str
    text: str
    at_least: Grade | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The message is on disk. ``seq`` is 0 when it was kept apart, as a task for a person."""

    seq: int
    at: datetime
    again: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The message is not on disk, and why."""

    why: type[Exception]


Outcome = Kept | Refused

_NOT_KEPT = Refused(NotKeptError)


@dataclass(frozen=True, slots=True)
class _Prepared:
    said: Said
    arrival: Arrival
    assessment: Assessment


@dataclass(frozen=True)
class Statements:
    """Each context's statement, in the form of this installation's engine."""

    chat: chat.Statements
    triage: triage.Statements
    queue: queue.Statements
    audit: record.Statements


@dataclass(frozen=True)
class Intake:
    """Keeps messages. Everything it needs is given to it by helpline/wiring.py."""

    transactions: Transactions
    statements: Statements
    sealing: Sealing
    audit: Audit
    grades: GradeTable
    hours: OpenHours
    clock: Clock
    hub: Hub
    on_emergency: Callable[[], None]

    def keep_now(self, said: Said) -> Outcome:
        """Keep one message from any thread, without the writer's: for what a sweep found."""
        [outcome] = outcomes = self._write([said])
        self._ring([said], outcomes)
        return outcome

    def writer(self) -> Writer[Said, Outcome]:
        """The writer thread of this intake; one a process."""
        return Writer(self._write, failed=_NOT_KEPT, after=self._ring)

    def _write(self, batch: Sequence[Said]) -> list[Outcome]:
        """Write a batch whole; what cannot go with the others goes alone."""
        prepared = self._all_prepared(batch)
        if prepared is None:
            return [_NOT_KEPT] * len(batch)
        first = {
            (said.conversation, said.client_id): i for i, said in reversed([*enumerate(batch)])
        }
        together = {i: ready for i in sorted(first.values()) if (ready := prepared[i]) is not None}
        outcomes = dict(zip(together, self._write_fresh([*together.values()]), strict=True))
        return [
            outcomes[i] if i in outcomes else self._write_alone(batch[i], prepared[i])
            for i in range(len(batch))
        ]

    def _write_fresh(self, prepared: Sequence[_Prepared]) -> list[Outcome]:
        if not prepared:
            return []
        try:
            return [*self._written_together(prepared)]
        except OUTAGES as problem:
            log.error("intake.database_out", error=type(problem).__name__)
            return [_NOT_KEPT] * len(prepared)
        except Exception as problem:  # noqa: BLE001 - what failed is found by trying less at once
            log.info("intake.batch_refused", error=type(problem).__name__, size=len(prepared))
            repeated = self._known_before(prepared, problem)
        alone = {each.arrival.message for each in prepared if not repeated} | repeated
        rest = [each for each in prepared if each.arrival.message not in alone]
        written = dict(zip((r.arrival.message for r in rest), self._write_fresh(rest), strict=True))
        return [
            written.get(each.arrival.message) or self._write_alone(each.said, each)
            for each in prepared
        ]

    def _known_before(self, prepared: Sequence[_Prepared], problem: Exception) -> set[UUID]:
        """Those messages of a refused batch that were kept before under the same client_id."""
        if not self.statements.chat.is_repetition(problem):
            return set()
        with self.transactions.batch() as connection:
            earlier = self.statements.chat.earlier(connection, [p.arrival for p in prepared])
        known = {(each.received.conversation, each.client_id) for each in earlier}
        return {
            p.arrival.message for p in prepared if (p.said.conversation, p.said.client_id) in known
        }

    def _all_prepared(self, batch: Sequence[Said]) -> list[_Prepared | None] | None:
        """Each message assessed and sealed; None for the batch when the keystore is away."""
        try:
            return [self._prepared(said) for said in batch]
        except OUTAGES as problem:
            log.error("intake.keystore_out", error=type(problem).__name__)
            return None

    def _prepared(self, said: Said) -> _Prepared | None:
        message = uuid7()
        try:
            body = self.sealing.seal(
                f"conversation:{said.conversation}", "message", message, "body", said.text
            )
        except OUTAGES:
            raise  # the sender tries again; a task would take the message out of the queue
        except Exception as problem:  # noqa: BLE001 - it is kept apart instead
            log.error("intake.not_sealed", error=type(problem).__name__)
            return None
        arrival = Arrival(message, said.conversation, said.client_id, body)
        return _Prepared(said, arrival, _assessed(said))

    def _written_together(self, prepared: Sequence[_Prepared]) -> list[Kept]:
        try:
            return self._write_together(prepared)
        except CONTENTION as problem:
            # The database chose us to step back for somebody else, who is through by now.
            log.info("intake.stepped_back", error=type(problem).__name__)
            return self._write_together(prepared)

    def _write_together(self, prepared: Sequence[_Prepared]) -> list[Kept]:
        now = self.clock()
        arrivals = [each.arrival for each in prepared]
        unread = triage.together(
            (each.said.conversation, each.assessment.grade.rank, each.assessment.score)
            for each in prepared
        )
        jobs = [
            NewJob(
                id=uuid7(),
                lane=Lane.NORMAL,
                kind=READ_TOGETHER,
                subject=each.entry,
                dedupe_key=f"{READ_TOGETHER}:{each.entry}",
                due_at=now + FRAGMENTS_REST,
            )
            for each in unread
        ]
        kept = [
            record.row(
                self.audit.key,
                actor=Actor("child", each.conversation),
                action="message.kept",
                subject=each.message,
                now=now,
            )
            for each in arrivals
        ]
        with self.transactions.batch() as connection:
            numbers = self.statements.chat.receive(connection, arrivals, now=now)
            self.statements.triage.place(
                connection, unread, triage.clocks_at(self.grades, self.hours, now=now), now=now
            )
            self.statements.queue.add_batch(connection, jobs, now=now)
            self.statements.audit.record_batch(connection, kept)
            failpoints.reach("intake.before_commit")
        failpoints.reach("intake.after_commit")
        if any(each.assessment.grade is Grade.EMERGENCY for each in prepared):
            self.on_emergency()
        return _in_order(prepared, numbers())

    def _write_alone(self, said: Said, prepared: _Prepared | None) -> Outcome:
        try:
            if prepared is not None:
                return self._written_together([prepared])[0]
        except OUTAGES:
            return _NOT_KEPT
        except Exception as problem:  # noqa: BLE001 - sorted out by what the database says of it
            if self.statements.chat.is_repetition(problem) and prepared is not None:
                return self._repeated(prepared)
            if self.statements.chat.is_unknown(problem):
                return Refused(UnknownConversationError)
            log.error("intake.message_failed", error=type(problem).__name__)
        return self._kept_apart(said)

    def _repeated(self, prepared: _Prepared) -> Outcome:
        """A retry gets the first answer again; other words under the same id are refused."""
        with self.transactions.batch() as connection:
            [earlier] = self.statements.chat.earlier(connection, [prepared.arrival])
        said, first = prepared.said, earlier.received
        text = self.sealing.open(
            f"conversation:{said.conversation}", "message", first.message, "body", earlier.body
        )
        if text != said.text:
            return Refused(DifferentTextError)
        return Kept(first.seq, first.kept_at, again=True)

    def _kept_apart(self, said: Said) -> Outcome:
        """Keep the raw words as a task; the conversation waits in the queue, as urgent."""
        now = self.clock()
        unread = triage.together(
            [(said.conversation, Grade.URGENT.rank, assessment.NOT_ASSESSED.score)]
        )
        try:
            with self.transactions.begin() as session:
                is_same = apart.keep_apart(
                    session,
                    self.sealing,
                    conversation=said.conversation,
                    client_id=said.client_id,
                    text=said.text,
                    now=now,
                )
                if not is_same:
                    return Refused(DifferentTextError)
                self.statements.triage.place(
                    session.connection().connection.driver_connection,
                    unread,
                    triage.clocks_at(self.grades, self.hours, now=now),
                    now=now,
                )
        except Exception as problem:  # noqa: BLE001 - no tick: the sender keeps it and tries again
            log.error("intake.not_kept", error=type(problem).__name__)
            return _NOT_KEPT
        self.hub.ring(Notice("queue", said.conversation))
        return Kept(0, now)

    def _ring(self, batch: Sequence[Said], outcomes: Sequence[Outcome]) -> None:
        failpoints.reach("deliver.before_send")
        notices = [
            Notice(
                "message",
                said.conversation,
                outcome.seq,
                Spoken(outcome.seq, "child", said.text, outcome.at),
            )
            for said, outcome in zip(batch, outcomes, strict=True)
            if isinstance(outcome, Kept) and outcome.seq and not outcome.again
        ]
        if notices:
            self.hub.ring(*notices)


async def keep(
    writer: Writer[Said, Outcome],
    *,
    conversation_id: UUID,
    client_id: str,
    text: str,
    at_least: Grade | None = None,
) -> Kept:
    """Keep one message and say so once it is on disk.

    Raises the errors of chat.errors for a text that is not a message, and
    :class:`NotKeptError` when the sender should keep it and try again.
    """
    said = replace(said_by_child(conversation_id, client_id, text), at_least=at_least)
    answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def answer(outcome: Outcome) -> None:
        if not answered.done():
            answered.set_result(outcome)

    try:
        writer.submit(said, answer)
    except WriterDeadError:
        raise NotKeptError from None
    outcome = await answered
    if isinstance(outcome, Refused):
        raise outcome.why
    return outcome


def said_by_child(conversation_id: UUID, client_id: str, text: str) -> Said:
    """The message as it is kept; the errors of chat.errors say why it is none."""
    return Said(
        conversation_id,
        conversation.checked_client_id(client_id),
        conversation.kept_text(text),
    )


def _assessed(said: Said) -> Assessment:
    # A text that software cannot read is urgent for a person, never an error for the child.
    try:
        found = assessment.assess(said.text)
        return found if said.at_least is None else assessment.at_least(found, said.at_least)
    except Exception as problem:  # noqa: BLE001 - see above
        log.error("triage.not_assessed", error=type(problem).__name__)
        return assessment.NOT_ASSESSED


def _in_order(prepared: Sequence[_Prepared], received: Sequence[Received]) -> list[Kept]:
    numbers = {each.message: each for each in received}
    return [
        Kept(numbers[p.arrival.message].seq, numbers[p.arrival.message].kept_at) for p in prepared
    ]
