"""Where something is: its states and times, from the row that came in to the page that went out.

No words, no names: what it prints may be read by whoever runs the machines.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.models import Conversation, Message
from chat.service import outgoing
from helpline.audit.models import AuditEntry
from helpline.queue.models import Job
from helpline.todo.models import Task
from triage.escalation import State
from triage.grades import Grade
from triage.models import Entry, Escalation, Page

# The newest of each kind. A longer story is read in the console, by somebody who may.
MOST_ROWS = 50


class UnknownIdError(LookupError):
    """Nothing here has this id. It may be mistyped, or of another installation, or erased."""


class NotAnIdError(ValueError):
    """That is not an id. An id is 32 digits and letters a-f, as in logs and on staff pages."""


def trace(session: Session, given: str) -> list[str]:
    """What is known of a message, conversation, escalation, page, job or task, a line each.

    ``given`` is its id as text. Raises :class:`NotAnIdError` and :class:`UnknownIdError`.
    """
    try:
        sought = UUID(given.strip())
    except ValueError:
        raise NotAnIdError from None
    for find in _FINDERS:
        lines = [*find(session, sought)]
        if lines:
            return lines
    raise UnknownIdError


def _message(session: Session, sought: UUID) -> Iterator[str]:
    message = session.get(Message, sought)
    if message is None:
        return
    yield f"message       {message.id}"
    yield f"  by          {message.author}, number {message.seq} of its conversation"
    yield f"  kept        {_at(message.kept_at)}"
    for step, at, words in outgoing.trail(session, message=message.id):
        yield f"  text {step:<7}{_at(at)} {words}"
    yield from _audited(session, [message.id])
    yield from _conversation(session, message.conversation_id)


def _conversation(session: Session, sought: UUID) -> Iterator[str]:
    conversation = session.get(Conversation, sought)
    if conversation is None:
        return
    yield f"conversation  {conversation.id}"
    yield f"  opened      {_at(conversation.opened_at)}"
    yield f"  messages    {conversation.last_seq}"
    if conversation.left_at is not None:
        yield f"  left        {_at(conversation.left_at)}"
    yield from _entry(session, conversation.id)
    escalations = _newest(session, Escalation, Escalation.entry_id == sought, Escalation.raised_at)
    for escalation in escalations:
        yield from _climb(session, escalation)
    about = [sought, *(each.id for each in escalations)]
    yield from _jobs(session, about)
    for task in _newest(session, Task, Task.subject_id == sought, Task.raised_at):
        yield from _task_lines(task)
    yield from _audited(session, about)


def _entry(session: Session, sought: UUID) -> Iterator[str]:
    entry = session.get(Entry, sought)
    if entry is None:
        yield "entry         none: no message of the child was placed in the queue yet"
        return
    yield f"entry         {list(Grade)[entry.grade_rank]}, score {entry.score:.2f}"
    waiting = entry.waiting_since
    yield f"  waiting     {'no: all is answered' if waiting is None else f'since {_at(waiting)}'}"
    yield f"  last child  {_at(entry.last_child_at)}"
    if entry.claimed_by is not None and entry.claimed_at is not None:
        yield f"  claimed     {_at(entry.claimed_at)} by staff {entry.claimed_by}"


def _escalation(session: Session, sought: UUID) -> Iterator[str]:
    escalation = session.get(Escalation, sought)
    if escalation is None:
        return
    yield from _climb(session, escalation)
    yield from _jobs(session, [sought])
    yield from _audited(session, [sought])
    yield f"of conversation {escalation.entry_id}"


def _climb(session: Session, escalation: Escalation) -> Iterator[str]:
    yield f"escalation    {escalation.id}"
    yield (
        f"  state       {escalation.state}, {list(Grade)[escalation.grade_rank]}, "
        f"round {escalation.round}, step {escalation.step}"
    )
    yield f"  raised      {_at(escalation.raised_at)} by {_by(escalation.raised_by)}"
    if escalation.state != State.CLOSED:
        yield f"  next        {_at(escalation.due_at)}"
    if escalation.reached_nobody_at is not None:
        yield f"  reached nobody at {_at(escalation.reached_nobody_at)}"
    if escalation.acknowledged_at is not None:
        taken_by = _by(escalation.acknowledged_by)
        yield f"  taken       {_at(escalation.acknowledged_at)} by {taken_by}"
    if escalation.closed_at is not None:
        yield f"  closed      {_at(escalation.closed_at)} by {_by(escalation.closed_by)}"
    for page in _newest(session, Page, Page.escalation_id == escalation.id, Page.made_at):
        yield from _page_lines(session, page)


def _page(session: Session, sought: UUID) -> Iterator[str]:
    page = session.get(Page, sought)
    if page is None:
        return
    yield from _page_lines(session, page)
    yield f"of escalation {page.escalation_id}"


def _page_lines(session: Session, page: Page) -> Iterator[str]:
    yield (
        f"  page        {page.channel} {page.state}, round {page.round}, step {page.step}, "
        f"{_at(page.made_at)}, to staff {page.person_id}"
    )
    yield from (f"  {line}" for line in _jobs(session, [page.id]))


def _job(session: Session, sought: UUID) -> Iterator[str]:
    job = session.get(Job, sought)
    if job is not None:
        yield from _job_lines(job)
        yield f"about {job.subject_id}"


def _jobs(session: Session, subjects: Iterable[UUID]) -> Iterator[str]:
    for job in _newest(session, Job, Job.subject_id.in_([*subjects]), Job.made_at):
        yield from _job_lines(job)


def _job_lines(job: Job) -> Iterator[str]:
    yield f"job           {job.id} {job.kind}"
    yield f"  state       {job.state} in lane {job.lane}, {job.attempts} tries"
    yield f"  made        {_at(job.made_at)}, due {_at(job.due_at)}"
    if job.leased_until is not None:
        yield f"  leased      until {_at(job.leased_until)}"
    if job.last_error is not None:
        yield f"  last error  {job.last_error}"
    if job.finished_at is not None:
        yield f"  finished    {_at(job.finished_at)}"


def _task(session: Session, sought: UUID) -> Iterator[str]:
    task = session.get(Task, sought)
    if task is not None:
        yield from _task_lines(task)
        yield f"about {task.subject_id}"


def _task_lines(task: Task) -> Iterator[str]:
    yield f"task          {task.id} {task.why}"
    yield f"  raised      {_at(task.raised_at)}"
    if task.done_at is None:
        yield "  done        not yet"
    else:
        yield f"  done        {_at(task.done_at)} by {_by(task.done_by)}"


def _audited(session: Session, subjects: Iterable[UUID]) -> Iterator[str]:
    entries = _newest(session, AuditEntry, AuditEntry.subject_id.in_([*subjects]), AuditEntry.at)
    for entry in entries:
        sealed = "not sealed yet" if entry.position is None else f"link {entry.position}"
        who = entry.actor_kind if entry.actor_id is None else f"{entry.actor_kind} {entry.actor_id}"
        yield f"audit         {_at(entry.at)} {entry.action} by {who}, {sealed}"


def _newest(session: Session, model: Any, which: Any, order: Any) -> list[Any]:
    """The newest rows, in the order in which they came."""
    rows = session.scalars(
        sa.select(model).where(which).order_by(order.desc(), model.id.desc()).limit(MOST_ROWS)
    )
    return [*reversed(rows.all())]


def _at(when: datetime) -> str:
    return when.isoformat(sep=" ", timespec="milliseconds")


def _by(person: UUID | None) -> str:
    return "software" if person is None else f"staff {person}"


_FINDERS: tuple[Callable[[Session, UUID], Iterator[str]], ...] = (
    _message,
    _conversation,
    _escalation,
    _page,
    _job,
    _task,
)
