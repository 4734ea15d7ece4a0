"""Draining a lane: effects and end are one, failures come back or reach a person."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline import canary, failpoints, jobs
from helpline.jobs import Errand, Handler, Outside, Study
from helpline.queue import add, claim, finish
from helpline.queue.models import Job, Lane
from helpline.todo import tasks
from helpline.todo.models import Why
from helpline.transaction import after_commit
from helpline.wiring import Adapters
from integrations.mail import MailError
from tests import installation
from tests.clock import Clock
from tests.stores import Stores

SUBJECT = UUID(int=7)


@pytest.fixture
def adapters(stores: Stores, clock: Clock) -> Iterator[Adapters]:
    with installation.installed(stores, clock) as adapters:
        yield adapters


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> dict[str, Handler | Errand | Study]:
    handlers = dict(jobs.HANDLERS)
    monkeypatch.setattr(jobs, "HANDLERS", handlers)
    return handlers


def put(adapters: Adapters, kind: str, *, lane: Lane = Lane.NORMAL) -> None:
    with adapters.transactions.begin() as session:
        add.add(
            session,
            kind=kind,
            subject=SUBJECT,
            lane=lane,
            dedupe_key=kind,
            due_at=adapters.clock(),
            now=adapters.clock(),
        )


def drain(adapters: Adapters, lane: Lane = Lane.NORMAL, limit: int = 1000) -> int:
    return jobs.drain(adapters, lane=lane, owner="worker", limit=limit)


def drain_by_another(adapters: Adapters) -> None:
    jobs.drain(adapters, lane=Lane.NORMAL, owner="other")


def rows(adapters: Adapters) -> list[tuple[str, str | None, int]]:
    with adapters.transactions.reading() as session:
        found = session.execute(sa.select(Job.state, Job.last_error, Job.attempts).order_by(Job.id))
        return [(row.state, row.last_error, row.attempts) for row in found]


def raise_one(session: Session, _adapters: object, subject: UUID, now: datetime) -> None:
    tasks.raise_task(session, why=Why.JOB_GAVE_UP, subject=subject, dedupe_key="effect", now=now)


def open_tasks(adapters: Adapters) -> int:
    with adapters.transactions.reading() as session:
        return len(tasks.list_open(session))


def test_job_is_run_with_its_subject_and_finished(
    adapters: Adapters, handle: dict[str, Handler | Errand | Study]
) -> None:
    handle["kind"] = raise_one
    put(adapters, "kind")
    assert drain(adapters, Lane.URGENT) == 0
    assert drain(adapters) == 1
    assert drain(adapters) == 0
    assert rows(adapters) == [("done", None, 1)]
    assert open_tasks(adapters) == 1


def test_limit_is_kept(adapters: Adapters, handle: dict[str, Handler | Errand | Study]) -> None:
    for number in range(20):
        handle[f"kind{number}"] = lambda *_given: None
        put(adapters, f"kind{number}")
    assert [drain(adapters, limit=11), drain(adapters)] == [11, 9]


def test_effects_of_a_job_that_fails_are_taken_back(
    adapters: Adapters, handle: dict[str, Handler | Errand | Study], clock: Clock
) -> None:
    def fails(session: Session, adapters: Adapters, subject: UUID, now: datetime) -> None:
        raise_one(session, adapters, subject, now)
        raise ValueError("secret words")

    handle["kind"] = fails
    put(adapters, "kind")
    assert drain(adapters) == 1
    assert rows(adapters) == [("ready", "ValueError", 1)]
    assert open_tasks(adapters) == 0
    handle["kind"] = raise_one
    clock.advance(timedelta(minutes=1))
    drain(adapters)
    assert rows(adapters) == [("done", None, 2)]


def test_effects_of_a_process_that_dies_before_the_end_are_taken_back(
    adapters: Adapters,
    handle: dict[str, Handler | Errand | Study],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class KilledError(BaseException):
        """Nothing in the loop may catch this, as nothing survives a kill."""

    def die(point: str) -> None:
        assert point == "job.running"
        raise KilledError

    handle["kind"] = raise_one
    put(adapters, "kind")
    with monkeypatch.context() as patch:
        patch.setattr(failpoints, "reach", die)
        with pytest.raises(KilledError):
            drain(adapters)
    assert rows(adapters) == [("leased", None, 1)]
    assert open_tasks(adapters) == 0
    clock.advance(claim.LEASE)
    assert drain(adapters) == 1
    assert (rows(adapters), open_tasks(adapters)) == ([("done", None, 2)], 1)


def test_holder_that_was_thought_dead_leaves_no_effects(
    adapters: Adapters, handle: dict[str, Handler | Errand | Study]
) -> None:
    def slow(session: Session, adapters: Adapters, subject: UUID, now: datetime) -> None:
        raise_one(session, adapters, subject, now)
        session.execute(sa.update(Job).values(fence=Job.fence + 1))

    handle["kind"] = slow
    put(adapters, "kind")
    drain(adapters)
    assert rows(adapters) == [("leased", None, 1)]
    assert open_tasks(adapters) == 0


def test_job_that_kills_every_process_reaches_a_person(adapters: Adapters, clock: Clock) -> None:
    put(adapters, canary.KIND)
    for _ in range(finish.MAX_ATTEMPTS):
        with adapters.transactions.begin() as session:
            claim.claim(session, lane=Lane.NORMAL, owner="dies", now=clock.now(), limit=1)
        clock.advance(claim.LEASE)
    drain(adapters)
    assert rows(adapters) == [("failed", "LeaseRanOutError", finish.MAX_ATTEMPTS + 1)]
    assert open_tasks(adapters) == 1


def test_kind_without_a_handler_is_kept(adapters: Adapters) -> None:
    put(adapters, "unheard of")
    drain(adapters)
    assert rows(adapters) == [("ready", "UnknownKindError", 1)]


def test_error_that_will_not_pass_reaches_a_person_at_once(
    adapters: Adapters, handle: dict[str, Handler | Errand | Study]
) -> None:
    def refused(*_given: object) -> None:
        raise MailError(can_retry=False)

    handle["kind"] = refused
    put(adapters, "kind")
    drain(adapters)
    assert rows(adapters) == [("failed", "MailError", 1)]
    assert open_tasks(adapters) == 1


@pytest.mark.parametrize("still_needed", [False, True])
def test_errand_goes_out_between_two_transactions(
    adapters: Adapters, handle: dict[str, Handler | Errand | Study], *, still_needed: bool
) -> None:
    told: list[str] = []

    def prepare(
        _session: Session, _adapters: Adapters, _subject: UUID, _now: datetime
    ) -> Outside | None:
        return outside if still_needed else None

    def outside() -> None:
        # Somebody else can write meanwhile: no transaction is open here.
        put(adapters, "other", lane=Lane.BULK)
        told.append("outside")

    def settle(session: Session, adapters: Adapters, subject: UUID, now: datetime) -> None:
        raise_one(session, adapters, subject, now)
        told.append("settled")

    handle["kind"] = Errand(prepare=prepare, settle=settle)
    put(adapters, "kind")
    drain(adapters)
    assert told == (["outside", "settled"] if still_needed else [])
    assert rows(adapters)[0] == ("done", None, 1)
    assert open_tasks(adapters) == int(still_needed)


def test_lease_is_renewed_for_a_job_that_had_to_wait(
    adapters: Adapters, handle: dict[str, Handler | Errand | Study], clock: Clock
) -> None:
    def slow(*_given: object) -> None:
        clock.advance(timedelta(seconds=20))
        with adapters.transactions.reading() as session:
            taken = session.scalars(sa.select(Job.leased_until).where(Job.kind == "second")).all()
        if taken and taken[0] is not None:
            assert taken[0] > clock.now()

    handle["first"] = handle["second"] = handle["third"] = slow
    for kind in ("first", "second", "third"):
        put(adapters, kind)
    drain(adapters)
    assert rows(adapters) == [("done", None, 1)] * 3


def test_errand_of_a_process_that_stood_still_goes_out_once(
    adapters: Adapters, handle: dict[str, Handler | Errand | Study], clock: Clock
) -> None:
    told: list[str] = []

    def prepare(session: Session, *_given: object) -> Outside:
        if told:
            return lambda: told.append("by the other")
        told.append("prepared")
        clock.advance(claim.LEASE + timedelta(seconds=1))
        after_commit(session, partial(drain_by_another, adapters))
        return lambda: told.append("by whoever woke up")

    handle["kind"] = Errand(prepare=prepare)
    put(adapters, "kind")
    drain(adapters)
    assert told == ["prepared", "by the other"]
    assert rows(adapters) == [("done", None, 2)]


def test_canary_shows_that_each_lane_is_alive(adapters: Adapters, clock: Clock) -> None:
    for _ in range(2):
        with adapters.transactions.begin() as session:
            canary.sing(session, now=clock.now())
    assert rows(adapters) == [("ready", None, 0)] * len(Lane)
    assert drain(adapters, Lane.URGENT) == 1
    with adapters.transactions.reading() as session:
        assert canary.last_heard(session, lane=Lane.URGENT) == clock.now()
        assert canary.last_heard(session, lane=Lane.BULK) is None


def test_studies_that_found_nothing_end_together_in_one_transaction(
    adapters: Adapters,
    handle: dict[str, Handler | Errand | Study],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for kind in ("one", "two", "three"):
        handle[kind] = Study(lambda *_given: None)
        put(adapters, kind)
    opened: list[str] = []
    begin = adapters.transactions.begin

    def counted() -> AbstractContextManager[Session]:
        opened.append("transaction")
        return begin()

    monkeypatch.setattr(adapters.transactions, "begin", counted)
    assert drain(adapters) == 3
    assert [state for state, _, _ in rows(adapters)] == ["done"] * 3
    assert len(opened) == 2  # one that claims, one that ends them all


def test_a_study_that_fails_comes_back_and_one_that_finds_something_writes_it(
    adapters: Adapters, handle: dict[str, Handler | Errand | Study]
) -> None:
    def fail(*_given: object) -> None:
        raise LookupError

    handle["quiet"] = Study(lambda *_given: None)
    handle["fails"] = Study(fail)
    handle["finds"] = Study(lambda *_given: raise_one)
    for kind in ("quiet", "fails", "finds"):
        put(adapters, kind)
    drain(adapters)
    assert [(state, error) for state, error, _ in rows(adapters)] == [
        ("done", None),
        ("ready", "LookupError"),
        ("done", None),
    ]
    assert open_tasks(adapters) == 1
