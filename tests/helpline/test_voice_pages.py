"""Somebody rings us: in the queue whatever they press, then a person, or a call-back by keypad."""

import re
from collections.abc import Iterator
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa

from chat import wording
from chat.calling import CallState
from chat.models import Call, Phone
from chat.sending import Why as GateWhy
from chat.service.call import UnknownCallError
from chat.service.phone import NoPhoneError
from helpline.accounts import own_phone
from helpline.console import phone_deeds
from helpline.replies import LockedError
from helpline.ringing import RANG_US
from tests import installation
from tests.clock import Clock
from tests.helpline import ringing_house
from tests.helpline.phone_house import ACCOUNT, CHILD, OURS, SETTINGS
from tests.helpline.ringing_house import (
    JO_PHONE,
    PRIYA_PHONE,
    SAM_PHONE,
    Leg,
    RingingHouse,
    address_in,
    answered_by_advocate,
    answered_by_child,
    end_of,
    is_hung_up,
    is_joined,
    number_in,
    presses,
    rings,
)
from tests.stores import Stores
from triage.grades import Grade
from triage.models import Entry, Escalation

ON_CALL = [SAM_PHONE, JO_PHONE, PRIYA_PHONE]
HIDDEN = ["anonymous", "Restricted", "+266696687", ""]


@pytest.fixture
def house(stores: Stores, clock: Clock) -> Iterator[RingingHouse]:
    with (
        installation.installed(stores, clock, **SETTINGS) as built,
        ringing_house.opened(built, clock) as made,
    ):
        yield made


def entry(house: RingingHouse) -> Entry:
    with house.adapters.transactions.reading() as session:
        return session.get_one(Entry, house.conversation())


def phone(house: RingingHouse) -> Phone:
    with house.adapters.transactions.reading() as session:
        return session.scalars(sa.select(Phone)).one()


# --- in the queue either way ------------------------------------------------------------------


def test_a_caller_is_in_the_queue_before_a_word_is_said(house: RingingHouse) -> None:
    leg, menu = rings(house)
    assert leg.heard == [wording.load_spoken().text("menu")]
    assert menu.find("Gather") is not None
    assert house.said() == [("child", RANG_US)]
    assert entry(house).grade_rank == Grade.HIGH.rank
    assert entry(house).waiting_since is not None
    with house.adapters.transactions.reading() as session:
        assert session.scalars(sa.select(Escalation.state)).all() == ["armed"]


def test_the_same_call_told_twice_is_one_call(house: RingingHouse) -> None:
    leg, first = rings(house)
    again = leg.ask("/twilio/voice/in")
    assert address_in(again, "Gather") == address_in(first, "Gather")
    assert house.said() == [("child", RANG_US)]
    assert len(house.all_calls()) == 1


def test_a_caller_without_a_key_stays_in_the_queue(house: RingingHouse) -> None:
    leg, menu = rings(house)
    assert is_hung_up(presses(leg, menu, ""))
    assert "We know that you rang" in leg.heard[-1]
    assert entry(house).waiting_since is not None


def test_a_phone_is_one_contact_however_it_comes(house: RingingHouse) -> None:
    house.text("hello")
    house.clock.advance(timedelta(hours=1))
    rings(house)
    rings(house)
    assert len(house.conversations()) == 1
    assert house.contacts() == 1
    assert [text for _, text in house.said()][0::2][:1] == ["hello"]
    house.clock.advance(timedelta(days=91))
    rings(house)
    assert house.contacts() == 2


def test_a_call_keeps_the_contact_of_a_text_and_a_text_that_of_a_call(house: RingingHouse) -> None:
    rings(house)
    house.clock.advance(timedelta(days=80))
    house.text("hello")
    house.clock.advance(timedelta(days=80))
    rings(house)
    assert house.contacts() == 1


def test_a_call_opens_no_thread_of_texts(house: RingingHouse) -> None:
    rings(house)
    sam = house.hold()
    with pytest.raises(LockedError) as shut:
        house.reply("hello", staff=sam)
    assert shut.value.why is GateWhy.NOT_OPENED_BY_CHILD


def test_nothing_is_texted_by_itself_to_a_phone_that_only_rang(house: RingingHouse) -> None:
    leg, menu = rings(house)
    presses(leg, menu, "")
    sam = house.hold()
    with house.adapters.transactions.begin() as session:
        session.execute(sa.update(Entry).values(waiting_since=None))
        session.execute(sa.delete(Escalation))
    phone_deeds.close(house.adapters, person=sam, conversation=house.conversation())
    house.work()
    assert house.company.sent == []


@pytest.mark.parametrize("sender", HIDDEN)
def test_hidden_callers_wait_too_each_alone_and_nobody_can_write_to_them(
    house: RingingHouse, sender: str
) -> None:
    for _ in range(2):
        leg, menu = rings(house, sender=sender)
        assert is_hung_up(presses(leg, menu, "2"))
        assert "cannot ring this phone" in leg.heard[-1]
    assert len(house.conversations()) == 2
    assert house.said() == [("child", RANG_US)]
    with house.adapters.transactions.reading() as session:
        assert session.scalars(sa.select(Phone)).all() == []
    sam = house.hold()
    with pytest.raises(NoPhoneError):
        house.reply("hello", staff=sam)


# --- key 1: whoever is on call, in turn -------------------------------------------------------


def rung_in_turn(house: RingingHouse, leg: Leg, document: ET.Element) -> list[str]:
    """Nobody takes it: the phones that rang, in their order."""
    rung = []
    while document.find("Dial") is not None:
        rung.append(number_in(document).text or "")
        house.clock.advance(timedelta(seconds=20))
        document = end_of(leg, document, joined=False)
    leg.documents.append(ET.tostring(document, encoding="unicode"))
    return rung


def test_those_on_call_are_rung_in_turn_and_a_caller_hears_the_truth(house: RingingHouse) -> None:
    leg, menu = rings(house)
    assert rung_in_turn(house, leg, presses(leg, menu, "1")) == ON_CALL
    assert "Nobody can answer just now" in leg.heard[-1]
    assert "press 1" in leg.heard[-1]
    assert entry(house).claimed_by is None


def test_whoever_presses_a_key_takes_the_call_and_the_conversation(house: RingingHouse) -> None:
    leg, menu = rings(house)
    second = end_of(leg, presses(leg, menu, "1"), joined=False)
    assert number_in(second).text == JO_PHONE
    assert second[-1].get("callerId") == OURS
    staff, joined = answered_by_child(house, second, digits="1")
    assert staff.heard == [wording.load_spoken().text("take")]
    assert is_joined(joined)
    jo = house.person("second advocate").id
    assert house.last_call().staff_id == jo
    assert entry(house).claimed_by == jo
    assert is_hung_up(end_of(leg, second, joined=True))
    assert house.last_call().state == CallState.OVER
    assert entry(house).waiting_since is not None
    house.judge("spoke", key="second advocate")
    assert entry(house).waiting_since is None
    with pytest.raises(UnknownCallError):
        house.judge("spoke", key="second advocate")


@pytest.mark.parametrize("digits", ["", "2"])
def test_the_voicemail_of_staff_takes_nobody(house: RingingHouse, digits: str) -> None:
    leg, menu = rings(house)
    first = presses(leg, menu, "1")
    _, document = answered_by_child(house, first, digits=digits)
    assert is_hung_up(document)
    assert number_in(end_of(leg, first, joined=False)).text == JO_PHONE


def test_a_call_is_not_taken_from_a_colleague_who_answers(house: RingingHouse) -> None:
    house.text("hello")
    house.hold("supervisor")
    leg, menu = rings(house)
    answered_by_child(house, presses(leg, menu, "1"), digits="1")
    assert house.last_call().staff_id == house.person("advocate").id
    assert entry(house).claimed_by == house.person("supervisor").id


def test_people_without_a_phone_are_passed_over(house: RingingHouse) -> None:
    own_phone.forget_number(house.adapters, staff=house.person("second advocate").id)
    leg, menu = rings(house)
    assert rung_in_turn(house, leg, presses(leg, menu, "1")) == [SAM_PHONE, PRIYA_PHONE]


def test_somebody_who_is_not_on_call_can_take_nothing(house: RingingHouse) -> None:
    leg, menu = rings(house)
    first = presses(leg, menu, "1")
    address = number_in(first).attrib["url"]
    other = re.sub("person=[0-9a-f-]+", f"person={house.person('manager').id}", address)
    stranger = house.leg(sender=OURS, to=SAM_PHONE)
    asked = stranger.ask(other)
    assert is_hung_up(presses(stranger, asked, "1"))
    assert house.last_call().staff_id is None


def test_a_caller_who_hangs_up_is_over_and_waits(house: RingingHouse) -> None:
    leg, menu = rings(house)
    presses(leg, menu, "1")
    form = {"CallSid": leg.sid, "AccountSid": ACCOUNT, "CallStatus": "completed"}
    assert house.post("/twilio/voice/status", form).status_code == 204
    assert house.last_call().state == CallState.OVER
    assert entry(house).waiting_since is not None


# --- a call-back by keypad --------------------------------------------------------------------


def test_nobody_free_then_a_call_back_by_keypad(house: RingingHouse) -> None:
    leg, menu = rings(house)
    document = presses(leg, menu, "1")
    while document.find("Dial") is not None:
        document = end_of(leg, document, joined=False)
    assert is_hung_up(presses(leg, document, "1"))
    assert "try to ring this phone" in leg.heard[-1]
    asked = house.call_back()
    assert (asked.state, asked.asked_by, asked.if_answered) == ("asked", "child", "nothing")
    assert asked.may_leave_voicemail is False
    assert asked.window_until - asked.window_from == timedelta(hours=3)
    assert CHILD.encode() not in asked.number
    house.hold()
    house.call(asked.id)
    house.work()
    _, dial = answered_by_advocate(house)
    assert number_in(dial).text == CHILD


def test_key_2_asks_whether_we_may_ring_this_phone(house: RingingHouse) -> None:
    leg, menu = rings(house)
    offer = presses(leg, menu, "2")
    assert is_hung_up(presses(leg, offer, "2"))
    assert phone(house).may_ring is False
    with house.adapters.transactions.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Call)) == 1
    house.hold()
    with pytest.raises(LockedError) as shut:
        house.call(house.ask_call_back(), reason="I worry.")
    assert shut.value.why is GateWhy.CHILD_SAID_NO


def test_no_key_at_the_offer_agrees_to_nothing(house: RingingHouse) -> None:
    leg, menu = rings(house)
    presses(leg, presses(leg, menu, "2"), "")
    assert phone(house).may_ring is None
    with pytest.raises(IndexError):
        house.call_back()


def test_a_stopped_phone_is_told_that_we_cannot_ring_it(house: RingingHouse) -> None:
    house.text("STOP")
    leg, menu = rings(house)
    presses(leg, presses(leg, menu, "2"), "1")
    assert "cannot ring this phone" in leg.heard[-1]
    with pytest.raises(IndexError):
        house.call_back()
