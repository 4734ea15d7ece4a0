"""Texts through Twilio's own client: made, fetched, listed, redacted, deleted, refused."""

from datetime import UTC, date, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from integrations.standins.twilio.control import Phones
from integrations.twilio.client import Api
from integrations.twilio.errors import TwilioError
from integrations.twilio.messages import TwilioTexts
from tests.integrations.standins.twilio.conftest import connected
from tests.integrations.standins.twilio.listening import Listener, Service
from tests.twilio_standin import ACCOUNT, NUMBER, TOKEN, StandIn

PHONE = "+447700900001"
OTHER = "+447700900002"


def send(client: Client, body: str = "Thanks. A person will read it.", to: str = PHONE) -> str:
    sid: str = client.messages.create(to=to, from_=NUMBER, body=body).sid
    return sid


def test_a_text_is_accepted_and_goes_through_every_state(client: Client, phones: Phones) -> None:
    made = client.messages.create(to=PHONE, from_=NUMBER, body="Hi. Is now OK?")
    assert (made.status, made.direction, made.num_segments) == ("queued", "outbound-api", "1")
    assert made.sid.startswith("SM")
    assert made.account_sid == ACCOUNT
    assert made.date_sent is None
    assert phones.settle()
    done = made.fetch()
    assert (done.status, done.body, done.error_code) == ("delivered", "Hi. Is now OK?", None)
    assert done.date_sent is not None
    assert abs(done.date_sent - datetime.now(UTC)) < timedelta(minutes=1)
    assert phones.received(PHONE) == ["Hi. Is now OK?"]


def test_every_state_is_reported_in_order_and_signed(
    client: Client, phones: Phones, listener: Listener, service: Service
) -> None:
    sid = client.messages.create(
        to=PHONE, from_=NUMBER, body="x", status_callback=f"{listener.origin}/status?of=1"
    ).sid
    assert phones.settle()
    posts = service.at("/status")
    assert [post["MessageStatus"] for post in posts] == ["queued", "sending", "sent", "delivered"]
    assert {post["MessageSid"] for post in posts} == {sid}
    assert {post["SmsSid"] for post in posts} == {sid}
    assert all(post.is_genuine for post in posts)
    assert all("Body" not in post.fields for post in posts)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": "07700900001"}, 21211),
        ({"to": NUMBER}, 21266),
        ({"from_": OTHER}, 21606),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"status_callback": "http://example.org/status"}, 21609),
    ],
)
def test_what_twilio_refuses_is_refused_with_its_code(
    client: Client, phones: Phones, fields: dict[str, str], code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(**{"to": PHONE, "from_": NUMBER, "body": "x"} | fields)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert phones.log()["texts"] == []


def test_a_wrong_token_and_another_account_get_nothing(standin: StandIn, client: Client) -> None:
    for stranger in connected(standin, token="wrong"):
        with pytest.raises(TwilioRestException) as refused:
            send(stranger)
        assert (refused.value.status, refused.value.code) == (401, 20003)
    with pytest.raises(TwilioRestException) as missing:
        client.api.v2010.accounts("AC" + "f" * 32).messages.create(to=PHONE, from_=NUMBER, body="x")
    assert (missing.value.status, missing.value.code) == (404, 20404)


def test_a_redacted_text_has_no_words_for_the_api_and_all_of_them_on_the_phone(
    client: Client, phones: Phones
) -> None:
    sid = send(client, "Text any time.")
    assert phones.settle()
    assert client.messages(sid).update(body="").body == ""
    assert client.messages(sid).fetch().body == ""
    assert phones.received(PHONE) == ["Text any time."]
    assert phones.accepted(PHONE) == {"Text any time.": 1}


def test_a_deleted_text_is_gone_from_the_api(client: Client, phones: Phones) -> None:
    sid = send(client)
    assert phones.settle()
    assert client.messages(sid).delete()
    with pytest.raises(TwilioRestException) as missing:
        client.messages(sid).fetch()
    assert missing.value.code == 20404
    assert client.messages.list() == []


@pytest.mark.parametrize("change", ["delete", "redact"])
def test_a_text_on_its_way_cannot_be_redacted_or_deleted(
    client: Client, phones: Phones, change: str
) -> None:
    phones.behave(pace=60)
    text = client.messages(send(client))
    with pytest.raises(TwilioRestException) as refused:
        text.delete() if change == "delete" else text.update(body="")
    assert (refused.value.status, refused.value.code) == (409, 20009)


def test_lists_are_filtered_by_number(client: Client, phones: Phones) -> None:
    send(client, "to one")
    send(client, "to the other", to=OTHER)
    phones.send(PHONE, "from one")
    assert phones.settle()
    assert [text.body for text in client.messages.list(to=PHONE)] == ["to one"]
    assert [text.body for text in client.messages.list(to=NUMBER)] == ["from one"]
    assert [text.body for text in client.messages.list(from_=PHONE)] == ["from one"]
    assert [text.body for text in client.messages.list(from_=NUMBER, to=OTHER)] == ["to the other"]


def test_lists_are_filtered_by_time_to_the_second_and_by_day(
    client: Client, phones: Phones
) -> None:
    noon = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    for hours in range(-24, 25, 12):
        phones.send(PHONE, f"{hours:+}", at=noon + timedelta(hours=hours))

    def found(**limits: datetime | date) -> list[str]:
        return [text.body for text in client.messages.list(**limits)]

    assert found() == ["+24", "+12", "+0", "-12", "-24"], "the newest first"
    assert found(date_sent_after=noon) == ["+24", "+12", "+0"]
    assert found(date_sent_after=noon + timedelta(seconds=1)) == ["+24", "+12"]
    assert found(date_sent_before=noon) == ["+0", "-12", "-24"]
    assert found(date_sent_before=noon - timedelta(seconds=1)) == ["-12", "-24"]
    assert found(date_sent=noon) == ["+0"]
    assert found(date_sent_after=noon, date_sent_before=noon + timedelta(hours=12)) == ["+12", "+0"]
    listed = client.request(
        "GET",
        f"{client.api.base_url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        params={"DateSent": "2026-11-02"},
    )
    assert listed.text.count('"body"') == 2


def test_a_text_that_was_not_sent_yet_is_in_no_list_by_time(client: Client, phones: Phones) -> None:
    phones.behave(pace=60)
    sid = send(client)
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert client.messages.list(date_sent_after=an_hour_ago) == []
    assert [text.sid for text in client.messages.list(to=PHONE)] == [sid]


def test_a_date_that_is_none_is_refused(client: Client) -> None:
    for none in ("yesterday", "2026-13-01"):
        with pytest.raises(TwilioException, match="Unable to fetch page"):
            client.messages.list(date_sent=none)


def test_pages_follow_each_other_and_what_comes_meanwhile_moves_none(
    client: Client, phones: Phones
) -> None:
    sids = phones.send_many((PHONE, f"text {number}") for number in range(25))
    page = client.messages.page(page_size=10)
    seen = [text.sid for text in page]
    phones.send(PHONE, "meanwhile")
    while (page := page.next_page()) is not None:
        seen += [text.sid for text in page]
    assert seen == sids[::-1]


def test_a_page_is_not_reached_by_its_number_alone(client: Client, phones: Phones) -> None:
    phones.send(PHONE, "hello")
    with pytest.raises(TwilioException, match="Unable to fetch page"):
        client.messages.page(page_number=1)


def test_the_client_walks_through_all_pages(client: Client, phones: Phones) -> None:
    sids = phones.send_many((PHONE, "same words") for _ in range(120))
    assert [text.sid for text in client.messages.list()] == sids[::-1]
    assert len(client.messages.list(limit=7)) == 7
    assert len(client.messages.list(to=NUMBER, page_size=1000)) == 120


def test_a_new_text_may_be_missing_from_lists_for_a_while(client: Client, phones: Phones) -> None:
    phones.behave(list_lag=3600)
    sid = send(client)
    assert client.messages.list() == []
    assert client.messages(sid).fetch().sid == sid
    phones.behave(list_lag=0)
    assert [text.sid for text in client.messages.list()] == [sid]


def test_the_calendar_can_be_set_ahead(client: Client, phones: Phones) -> None:
    there = datetime(2031, 11, 2, 10, 0, tzinfo=UTC)
    phones.set_clock(there)
    phones.behave_well()
    made = client.messages.create(to=PHONE, from_=NUMBER, body="x")
    assert made.date_created is not None
    assert timedelta() <= made.date_created - there < timedelta(minutes=1)
    phones.send(PHONE, "hello")
    assert [text.body for text in client.messages.list(to=NUMBER, date_sent_after=there)] == [
        "hello"
    ]


def test_requests_are_kept_so_that_they_can_be_held_against_a_description(
    client: Client, phones: Phones
) -> None:
    send(client, "words")
    asked = phones.requests()[-1]
    assert asked["method"] == "POST"
    assert asked["path"] == "/2010-04-01/Accounts/{Sid}/Messages.json"
    assert asked["fields"] == {"To": [PHONE], "From": [NUMBER], "Body": ["words"]}


def test_our_client_learns_how_a_text_fared_without_any_report(
    standin: StandIn, client: Client, phones: Phones
) -> None:
    phones.behave(phones={OTHER: {"code": 30005}})
    arrives, lost = send(client), send(client, to=OTHER)
    assert phones.settle()
    api = Api(account_sid=ACCOUNT, token=TOKEN, api_url=standin.api)
    texts = TwilioTexts(api, number=NUMBER)
    told = [texts.status(sid=sid) for sid in (arrives, lost)]
    assert [(each.status, each.error_code) for each in told] == [
        ("delivered", None),
        ("undelivered", 30005),
    ]
    with pytest.raises(TwilioError) as unknown:
        texts.status(sid="SM" + "0" * 32)
    assert unknown.value.can_retry is False
