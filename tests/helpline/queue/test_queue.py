"""The queue on both engines: what is added, claimed, finished, failed and led."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline.queue import add, claim, finish, lease, renew, statements, tidy
from helpline.queue.add import NewJob
from helpline.queue.claim import Claimed
from helpline.queue.finish import StaleLeaseError
from helpline.queue.models import Job, JobState, Lane
from helpline.todo import tasks
from helpline.todo.models import Why
from helpline.transaction import Transactions
from integrations import database
from tests.clock import Clock
from tests.stores import Stores

RNG = random.Random(1)  # noqa: S311 - it spreads retries and guards nothing
LONG = timedelta(hours=1)


@pytest.fixture
def transactions(stores: Stores) -> Iterator[Transactions]:
    store = database.connect(stores.database_url)
    yield Transactions(store)
    store.dispose()


def put(
    transactions: Transactions, clock: Clock, key: str = "one", *, lane: Lane = Lane.NORMAL
) -> None:
    with transactions.begin() as session:
        add.add(
            session,
            kind="kind",
            subject=UUID(int=7),
            lane=lane,
            dedupe_key=key,
            due_at=clock.now(),
            now=clock.now(),
        )


def take(
    transactions: Transactions, clock: Clock, *, lane: Lane = Lane.NORMAL, limit: int = 10
) -> list[Claimed]:
    with transactions.begin() as session:
        return claim.claim(session, lane=lane, owner="worker", now=clock.now(), limit=limit)


def rows(transactions: Transactions) -> list[Job]:
    with transactions.reading() as session:
        return list(session.scalars(sa.select(Job).order_by(Job.id)))


def states(transactions: Transactions) -> list[str]:
    return [job.state for job in rows(transactions)]


def fail(transactions: Transactions, clock: Clock, job: Claimed) -> finish.Failed:
    with transactions.begin() as session:
        return finish.fail(
            session,
            job=job.id,
            fence=job.fence,
            error_code="OSError",
            now=clock.now(),
            rng=RNG,
        )


def done(transactions: Transactions, clock: Clock, job: Claimed) -> None:
    with transactions.begin() as session:
        finish.finish(session, job=job.id, fence=job.fence, now=clock.now())


def batch(transactions: Transactions, clock: Clock, *jobs: NewJob) -> None:
    store = transactions.store
    add_batch = statements.statements_for(store.engine_name).add_batch
    borrowed = store.write.raw_connection()
    connection: Any = borrowed.driver_connection
    if store.engine_name == "sqlite":
        connection.execute("BEGIN IMMEDIATE")
        add_batch(connection, jobs, now=clock.now())
    else:
        with connection.pipeline():
            add_batch(connection, jobs, now=clock.now())
    connection.commit()
    borrowed.close()


def new(clock: Clock, key: str, *, due_in: timedelta = timedelta()) -> NewJob:
    return NewJob(
        id=uuid7(),
        lane=Lane.NORMAL,
        kind="kind",
        subject=UUID(int=7),
        dedupe_key=key,
        due_at=clock.now() + due_in,
    )


def test_job_is_claimed_once_and_finished(transactions: Transactions, clock: Clock) -> None:
    put(transactions, clock)
    [job] = take(transactions, clock)
    assert (job.kind, job.subject, job.attempts, job.fence) == ("kind", UUID(int=7), 1, 1)
    assert job.until == clock.now() + timedelta(seconds=30)
    assert take(transactions, clock) == []
    done(transactions, clock, job)
    [row] = rows(transactions)
    assert row.state == JobState.DONE
    assert row.finished_at == clock.now()
    assert row.leased_by is None


def test_lanes_and_times_and_limit_decide_what_is_claimed(
    transactions: Transactions, clock: Clock
) -> None:
    put(transactions, clock, "urgent", lane=Lane.URGENT)
    put(transactions, clock, "first")
    clock.advance(timedelta(seconds=1))
    put(transactions, clock, "second")
    batch(transactions, clock, new(clock, "later", due_in=LONG))
    claimed = [take(transactions, clock, limit=1), take(transactions, clock)]
    keys = {row.id: row.dedupe_key for row in rows(transactions)}
    assert [[keys[job.id] for job in each] for each in claimed] == [["first"], ["second"]]


def test_ready_job_is_not_doubled_but_brought_forward(
    transactions: Transactions, clock: Clock
) -> None:
    batch(transactions, clock, new(clock, "one", due_in=LONG))
    put(transactions, clock)
    [row] = rows(transactions)
    assert row.due_at == clock.now()
    clock.advance(LONG)
    put(transactions, clock)
    [row] = rows(transactions)
    assert row.due_at == clock.now() - LONG


def test_batch_keeps_the_earliest_of_each_key(transactions: Transactions, clock: Clock) -> None:
    put(transactions, clock, "old")
    batch(
        transactions,
        clock,
        new(clock, "b", due_in=LONG),
        new(clock, "a"),
        new(clock, "b"),
        new(clock, "old", due_in=LONG),
    )
    found = {row.dedupe_key: (row.due_at, row.state, row.attempts) for row in rows(transactions)}
    assert found == {key: (clock.now(), "ready", 0) for key in ("old", "a", "b")}
    batch(transactions, clock)
    assert len(take(transactions, clock)) == 3


def test_work_added_while_a_job_runs_is_done_again(
    transactions: Transactions, clock: Clock
) -> None:
    put(transactions, clock)
    [first] = take(transactions, clock)
    put(transactions, clock)
    [second] = take(transactions, clock)
    assert second.id != first.id


def test_lease_that_ran_out_is_taken_over_and_the_old_holder_refused(
    transactions: Transactions, clock: Clock
) -> None:
    put(transactions, clock)
    [old] = take(transactions, clock)
    clock.advance(timedelta(seconds=29))
    assert take(transactions, clock) == []
    clock.advance(timedelta(seconds=1))
    [new_holder] = take(transactions, clock)
    assert (new_holder.id, new_holder.fence, new_holder.attempts) == (old.id, 2, 2)
    with pytest.raises(StaleLeaseError):
        done(transactions, clock, old)
    with pytest.raises(StaleLeaseError):
        fail(transactions, clock, old)
    with pytest.raises(StaleLeaseError), transactions.begin() as session:
        renew.renew(session, job=old, now=clock.now())
    done(transactions, clock, new_holder)


def test_stale_finish_takes_the_effects_back(transactions: Transactions, clock: Clock) -> None:
    put(transactions, clock)
    [old] = take(transactions, clock)
    clock.advance(timedelta(seconds=31))
    take(transactions, clock)

    def work(session: Session) -> None:
        tasks.raise_task(
            session,
            why=Why.JOB_GAVE_UP,
            subject=old.id,
            dedupe_key="effect",
            now=clock.now(),
        )
        finish.finish(session, job=old.id, fence=old.fence, now=clock.now())

    with pytest.raises(StaleLeaseError), transactions.begin() as session:
        work(session)
    with transactions.reading() as session:
        assert tasks.list_open(session) == []


def test_renewed_lease_is_not_taken_over(transactions: Transactions, clock: Clock) -> None:
    put(transactions, clock)
    [job] = take(transactions, clock)
    clock.advance(timedelta(seconds=20))
    with transactions.begin() as session:
        renewed = renew.renew(session, job=job, now=clock.now())
    assert renewed.until == clock.now() + timedelta(seconds=30)
    clock.advance(timedelta(seconds=20))
    assert take(transactions, clock) == []
    done(transactions, clock, renewed)


def test_failed_job_comes_back_after_a_pause(transactions: Transactions, clock: Clock) -> None:
    put(transactions, clock)
    [job] = take(transactions, clock)
    failed = fail(transactions, clock, job)
    assert failed.became == "ready"
    assert failed.due_at == clock.now() + timedelta(seconds=5)
    assert take(transactions, clock) == []
    clock.advance(timedelta(seconds=5))
    [again] = take(transactions, clock)
    assert (again.id, again.attempts, again.fence) == (job.id, 2, 2)
    assert rows(transactions)[0].last_error == "OSError"


@pytest.mark.parametrize("attempts", range(1, 40))
def test_pauses_grow_and_stay_within_bounds(attempts: int) -> None:
    rng = random.Random(attempts)  # noqa: S311 - as above
    pause = finish.pause(attempts=attempts, rng=rng)
    longest = min(5 * 2 ** (attempts - 1), 900)
    assert max(5.0, longest / 2) <= pause.total_seconds() <= longest


def test_job_that_always_fails_becomes_one_task_of_a_person(
    transactions: Transactions, clock: Clock
) -> None:
    put(transactions, clock)
    for _ in range(finish.MAX_ATTEMPTS - 1):
        [job] = take(transactions, clock)
        assert fail(transactions, clock, job).became == "ready"
        clock.advance(LONG)
    [job] = take(transactions, clock)
    assert fail(transactions, clock, job).became == "task"
    clock.advance(LONG)
    assert take(transactions, clock) == []
    assert states(transactions) == ["failed"]
    with transactions.reading() as session:
        [task] = tasks.list_open(session)
    assert (task.why, task.subject) == (Why.JOB_GAVE_UP, job.id)


def test_failed_job_merges_into_the_newer_one_that_is_ready(
    transactions: Transactions, clock: Clock
) -> None:
    put(transactions, clock)
    for _ in range(3):
        [old] = take(transactions, clock)
        clock.advance(LONG)
    put(transactions, clock)
    assert fail(transactions, clock, old).became == "merged"
    assert states(transactions) == ["done", "ready"]
    [newer] = take(transactions, clock)
    # Three tries before and this one: work that always fails reaches a person all the same.
    assert (newer.id != old.id, newer.attempts) == (True, 4)


def test_one_leads_until_its_time_is_over(transactions: Transactions, clock: Clock) -> None:
    def leads(holder: str) -> bool:
        with transactions.begin() as session:
            return lease.lead(
                session,
                name="sweep",
                holder=holder,
                now=clock.now(),
                for_=timedelta(seconds=10),
            )

    assert [leads("a"), leads("b"), leads("a")] == [True, False, True]
    clock.advance(timedelta(seconds=9))
    assert leads("a")
    clock.advance(timedelta(seconds=9))
    assert not leads("b")
    clock.advance(timedelta(seconds=1))
    assert [leads("b"), leads("a")] == [True, False]
    with transactions.reading() as session:
        assert lease.beaten_at(session, name="sweep") == clock.now()
        assert lease.beaten_at(session, name="other") is None


def test_old_jobs_are_removed_and_failed_ones_kept(
    transactions: Transactions, clock: Clock
) -> None:
    with transactions.begin() as session:
        for number, state in enumerate(("done", "failed", "ready", "done")):
            milliseconds = int((clock.now() - timedelta(days=number)).timestamp() * 1000)
            session.add(
                Job(
                    id=UUID(int=milliseconds << 80),
                    lane="normal",
                    kind="kind",
                    subject_id=UUID(int=1),
                    dedupe_key=str(number),
                    state=state,
                    due_at=clock.now(),
                    made_at=clock.now(),
                )
            )
    clock.advance(tidy.KEPT_FOR - timedelta(hours=1))
    with transactions.begin() as session:
        assert tidy.tidy(session, now=clock.now()) == 1
    assert sorted(states(transactions)) == ["done", "failed", "ready"]


def test_looking_for_due_jobs_uses_the_partial_index(
    transactions: Transactions, clock: Clock
) -> None:
    put(transactions, clock)
    with transactions.reading() as session:
        assert claim.is_any_due(session, lane=Lane.NORMAL, now=clock.now())
        assert not claim.is_any_due(session, lane=Lane.URGENT, now=clock.now())
    seen: list[str] = []
    with transactions.store.write.connect() as connection:

        @sa.event.listens_for(connection, "before_cursor_execute", retval=True)
        def explain(
            _connection: object,
            _cursor: object,
            statement: str,
            parameters: object,
            _context: object,
            _many: bool,  # noqa: FBT001 - the library's signature
        ) -> tuple[str, object]:
            if "job" in statement:
                is_sqlite = transactions.store.engine_name == "sqlite"
                statement = ("EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN ") + statement
            return statement, parameters

        if transactions.store.engine_name == "postgresql":
            connection.execute(sa.text("SET enable_seqscan = off"))
        found = connection.execute(claim._ANY_DUE, {"in_lane": "normal", "now": clock.now()}).cursor
        assert found is not None
        seen = [str(row) for row in found.fetchall()]
    assert "ix_job_due" in " ".join(seen)
