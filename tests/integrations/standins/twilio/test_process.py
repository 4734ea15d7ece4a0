"""The stand-in as a program: it survives a kill, stops at once, and talks to this machine only."""

import http.client
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from integrations.standins.twilio.control import Phones, PhonesError
from tests import servers
from tests.integrations.standins.twilio.conftest import connected
from tests.integrations.standins.twilio.listening import Listener, Service
from tests.twilio_standin import ACCOUNT, NUMBER, TOKEN, StandIn

PHONE = "+447700900001"
LIMIT = 45 * 2**20


@pytest.fixture
def own(listener: Listener) -> Iterator[StandIn]:
    """A stand-in for one test, which may end it."""
    listener.drain()
    listener.service.forget()
    standin = StandIn.start(webhooks=listener.origin)
    yield standin
    standin.remove()


def test_everything_is_there_after_a_kill(own: StandIn) -> None:
    phones = own.phones
    phones.send(PHONE, "STOP")
    came = phones.send(PHONE, "hello")
    assert phones.settle()
    for client in connected(own):
        phones.behave(carrier_keywords=False, pace=60)
        sent = client.messages.create(to=PHONE, from_=NUMBER, body="on its way").sid
        rung = client.calls.create(to=PHONE, from_=NUMBER, url=own.webhooks + "/voice").sid
        assert phones.ringing(PHONE).sid == rung
        own.kill()
        own.launch()
        assert {text.sid for text in client.messages.list()} >= {came, sent}
        assert phones.accepted(PHONE) == {"on its way": 1}
        assert phones.known()[0]["opted_out"] is True
        assert client.calls(rung).fetch().status == "failed", "nobody can hold that line"
        assert phones.settle()
        assert client.messages(sent).fetch().status == "delivered", "it went on where it was"


def test_it_stops_at_once_whoever_holds_a_connection(own: StandIn) -> None:
    own.phones.behave(faults=[{"what": "hang", "seconds": 60}])
    waiting = http.client.HTTPConnection(servers.LOOPBACK, own.port)
    waiting.request("GET", "/2010-04-01/nothing")
    rung = own.phones.call(PHONE)
    assert rung.state == "completed"
    while own.phones.log()["counts"].get("faults hang") != 1:
        pass
    assert own.stop() == 0
    assert "Traceback" not in own.log()
    waiting.close()


def test_it_is_light(own: StandIn) -> None:
    own.phones.send_many((PHONE, f"{number}") for number in range(500))
    assert own.phones.settle(seconds=60)
    assert own.process is not None
    assert psutil.Process(own.process.pid).memory_info().rss < LIMIT


def test_it_logs_no_number_and_no_words(own: StandIn, service: Service) -> None:
    service.answer("/twilio/sms", "<not a document")
    own.phones.send(PHONE, "some words")
    with pytest.raises(PhonesError):
        own.phones.press("CA" + "0" * 32, "1")
    assert own.phones.settle()
    own.stop()
    assert "7700900" not in own.log()
    assert "some words" not in own.log()


@pytest.mark.parametrize(
    "webhooks", ["http://example.org", "https://127.0.0.1", "http://10.0.0.1:8001", "127.0.0.1"]
)
def test_it_refuses_to_post_anywhere_but_to_this_machine(webhooks: str) -> None:
    ended = started("--webhooks", webhooks, token=TOKEN)
    assert ended.returncode == 2
    assert b"loopback" in ended.stderr


def test_its_token_comes_from_the_environment_only() -> None:
    ended = started("--webhooks", "http://127.0.0.1:1", "--token", TOKEN)
    assert ended.returncode == 2
    assert b"TWILIO_STANDIN_TOKEN" in ended.stderr
    assert started("--webhooks", "http://127.0.0.1:1").returncode == 2


def test_a_page_of_another_site_cannot_name_it(standin: StandIn) -> None:
    asking = http.client.HTTPConnection(servers.LOOPBACK, standin.port)
    asking.request("GET", "/standin/phones", headers={"Host": "example.org"})
    assert asking.getresponse().status == 400
    asking.close()


def test_a_number_must_be_one(phones: Phones) -> None:
    with pytest.raises(PhonesError) as refused:
        phones.send("somebody", "hello")
    assert refused.value.status == 400


def started(*options: str, token: str | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [
            sys.executable, "-m", "integrations.standins.twilio", "--port", "1",
            "--store", "/nowhere/twilio.db", "--account", ACCOUNT, "--number", NUMBER, *options,
        ],
        env={"TWILIO_STANDIN_TOKEN": token} if token else {},
        capture_output=True,
        check=False,
    )  # fmt: skip
