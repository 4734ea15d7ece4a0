"""What each kind of job does, and the loop that does it.

A job's effects and its end are one transaction: whoever kills the process in between gets both or
neither. Other people's systems are never called inside it, because in the embedded default every
child's message would wait for their answer; such a job is an :class:`Errand`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from helpline import (
    calling,
    canary,
    check_ins,
    climbing,
    failpoints,
    intake,
    outbox,
    paging,
    reading,
    texting,
)
from helpline.errands import Onward
from helpline.queue import claim, finish, renew
from helpline.queue.claim import Claimed
from helpline.queue.finish import StaleLeaseError
from helpline.queue.models import Lane
from integrations import sentry

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()

# Few, because they are worked through one by one and a killed process delays all it holds.
CLAIMED_AT_ONCE = 8
# A job starts with at least this much of its lease left; otherwise the lease is renewed first.
ENOUGH_LEASE = timedelta(seconds=20)

Handler = Callable[[Session, "Adapters", UUID, datetime], None]
# What is done outside. It may bring back how to write down what became of it, or another step.
Outside = Callable[[], Handler | Onward | None]


def _nothing(session: Session, adapters: "Adapters", subject: UUID, now: datetime) -> None:
    del session, adapters, subject, now


@dataclass(frozen=True)
class Errand:
    """A job that goes outside: to a mail server, a provider.

    ``prepare`` runs in a transaction of its own and says what to do outside, or None when there is
    nothing to do any more; that then runs without any transaction and must be over well within
    the lease, or bring back another step, before which the lease is renewed. ``settle`` writes
    down that it was done, in the transaction that ends the job, unless the outside brought its own
    way to do so. ``most_attempts`` is how often it is tried.
    """

    prepare: Callable[[Session, "Adapters", UUID, datetime], Outside | None]
    settle: Handler = _nothing
    most_attempts: int = finish.MAX_ATTEMPTS


@dataclass(frozen=True)
class Study:
    """A job that reads much and seldom writes anything.

    ``read`` has a session that only reads, and says what is to be written in the transaction that
    ends the job, or None. In the embedded default every child's message waits while a transaction
    is open, and none while somebody reads.
    """

    read: Callable[[Session, "Adapters", UUID, datetime], Handler | None]


HANDLERS: dict[str, Handler | Errand | Study] = {
    canary.KIND: canary.heard,
    intake.READ_TOGETHER: Study(reading.read_together),
    texting.ANSWER_TEXT: texting.answer,
    texting.SEND_TEXT: Errand(outbox.prepare, most_attempts=outbox.JOB_ATTEMPTS),
    calling.START_CALL: Errand(calling.prepare),
    paging.PAGE_TEXT: Errand(paging.prepare, most_attempts=paging.JOB_ATTEMPTS),
    paging.PAGE_CALL: Errand(paging.prepare, most_attempts=paging.JOB_ATTEMPTS),
    climbing.MAIL_PAGE: Errand(climbing.address_of_page, climbing.page_is_mailed),
    check_ins.MAIL_CHECK_IN: Errand(check_ins.prepare_mail),
    climbing.MAIL_OUTSIDE: Errand(climbing.address_outside, climbing.outside_is_told),
}


class UnknownKindError(LookupError):
    """No handler exists for this kind of job."""


class LeaseRanOutError(RuntimeError):
    """Every process that tried this job ended before the job did."""


def drain(adapters: "Adapters", *, lane: Lane, owner: str, limit: int = 1000) -> int:
    """Do the jobs of a lane that are due, one after another; say how many were tried."""
    tried = 0
    while tried < limit:
        claimed = _claim(adapters, lane, owner, min(CLAIMED_AT_ONCE, limit - tried))
        if not claimed:
            break
        read = _finish_what_writes_nothing(adapters, claimed)
        for job in claimed:
            if job.id not in read:
                _try(adapters, job)
        tried += len(claimed)
    return tried


def _finish_what_writes_nothing(adapters: "Adapters", claimed: list[Claimed]) -> set[UUID]:
    """End the studies that found nothing to write, in one transaction; say which they were.

    They are most of what a busy night has, and the others are tried one by one as ever.
    """
    read = [job for job in claimed if _writes_nothing(adapters, job)]
    if not read:
        return set()
    try:
        with adapters.transactions.begin() as session:
            for job in read:
                failpoints.reach("job.running")
                finish.finish(session, job=job.id, fence=job.fence, now=adapters.clock())
    except Exception as problem:  # noqa: BLE001 - each is tried alone, and what failed is found
        log.info("jobs.not_finished_together", error=type(problem).__name__)
        return set()
    return {job.id for job in read}


def _writes_nothing(adapters: "Adapters", job: Claimed) -> bool:
    study = HANDLERS.get(job.kind)
    if not isinstance(study, Study) or job.attempts > finish.MAX_ATTEMPTS:
        return False
    try:
        with adapters.transactions.reading() as session:
            return study.read(session, adapters, job.subject, adapters.clock()) is None
    except Exception as problem:  # noqa: BLE001 - it is tried once more alone, and fails there
        log.info("job.not_read", job=job.id, kind=job.kind, error=type(problem).__name__)
        return False


def _claim(adapters: "Adapters", lane: Lane, owner: str, limit: int) -> list[Claimed]:
    now = adapters.clock()
    with adapters.transactions.reading() as session:
        if not claim.is_any_due(session, lane=lane, now=now):
            return []
    with adapters.transactions.begin() as session:
        return claim.claim(session, lane=lane, owner=owner, now=now, limit=limit)


def _try(adapters: "Adapters", job: Claimed) -> None:
    try:
        _run(adapters, job)
    except StaleLeaseError:
        log.warning("job.taken_over", job=job.id, kind=job.kind)
    except Exception as problem:  # noqa: BLE001 - whatever it was, the job is kept for later
        log.warning("job.failed", job=job.id, kind=job.kind, error=type(problem).__name__)
        sentry.report(problem)
        _put_back(adapters, job, problem)


def _run(adapters: "Adapters", job: Claimed) -> None:
    handler = HANDLERS.get(job.kind)
    if job.attempts > _most_attempts(job.kind):
        raise LeaseRanOutError
    if handler is None:
        raise UnknownKindError
    now = adapters.clock()
    job = _held(adapters, job, now)
    if isinstance(handler, Study):
        with adapters.transactions.reading() as session:
            handler = handler.read(session, adapters, job.subject, now) or _nothing
    if isinstance(handler, Errand):
        with adapters.transactions.begin() as session:
            outside = handler.prepare(session, adapters, job.subject, now)
        handler = (
            _nothing if outside is None else _done_outside(adapters, job, outside) or handler.settle
        )
    with adapters.transactions.begin() as session:
        handler(session, adapters, job.subject, now)
        failpoints.reach("job.running")
        finish.finish(session, job=job.id, fence=job.fence, now=adapters.clock())


def _held(adapters: "Adapters", job: Claimed, now: datetime) -> Claimed:
    """The job with enough of its lease left; StaleLeaseError when another worker has it."""
    if job.until - now >= ENOUGH_LEASE:
        return job
    with adapters.transactions.begin() as session:
        return renew.renew(session, job=job, now=now)


def _done_outside(adapters: "Adapters", job: Claimed, outside: Outside) -> Handler | None:
    # A process that was stopped since it prepared wakes up here, and another has sent it by now.
    job = _held(adapters, job, adapters.clock())
    brought = outside()
    while isinstance(brought, Onward):
        # One request has time-outs well within a lease, and a second one after it has not.
        with adapters.transactions.begin() as session:
            renew.renew(session, job=job, now=adapters.clock())
        brought = brought.step()
    return brought


def _most_attempts(kind: str) -> int:
    handler = HANDLERS.get(kind)
    return handler.most_attempts if isinstance(handler, Errand) else finish.MAX_ATTEMPTS


def _put_back(adapters: "Adapters", job: Claimed, problem: Exception) -> None:
    try:
        with adapters.transactions.begin() as session:
            finish.fail(
                session,
                job=job.id,
                fence=job.fence,
                error_code=type(problem).__name__,
                now=adapters.clock(),
                rng=random.SystemRandom(),
                # Errors of integrations say so themselves; all others may pass.
                can_retry=getattr(problem, "can_retry", True),
                most_attempts=_most_attempts(job.kind),
            )
    except StaleLeaseError:
        log.warning("job.taken_over", job=job.id, kind=job.kind)
