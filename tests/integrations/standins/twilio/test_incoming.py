"""Texts from pretend phones: kept first, then brought to the service as Twilio does."""

from collections import Counter

import pytest
from twilio.rest import Client

from integrations.standins.twilio.control import Phones
from tests.integrations.standins.twilio.listening import Listener, Posted, Say, Service
from tests.twilio_standin import ACCOUNT, NUMBER

PHONE = "+447700900001"
SMS, FALLBACK = "/twilio/sms", "/twilio/fallback"
REPLY = "<Response><Message>We got your text.</Message></Response>"


def test_a_text_is_brought_with_twilios_fields_and_signature(
    phones: Phones, service: Service, listener: Listener
) -> None:
    sid = phones.send(PHONE, "can you help + me? ü 😀", pictures=2)
    (posted,) = service.wait(SMS, 1)
    assert posted.is_genuine
    assert sid.startswith("MM")
    assert posted.fields.keys() >= {
        *("MessageSid", "SmsSid", "SmsMessageSid", "AccountSid", "From", "To", "Body"),
        *("NumMedia", "NumSegments", "SmsStatus", "ApiVersion", "FromCountry", "ToCountry"),
    }
    assert {posted[name] for name in ("MessageSid", "SmsSid", "SmsMessageSid")} == {sid}
    assert (posted["From"], posted["To"], posted["AccountSid"]) == (PHONE, NUMBER, ACCOUNT)
    assert posted["Body"] == "can you help + me? ü 😀"
    assert (posted["NumMedia"], posted["NumSegments"]) == ("2", "1")
    assert posted["MediaUrl1"].startswith("http://127.0.0.1:")
    assert posted["MediaContentType0"] == "image/jpeg"
    assert posted.headers["Host"] == listener.origin.removeprefix("http://")


def test_a_text_is_in_the_list_before_its_webhook_comes(
    client: Client, phones: Phones, service: Service
) -> None:
    listed: list[list[str]] = []

    def look(posted: Posted) -> Say:
        listed.append([text.sid for text in client.messages.list(to=NUMBER)])
        assert listed[-1] == [posted["MessageSid"]]
        return Say()

    service.answer(SMS, look)
    sid = phones.send(PHONE, "hello")
    assert phones.settle()
    assert listed == [[sid]]


def test_a_failed_webhook_goes_to_the_fallback_once(phones: Phones, service: Service) -> None:
    service.answer(SMS, Say(status=500))
    sid = phones.send(PHONE, "hello")
    assert phones.settle()
    (posted,) = service.at(FALLBACK)
    assert posted.is_genuine
    assert (posted["MessageSid"], posted["ErrorCode"]) == (sid, "11200")
    assert posted["ErrorUrl"].endswith(SMS)
    assert len(service.at(SMS)) == 1, "an answer that is a failure is not tried again"


def test_when_the_fallback_fails_too_an_error_is_noted_and_nothing_more_is_done(
    phones: Phones, service: Service
) -> None:
    service.answer(SMS, Say(status=503))
    service.answer(FALLBACK, Say(status=503))
    sid = phones.send(PHONE, "hello")
    assert phones.settle()
    assert [posted.path for posted in service.posts] == [SMS, FALLBACK]
    troubles = phones.log()["troubles"]
    assert [(each["code"], each["path"], each["sid"]) for each in troubles] == [
        (11200, SMS, sid),
        (11200, FALLBACK, sid),
    ]


def test_an_answer_that_is_no_document_is_noted(phones: Phones, service: Service) -> None:
    service.answer(SMS, Say(body="<p>hello<br>", content_type="text/html"))
    phones.send(PHONE, "hello")
    assert phones.settle()
    assert [each["code"] for each in phones.log()["troubles"]] == [12100]


@pytest.mark.parametrize(
    ("said", "received"),
    [
        (Say(), []),
        (Say(status=204, body=""), []),
        (Say(body=REPLY), ["We got your text."]),
        (Say(body="ok", content_type="text/plain"), ["ok"]),
    ],
)
def test_words_in_the_answer_are_sent_to_the_phone_as_twilio_does(
    phones: Phones, service: Service, said: Say, received: list[str]
) -> None:
    service.answer(SMS, said)
    phones.send(PHONE, "hello")
    assert phones.settle()
    assert phones.received(PHONE) == received


def test_a_thousand_texts_arrive_each_once(phones: Phones, service: Service) -> None:
    sids = phones.send_many((f"+44770090{number % 900:04}", f"{number}") for number in range(1000))
    assert phones.settle(seconds=60)
    assert Counter(posted["MessageSid"] for posted in service.at(SMS)) == Counter(sids)
    assert all(posted.is_genuine for posted in service.at(SMS))


def test_a_webhook_can_be_made_again_many_times_at_once(phones: Phones, service: Service) -> None:
    sid = phones.send(PHONE, "hello")
    assert phones.send_again(sid, copies=20) == [200] * 20
    posts = service.wait(SMS, 21)
    assert {posted["MessageSid"] for posted in posts} == {sid}


@pytest.mark.parametrize("word", ["STOP", "stopall", " Unsubscribe ", "CANCEL", "end", "QUIT"])
def test_a_stop_word_alone_opts_out_and_still_reaches_the_service(
    client: Client, phones: Phones, service: Service, word: str
) -> None:
    phones.send(PHONE, word)
    (posted,) = service.wait(SMS, 1)
    assert posted["Body"] == word
    assert phones.settle()
    (canned,) = phones.received(PHONE)
    assert canned.startswith("You have successfully been unsubscribed.")
    with pytest.raises(Exception, match="unsubscribed") as refused:
        client.messages.create(to=PHONE, from_=NUMBER, body="x")
    assert (getattr(refused.value, "status", 0), getattr(refused.value, "code", 0)) == (400, 21610)
    assert phones.accepted(PHONE) == {}


@pytest.mark.parametrize("words", ["make them stop", "STOP it", "the end", "helpme", "stop."])
def test_a_keyword_within_other_words_does_nothing(
    client: Client, phones: Phones, words: str
) -> None:
    phones.send(PHONE, words)
    assert phones.settle()
    assert phones.received(PHONE) == []
    assert client.messages.create(to=PHONE, from_=NUMBER, body="x").status == "queued"


@pytest.mark.parametrize("word", ["START", "yes", "Unstop"])
def test_a_start_word_opts_in_again(client: Client, phones: Phones, word: str) -> None:
    phones.send(PHONE, "STOP")
    phones.send(PHONE, word)
    assert phones.settle()
    assert phones.received(PHONE)[1].startswith("You have successfully been re-subscribed")
    assert client.messages.create(to=PHONE, from_=NUMBER, body="x").status == "queued"


def test_yes_without_a_stop_before_it_is_only_a_text(phones: Phones) -> None:
    phones.send(PHONE, "YES")
    assert phones.settle()
    assert phones.received(PHONE) == []


@pytest.mark.parametrize("word", ["HELP", "info"])
def test_help_gets_the_carriers_canned_reply(phones: Phones, service: Service, word: str) -> None:
    phones.send(PHONE, word)
    assert phones.settle()
    assert phones.received(PHONE) == ["Reply STOP to unsubscribe. Msg&Data Rates May Apply."]
    assert [posted["Body"] for posted in service.at(SMS)] == [word]


def test_the_carriers_keywords_can_be_switched_off(client: Client, phones: Phones) -> None:
    phones.send(PHONE, "STOP")
    phones.behave(carrier_keywords=False)
    phones.send(PHONE, "HELP")
    assert phones.settle()
    assert len(phones.received(PHONE)) == 1, "the answer to STOP, and none to HELP"
    assert client.messages.create(to=PHONE, from_=NUMBER, body="x").status == "queued"


def test_an_answer_to_one_who_opted_out_is_not_sent(phones: Phones, service: Service) -> None:
    service.answer(SMS, REPLY)
    phones.send(PHONE, "STOP")
    assert phones.settle()
    assert len(phones.received(PHONE)) == 1, "the carrier's own words, and not ours"


def test_a_picture_that_is_fetched_is_counted(client: Client, phones: Phones) -> None:
    sid = phones.send(PHONE, "look", pictures=1)
    assert client.messages(sid).fetch().num_media == "1"
    assert phones.log()["counts"].get("pictures fetched", 0) == 0
    with pytest.raises(Exception, match="Unable to fetch page"):
        client.messages(sid).media.list()
    assert phones.log()["counts"]["pictures fetched"] == 1
