"""Human tasks: what software could not do, for a person to see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline.todo.models import Task, Why
from integrations.database import Instant

# How sealed words are opened. Only the access door makes one, because it checks and audits.
Open = Callable[[UUID, bytes], str]

_RAISE = sa.text(
    """
    INSERT INTO task (id, why, subject_id, dedupe_key, kept, raised_at)
    VALUES (:id, :why, :subject, :dedupe_key, :kept, :now)
    ON CONFLICT (dedupe_key) DO NOTHING
    RETURNING id
    """
).bindparams(
    sa.bindparam("id", type_=sa.Uuid()),
    sa.bindparam("subject", type_=sa.Uuid()),
    sa.bindparam("kept", type_=sa.LargeBinary()),
    sa.bindparam("now", type_=Instant()),
)


class TaskNotFoundError(LookupError):
    """There is no such task, or somebody has done it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A task stands on the list. ``is_new`` is false when the same failure had raised it before."""

    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """A task that nobody has done yet, without its words."""

    id: UUID
    why: Why
    subject: UUID
    raised_at: datetime
    has_words: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedTask:
    """A task with the words it kept, if any: raw, as they came in."""

    task: OpenTask
    words: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A person has seen to the task."""

    task: UUID
    at: datetime


def raise_task(
    session: Session,
    *,
    why: Why,
    subject: UUID,
    dedupe_key: str,
    now: datetime,
    kept: bytes | None = None,
    task: UUID | None = None,
) -> Raised:
    """Put a task on the list, once for each ``dedupe_key``.

    ``kept`` is sealed for table ``task``, column ``kept`` and the row ``task``, so whoever seals
    words chooses the id first.
    """
    raised = session.execute(
        _RAISE,
        {
            "id": task or uuid7(),
            "why": why.value,
            "subject": subject,
            "dedupe_key": dedupe_key,
            "kept": kept,
            "now": now,
        },
    ).first()
    return Raised(is_new=raised is not None)


def raised_among(session: Session, *, dedupe_keys: Sequence[str]) -> frozenset[str]:
    """Those of these keys for which a task was raised, whether or not somebody has done it."""
    found = sa.select(Task.dedupe_key).where(Task.dedupe_key.in_(dedupe_keys))
    return frozenset(session.scalars(found))


def open_among(session: Session, *, subjects: Sequence[UUID]) -> frozenset[UUID]:
    """Those of these subjects about which a task is open."""
    found = sa.select(Task.subject_id).where(Task.subject_id.in_(subjects), Task.done_at.is_(None))
    return frozenset(session.scalars(found))


def list_open(session: Session, *, why: Why | None = None, limit: int = 200) -> list[OpenTask]:
    """The tasks that nobody has done, the oldest first; of one reason if it is named."""
    found = _open_tasks() if why is None else _open_tasks().where(Task.why == why.value)
    rows = session.execute(found.order_by(Task.raised_at, Task.id).limit(limit))
    return [_task(row) for row in rows]


def open_task(session: Session, *, task: UUID, opens: Open) -> OpenedTask:
    """One open task with its words; :class:`TaskNotFoundError` when it is not on the list."""
    row = session.execute(_open_tasks().add_columns(Task.kept).where(Task.id == task)).first()
    if row is None:
        raise TaskNotFoundError
    return OpenedTask(task=_task(row), words=None if row.kept is None else opens(row.id, row.kept))


def done(session: Session, *, task: UUID, by: UUID, now: datetime) -> Done:
    """Take a task off the list in a person's name.

    Of two people who do so at once one gets :class:`TaskNotFoundError`.
    """
    settled = session.execute(
        sa.update(Task)
        .where(Task.id == task, Task.done_at.is_(None))
        .values(done_at=now, done_by=by)
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    ).first()
    if settled is None:
        raise TaskNotFoundError
    return Done(task=task, at=now)


def settle(session: Session, *, why: Why, subject: UUID, by: UUID, now: datetime) -> None:
    """Take what is open about a subject for one reason off the list: it is dealt with."""
    session.execute(
        sa.update(Task)
        .where(Task.why == why.value, Task.subject_id == subject, Task.done_at.is_(None))
        .values(done_at=now, done_by=by)
        .execution_options(synchronize_session=False)
    )


def _open_tasks() -> sa.Select[UUID, str, UUID, datetime, bool]:
    return sa.select(
        Task.id,
        Task.why,
        Task.subject_id,
        Task.raised_at,
        Task.kept.is_not(None).label("has_words"),
    ).where(Task.done_at.is_(None))


def _task(row: sa.Row[UUID, str, UUID, datetime, bool]) -> OpenTask:
    return OpenTask(
        id=row.id,
        why=Why(row.why),
        subject=row.subject_id,
        raised_at=row.raised_at,
        has_words=row.has_words,
    )
