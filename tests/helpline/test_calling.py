"""An advocate calls a child back: the keys, the gate, and the ring window."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from chat import wording
from chat.calling import CallState
from chat.sending import Why as GateWhy
from chat.service.call import CallRunningError
from chat.service.call_back import UnknownCallBackError
from helpline import calling, jobs
from helpline.accounts import own_phone
from helpline.console import call_deeds, deeds, phone_deeds
from helpline.queue.models import Lane
from helpline.replies import LockedError
from integrations.twilio.errors import TwilioError
from tests import installation
from tests.clock import Clock
from tests.helpline import ringing_house
from tests.helpline.phone_house import ACCOUNT, CHILD, OURS, SETTINGS
from tests.helpline.ringing_house import (
    SAM_PHONE,
    RingingHouse,
    answered_by_advocate,
    answered_by_child,
    end_of,
    is_hung_up,
    is_joined,
    number_in,
)
from tests.stores import Stores
from triage.errors import NotHolderError
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


# --- the whole way ----------------------------------------------------------------------------


def test_the_advocate_is_rung_then_the_child_and_keys_join_them(house: RingingHouse) -> None:
    house.call(house.ask_call_back())
    assert house.calls.rung == []
    house.work()
    assert [each.to for each in house.calls.rung] == [SAM_PHONE]
    leg, dial = answered_by_advocate(house)
    assert number_in(dial).text == CHILD
    assert dial[-1].get("callerId") == OURS
    assert house.last_call().state == CallState.RINGING_CHILD
    _, joined = answered_by_child(house, dial, digits="5")
    assert is_joined(joined)
    assert house.last_call().state == CallState.JOINED
    assert is_hung_up(end_of(leg, dial, joined=True))
    assert house.last_call().state == CallState.OVER
    assert house.last_call().joined_at is not None
    assert waiting(house)
    house.judge("spoke")
    assert not waiting(house)
    assert house.call_back().state == "done"
    assert house.tasks() == []


def test_a_voicemail_hears_six_words_and_no_more(house: RingingHouse) -> None:
    house.call(house.ask_call_back())
    house.work()
    leg, dial = answered_by_advocate(house)
    voicemail, document = answered_by_child(house, dial, digits="")
    assert voicemail.heard == ["Hello. Press any key to speak."]
    assert " ".join(voicemail.heard) == wording.said_to_voicemail(may_leave=False)
    assert is_hung_up(document)
    assert document.find("Say") is None
    over = end_of(leg, dial, joined=False)
    assert "No answer" in leg.heard[-1]
    assert is_hung_up(over)
    assert house.last_call().joined_at is None
    assert house.call_back().state == "asked"


def test_a_voicemail_hears_a_few_words_more_where_the_child_said_yes(house: RingingHouse) -> None:
    house.call(house.ask_call_back(may_leave_voicemail=True))
    house.work()
    leg, dial = answered_by_advocate(house)
    voicemail, document = answered_by_child(house, dial, digits="")
    assert voicemail.heard == [
        "Hello. Press any key to speak.",
        "I will try again later. Goodbye.",
    ]
    assert " ".join(voicemail.heard) == wording.said_to_voicemail(may_leave=True)
    assert is_hung_up(document)
    end_of(leg, dial, joined=False)
    assert house.last_call().joined_at is None


@pytest.mark.parametrize("digits", ["", "2", "*"])
def test_an_advocate_who_does_not_press_rings_no_child(house: RingingHouse, digits: str) -> None:
    call_back = house.ask_call_back()
    house.call(call_back)
    house.work()
    _, document = answered_by_advocate(house, digits=digits)
    assert is_hung_up(document)
    assert house.last_call().state == CallState.NOT_MADE
    assert house.call_back().tries == 0
    house.call(call_back)


def test_an_advocate_who_does_not_answer_made_no_call(house: RingingHouse) -> None:
    house.call(house.ask_call_back())
    house.work()
    rung = house.calls.rung[-1]
    answer = house.post(
        rung.status_to,
        {"CallSid": rung.sid, "AccountSid": ACCOUNT, "CallStatus": "no-answer"},
    )
    assert answer.status_code == 204
    assert house.last_call().state == CallState.NOT_MADE


# --- the gate ---------------------------------------------------------------------------------


def test_outside_the_window_only_a_written_reason_opens(house: RingingHouse) -> None:
    call_back = house.ask_call_back(opens=timedelta(hours=1))
    for reason in (None, "", "  "):
        with pytest.raises(LockedError) as shut:
            house.call(call_back, reason=reason)
        assert shut.value.why is GateWhy.OUTSIDE_WINDOW
    house.call(call_back, reason=REASON)
    house.work()
    assert len(house.calls.rung) == 1
    kept = house.last_call().reason
    assert kept is not None
    assert b"asked" not in kept
    _, dial = answered_by_advocate(house)
    assert number_in(dial).text == CHILD


def test_the_phones_own_safe_time_counts_too(house: RingingHouse) -> None:
    phone_deeds.agree(
        house.adapters,
        person=house.person("advocate"),
        conversation=house.conversation(),
        safe_window="Mon-Sun 02:00-02:01",
        may_text=None,
        may_ring=True,
        own_word="",
        ends_own_word=False,
    )
    with pytest.raises(LockedError) as shut:
        house.call(house.ask_call_back())
    assert shut.value.why is GateWhy.OUTSIDE_WINDOW


@pytest.mark.parametrize(("word", "why"), [("STOP", GateWhy.STOPPED), ("LATER", GateWhy.PAUSED)])
def test_stop_and_pause_let_nobody_ring(house: RingingHouse, word: str, why: GateWhy) -> None:
    call_back = house.ask_call_back()
    house.text(word)
    for reason in (None, REASON):
        with pytest.raises(LockedError) as shut:
            house.call(call_back, reason=reason)
        assert shut.value.why is why
    assert house.all_calls() == []


def test_a_stop_between_the_asking_and_the_ringing_is_obeyed(house: RingingHouse) -> None:
    house.call(house.ask_call_back())
    house.text("STOP")
    house.work()
    assert house.calls.rung == []
    assert house.last_call().state == CallState.NOT_MADE


def test_a_stop_while_the_advocates_phone_rings_is_obeyed(house: RingingHouse) -> None:
    house.call(house.ask_call_back())
    house.work()
    house.text("STOP")
    leg, document = answered_by_advocate(house)
    assert is_hung_up(document)
    assert "cannot be made now" in leg.heard[-1]
    assert house.last_call().state == CallState.NOT_MADE


def test_a_window_that_closes_while_it_rings_is_obeyed(house: RingingHouse) -> None:
    house.call(house.ask_call_back(lasts=timedelta(seconds=5)))
    house.work()
    house.clock.advance(timedelta(seconds=10))
    _, document = answered_by_advocate(house)
    assert is_hung_up(document)


def test_only_the_person_who_holds_the_conversation_may_call(house: RingingHouse) -> None:
    call_back = house.ask_call_back()
    with pytest.raises(NotHolderError):
        house.call(call_back, key="second advocate")


def test_a_conversation_that_changed_hands_is_not_rung_for_the_first(house: RingingHouse) -> None:
    house.call(house.ask_call_back())
    deeds.take_over(
        house.adapters,
        person=house.person("second advocate"),
        conversation=house.conversation(),
        reason="end of shift",
    )
    house.work()
    assert house.calls.rung == []


def test_nobody_calls_without_a_phone_of_their_own(house: RingingHouse) -> None:
    own_phone.forget_number(house.adapters, staff=house.person("advocate").id)
    with pytest.raises(calling.NoOwnPhoneError):
        house.call(house.ask_call_back())


def test_a_call_back_that_was_taken_back_is_not_called(house: RingingHouse) -> None:
    call_back = house.ask_call_back()
    call_deeds.cancel(
        house.adapters, person=house.person("advocate"), conversation=house.conversation()
    )
    with pytest.raises(UnknownCallBackError):
        house.call(call_back)


# --- the ring window --------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("rings", [1, 0])
def test_a_crash_in_the_ring_window_never_rings_again_by_itself(
    house: RingingHouse, rings: int
) -> None:
    call_back = house.ask_call_back()
    house.call(call_back)
    own = house.calls.ring

    def ring(**given: object) -> object:
        if rings:
            own(**given)  # type: ignore[arg-type]  # handed through
        raise Killed

    house.calls.ring = ring  # type: ignore[assignment,method-assign]  # ends us in mid-ring
    house.clock.advance(timedelta(seconds=1))
    with pytest.raises(Killed):
        jobs.drain(house.adapters, lane=Lane.RINGING, owner="first")
    assert house.last_call().state == CallState.RINGING_US
    house.calls.ring = own  # type: ignore[method-assign]  # and another process takes over
    for _ in range(10):
        house.work(for_=timedelta(seconds=40))
    assert len(house.calls.rung) == rings
    assert house.last_call().state == CallState.UNKNOWN
    house.call(call_back)
    house.work()
    assert len(house.calls.rung) == rings + 1


def test_a_call_of_which_nobody_knows_can_still_be_taken(house: RingingHouse) -> None:
    house.calls.fails = [TwilioError(can_retry=True, maybe_sent=True)]
    house.call(house.ask_call_back())
    house.work()
    assert house.last_call().state == CallState.UNKNOWN
    _, dial = answered_by_advocate(house)
    assert number_in(dial).text == CHILD
    assert house.last_call().state == CallState.RINGING_CHILD


def test_an_earlier_call_is_given_up_by_a_new_one(house: RingingHouse) -> None:
    house.calls.fails = [TwilioError(can_retry=True, maybe_sent=True)]
    call_back = house.ask_call_back()
    house.call(call_back)
    house.work()
    old = house.calls.rung[-1]
    house.call(call_back)
    leg = house.leg(sender=OURS, to=SAM_PHONE, sid=old.sid)
    assert is_hung_up(leg.ask(old.answer_at))


@pytest.mark.parametrize(
    "problem",
    [
        TwilioError(can_retry=True, code=503),
        TwilioError(can_retry=False, code=21211),
        TwilioError(can_retry=True, code=20429),
    ],
)
def test_a_call_that_surely_did_not_begin_is_left_to_the_advocate(
    house: RingingHouse, problem: TwilioError
) -> None:
    house.calls.fails = [problem]
    call_back = house.ask_call_back()
    house.call(call_back)
    house.work()
    house.work(for_=timedelta(minutes=20))
    assert house.calls.rung == []
    assert house.last_call().state == CallState.NOT_MADE
    assert house.call_back().tries == 0


def test_a_call_that_could_not_begin_in_time_rings_nobody_out_of_the_blue(
    house: RingingHouse,
) -> None:
    house.call(house.ask_call_back())
    house.work(for_=timedelta(minutes=2))
    assert house.calls.rung == []
    assert house.last_call().state == CallState.NOT_MADE


def test_a_call_is_begun_once_however_often_it_is_asked_for(house: RingingHouse) -> None:
    call_back = house.ask_call_back()
    begun: list[bool] = []
    together = threading.Barrier(2)

    def press() -> None:
        together.wait()
        try:
            house.call(call_back)
        except CallRunningError:
            begun.append(False)
        else:
            begun.append(True)

    both = [threading.Thread(target=press) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(begun) == [False, True]
    house.work()
    house.work()
    assert len(house.calls.rung) == 1


def test_a_lost_report_does_not_lock_the_call_back_for_ever(house: RingingHouse) -> None:
    call_back = house.ask_call_back()
    house.call(call_back)
    house.work()
    with pytest.raises(CallRunningError):
        house.call(call_back)
    house.clock.advance(timedelta(minutes=5))
    house.call(call_back)
