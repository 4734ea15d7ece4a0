"""What Twilio says, as it says it, and what is made of it when fields are missing or wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.twilio import webhooks
from integrations.twilio.webhooks import CallEvent, InboundSms, NotReadableError, TextStatus
from tests.integrations.twilio import payloads

OURS = "+441632960001"
CHILD = "+447700900123"
SMS = "SM5f0c1d2e3a4b5c6d7e8f90a1b2c3d4e5"
CALL = "CA0123456789abcdef0123456789abcdef"
DIALLED = "CAfedcba9876543210fedcba9876543210"
SECRETS = (OURS, CHILD, "can someone help me pls")

pairs = st.lists(st.tuples(st.text(max_size=20), st.text(max_size=40)), max_size=8)


def changed(name: str, **changes: str | None) -> list[tuple[str, str]]:
    """A payload with some fields set, or left out where the change is None."""
    fields: dict[str, str | None] = {**dict(payloads.form(name)), **changes}
    return [(key, value) for key, value in fields.items() if value is not None]


def call(name: str) -> CallEvent:
    return webhooks.call_event(payloads.form(name))


def test_a_text_is_read() -> None:
    assert webhooks.inbound_sms(payloads.form("sms")) == InboundSms(
        sid=SMS,
        sender=CHILD,
        to=OURS,
        text="can someone help me pls",
        pictures=0,
        segments=1,
        sent_at=None,
    )


def test_a_text_of_several_parts_comes_as_one() -> None:
    text = webhooks.inbound_sms(payloads.form("joined_parts"))
    assert text.text == "I don't want to go back there & nobody asks me. \U0001f622 " * 4 + "end"
    assert text.segments == 4


def test_pictures_are_counted_and_their_addresses_not_kept() -> None:
    text = webhooks.inbound_sms(payloads.form("picture"))
    assert (text.pictures, text.text) == (2, "")
    kept = [getattr(text, name) for name in InboundSms.__slots__]
    assert not any("media" in str(value).lower() for value in kept)


def test_fields_that_are_new_change_nothing() -> None:
    assert webhooks.inbound_sms(payloads.form("new_fields")) == webhooks.inbound_sms(
        payloads.form("sms")
    )


def test_a_word_that_the_carrier_took_is_a_text_like_any_other() -> None:
    assert webhooks.inbound_sms(payloads.form("stop_taken_by_the_carrier")).text == "STOP"


@pytest.mark.parametrize("missing", ["From", "MessageSid"])
def test_a_text_without_sender_or_sid_is_not_readable(missing: str) -> None:
    form = changed("sms", **{missing: None, "SmsSid": None})
    with pytest.raises(NotReadableError) as refused:
        webhooks.inbound_sms(form)
    assert str(refused.value) == ""


@pytest.mark.parametrize(
    "sid",
    [
        "",
        "SM1",
        CALL,
        SMS + "0",
        SMS[:-1] + "g",
        SMS + "\n",
        SMS + "NumMedia0",
        "SM" + "\u0661" * 32,
    ],
)
def test_only_a_sid_of_exactly_its_form_is_one(sid: str) -> None:
    with pytest.raises(NotReadableError):
        webhooks.inbound_sms(changed("sms", MessageSid=sid, SmsSid=None))


def test_the_older_name_of_the_sid_counts_too() -> None:
    assert webhooks.inbound_sms(changed("sms", MessageSid=None)).sid == SMS
    assert webhooks.text_status(changed("status_delivered", MessageSid=None)).status == "delivered"


def test_a_text_without_a_body_is_empty() -> None:
    assert webhooks.inbound_sms(changed("sms", Body=None)).text == ""


def test_the_words_are_kept_as_they_came() -> None:
    assert webhooks.inbound_sms(changed("sms", Body="  a\r\n b\u00a0")).text == "  a\r\n b\u00a0"


@pytest.mark.parametrize("given", [None, "", "-1", "two", "1.5", "\u0662", "1_0", "9" * 5000])
def test_a_count_that_cannot_be_read_is_none(given: str | None) -> None:
    text = webhooks.inbound_sms(changed("sms", NumMedia=given, NumSegments=given))
    assert (text.pictures, text.segments) == (0, 1)


def test_of_a_field_that_comes_twice_the_first_counts() -> None:
    form = [*payloads.form("sms"), ("Body", "another"), ("From", "+447700900999")]
    assert webhooks.inbound_sms(form) == webhooks.inbound_sms(payloads.form("sms"))


def test_the_status_of_a_text_is_read() -> None:
    sid = "SM9f8e7d6c5b4a39281706f5e4d3c2b1a0"
    assert webhooks.text_status(payloads.form("status_delivered")) == TextStatus(
        sid=sid, status="delivered", error_code=None
    )
    assert webhooks.text_status(payloads.form("status_undelivered")) == TextStatus(
        sid=sid, status="undelivered", error_code=30005
    )


def test_a_status_by_its_older_name_counts_and_without_one_is_not_readable() -> None:
    form = changed("status_delivered", MessageStatus=None)
    assert webhooks.text_status(form).status == "delivered"
    with pytest.raises(NotReadableError):
        webhooks.text_status(changed("status_delivered", MessageStatus=None, SmsStatus=None))


@pytest.mark.parametrize("given", ["", "0", "none", "-1", "9" * 5000])
def test_an_error_code_that_is_none_is_left_out(given: str) -> None:
    form = changed("status_undelivered", ErrorCode=given)
    assert webhooks.text_status(form).error_code is None


def test_a_call_that_comes_in_is_read() -> None:
    assert call("call_in") == CallEvent(
        sid=CALL,
        sender=CHILD,
        to=OURS,
        status="ringing",
        digits="",
        dial_status=None,
        was_joined=None,
        parent_sid=None,
        is_inbound=True,
    )


def test_a_withheld_number_is_a_call_like_any_other() -> None:
    assert call("call_in_withheld").sender == "anonymous"


def test_keys_are_read() -> None:
    assert call("key_pressed").digits == "1"
    for keys, read in [("12*#", "12*#"), ("1 2", ""), ("\u0661", ""), ("1" * 33, "")]:
        form = changed("key_pressed", Digits=keys)
        assert webhooks.call_event(form).digits == read


def test_a_call_that_a_voicemail_took_was_not_joined() -> None:
    voicemail, joined = call("dial_taken_by_a_voicemail"), call("dial_joined")
    assert voicemail.dial_status == joined.dial_status == "completed"
    assert (voicemail.was_joined, joined.was_joined) == (False, True)


def test_a_dialled_call_that_nobody_took_is_read() -> None:
    assert (call("dial_unanswered").dial_status, call("dial_unanswered").status) == (
        "no-answer",
        "in-progress",
    )


def test_the_called_persons_call_names_the_one_that_dialled_it() -> None:
    event = call("called_person_answers")
    assert (event.sid, event.parent_sid, event.is_inbound) == (DIALLED, CALL, False)


def test_a_call_of_ours_that_nobody_took_is_read() -> None:
    event = call("ring_unanswered")
    assert (event.status, event.to, event.is_inbound) == ("no-answer", CHILD, False)


def test_a_call_needs_nothing_but_its_sid() -> None:
    assert webhooks.call_event([("CallSid", CALL)]).status == ""
    with pytest.raises(NotReadableError):
        webhooks.call_event(changed("call_in", CallSid=None))


@pytest.mark.parametrize("name", payloads.NAMES)
def test_nothing_of_a_childs_shows_in_a_log(name: str) -> None:
    for read in (webhooks.inbound_sms, webhooks.text_status, webhooks.call_event):
        try:
            shown = repr(read(payloads.form(name)))
        except NotReadableError:
            continue
        assert not any(secret in shown for secret in SECRETS)
        assert "digits" not in shown


@given(form=pairs)
def test_whatever_comes_is_read_or_refused(form: list[tuple[str, str]]) -> None:
    for read in (webhooks.inbound_sms, webhooks.text_status, webhooks.call_event):
        with pytest.raises(NotReadableError):
            read(form)
