"""Two transactions at once, which only PostgreSQL allows: nothing is run twice or left unread."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline.queue import add, claim, statements_postgresql
from helpline.queue.add import NewJob
from helpline.queue.models import Lane
from integrations import database
from integrations.database import Store
from tests.clock import Clock
from tests.stores import PostgresTemplate


@pytest.fixture
def store(_postgresql_template: PostgresTemplate) -> Iterator[Store]:
    with _postgresql_template.fresh() as fresh:
        store = database.connect(fresh.database_url)
        yield store
        store.dispose()


def put(session: Session, clock: Clock, key: str) -> None:
    add.add(
        session,
        kind="kind",
        subject=UUID(int=1),
        lane=Lane.NORMAL,
        dedupe_key=key,
        due_at=clock.now(),
        now=clock.now(),
    )


def take(session: Session, clock: Clock, *, limit: int = 10) -> list[UUID]:
    claimed = claim.claim(session, lane=Lane.NORMAL, owner="w", now=clock.now(), limit=limit)
    return [job.id for job in claimed]


def test_two_workers_at_once_claim_different_jobs(store: Store, clock: Clock) -> None:
    with Session(store.write) as session, session.begin():
        for key in ("a", "b", "c"):
            put(session, clock, key)
    with Session(store.write) as first, Session(store.write) as second:
        one = take(first, clock, limit=2)
        other = take(second, clock, limit=2)
        first.commit()
        second.commit()
    assert (len(one), len(other), len({*one, *other})) == (2, 1, 3)


@pytest.mark.parametrize("in_batch", [False, True])
def test_ready_job_waits_for_the_message_that_is_being_written(
    store: Store, clock: Clock, *, in_batch: bool
) -> None:
    # Were the job claimed now, its handler could not see the message, and nothing would be left
    # to look at it once it is there.
    with Session(store.write) as session, session.begin():
        put(session, clock, "one")
    with Session(store.write) as intake, Session(store.write) as worker:
        if in_batch:
            job = NewJob(
                id=uuid7(),
                lane=Lane.NORMAL,
                kind="kind",
                subject=UUID(int=1),
                dedupe_key="one",
                due_at=clock.now(),
            )
            connection = intake.connection().connection.driver_connection
            statements_postgresql.add_batch(connection, [job], now=clock.now())
        else:
            put(intake, clock, "one")
        assert take(worker, clock) == []
        worker.rollback()
        intake.commit()
        assert len(take(worker, clock)) == 1
        worker.commit()
