"""Calls through Twilio's own client, led by documents that Twilio's own library writes."""

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from integrations.standins.twilio.control import Phones, PhonesError
from tests.integrations.standins.twilio.listening import Listener, Say, Service
from tests.twilio_standin import NUMBER

PHONE = "+447700900001"
ANSWERED, PRESSED, STATUS = "/voice/answered", "/voice/pressed", "/voice/status"


@pytest.fixture
def ring(client: Client, listener: Listener) -> Any:
    """Rings the phone, and wants to hear of everything."""

    def ring(to: str = PHONE, **more: Any) -> str:
        sid: str = client.calls.create(
            to=to,
            from_=NUMBER,
            url=listener.origin + ANSWERED,
            status_callback=listener.origin + STATUS,
            status_callback_event=["initiated", "ringing", "answered", "completed"],
            **more,
        ).sid
        return sid

    return ring


def asking(**options: Any) -> str:
    """A document that asks for a key, and hangs up when none is pressed."""
    response = VoiceResponse()
    gather = Gather(action=PRESSED, **{"num_digits": 1, "timeout": 5} | options)
    gather.say("Press 1 to go on.")
    response.append(gather)
    response.say("Goodbye.")
    response.hangup()
    return str(response)


def saying(*words: str) -> str:
    response = VoiceResponse()
    for each in words:
        response.say(each)
    return str(response)


def told(service: Service) -> list[str]:
    return [posted["CallStatus"] for posted in service.at(STATUS)]


def test_a_call_that_is_answered_hears_its_document(
    client: Client, phones: Phones, service: Service, ring: Any
) -> None:
    service.answer(ANSWERED, saying("Hello.", "This is a test."))
    sid = ring()
    assert phones.ringing(PHONE).sid == sid
    assert client.calls(sid).fetch().status == "ringing"
    heard = phones.answer(sid)
    assert heard.said == ("Hello.", "This is a test.")
    assert heard.state == "completed"
    (asked,) = service.at(ANSWERED)
    assert asked.is_genuine
    assert (asked["CallSid"], asked["CallStatus"]) == (sid, "in-progress")
    assert (asked["From"], asked["To"], asked["Direction"]) == (NUMBER, PHONE, "outbound-api")
    done = client.calls(sid).fetch()
    assert (done.status, done.direction, done.duration) == ("completed", "outbound-api", "0")
    assert done.start_time is not None
    assert done.end_time is not None


def test_every_state_of_a_call_is_reported_in_order_and_signed(
    phones: Phones, service: Service, ring: Any
) -> None:
    phones.answer(ring())
    assert told(service) == ["initiated", "ringing", "in-progress", "completed"]
    posts = service.at(STATUS)
    assert all(posted.is_genuine for posted in posts)
    assert [posted["SequenceNumber"] for posted in posts] == ["0", "1", "2", "3"]
    assert posts[-1]["CallDuration"] == "0"
    assert "CallDuration" not in posts[-2].fields


def test_without_a_wish_only_the_end_is_reported(
    client: Client, phones: Phones, listener: Listener, service: Service
) -> None:
    sid = client.calls.create(
        to=PHONE,
        from_=NUMBER,
        url=listener.origin + ANSWERED,
        status_callback=listener.origin + STATUS,
    ).sid
    phones.answer(sid)
    assert told(service) == ["completed"]


def test_a_key_that_is_pressed_leads_on(phones: Phones, service: Service, ring: Any) -> None:
    service.answer(ANSWERED, asking())
    service.answer(PRESSED, saying("Thank you."))
    sid = ring()
    call = phones.answer(sid)
    assert (call.wants_key, call.state) == (True, "in-progress")
    assert call.said == ("Press 1 to go on.",)
    call = phones.press(sid, "1")
    assert call.said == ("Press 1 to go on.", "Thank you.")
    (pressed,) = service.at(PRESSED)
    assert (pressed["Digits"], pressed["CallSid"]) == ("1", sid)
    assert pressed.is_genuine


def test_without_a_key_the_document_goes_on(phones: Phones, service: Service, ring: Any) -> None:
    service.answer(ANSWERED, asking())
    sid = ring()
    phones.answer(sid)
    call = phones.gather_timeout(sid)
    assert call.said == ("Press 1 to go on.", "Goodbye.")
    assert call.state == "completed"
    assert service.at(PRESSED) == []


def test_the_time_for_a_key_runs_out_by_itself(phones: Phones, service: Service, ring: Any) -> None:
    phones.behave(speed=100)
    service.answer(ANSWERED, asking(timeout=5))
    sid = ring()
    phones.answer(sid)
    service.wait(STATUS, 4)
    assert phones.look(sid).said == ("Press 1 to go on.", "Goodbye.")


def test_a_voicemail_hears_the_question_and_presses_nothing(
    phones: Phones, service: Service, ring: Any
) -> None:
    service.answer(ANSWERED, asking())
    sid = ring()
    call = phones.voicemail(sid)
    assert (call.voicemail, call.said) == (True, ("Press 1 to go on.",))
    phones.press(sid, "1")
    assert service.at(PRESSED) == []
    assert phones.gather_timeout(sid).state == "completed"


@pytest.mark.parametrize(
    ("options", "presses", "digits"),
    [
        ({"num_digits": 4}, ["12", "34"], "1234"),
        ({"num_digits": 10}, ["12#"], "12"),
        ({"num_digits": 10, "finish_on_key": "*"}, ["1#2*"], "1#2"),
        ({"num_digits": 2}, ["12345"], "12"),
        ({"num_digits": 1, "finish_on_key": ""}, ["#"], "#"),
    ],
)
def test_digits_are_gathered_until_there_are_enough_or_the_last_key_comes(
    phones: Phones,
    service: Service,
    ring: Any,
    options: dict[str, Any],
    presses: list[str],
    digits: str,
) -> None:
    service.answer(ANSWERED, asking(**options))
    sid = ring()
    phones.answer(sid)
    for each in presses:
        phones.press(sid, each)
    assert [posted["Digits"] for posted in service.at(PRESSED)] == [digits]


def test_digits_that_are_too_few_are_told_when_the_time_is_out(
    phones: Phones, service: Service, ring: Any
) -> None:
    service.answer(ANSWERED, asking(num_digits=4))
    sid = ring()
    phones.answer(sid)
    assert phones.press(sid, "12").wants_key
    phones.gather_timeout(sid)
    assert [posted["Digits"] for posted in service.at(PRESSED)] == ["12"]


def test_an_empty_gathering_is_told_where_the_document_says_so(
    phones: Phones, service: Service, ring: Any
) -> None:
    service.answer(ANSWERED, asking(action_on_empty_result=True))
    sid = ring()
    phones.answer(sid)
    phones.gather_timeout(sid)
    assert [posted["Digits"] for posted in service.at(PRESSED)] == [""]


@pytest.mark.parametrize(
    ("do", "state"),
    [("ring_out", "no-answer"), ("reject", "busy"), ("hang_up", "busy")],
)
def test_a_call_that_nobody_takes_ends_with_twilios_status(
    phones: Phones, service: Service, ring: Any, do: str, state: str
) -> None:
    sid = ring()
    phones.ringing(PHONE)
    call = getattr(phones, do)(sid)
    assert (call.state, call.said) == (state, ())
    assert told(service) == ["initiated", "ringing", state]
    assert service.at(ANSWERED) == []


def test_ringing_ends_by_itself(phones: Phones, service: Service, ring: Any) -> None:
    phones.behave(speed=100)
    ring(timeout=5)
    assert [posted["CallStatus"] for posted in service.wait(STATUS, 3)][-1] == "no-answer"


@pytest.mark.parametrize("habit", ["busy", "failed", "no-answer"])
def test_a_phone_can_have_a_habit(phones: Phones, service: Service, ring: Any, habit: str) -> None:
    phones.behave(phones={PHONE: {"rings": habit}})
    ring()
    assert phones.settle()
    assert told(service)[-1] == habit


def test_a_phone_can_always_go_to_voicemail(phones: Phones, service: Service, ring: Any) -> None:
    phones.behave(phones={PHONE: {"rings": "voicemail"}})
    service.answer(ANSWERED, saying("Hello."))
    ring()
    assert phones.settle()
    (call,) = phones.calls(PHONE)
    assert (call.voicemail, call.said) == (True, ("Hello.",))


def test_a_call_can_be_hung_up_by_the_person_and_by_the_api(
    client: Client, phones: Phones, service: Service, ring: Any
) -> None:
    service.answer(ANSWERED, asking())
    first, second = ring(), ring()
    phones.answer(first)
    phones.answer(second)
    assert phones.hang_up(first).state == "completed"
    assert client.calls(second).update(status="completed").status == "completed"
    with pytest.raises(TwilioRestException) as over:
        client.calls(second).update(status="completed")
    assert over.value.code == 21220


def test_a_ringing_call_can_be_cancelled_and_an_answered_one_cannot(
    client: Client, phones: Phones, service: Service, ring: Any
) -> None:
    service.answer(ANSWERED, asking())
    sid = ring()
    phones.ringing(PHONE)
    assert client.calls(sid).update(status="canceled").status == "canceled"
    sid = ring()
    phones.answer(sid)
    with pytest.raises(TwilioRestException):
        client.calls(sid).update(status="canceled")


def test_nobody_can_press_a_key_that_is_not_asked_for_or_answer_what_does_not_ring(
    phones: Phones, service: Service, ring: Any
) -> None:
    service.answer(ANSWERED, saying("Hello."))
    sid = ring()
    phones.answer(sid)
    with pytest.raises(PhonesError) as pressed:
        phones.press(sid, "1")
    with pytest.raises(PhonesError) as answered:
        phones.answer(sid)
    assert (pressed.value.status, answered.value.status) == (409, 409)


def test_a_key_pressed_during_a_pause_is_refused(
    phones: Phones, service: Service, ring: Any
) -> None:
    pausing = VoiceResponse()
    pausing.pause(length=600)
    service.answer(ANSWERED, str(pausing))
    sid = ring()
    assert phones.answer(sid).state == "in-progress"
    with pytest.raises(PhonesError) as pressed:
        phones.press(sid, "1")
    assert pressed.value.status == 409


@pytest.mark.parametrize("answer", [Say(status=500), Say(body="<oh"), Say(body="<Message/>")])
def test_a_document_that_cannot_be_had_is_an_application_error(
    phones: Phones, service: Service, ring: Any, answer: Say
) -> None:
    service.answer(ANSWERED, answer)
    call = phones.answer(ring())
    assert call.said == ("We are sorry, an application error has occurred. Goodbye.",)
    assert phones.log()["troubles"] != []


def test_a_fallback_address_is_asked_when_the_first_fails(
    phones: Phones, listener: Listener, service: Service, ring: Any
) -> None:
    service.answer(ANSWERED, Say(status=500))
    service.answer("/voice/else", saying("Sorry."))
    call = phones.answer(ring(fallback_url=listener.origin + "/voice/else"))
    assert call.said == ("Sorry.",)


def test_a_document_can_lead_elsewhere_and_wait(
    phones: Phones, service: Service, ring: Any
) -> None:
    phones.behave(speed=100)
    waiting = VoiceResponse()
    waiting.pause(length=2)
    waiting.redirect(PRESSED + "?step=2")
    service.answer(ANSWERED, str(waiting))
    service.answer(PRESSED, saying("There."))
    sid = ring()
    phones.answer(sid)
    service.wait(STATUS, 4)
    assert phones.look(sid).said == ("There.",)


def test_a_circle_of_documents_ends(phones: Phones, service: Service, ring: Any) -> None:
    circle = VoiceResponse()
    circle.redirect(ANSWERED)
    service.answer(ANSWERED, str(circle))
    sid = ring()
    phones.answer(sid)
    assert phones.look(sid).state == "completed"


def test_a_document_can_come_with_the_request(client: Client, phones: Phones) -> None:
    sid = client.calls.create(to=PHONE, from_=NUMBER, twiml=saying("Hello.")).sid
    assert phones.answer(sid).said == ("Hello.",)


def test_a_wish_to_record_is_counted(
    client: Client, phones: Phones, listener: Listener, service: Service
) -> None:
    recording = VoiceResponse()
    recording.record()
    dial = Dial(record="record-from-answer")
    recording.append(dial)
    service.answer(ANSWERED, str(recording))
    assert phones.log()["counts"].get("recordings", 0) == 0
    url = listener.origin + ANSWERED
    phones.answer(client.calls.create(to=PHONE, from_=NUMBER, url=url, record=True).sid)
    assert phones.log()["counts"]["recordings"] == 3


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": "07700900001"}, 21211),
        ({"from_": "+447700900999"}, 21210),
        ({"url": ""}, 21205),
        ({"url": "http://example.org/voice"}, 21205),
        ({"status_callback": "http://example.org/status"}, 21609),
    ],
)
def test_calls_that_twilio_refuses_are_refused(
    client: Client, phones: Phones, listener: Listener, fields: dict[str, str], code: int
) -> None:
    asked = {"to": PHONE, "from_": NUMBER, "url": listener.origin + ANSWERED} | fields
    with pytest.raises(TwilioRestException) as refused:
        client.calls.create(**asked)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert phones.log()["calls"] == {}


def test_calls_are_listed_filtered_and_deleted(client: Client, phones: Phones, ring: Any) -> None:
    first = ring()
    phones.answer(first)
    second = ring(to="+447700900002")
    phones.ringing("+447700900002")
    assert [call.sid for call in client.calls.list()] == [second, first]
    assert [call.sid for call in client.calls.list(status="ringing")] == [second]
    assert [call.sid for call in client.calls.list(to=PHONE, page_size=1)] == [first]
    with pytest.raises(TwilioRestException):
        client.calls(second).delete()
    assert client.calls(first).delete()
    assert [call.sid for call in client.calls.list()] == [second]


def test_an_opted_out_phone_can_still_be_rung(client: Client, phones: Phones, ring: Any) -> None:
    phones.send(PHONE, "STOP")
    assert client.calls(ring()).fetch().to == PHONE
