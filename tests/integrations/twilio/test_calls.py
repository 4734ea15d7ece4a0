"""Calls through the SDK: what is asked of Twilio, field by field."""

import pytest

from integrations.twilio.calls import RungCall, TwilioCalls
from integrations.twilio.errors import TwilioError
from tests.integrations.twilio import recording
from tests.integrations.twilio.recording import Asked, Recording, call
from tests.integrations.twilio.wire import Wire

CALLS = f"https://api.twilio.com/2010-04-01/Accounts/{recording.ACCOUNT}/Calls"


def test_a_number_is_rung_with_these_fields_and_no_others() -> None:
    wire = Recording(answers=[call()])
    rung = TwilioCalls(wire.api(), number=recording.OURS).ring(
        to=recording.CHILD,
        answer_at=recording.ANSWER_AT,
        status_to=recording.CALL_STATUS_TO,
        rings_for_seconds=20,
    )
    assert rung == RungCall(sid=recording.CALL_SID)
    assert wire.asked == [
        Asked(
            method="POST",
            path=f"{CALLS}.json",
            form=(
                ("To", "+447700900123"),
                ("From", "+441632960001"),
                ("StatusCallback", "https://staff.example.org/twilio/voice/status/7f3c"),
                ("StatusCallbackEvent", "initiated"),
                ("StatusCallbackEvent", "ringing"),
                ("StatusCallbackEvent", "answered"),
                ("StatusCallbackEvent", "completed"),
                ("Timeout", "20"),
                ("Url", "https://staff.example.org/twilio/voice/answer/7f3c"),
            ),
        )
    ]


def test_a_call_is_ended_whether_it_rings_or_not() -> None:
    wire = Recording(answers=[call(status="completed")])
    TwilioCalls(wire.api(), number=recording.OURS).hang_up(sid=recording.CALL_SID)
    assert wire.asked == [
        Asked(
            method="POST",
            path=f"{CALLS}/{recording.CALL_SID}.json",
            form=(("Status", "completed"),),
        )
    ]


def test_a_call_that_has_ended_by_itself_needs_no_ending(wire: Wire) -> None:
    calls = TwilioCalls(wire.api(), number=recording.OURS)
    wire.answers(400, {"code": 21220, "status": 400})
    calls.hang_up(sid=recording.CALL_SID)
    wire.answers(404, {"code": 20404, "status": 404})
    with pytest.raises(TwilioError) as failed:
        calls.hang_up(sid=recording.CALL_SID)
    assert (failed.value.can_retry, failed.value.code) == (False, 20404)


@pytest.mark.parametrize("sid", ["", "CA1", "../Messages", recording.CALL_SID + "/x"])
def test_what_is_no_sid_never_becomes_an_address(sid: str) -> None:
    wire = Recording(answers=[])
    with pytest.raises(TwilioError) as failed:
        TwilioCalls(wire.api(), number=recording.OURS).hang_up(sid=sid)
    assert not failed.value.can_retry
    assert wire.asked == []


def test_a_call_without_a_sid_may_be_ringing() -> None:
    wire = Recording(answers=[call(sid=None)])
    with pytest.raises(TwilioError) as failed:
        TwilioCalls(wire.api(), number=recording.OURS).ring(
            to=recording.CHILD,
            answer_at=recording.ANSWER_AT,
            status_to=recording.CALL_STATUS_TO,
            rings_for_seconds=20,
        )
    assert failed.value.maybe_sent
