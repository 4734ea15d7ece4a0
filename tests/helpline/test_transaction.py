"""The only commit: all or nothing, effects afterwards or never, one process at a time."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline import migrating, wiring
from helpline.audit.models import AuditEntry
from helpline.audit.record import SOFTWARE
from helpline.settings import Settings
from helpline.transaction import (
    AlreadyRunningError,
    NestedTransactionError,
    after_commit,
    hold_alone,
)
from tests import installation, servers
from tests import stores as stores_of_tests
from tests.clock import Clock
from tests.helpline import house as houses
from tests.helpline.house import House
from tests.stores import Stores

HOLDS = """
import sys, time
from helpline.settings import Settings
from helpline.settings import Settings
from helpline.transaction import hold_alone
settings = Settings(sys.argv[1], "", None, "http://localhost:1", "http://localhost:2", b"")
with hold_alone(settings):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module", params=stores_of_tests.ENGINES)
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with houses.opened(request, request.param) as house:
        yield house


@pytest.fixture
def files(tmp_path: Path) -> Settings:
    """An embedded installation of which nothing is there yet."""
    return installation.settings_for(
        Stores(
            database_url=f"sqlite:///{tmp_path / 'data.db'}",
            keystore_url=f"sqlite:///{tmp_path / 'keys.db'}",
        )
    )


@pytest.fixture
def subject() -> UUID:
    return uuid4()


def write(session: Session, house: House, subject: UUID) -> None:
    house.adapters.audit.record(
        session, actor=SOFTWARE, action="tried", subject=subject, now=house.clock.now()
    )


def is_kept(house: House, subject: UUID) -> bool:
    with house.adapters.transactions.reading() as session:
        return (
            session.scalar(sa.select(AuditEntry.id).where(AuditEntry.subject_id == subject))
            is not None
        )


def test_effects_run_in_order_once_everything_is_on_disk(house: House, subject: UUID) -> None:
    seen: list[tuple[int, bool]] = []
    with house.adapters.transactions.begin() as session:
        after_commit(session, lambda: seen.append((1, is_kept(house, subject))))
        after_commit(session, lambda: seen.append((2, is_kept(house, subject))))
        write(session, house, subject)
        assert seen == []
    assert seen == [(1, True), (2, True)]


def test_a_rollback_keeps_nothing_and_drops_the_effects(house: House, subject: UUID) -> None:
    seen: list[int] = []
    with pytest.raises(LookupError):
        _fail(house, subject, seen, LookupError())
    assert not is_kept(house, subject)
    assert seen == []


@pytest.mark.parametrize("ended", [SystemExit(), KeyboardInterrupt(), GeneratorExit()])
def test_whatever_ends_the_block_rolls_back(
    house: House, subject: UUID, ended: BaseException
) -> None:
    seen: list[int] = []
    with pytest.raises(type(ended)):
        _fail(house, subject, seen, ended)
    assert not is_kept(house, subject)
    assert seen == []


def _fail(house: House, subject: UUID, seen: list[int], problem: BaseException) -> None:
    with house.adapters.transactions.begin() as session:
        write(session, house, subject)
        session.flush()
        after_commit(session, lambda: seen.append(1))
        raise problem


def test_a_commit_that_fails_drops_the_effects(house: House, subject: UUID) -> None:
    seen: list[int] = []
    twice = AuditEntry(
        id=uuid4(),
        at=house.clock.now(),
        actor_kind="software",
        action="tried",
        subject_id=subject,
        mac=b"",
    )
    with house.adapters.transactions.begin() as session:
        session.add(twice)
    with pytest.raises(sa.exc.IntegrityError):
        _add_again(house, twice.id, subject, seen)
    assert seen == []


def _add_again(house: House, entry: UUID, subject: UUID, seen: list[int]) -> None:
    with house.adapters.transactions.begin() as session:
        after_commit(session, lambda: seen.append(1))
        session.add(
            AuditEntry(
                id=entry,
                at=house.clock.now(),
                actor_kind="software",
                action="tried",
                subject_id=subject,
                mac=b"",
            )
        )


def test_an_effect_that_fails_is_no_error_and_the_next_one_runs(
    house: House, subject: UUID
) -> None:
    seen: list[int] = []

    def fails() -> None:
        raise ConnectionError

    with house.adapters.transactions.begin() as session:
        write(session, house, subject)
        after_commit(session, fails)
        after_commit(session, lambda: seen.append(2))
    assert is_kept(house, subject)
    assert seen == [2]


def test_an_effect_may_begin_a_transaction_of_its_own(house: House, subject: UUID) -> None:
    def writes() -> None:
        with house.adapters.transactions.begin() as inner:
            write(inner, house, subject)

    with house.adapters.transactions.begin() as session:
        after_commit(session, writes)
    assert is_kept(house, subject)


def test_a_transaction_inside_another_is_refused_and_costs_the_outer_one_nothing(
    files: Settings, subject: UUID, clock: Clock
) -> None:
    migrating.upgrade(files.database_url, files.keystore_url)
    adapters = wiring.build(files, bell=installation.RecordingBell(), clock=clock.now)
    house = House(adapters, clock)
    with adapters.transactions.begin() as session:
        write(session, house, subject)
        session.flush()
        for inner in (adapters.transactions.begin(), adapters.transactions.batch()):
            with pytest.raises(NestedTransactionError), inner:
                pytest.fail("SQLite has one transaction at a time")
    assert is_kept(house, subject)
    with adapters.transactions.begin() as session:
        write(session, house, subject)
    adapters.close()


def test_a_reader_sees_nothing_before_the_commit_and_waits_for_nobody(
    house: House, subject: UUID
) -> None:
    with house.adapters.transactions.begin() as session:
        write(session, house, subject)
        session.flush()
        assert not is_kept(house, subject)
    assert is_kept(house, subject)


def test_many_threads_that_write_at_once_all_write(house: House) -> None:
    subjects = [uuid4() for _ in range(24)]
    together = threading.Barrier(len(subjects))

    def work(subject: UUID) -> None:
        together.wait()
        with house.adapters.transactions.begin() as session:
            write(session, house, subject)

    threads = [threading.Thread(target=work, args=(subject,)) for subject in subjects]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(is_kept(house, subject) for subject in subjects)


def test_a_batch_and_a_transaction_never_mix(house: House, subject: UUID) -> None:
    began, written = threading.Event(), threading.Event()

    def batch() -> None:
        with house.adapters.transactions.batch() as connection:
            connection.execute("SELECT 1")
            began.set()
        written.set()

    with house.adapters.transactions.begin() as session:
        write(session, house, subject)
        session.flush()
        thread = threading.Thread(target=batch)
        thread.start()
        if house.adapters.transactions.store.engine_name == "sqlite":
            assert not began.wait(0.3), "the embedded default has one writer for everything"
    thread.join()
    assert written.is_set()
    assert is_kept(house, subject)


def test_a_second_process_is_refused_and_a_killed_one_leaves_no_lock_behind(
    files: Settings,
) -> None:
    first = _holding(files)
    try:
        with pytest.raises(AlreadyRunningError), hold_alone(files):
            pytest.fail("two processes would write one file")
    finally:
        first.kill()
        first.communicate()
    for _ in range(2):
        with hold_alone(files):
            pass


def test_one_process_does_not_hold_the_same_database_twice(files: Settings) -> None:
    with hold_alone(files), pytest.raises(AlreadyRunningError), hold_alone(files):
        pytest.fail("it is held already")


def test_with_postgresql_any_number_of_processes_may_run(postgres: servers.Postgres) -> None:
    stores = Stores(database_url=postgres.url("a"), keystore_url=postgres.url("b"))
    settings = installation.settings_for(stores)
    with hold_alone(settings), hold_alone(settings):
        pass


def _holding(settings: Settings) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [*servers.die_with_us(), sys.executable, "-c", HOLDS, settings.database_url],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process
