"""What came of a call-back: said once, tried twice, and never left open unseen."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from chat.service.call import NotJudgedError, UnknownCallError
from chat.service.call_back import UnknownCallBackError
from helpline import call_backs, calling, sweep
from helpline.accounts.models import Staff
from helpline.todo.models import Why
from tests import installation
from tests.clock import Clock
from tests.helpline import ringing_house
from tests.helpline.house import House
from tests.helpline.phone_house import SETTINGS
from tests.helpline.ringing_house import (
    SAM_PHONE,
    RingingHouse,
    answered_by_advocate,
    answered_by_child,
    end_of,
)
from tests.stores import Stores
from triage.models import Entry

REASON = "She asked me on the web page to ring at once."


@pytest.fixture
def house(stores: Stores, clock: Clock) -> Iterator[RingingHouse]:
    """A child wrote by text, and Sam answers."""
    with (
        installation.installed(stores, clock, **SETTINGS) as built,
        ringing_house.opened(built, clock) as made,
    ):
        made.text("can you ring me")
        made.hold()
        yield made


def waiting(house: RingingHouse) -> bool:
    with house.adapters.transactions.reading() as session:
        return session.get_one(Entry, house.conversation()).waiting_since is not None


def rung_in_vain(house: RingingHouse) -> None:
    house.work()
    leg, dial = answered_by_advocate(house)
    end_of(leg, dial, joined=False)


@pytest.mark.parametrize("outcome", ["no_answer", "voicemail", "somebody_else"])
def test_two_tries_then_the_agreed_fallback(house: RingingHouse, outcome: str) -> None:
    call_back = house.ask_call_back()
    for number in range(ringing_house.TRIES):
        assert house.tasks() == []
        house.call(call_back)
        rung_in_vain(house)
        with pytest.raises(NotJudgedError):
            house.call(call_back)
        house.judge(outcome)
        assert house.call_back().tries == number + 1
    assert house.call_back().state == "missed"
    assert house.tasks() == [Why.CALL_BACK_MISSED]
    assert waiting(house)
    with pytest.raises(UnknownCallBackError):
        house.call(call_back)


def test_a_number_that_does_not_work_ends_it_and_a_person_is_told(house: RingingHouse) -> None:
    house.call(house.ask_call_back())
    rung_in_vain(house)
    house.judge("number_dead")
    assert house.call_back().state == "done"
    assert house.tasks() == [Why.CALL_BACK_MISSED]


def test_an_outcome_is_said_once(house: RingingHouse) -> None:
    house.call(house.ask_call_back())
    rung_in_vain(house)
    house.judge("no_answer")
    with pytest.raises(UnknownCallError):
        house.judge("no_answer")
    assert house.call_back().tries == 1


def test_a_call_that_rang_no_child_is_no_try(house: RingingHouse) -> None:
    house.call(house.ask_call_back())
    house.work()
    answered_by_advocate(house, digits="")
    with pytest.raises(UnknownCallError):
        house.judge("no_answer")


def test_a_window_that_closes_unused_becomes_a_task_once(house: RingingHouse) -> None:
    call_back = house.ask_call_back(lasts=timedelta(minutes=30))
    assert call_backs.close_windows(house.adapters) == 0
    house.clock.advance(timedelta(minutes=31))
    assert call_backs.close_windows(house.adapters) == 1
    assert call_backs.close_windows(house.adapters) == 0
    assert house.tasks() == [Why.CALL_BACK_CLOSED]
    house.call(call_back, reason=REASON)


def test_a_closed_window_is_noticed_without_a_worker_too(house: RingingHouse) -> None:
    house.ask_call_back(lasts=timedelta(minutes=30))
    house.clock.advance(timedelta(minutes=31))
    assert sweep.sweep(house.adapters, owner="web")
    assert Why.CALL_BACK_CLOSED in house.tasks()


def test_a_call_that_is_still_to_be_judged_holds_its_window_open(house: RingingHouse) -> None:
    house.call(house.ask_call_back(lasts=timedelta(minutes=30)))
    house.work()
    leg, dial = answered_by_advocate(house)
    answered_by_child(house, dial, digits="1")
    house.clock.advance(timedelta(minutes=35))
    assert call_backs.close_windows(house.adapters) == 0
    end_of(leg, dial, joined=True)
    house.clock.advance(timedelta(minutes=60))
    assert call_backs.close_windows(house.adapters) == 1


def test_call_by_text_asks_a_person(house: RingingHouse) -> None:
    house.text("CALL")
    assert house.tasks() == [Why.CALL_WANTED]


def test_each_step_is_recorded(house: RingingHouse) -> None:
    house.call(house.ask_call_back())
    house.work()
    leg, dial = answered_by_advocate(house)
    answered_by_child(house, dial, digits="1")
    end_of(leg, dial, joined=True)
    house.judge("spoke")
    audited = [
        action for action, _ in House(house.adapters, house.clock).audited(house.last_call().id)
    ]
    assert audited == [
        "call.asked",
        "call.ringing_us",
        "call.rung",
        "call.number_opened",
        "call.ringing_child",
        "call.joined",
        "call.over",
        "call.spoke",
    ]


def test_a_phone_of_staff_that_texted_stop_is_not_rung(house: RingingHouse) -> None:
    house.text("STOP", sender=SAM_PHONE)
    with house.adapters.transactions.reading() as session:
        assert session.scalar(sa.select(Staff.phone).where(Staff.phone.is_not(None)).limit(1))
        sam = house.person("advocate").id
        assert calling.number_of_staff(session, house.adapters, staff=sam, now=house.now) is None
