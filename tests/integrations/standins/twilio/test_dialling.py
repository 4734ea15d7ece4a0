"""Two phones and a document each: who is joined with whom, and who is not."""

from typing import Any

import pytest
from twilio.rest import Client
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from integrations.standins.twilio.control import Call, Phones
from tests.integrations.standins.twilio.listening import Listener, Service
from tests.twilio_standin import NUMBER

ADVOCATE, CHILD, THIRD = "+447700900101", "+447700900001", "+447700900102"
READY, JOIN, WHISPER, PRESSED, AFTER = "/ready", "/join", "/whisper", "/pressed", "/after"
IN = "/twilio/voice/in"


def dialling(*numbers: str, answer_on_bridge: bool = False, **options: Any) -> str:
    response = VoiceResponse()
    dial = Dial(action=AFTER, answer_on_bridge=answer_on_bridge, **options)
    for number in numbers:
        dial.number(number, url=WHISPER, status_callback="/leg", status_callback_event="answered")
    response.append(dial)
    response.say("Never said: the action leads on.")
    return str(response)


def asking_for_a_key(action: str) -> str:
    response = VoiceResponse()
    gather = Gather(action=action, num_digits=1, timeout=10)
    gather.say("Press 1.")
    response.append(gather)
    response.hangup()
    return str(response)


@pytest.fixture
def advocate(client: Client, phones: Phones, listener: Listener, service: Service) -> Call:
    """An advocate who was rung and asked for a key; it leads to the child, who is asked, too."""
    service.answer(READY, asking_for_a_key(JOIN))
    service.answer(JOIN, dialling(CHILD, timeout=20, caller_id=NUMBER))
    service.answer(WHISPER, asking_for_a_key(PRESSED))
    sid = client.calls.create(to=ADVOCATE, from_=NUMBER, url=listener.origin + READY).sid
    return phones.answer(sid)


def told(service: Service) -> tuple[str, str]:
    (posted,) = service.at(AFTER)
    assert posted.is_genuine
    return posted["DialCallStatus"], posted["DialBridged"]


def test_both_press_a_key_and_are_joined(phones: Phones, service: Service, advocate: Call) -> None:
    phones.press(advocate.sid, "1")
    child = phones.ringing(CHILD)
    assert (child.parent, child.sender, child.direction) == (advocate.sid, NUMBER, "outbound-dial")
    child = phones.answer(child.sid)
    assert (child.wants_key, child.said, child.joined) == (True, ("Press 1.",), None)
    child = phones.press(child.sid, "1")
    assert child.joined == advocate.sid
    assert phones.look(advocate.sid).joined == child.sid
    (whispered,) = service.at(WHISPER)
    assert (whispered["CallSid"], whispered["ParentCallSid"]) == (child.sid, advocate.sid)
    assert (whispered["To"], whispered["From"]) == (CHILD, NUMBER)
    (pressed,) = service.at(PRESSED)
    assert (pressed["CallSid"], pressed["Digits"]) == (child.sid, "1")
    assert [posted["CallStatus"] for posted in service.at("/leg")] == ["in-progress"]
    phones.hang_up(child.sid)
    assert told(service) == ("completed", "true")
    (after,) = service.at(AFTER)
    assert (after["DialCallSid"], after["DialCallDuration"]) == (child.sid, "0")
    assert phones.look(advocate.sid).said == ("Press 1.",)


def test_a_voicemail_is_joined_with_nobody(
    phones: Phones, service: Service, advocate: Call
) -> None:
    phones.press(advocate.sid, "1")
    child = phones.voicemail(phones.ringing(CHILD).sid)
    child = phones.gather_timeout(child.sid)
    assert (child.state, child.said, child.joined) == ("completed", ("Press 1.",), None)
    assert phones.look(advocate.sid).joined is None
    assert told(service) == ("completed", "false")
    assert service.at(PRESSED) == []


def test_without_a_key_of_the_advocate_no_other_phone_rings(
    phones: Phones, service: Service, advocate: Call
) -> None:
    assert phones.gather_timeout(advocate.sid).state == "completed"
    assert phones.calls(CHILD) == []
    assert service.at(JOIN) == []


@pytest.mark.parametrize(
    ("do", "status"), [("ring_out", "no-answer"), ("reject", "busy"), ("hang_up", "busy")]
)
def test_the_advocate_is_told_what_became_of_the_call(
    phones: Phones, service: Service, advocate: Call, do: str, status: str
) -> None:
    phones.press(advocate.sid, "1")
    getattr(phones, do)(phones.ringing(CHILD).sid)
    assert told(service) == (status, "false")


def test_when_the_advocate_hangs_up_the_childs_phone_stops(
    phones: Phones, service: Service, advocate: Call
) -> None:
    phones.press(advocate.sid, "1")
    child = phones.ringing(CHILD)
    phones.hang_up(advocate.sid)
    assert phones.look(child.sid).state == "canceled"
    assert told(service) == ("canceled", "false")
    assert service.at(AFTER)[0]["CallStatus"] == "completed"


def test_the_api_can_end_both_legs(
    client: Client, phones: Phones, service: Service, advocate: Call
) -> None:
    phones.press(advocate.sid, "1")
    child = phones.answer(phones.ringing(CHILD).sid)
    phones.press(child.sid, "1")
    client.calls(advocate.sid).update(status="completed")
    assert phones.settle()
    assert phones.look(child.sid).state == "completed"
    assert told(service) == ("completed", "true")
    assert [leg.sid for leg in client.calls.list(parent_call_sid=advocate.sid)] == [child.sid]


def test_one_who_hangs_up_during_the_question_is_joined_with_nobody(
    phones: Phones, service: Service, advocate: Call
) -> None:
    phones.press(advocate.sid, "1")
    child = phones.answer(phones.ringing(CHILD).sid)
    assert phones.hang_up(child.sid).joined is None
    assert told(service) == ("completed", "false")


def test_a_call_in_rings_whoever_is_dialled_and_stays_unanswered_until_they_are_joined(
    phones: Phones, service: Service
) -> None:
    service.answer(IN, dialling(ADVOCATE, answer_on_bridge=True, caller_id=NUMBER))
    service.answer(WHISPER, asking_for_a_key(PRESSED))
    call = phones.call(CHILD)
    assert (call.state, call.direction) == ("ringing", "inbound")
    (asked,) = service.at(IN)
    assert asked.is_genuine
    assert (asked["CallStatus"], asked["Direction"]) == ("ringing", "inbound")
    assert (asked["From"], asked["To"]) == (CHILD, NUMBER)
    advocate = phones.answer(phones.ringing(ADVOCATE).sid)
    assert phones.look(call.sid).state == "ringing"
    phones.press(advocate.sid, "1")
    assert phones.look(call.sid).state == "in-progress"
    assert phones.look(call.sid).joined == advocate.sid
    phones.hang_up(call.sid)
    assert phones.look(advocate.sid).state == "completed"


def test_a_call_in_goes_from_one_phone_to_the_next(phones: Phones, service: Service) -> None:
    greeting = VoiceResponse()
    greeting.say("Hello.")
    greeting.append(Dial(ADVOCATE, action=AFTER, caller_id=NUMBER))
    service.answer(IN, str(greeting))
    service.answer(AFTER, dialling(THIRD, caller_id=NUMBER))
    call = phones.call(CHILD)
    assert (call.state, call.said) == ("in-progress", ("Hello.",))
    phones.ring_out(phones.ringing(ADVOCATE).sid)
    second = phones.answer(phones.ringing(THIRD).sid)
    assert second.joined == call.sid


def test_the_first_of_several_phones_is_joined_and_the_others_stop(
    phones: Phones, service: Service
) -> None:
    service.answer(IN, dialling(ADVOCATE, THIRD, caller_id=NUMBER))
    call = phones.call(CHILD)
    other = phones.ringing(ADVOCATE)
    taken = phones.answer(phones.ringing(THIRD).sid)
    assert taken.joined == call.sid
    assert phones.look(other.sid).state == "canceled"


def test_a_number_that_is_not_ours_cannot_be_shown(phones: Phones, service: Service) -> None:
    service.answer(IN, dialling(ADVOCATE, caller_id="+447700900555"))
    phones.call(CHILD)
    assert [posted["DialCallStatus"] for posted in service.at(AFTER)] == ["failed"]
    assert phones.calls(ADVOCATE) == []
    assert [each["code"] for each in phones.log()["troubles"]] == [13214]


def test_a_call_in_can_be_refused(phones: Phones, service: Service) -> None:
    refusing = VoiceResponse()
    refusing.reject(reason="busy")
    service.answer(IN, str(refusing))
    assert phones.call(CHILD).state == "busy"


def test_a_whisper_that_only_speaks_joins_whoever_answered(
    phones: Phones, service: Service
) -> None:
    service.answer(IN, dialling(ADVOCATE, caller_id=NUMBER))
    whisper = VoiceResponse()
    whisper.say("A call for you.")
    service.answer(WHISPER, str(whisper))
    call = phones.call(CHILD)
    machine = phones.voicemail(phones.ringing(ADVOCATE).sid)
    assert machine.joined == call.sid, "which is why a key must be asked for"
