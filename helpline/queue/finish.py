"""The end of a job: done, tried again later, or handed to a person."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpline.queue.models import Job, JobState
from helpline.todo import tasks
from helpline.todo.models import Why

# Ten tries, backing off, take about half an hour: longer than a restart or a lost network lasts,
# and soon enough for a person to do by hand what software could not.
MAX_ATTEMPTS = 10
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)
ERROR_CODE_LENGTH = 64


class StaleLeaseError(RuntimeError):
    """Another holder has this job now. Roll back everything that was done for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """What becomes of a job that failed. ``due_at`` is set when it is tried again."""

    became: Literal["ready", "merged", "task"]
    due_at: datetime | None = None


def finish(session: Session, *, job: UUID, fence: int, now: datetime) -> None:
    """Mark a job done, in the transaction of its effects.

    Raises :class:`StaleLeaseError` when another holder took it over.
    """
    _settle(session, job=job, fence=fence, state=JobState.DONE, finished_at=now, last_error=None)


def fail(
    session: Session,
    *,
    job: UUID,
    fence: int,
    error_code: str,
    now: datetime,
    rng: random.Random,
    can_retry: bool = True,
    most_attempts: int = MAX_ATTEMPTS,
) -> Failed:
    """Put a job back for later, or make it a person's task.

    It becomes one when it was tried too often, or at once when trying again cannot help.

    ``error_code`` names a kind of error, never its words. When a newer job with the same dedupe
    key is ready, this one is merged into it. Raises :class:`StaleLeaseError` like :func:`finish`.
    """
    error_code = error_code[:ERROR_CODE_LENGTH]
    held = session.execute(
        sa.select(Job.attempts, Job.dedupe_key)
        .where(Job.id == job, Job.fence == fence, Job.state == JobState.LEASED.value)
        .with_for_update()
    ).first()
    if held is None:
        raise StaleLeaseError
    if held.attempts >= most_attempts or not can_retry:
        _settle(
            session,
            job=job,
            fence=fence,
            state=JobState.FAILED,
            finished_at=now,
            last_error=error_code,
        )
        tasks.raise_task(
            session, why=Why.JOB_GAVE_UP, subject=job, dedupe_key=f"job:{job}", now=now
        )
        return Failed(became="task")
    due_at = now + pause(attempts=held.attempts, rng=rng)
    try:
        with session.begin_nested():
            _settle(
                session,
                job=job,
                fence=fence,
                state=JobState.READY,
                due_at=due_at,
                last_error=error_code,
            )
    except IntegrityError:
        _merge(session, job, fence, held.dedupe_key, held.attempts, error_code, now)
        return Failed(became="merged")
    return Failed(became="ready", due_at=due_at)


def pause(*, attempts: int, rng: random.Random) -> timedelta:
    """How long to wait after a number of attempts: doubling from 5 s up to 15 min, with jitter.

    The jitter takes away up to half, so that jobs that failed together do not return together.
    """
    doubled = FIRST_PAUSE * (1 << min(max(attempts - 1, 0), 16))
    longest = min(doubled, LONGEST_PAUSE)
    return max(longest * rng.uniform(0.5, 1.0), FIRST_PAUSE)


def _merge(
    session: Session,
    job: UUID,
    fence: int,
    dedupe_key: str,
    attempts: int,
    error_code: str,
    now: datetime,
) -> None:
    # The attempts go over to the job that stays: work that always fails must reach a person, even
    # when something new keeps asking for it.
    session.execute(
        sa.update(Job)
        .where(
            Job.dedupe_key == dedupe_key,
            Job.state == JobState.READY.value,
            Job.attempts < attempts,
        )
        .values(attempts=attempts)
        .execution_options(synchronize_session=False)
    )
    _settle(
        session,
        job=job,
        fence=fence,
        state=JobState.DONE,
        finished_at=now,
        last_error=error_code,
    )


def _settle(
    session: Session, *, job: UUID, fence: int, state: JobState, **values: datetime | str | None
) -> None:
    settled = session.execute(
        sa.update(Job)
        .where(Job.id == job, Job.fence == fence, Job.state == JobState.LEASED.value)
        .values(state=state.value, leased_by=None, leased_until=None, **values)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).first()
    if settled is None:
        raise StaleLeaseError
