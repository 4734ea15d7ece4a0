"""Texts that are found in another order than they were sent: what is older undoes nothing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from chat.models import Phone
from helpline import reconcile
from helpline.todo.models import Why
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.phone_house import SETTINGS, sms
from tests.helpline.phoning import Line
from tests.stores import Stores

A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        line = Line(*phone_house.with_company(adapters, clock), clock)
        line.live()
        line.company.sent.clear()
        line.clock.advance(timedelta(hours=1))
        yield line


def found(line: Line, text: str, *, ago: timedelta, pictures: int = 0) -> None:
    """The sweep finds a text that was sent a while ago."""
    line.numbers += 1
    line.company.came.append(
        sms(text, number=line.numbers, sent_at=line.now - ago, pictures=pictures)
    )
    line.clock.advance(reconcile.EVERY)
    reconcile.reconcile(line.adapters, owner="tests")


def blocked(line: Line) -> bool:
    with line.adapters.transactions.reading() as session:
        return session.scalars(sa.select(Phone.blocked_at)).one() is not None


@pytest.mark.parametrize("by", ["webhook", "sweep"])
def test_a_start_from_before_a_stop_does_not_undo_it(line: Line, by: str) -> None:
    if by == "sweep":
        found(line, "STOP", ago=A_MINUTE)
    else:
        line.text("STOP")
    line.set_phone(blocked_at=line.now)
    line.clock.advance(A_MINUTE)
    found(line, "START", ago=5 * A_MINUTE)
    line.work()
    assert line.state() == "stopped"
    assert blocked(line)
    assert line.said()[-1] == ("child", "START")
    assert line.tasks() == [Why.PHONE_STOPPED]
    assert line.company.sent == []


def test_a_start_from_before_the_networks_block_does_not_lift_it(line: Line) -> None:
    line.set_phone(state="stopped", blocked_at=line.now)
    found(line, "START", ago=A_MINUTE)
    assert line.state() == "stopped"
    assert blocked(line)


@pytest.mark.parametrize("not_now", ["LATER", "pizza"])
def test_words_from_before_a_not_now_leave_the_pause(line: Line, not_now: str) -> None:
    line.agreed(own_word="pizza")
    line.text(not_now)
    found(line, "can you write to me now", ago=5 * A_MINUTE)
    assert line.state() == "paused"
    line.text("it is ok now")
    assert line.state() == "recheck"


def test_staff_are_told_of_a_picture_and_a_wish_that_are_found_late(line: Line) -> None:
    line.text("STOP")
    found(line, "call me", ago=5 * A_MINUTE, pictures=1)
    assert line.state() == "stopped"
    assert set(line.tasks()) == {Why.PHONE_STOPPED, Why.CALL_WANTED, Why.PICTURE_SENT}


def test_a_stop_that_is_found_late_stops_whatever_came_after_it(line: Line) -> None:
    line.text("LATER")
    line.text("it is ok now")
    found(line, "STOP", ago=10 * A_MINUTE)
    assert line.state() == "stopped"


def test_a_start_that_was_sent_after_the_stop_and_found_late_is_obeyed(line: Line) -> None:
    line.text("STOP")
    line.clock.advance(10 * A_MINUTE)
    found(line, "START", ago=5 * A_MINUTE)
    assert line.state() == "recheck"
    assert not blocked(line)
