"""The sweep of silence beside another of its kind, a text that comes and a reply that leaves."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.service import silence as chat
from chat.service.silence import Silent
from chat.texting import Table
from helpline import reconcile, silence
from helpline.audit.models import AuditEntry
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.phone_house import SETTINGS
from tests.helpline.phoning import CLOSED, QUIET, Line
from tests.stores import Stores
from triage.models import Entry


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        yield Line(*phone_house.with_company(adapters, clock), clock)


def test_many_workers_at_once_move_each_phone_once(line: Line) -> None:
    for number in range(6):
        line.live(sender=f"+44770090070{number}")
    line.clock.advance(QUIET)
    reconcile.reconcile(line.adapters, owner="tests")
    begin = threading.Barrier(4)

    def one(_: int) -> int:
        begin.wait(10)
        return silence.fall_silent(line.adapters)

    with ThreadPoolExecutor(4) as pool:
        moved = list(pool.map(one, range(4)))
    # Who finds a row in another's hands goes on; the next round would take what nobody moved.
    assert sum(moved) + silence.fall_silent(line.adapters) == 6
    with line.adapters.transactions.reading() as session:
        audited = sa.select(sa.func.count()).where(AuditEntry.action == "phone.quiet")
        assert session.scalar(audited) == 6


@pytest.mark.parametrize("round_", range(5))
def test_a_text_at_the_same_moment_is_never_lost_nor_closed_over(line: Line, round_: int) -> None:
    line.live()
    line.swept(after=QUIET)
    line.clock.advance(CLOSED)
    reconcile.reconcile(line.adapters, owner="tests")
    begin = threading.Barrier(2)

    def close() -> int:
        begin.wait(10)
        return silence.fall_silent(line.adapters)

    def text() -> None:
        begin.wait(10)
        line.text("wait i am here")

    with ThreadPoolExecutor(2) as pool:
        closing, texted = pool.submit(close), pool.submit(text)
        texted.result(20)
        moved = closing.result(20)
    assert line.state() == ("returning" if moved else "live"), round_
    assert line.said()[-1] == ("child", "wait i am here")
    assert line.closed_at() is None
    assert silence.fall_silent(line.adapters) == 0
    with line.adapters.transactions.reading() as session:
        assert session.get_one(Entry, line.conversation()).waiting_since is not None


def after_the_look(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen after the silent phones were found and before they are locked."""
    look = chat.list_silent

    def look_and_more(
        session: Session, *, table: Table, heard_until: datetime, now: datetime
    ) -> list[Silent]:
        found = look(session, table=table, heard_until=heard_until, now=now)
        happens()
        return found

    monkeypatch.setattr(chat, "list_silent", look_and_more)


def test_a_text_that_comes_between_the_look_and_the_lock_wins(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.live()
    line.swept(after=QUIET)
    line.clock.advance(CLOSED)
    reconcile.reconcile(line.adapters, owner="tests")
    after_the_look(monkeypatch, lambda: line.text("wait i am here"))
    assert silence.fall_silent(line.adapters) == 0
    assert line.state() == "live"
    assert line.closed_at() is None


def test_a_reply_that_leaves_between_the_look_and_the_lock_wins(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.live()
    line.clock.advance(QUIET)
    reconcile.reconcile(line.adapters, owner="tests")
    after_the_look(monkeypatch, lambda: line.reply("Take your time."))
    assert silence.fall_silent(line.adapters) == 0
    assert line.state() == "live"
