"""Texts through the SDK: what is asked of Twilio, field by field, and what is made of its lists."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from integrations.twilio.errors import TwilioError
from integrations.twilio.messages import SentText, TwilioTexts
from integrations.twilio.webhooks import InboundSms, TextStatus
from tests.integrations.twilio import recording
from tests.integrations.twilio.recording import Asked, Recording, arrival, message, page

MESSAGES = f"https://api.twilio.com/2010-04-01/Accounts/{recording.ACCOUNT}/Messages.json"
NEXT = "PageSize=1000&Page=1&PageToken=PASM2"


def texts(*answers: Any) -> tuple[TwilioTexts, Recording]:
    wire = Recording(answers=answers)
    return TwilioTexts(wire.api(), number=recording.OURS), wire


def found(*pages: dict[str, Any], known: Sequence[str] = ()) -> SentText | None:
    looking, _ = texts(*pages)
    return looking.find_sent(
        to=recording.CHILD, text=recording.WORDS, since=recording.SINCE, known=known
    )


def sid(number: int) -> str:
    return f"SM{number:032x}"


def at(second: int) -> str:
    return f"Wed, 04 Mar 2026 12:00:{second:02} +0000"


def test_a_text_is_sent_with_these_fields_and_no_others() -> None:
    sending, wire = texts(message(status="accepted"))
    sent = sending.send(to=recording.CHILD, text=recording.WORDS, status_to=recording.STATUS_TO)
    assert sent == SentText(sid=recording.TEXT_SID, status="accepted")
    assert wire.asked == [
        Asked(
            method="POST",
            path=MESSAGES,
            form=(
                ("To", "+447700900123"),
                ("StatusCallback", "https://staff.example.org/twilio/status/7f3c"),
                ("ValidityPeriod", "14400"),
                ("SmartEncoded", "false"),
                ("From", "+441632960001"),
                ("Body", "Is it OK to text now? \u20ac [x]"),
            ),
        )
    ]


def test_a_sent_text_is_looked_for_by_both_numbers_on_every_page() -> None:
    looking, wire = texts(page(following=f"To=%2B447700900123&{NEXT}"), page())
    assert (
        looking.find_sent(to=recording.CHILD, text=recording.WORDS, since=recording.SINCE) is None
    )
    assert wire.asked == [
        Asked(
            method="GET",
            path=MESSAGES,
            query=(("To", "+447700900123"), ("From", "+441632960001"), ("PageSize", "1000")),
        ),
        Asked(
            method="GET",
            path=MESSAGES,
            query=(
                ("To", "+447700900123"),
                ("PageSize", "1000"),
                ("Page", "1"),
                ("PageToken", "PASM2"),
            ),
        ),
    ]


def test_a_text_is_found_on_a_later_page_and_before_it_was_handed_on() -> None:
    assert found(
        page(message(body="other", sid=sid(9)), following=NEXT), page(message(date_sent=None))
    ) == SentText(sid=recording.TEXT_SID, status="queued")


@pytest.mark.parametrize(
    "changes",
    [
        {"body": recording.WORDS + " "},
        {"body": recording.WORDS.lower()},
        {"body": None},
        {"direction": "inbound"},
        {"date_created": "Wed, 04 Mar 2026 11:59:59 +0000"},
    ],
)
def test_another_text_is_not_the_one_looked_for(changes: dict[str, Any]) -> None:
    assert found(page(message())) is not None
    assert found(page(message(**changes))) is None


@pytest.mark.parametrize("status", ["failed", "undelivered", "delivered", "canceled"])
def test_a_text_that_twilio_took_is_found_however_it_fared(status: str) -> None:
    assert found(page(message(status=status))) == SentText(sid=recording.TEXT_SID, status=status)


def test_of_two_alike_the_older_is_found_and_a_known_one_passed_over() -> None:
    both = page(
        message(sid=sid(2), date_created=at(9), status="sent"),
        message(sid=sid(1), date_created=at(3), status="sent"),
    )
    assert found(both) == SentText(sid=sid(1), status="sent")
    assert found(both, known=[sid(1)]) == SentText(sid=sid(2), status="sent")
    assert found(both, known=[sid(1), sid(2)]) is None


def test_what_came_in_is_asked_for_from_a_second_before() -> None:
    looking, wire = texts(page(following=f"To=%2B441632960001&{NEXT}"), page())
    east = recording.SINCE.astimezone(timezone(timedelta(hours=5)))
    assert list(looking.arrived(since=east)) == []
    assert wire.asked[0] == Asked(
        method="GET",
        path=MESSAGES,
        query=(
            ("To", "+441632960001"),
            ("DateSent>", "2026-03-04T11:59:59Z"),
            ("PageSize", "1000"),
        ),
    )
    assert len(wire.asked) == 2


def test_a_listed_text_says_all_that_a_webhook_says_and_when_it_was_sent() -> None:
    looking, _ = texts(page(arrival(num_media="1", num_segments="3", sid=sid(5))))
    assert list(looking.arrived(since=recording.SINCE)) == [
        InboundSms(
            sid=sid(5),
            sender=recording.CHILD,
            to=recording.OURS,
            text="hello",
            pictures=1,
            segments=3,
            sent_at=datetime(2026, 3, 4, 12, 0, 1, tzinfo=UTC),
        )
    ]


def test_what_came_in_is_given_oldest_first_over_all_pages() -> None:
    looking, _ = texts(
        page(
            arrival(sid=sid(5), date_sent=at(8)),
            arrival(sid=sid(4), date_sent=at(2)),
            following=NEXT,
        ),
        page(arrival(sid=sid(3), date_sent=at(5)), arrival(sid=sid(2), date_sent=at(2))),
    )
    assert [text.sid for text in looking.arrived(since=recording.SINCE)] == [
        sid(2),
        sid(4),
        sid(3),
        sid(5),
    ]


def test_only_texts_to_us_since_then_are_given() -> None:
    looking, _ = texts(
        page(
            arrival(sid=sid(6), date_sent=None, date_created=at(4)),
            arrival(sid=sid(5), date_sent=at(0)),
            arrival(sid=sid(4), date_sent="Wed, 04 Mar 2026 11:59:59 +0000"),
            arrival(sid=sid(3), date_sent="Wed, 04 Mar 2026 00:00:00 +0000"),
            message(sid=sid(2), to=recording.OURS, date_sent=at(3)),
        )
    )
    assert [text.sid for text in looking.arrived(since=recording.SINCE)] == [sid(5), sid(6)]


def test_a_list_that_ends_in_an_error_gives_nothing() -> None:
    looking, _ = texts(page(arrival(), following=NEXT), {"no": "list", "at": "all"})
    with pytest.raises(TwilioError):
        looking.arrived(since=recording.SINCE)


def test_a_listed_text_without_a_sid_is_an_error_and_not_left_out() -> None:
    looking, _ = texts(page(arrival(), arrival(sid="RC1")))
    with pytest.raises(TwilioError) as failed:
        looking.arrived(since=recording.SINCE)
    assert (failed.value.can_retry, failed.value.maybe_sent) == (True, False)


def test_how_a_text_fares_is_asked_for_by_its_sid_and_nothing_else() -> None:
    asking, wire = texts(message(status="undelivered", error_code=30005))
    assert asking.status(sid=recording.TEXT_SID) == TextStatus(
        sid=recording.TEXT_SID, status="undelivered", error_code=30005
    )
    assert wire.asked == [
        Asked(method="GET", path=MESSAGES.replace(".json", f"/{recording.TEXT_SID}.json"))
    ]


def test_a_text_without_an_error_fares_without_a_code() -> None:
    asking, _ = texts(message(status="delivered"))
    assert asking.status(sid=recording.TEXT_SID).error_code is None


@pytest.mark.parametrize("odd", ["", "SM1", "../Calls/CA1", recording.CALL_SID])
def test_what_is_no_sid_of_a_text_is_never_asked_for(odd: str) -> None:
    asking, wire = texts()
    with pytest.raises(TwilioError) as refused:
        asking.status(sid=odd)
    assert refused.value.can_retry is False
    assert wire.asked == []


@pytest.mark.parametrize(
    "answer", [message(sid=recording.OTHER_TEXT_SID), message(status=None), {"code": 0}]
)
def test_an_answer_about_another_text_or_without_a_status_is_none(answer: dict[str, Any]) -> None:
    asking, _ = texts(answer)
    with pytest.raises(TwilioError) as failed:
        asking.status(sid=recording.TEXT_SID)
    assert failed.value.can_retry is True
