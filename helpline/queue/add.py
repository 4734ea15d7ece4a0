"""Writing down a piece of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline.queue.models import Lane
from integrations.database import Instant

# The same words do on both engines. DO UPDATE holds the ready job until this transaction ends:
# see statements_postgresql.py.
_ADD = sa.text(
    """
    INSERT INTO job (
        id, lane, kind, subject_id, dedupe_key, state, due_at, attempts, fence, made_at
    )
    VALUES (:id, :lane, :kind, :subject, :dedupe_key, 'ready', :due_at, 0, 0, :now)
    ON CONFLICT (dedupe_key) WHERE state = 'ready'
    DO UPDATE SET due_at = excluded.due_at WHERE job.due_at > excluded.due_at
    """
).bindparams(
    sa.bindparam("id", type_=sa.Uuid()),
    sa.bindparam("subject", type_=sa.Uuid()),
    sa.bindparam("due_at", type_=Instant()),
    sa.bindparam("now", type_=Instant()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A piece of work that is about to be written down. Ids only, never words."""

    id: UUID
    lane: Lane
    kind: str
    subject: UUID
    dedupe_key: str
    due_at: datetime


class Statements(Protocol):
    """What each engine is told in its own words: see helpline/queue/statements.py."""

    def add_batch(self, connection: Any, jobs: Sequence[NewJob], *, now: datetime) -> None:
        """Write jobs on the driver's own connection, as :func:`add` does one by one.

        It executes and never fetches, so that it may be part of a pipeline.
        """


def add(
    session: Session,
    *,
    kind: str,
    subject: UUID,
    lane: Lane,
    dedupe_key: str,
    due_at: datetime,
    now: datetime,
) -> None:
    """Write a job in the caller's transaction.

    While a job with the same ``dedupe_key`` is ready there is no second one; the one that waits is
    brought forward when ``due_at`` is earlier. A job that runs at this moment is no longer ready,
    so what is added now is looked at again.
    """
    session.execute(
        _ADD,
        {
            "id": uuid7(),
            "lane": lane.value,
            "kind": kind,
            "subject": subject,
            "dedupe_key": dedupe_key,
            "due_at": due_at,
            "now": now,
        },
    )


def one_each(jobs: Sequence[NewJob]) -> list[NewJob]:
    """The earliest job for each dedupe key, in the order of the keys.

    One statement may not touch a row twice, and two batches that lock rows in the same order
    cannot wait for each other for ever.
    """
    earliest: dict[str, NewJob] = {}
    for job in jobs:
        known = earliest.get(job.dedupe_key)
        if known is None or job.due_at < known.due_at:
            earliest[job.dedupe_key] = job
    return [earliest[key] for key in sorted(earliest)]
