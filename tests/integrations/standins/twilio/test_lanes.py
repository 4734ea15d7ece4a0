"""Webhooks and reports that are lost, doubled, late and out of order."""

from collections import Counter

from twilio.rest import Client

from integrations.standins.twilio.control import Phones
from tests.integrations.standins.twilio.listening import Listener, Service
from tests.twilio_standin import NUMBER

PHONE = "+447700900001"
SMS = "/twilio/sms"
STATES = ["queued", "sending", "sent", "delivered"]


def brought(service: Service) -> list[str]:
    return [posted["Body"] for posted in service.at(SMS)]


def test_webhooks_can_be_dropped_by_chance_and_the_texts_stay_in_the_list(
    client: Client, phones: Phones, service: Service
) -> None:
    phones.behave(webhooks={"drop": 0.7}, seed=1)
    phones.send_many((PHONE, f"{number}") for number in range(200))
    assert phones.settle()
    dropped = phones.log()["counts"]["webhooks dropped"]
    assert 110 < dropped < 170
    assert len(brought(service)) == 200 - dropped
    assert len(client.messages.list(to=NUMBER)) == 200


def test_chance_is_the_same_with_the_same_seed(phones: Phones, service: Service) -> None:
    outcomes = []
    for seed in (7, 7, 8):
        phones.behave(webhooks={"drop": 0.5}, seed=seed)
        phones.send_many((PHONE, f"{number}") for number in range(40))
        assert phones.settle()
        outcomes.append(sorted(brought(service)))
        service.forget()
    assert outcomes[0] == outcomes[1] != outcomes[2]


def test_all_webhooks_can_be_dropped_the_fallback_too(phones: Phones, service: Service) -> None:
    phones.behave(webhooks={"drop": 1.0})
    phones.send(PHONE, "hello")
    assert phones.settle()
    assert service.posts == []


def test_webhooks_can_come_many_times_at_once(phones: Phones, service: Service) -> None:
    phones.behave(webhooks={"copies": 20})
    sids = phones.send_many((PHONE, f"{number}") for number in range(5))
    assert phones.settle()
    assert Counter(posted["MessageSid"] for posted in service.at(SMS)) == dict.fromkeys(sids, 20)


def test_webhooks_can_be_held_and_let_go_in_another_order(phones: Phones, service: Service) -> None:
    phones.behave(webhooks={"hold": 10}, seed=3)
    words = [f"{number}" for number in range(10)]
    for word in words[:-1]:
        phones.send(PHONE, word)
    assert phones.settle()
    assert brought(service) == []
    phones.send(PHONE, words[-1])
    assert phones.settle()
    assert brought(service) != words
    assert sorted(brought(service)) == words


def test_what_is_held_can_be_let_go_early(phones: Phones, service: Service) -> None:
    phones.behave(webhooks={"hold": 100})
    phones.send(PHONE, "hello")
    assert phones.settle()
    assert phones.release() == 1
    assert phones.settle()
    assert brought(service) == ["hello"]


def test_webhooks_can_be_late(phones: Phones, service: Service) -> None:
    phones.behave(webhooks={"delay": 60})
    phones.send(PHONE, "late")
    phones.behave(webhooks={"delay": 0.01})
    phones.send(PHONE, "later sent, and first")
    assert [posted["Body"] for posted in service.wait(SMS, 1)] == ["later sent, and first"]


def test_reports_can_come_out_of_order_and_twice(
    client: Client, phones: Phones, listener: Listener, service: Service
) -> None:
    phones.behave(callbacks={"hold": 4, "copies": 2}, seed=2)
    client.messages.create(
        to=PHONE, from_=NUMBER, body="x", status_callback=listener.origin + "/status"
    )
    assert phones.settle()
    told = [posted["MessageStatus"] for posted in service.at("/status")]
    assert Counter(told) == dict.fromkeys(STATES, 2)
    assert told[::2] != STATES


def test_reports_can_be_lost_while_webhooks_come(
    client: Client, phones: Phones, listener: Listener, service: Service
) -> None:
    phones.behave(callbacks={"drop": 1.0})
    client.messages.create(
        to=PHONE, from_=NUMBER, body="x", status_callback=listener.origin + "/status"
    )
    phones.send(PHONE, "hello")
    assert phones.settle()
    assert service.at("/status") == []
    assert brought(service) == ["hello"]
