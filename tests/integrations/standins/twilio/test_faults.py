"""Each way in which the API and the network behind it can be bad."""

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from integrations.standins.twilio.control import Phones, PhonesError
from tests.integrations.standins.twilio.listening import Listener, Service
from tests.twilio_standin import NUMBER

PHONE = "+447700900001"
OTHER = "+447700900002"


def send(client: Client, body: str = "words", to: str = PHONE, **more: Any) -> str:
    sid: str = client.messages.create(to=to, from_=NUMBER, body=body, **more).sid
    return sid


@pytest.mark.parametrize(("status", "code"), [(500, 20500), (429, 20429), (503, 20503)])
def test_the_next_requests_fail_and_do_nothing(
    client: Client, phones: Phones, status: int, code: int
) -> None:
    phones.behave(faults=[{"what": "fail", "times": 2, "status": status, "code": code}])
    for _ in range(2):
        with pytest.raises(TwilioRestException) as failed:
            send(client)
        assert (failed.value.status, failed.value.code) == (status, code)
    assert phones.accepted(PHONE) == {}
    send(client)
    assert phones.accepted(PHONE) == {"words": 1}


def test_a_fault_can_be_for_one_kind_of_request(client: Client, phones: Phones) -> None:
    phones.behave(faults=[{"what": "fail", "on": "send"}])
    with pytest.raises(TwilioRestException):
        send(client)
    assert client.messages.list() == []
    phones.behave(faults=[{"what": "fail", "on": "read"}])
    send(client)
    with pytest.raises(Exception, match="Unable to fetch page"):
        client.messages.list()


def test_an_accepted_text_whose_answer_is_a_failure_was_sent(
    client: Client, phones: Phones
) -> None:
    phones.behave(faults=[{"what": "accept_then_fail", "times": 1}])
    with pytest.raises(TwilioRestException) as failed:
        send(client)
    assert failed.value.status == 500
    assert phones.settle()
    assert phones.received(PHONE) == ["words"]


@pytest.mark.parametrize("what", ["accept_then_close", "accept_then_hang"])
def test_an_accepted_text_whose_answer_never_comes_was_sent(
    client: Client, phones: Phones, what: str
) -> None:
    phones.behave(faults=[{"what": what, "times": 1, "seconds": 0.05}])
    with pytest.raises(OSError, match="without response"):
        send(client)
    assert phones.accepted(PHONE) == {"words": 1}
    assert [text.body for text in client.messages.list(to=PHONE)] == ["words"]


@pytest.mark.parametrize("what", ["close", "hang"])
def test_a_connection_that_closes_unheard_sent_nothing(
    client: Client, phones: Phones, what: str
) -> None:
    phones.behave(faults=[{"what": what, "times": 1, "seconds": 0.05}])
    with pytest.raises(OSError, match="without response"):
        send(client)
    assert phones.accepted(PHONE) == {}


def test_a_client_that_gives_up_first_has_sent_its_text(client: Client, phones: Phones) -> None:
    assert isinstance(client.http_client, TwilioHttpClient)
    client.http_client.timeout = 0.2
    phones.behave(faults=[{"what": "accept_then_hang", "times": 1, "seconds": 60}])
    with pytest.raises(OSError, match="timed out"):
        send(client)
    assert phones.accepted(PHONE) == {"words": 1}


def test_answers_can_be_late(client: Client, phones: Phones) -> None:
    phones.behave(faults=[{"what": "delay", "times": 1, "seconds": 0.05}])
    send(client)
    assert phones.log()["counts"]["faults delay"] == 1
    assert phones.accepted(PHONE) == {"words": 1}


@pytest.mark.parametrize("code", [30003, 30005, 30006, 30007])
def test_a_number_can_turn_out_to_be_out_of_reach(
    client: Client, phones: Phones, listener: Listener, service: Service, code: int
) -> None:
    phones.behave(phones={PHONE: {"code": code}})
    sid = send(client, status_callback=listener.origin + "/status")
    send(client, to=OTHER)
    assert phones.settle()
    told = service.at("/status")
    assert [post["MessageStatus"] for post in told] == ["queued", "sending", "sent", "undelivered"]
    assert told[-1]["ErrorCode"] == str(code)
    assert "ErrorCode" not in told[-2].fields
    text = client.messages(sid).fetch()
    assert (text.status, text.error_code) == ("undelivered", code)
    assert phones.received(PHONE) == []
    assert phones.received(OTHER) == ["words"]


def test_a_number_can_fail_at_once(client: Client, phones: Phones) -> None:
    phones.behave(phones={PHONE: {"code": 30005, "when": "at_once"}})
    sid = send(client)
    assert phones.settle()
    text = client.messages(sid).fetch()
    assert (text.status, text.error_code) == ("failed", 30005)


def test_a_number_can_be_refused_in_the_request(client: Client, phones: Phones) -> None:
    phones.behave(phones={PHONE: {"code": 21610, "when": "request"}})
    with pytest.raises(TwilioRestException) as refused:
        send(client)
    assert (refused.value.status, refused.value.code) == (400, 21610)


def test_the_network_can_swallow_texts(client: Client, phones: Phones) -> None:
    phones.behave(swallow=True)
    sid = send(client)
    assert phones.settle()
    assert client.messages(sid).fetch().status == "sent"
    assert phones.received(PHONE) == []


def test_a_misspelt_or_senseless_behaviour_is_refused(phones: Phones) -> None:
    for wrong in (
        {"swalow": True},
        {"faults": [{"what": "explode"}]},
        {"webhooks": {"drops": 1}},
        {"pace": "quick"},
    ):
        with pytest.raises(PhonesError) as refused:
            phones.behave(**wrong)
        assert refused.value.status == 400
    assert phones.behaviour()["swallow"] is False


def test_parts_of_the_behaviour_change_alone_and_all_of_it_goes_back(phones: Phones) -> None:
    usual = phones.behaviour()
    phones.behave(swallow=True)
    phones.behave(list_lag=3)
    changed = phones.behaviour()
    assert (changed["swallow"], changed["list_lag"]) == (True, 3)
    phones.behave_well()
    assert phones.behaviour() == usual


def test_faults_are_counted_down_where_one_can_see_it(client: Client, phones: Phones) -> None:
    phones.behave(faults=[{"what": "fail", "times": 3}])
    with pytest.raises(TwilioRestException):
        send(client)
    assert phones.behaviour()["faults"][0]["times"] == 2
