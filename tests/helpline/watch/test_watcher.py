"""What one look does: the console is shown, a person outside told, a sign of life given."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from helpline import canary, sweep, worker
from helpline.audit.models import AuditEntry
from helpline.queue import add, claim, finish, lease
from helpline.queue.models import Lane
from helpline.watch import figures
from helpline.watch.watcher import Watcher
from helpline.wiring import Adapters
from integrations.standins import mail
from integrations.standins.mail import FolderMail
from integrations.standins.watcher import OutsideWatcher
from tests import installation
from tests.clock import Clock
from tests.stores import Stores

FIGURES = figures.load()
OUTSIDE = "outside@example.org"


@pytest.fixture
def outside() -> Iterator[OutsideWatcher]:
    with OutsideWatcher() as outside:
        yield outside


@pytest.fixture
def adapters(
    stores: Stores, clock: Clock, tmp_path: Path, outside: OutsideWatcher
) -> Iterator[Adapters]:
    with installation.installed(
        stores,
        clock,
        mail_url=f"folder:{tmp_path}",
        outside_contact=OUTSIDE,
        heartbeat_url=outside.url,
    ) as adapters:
        yield adapters


@pytest.fixture
def mails(tmp_path: Path) -> Callable[[], list[str]]:
    return lambda: [f"{each.to} {each.subject} {each.text}" for each in mail.sent(tmp_path)]


def work(adapters: Adapters, *, besides: str = "") -> None:
    """Everything gives its sign of life, but for one."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        for name in {sweep.WORKER, worker.SCHEDULE} - {besides}:
            lease.lead(session, name=name, holder="worker", now=now, for_=worker.BEAT_EVERY)
        for number, lane in enumerate(Lane):
            if f"lane {lane}" != besides:
                canary.heard(session, adapters, UUID(int=number), now)


def pass_time(
    adapters: Adapters, watcher: Watcher, clock: Clock, how_long: timedelta, *, besides: str = ""
) -> None:
    until = clock.now() + how_long
    while clock.now() < until:
        clock.advance(FIGURES.look_every)
        work(adapters, besides=besides)
        watcher.look()


def shown(adapters: Adapters) -> list[str]:
    return [each.id for each in adapters.watch.faults]


def test_while_everything_works_nobody_is_told_and_the_watcher_hears_us(
    adapters: Adapters, clock: Clock, outside: OutsideWatcher, mails: Callable[[], list[str]]
) -> None:
    watcher = Watcher(adapters, owner="web")
    pass_time(adapters, watcher, clock, timedelta(minutes=10))
    assert shown(adapters) == []
    assert mails() == []
    assert 18 <= len(outside.pinged_at) <= 22


@pytest.mark.parametrize("what", ["worker", "schedule", "lane urgent", "lane outside"])
def test_what_stands_still_is_shown_told_outside_once_and_stops_the_sign_of_life(
    adapters: Adapters,
    clock: Clock,
    outside: OutsideWatcher,
    mails: Callable[[], list[str]],
    what: str,
) -> None:
    watcher = Watcher(adapters, owner="web")
    pass_time(adapters, watcher, clock, timedelta(minutes=1))
    pass_time(adapters, watcher, clock, timedelta(seconds=50), besides=what)
    assert shown(adapters) == [what]
    assert mails() == [], "a moment's trouble wakes nobody"
    pinged = len(outside.pinged_at)
    pass_time(adapters, watcher, clock, timedelta(seconds=70), besides=what)
    [told] = mails()
    assert OUTSIDE in told
    assert FIGURES.limits[what].says in told
    pass_time(adapters, watcher, clock, timedelta(minutes=25), besides=what)
    assert len(mails()) == 1
    assert len(outside.pinged_at) == pinged
    pass_time(adapters, watcher, clock, timedelta(minutes=10), besides=what)
    assert len(mails()) == 2
    pass_time(adapters, watcher, clock, timedelta(minutes=5))
    assert shown(adapters) == []
    assert ["finishing again" in each for each in mails()] == [False, False, True]
    assert len(outside.pinged_at) > pinged
    with adapters.transactions.reading() as session:
        recorded = sa.select(sa.func.count()).where(AuditEntry.action == "watch.told_outside")
        assert session.scalar(recorded) == 2


def test_two_web_processes_tell_once_and_beat_once(
    adapters: Adapters, clock: Clock, outside: OutsideWatcher, mails: Callable[[], list[str]]
) -> None:
    both = [Watcher(adapters, owner=name) for name in ("web 1", "web 2")]
    for number in range(60):
        clock.advance(FIGURES.look_every)
        work(adapters, besides="worker" if number >= 24 else "")
        for watcher in both:
            watcher.look()
    assert len(mails()) == 1
    assert 3 <= len(outside.pinged_at) <= 5


def test_a_mail_that_does_not_leave_is_sent_again_soon(
    adapters: Adapters, clock: Clock, tmp_path: Path, mails: Callable[[], list[str]]
) -> None:
    watcher = Watcher(adapters, owner="web")
    server = FolderMail(tmp_path, sender="rota@localhost")
    server.fail(can_retry=True)
    pass_time(adapters, watcher, clock, timedelta(minutes=3), besides="worker")
    server.recover()
    assert mails() == []
    pass_time(adapters, watcher, clock, FIGURES.outside_retry * 2, besides="worker")
    assert len(mails()) == 1


def test_a_sign_of_life_that_is_not_taken_is_given_at_the_next_turn(
    adapters: Adapters, clock: Clock, outside: OutsideWatcher
) -> None:
    watcher = Watcher(adapters, owner="web")
    outside.status = HTTPStatus.BAD_GATEWAY
    pass_time(adapters, watcher, clock, timedelta(minutes=2))
    assert outside.pinged_at == []
    outside.status = HTTPStatus.OK
    pass_time(adapters, watcher, clock, FIGURES.heartbeat_every * 2)
    assert outside.pinged_at


def test_a_lane_that_is_behind_but_finishes_is_not_stuck(adapters: Adapters, clock: Clock) -> None:
    watcher = Watcher(adapters, owner="web")
    for number in range(24):
        clock.advance(FIGURES.look_every)
        work(adapters, besides="lane normal")
        with adapters.transactions.begin() as session:
            add.add(
                session,
                kind="canary",
                subject=UUID(int=number),
                lane=Lane.NORMAL,
                dedupe_key=str(number),
                due_at=clock.now(),
                now=clock.now(),
            )
            [job] = claim.claim(session, lane=Lane.NORMAL, owner="worker", now=clock.now(), limit=1)
            finish.finish(session, job=job.id, fence=job.fence, now=clock.now())
        watcher.look()
    assert shown(adapters) == []


def test_a_database_that_does_not_answer_is_shown_and_told(
    adapters: Adapters,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    outside: OutsideWatcher,
    mails: Callable[[], list[str]],
) -> None:
    watcher = Watcher(adapters, owner="web")
    pass_time(adapters, watcher, clock, timedelta(minutes=1))
    pinged = len(outside.pinged_at)

    def gone() -> None:
        raise sa.exc.OperationalError("SELECT", {}, Exception())

    monkeypatch.setattr(adapters.transactions, "reading", gone)
    monkeypatch.setattr(adapters.transactions, "begin", gone)
    for _ in range(18):
        clock.advance(FIGURES.look_every)
        watcher.look()
    assert shown(adapters) == ["database"]
    assert len(mails()) == 1
    assert len(outside.pinged_at) == pinged


def test_nobody_outside_is_named_and_the_console_still_shows_it(
    stores: Stores, clock: Clock
) -> None:
    with installation.installed(stores, clock) as adapters:
        watcher = Watcher(adapters, owner="web")
        pass_time(adapters, watcher, clock, timedelta(minutes=3), besides="worker")
        assert shown(adapters) == ["worker"]
