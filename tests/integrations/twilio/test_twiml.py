"""The documents for calls, word for word. None of them can record."""

import re
from xml.etree import ElementTree as ET

import pytest

from integrations.twilio import twiml

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
DOCUMENTS = {
    "ask": twiml.ask(
        say="Hello. Press 1 to speak to somebody.",
        answer_to="https://staff.example.org/twilio/voice/key/7f3c",
        seconds=6,
    ),
    "pin": twiml.ask(
        say="Press your four keys.", answer_to="/twilio/voice/pin/7f3c", digits=4, seconds=10
    ),
    "pin_with_hash": twiml.ask(
        say="Your PIN, then hash.", answer_to="/p", digits=6, seconds=10, ends_with="#"
    ),
    "say_and_hang_up": twiml.say_and_hang_up(say="Goodbye."),
    "dial": twiml.dial(
        number="+447700900123",
        shown="+441632960001",
        first_at="/twilio/voice/first/7f3c",
        then_to="/twilio/voice/then/7f3c",
        seconds=20,
    ),
    "say_and_dial": twiml.dial(
        number="+447700900123",
        shown="+441632960001",
        first_at="/twilio/voice/first/7f3c",
        then_to="/twilio/voice/then/7f3c",
        seconds=20,
        say="One moment.",
    ),
    "nothing": twiml.nothing(),
    "hang_up": twiml.hang_up(),
    "reject": twiml.reject(),
}


def test_a_question_waits_for_keys_and_asks_the_same_address_without_any() -> None:
    address = "https://staff.example.org/twilio/voice/key/7f3c"
    assert DOCUMENTS["ask"] == (
        f'{HEAD}<Response><Gather action="{address}" finishOnKey="" input="dtmf" method="POST"'
        ' numDigits="1" timeout="6">'
        '<Say language="en-GB">Hello. Press 1 to speak to somebody.</Say>'
        "</Gather>"
        f'<Redirect method="POST">{address}</Redirect></Response>'
    )


def test_a_question_may_wait_for_several_keys() -> None:
    assert 'numDigits="4" timeout="10"' in DOCUMENTS["pin"]


def test_a_question_may_end_with_a_key_before_all_were_pressed() -> None:
    assert 'finishOnKey="#" input="dtmf" method="POST" numDigits="6"' in DOCUMENTS["pin_with_hash"]
    assert 'finishOnKey=""' in DOCUMENTS["pin"], "left out, hash would end it"


def test_something_is_said_and_the_call_ends() -> None:
    assert DOCUMENTS["say_and_hang_up"] == (
        f'{HEAD}<Response><Say language="en-GB">Goodbye.</Say><Hangup /></Response>'
    )


def test_a_number_is_joined_only_after_its_own_document() -> None:
    dial = (
        '<Dial action="/twilio/voice/then/7f3c" answerOnBridge="true" callerId="+441632960001"'
        ' method="POST" timeout="20"><Number method="POST" url="/twilio/voice/first/7f3c">'
        "+447700900123</Number></Dial></Response>"
    )
    assert DOCUMENTS["dial"] == f"{HEAD}<Response>{dial}"
    assert DOCUMENTS["say_and_dial"] == (
        f'{HEAD}<Response><Say language="en-GB">One moment.</Say>{dial}'
    )


def test_the_short_ones() -> None:
    assert DOCUMENTS["nothing"] == f"{HEAD}<Response />"
    assert DOCUMENTS["hang_up"] == f"{HEAD}<Response><Hangup /></Response>"
    assert DOCUMENTS["reject"] == f'{HEAD}<Response><Reject reason="busy" /></Response>'


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_no_document_records(document: str) -> None:
    assert not re.search("record|transcri|stream|siprec", document, re.IGNORECASE)


def test_there_is_no_document_that_this_does_not_look_at() -> None:
    made = {
        name
        for name, value in vars(twiml).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", "") == twiml.__name__
    }
    assert made <= set(DOCUMENTS)


def test_words_and_addresses_cannot_become_commands() -> None:
    hostile = '"/><Record/><Say x="'
    document = twiml.dial(
        number=hostile, shown=hostile, first_at=hostile, then_to=hostile, seconds=1, say=hostile
    )
    tags = [each.tag for each in ET.fromstring(document).iter()]  # noqa: S314 - our own document
    assert tags == ["Response", "Say", "Dial", "Number"]
