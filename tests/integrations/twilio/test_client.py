"""The way to Twilio: when the SDK is loaded, where the token goes, and what travels on the wire."""

import base64
import contextlib
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from integrations.twilio import client, messages, transport
from integrations.twilio.errors import TwilioError
from tests.integrations.twilio import recording
from tests.integrations.twilio.wire import Handler, Wire

ROOT = Path(__file__).resolve().parents[3]
LIGHT = ("calls", "client", "errors", "messages", "signature", "twiml", "webhooks")
HEAVY = ("twilio.rest", "twilio.http", "twilio.twiml", "requests", "urllib3")


def send(api: client.Api, text: str = recording.WORDS) -> messages.SentText:
    texts = messages.TwilioTexts(api, number=recording.OURS)
    return texts.send(to=recording.CHILD, text=text, status_to=recording.STATUS_TO)


def test_the_sdk_is_not_loaded_until_something_is_asked() -> None:
    program = "import sys\n" + "".join(f"import integrations.twilio.{name}\n" for name in LIGHT)
    program += "integrations.twilio.client.Api(account_sid='AC1', token='x')\n"
    program += f"print([name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert ran.stdout.strip() == "[]"


def test_a_request_travels_as_twilio_reads_it(wire: Wire) -> None:
    send(wire.api())
    [received] = wire.received
    assert received.method == "POST"
    assert received.target == f"/2010-04-01/Accounts/{recording.ACCOUNT}/Messages.json"
    assert received.headers["content-type"] == "application/x-www-form-urlencoded"
    scheme, _, credentials = received.headers["authorization"].partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(credentials).decode() == f"{recording.ACCOUNT}:{recording.TOKEN}"
    assert dict(parse_qsl(received.body)) == {
        "To": "+447700900123",
        "From": "+441632960001",
        "Body": "Is it OK to text now? \u20ac [x]",
        "StatusCallback": "https://staff.example.org/twilio/status/7f3c",
        "ValidityPeriod": "14400",
        "SmartEncoded": "false",
    }


def test_a_list_travels_with_its_filter_and_its_next_page(wire: Wire) -> None:
    pages = [
        recording.page(recording.arrival(), following="Page=1&PageToken=PA1"),
        recording.page(),
    ]
    wire.behave = lambda handler: handler.give(200, pages[len(wire.received) - 1])
    texts = messages.TwilioTexts(wire.api(), number=recording.OURS)
    assert len(list(texts.arrived(since=recording.SINCE))) == 1
    first, second = (urlsplit(received.target) for received in wire.received)
    assert parse_qsl(first.query) == [
        ("To", "+441632960001"),
        ("DateSent>", "2026-03-04T11:59:59Z"),
        ("PageSize", "1000"),
    ]
    assert second.path == first.path
    assert parse_qsl(second.query) == [("Page", "1"), ("PageToken", "PA1")]


def test_each_request_has_a_connection_of_its_own(wire: Wire) -> None:
    def keep_open(handler: Handler) -> None:
        handler.close_connection = False
        handler.give(201, recording.message())

    wire.behave = keep_open
    api = wire.api()
    for _ in range(3):
        send(api)
    assert len({received.peer for received in wire.received}) == 3
    assert {received.headers["connection"] for received in wire.received} == {"close"}


def test_threads_share_one_client_and_every_text_goes_out_once(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[Any] = []
    build = transport.client
    second = threading.Barrier(2, timeout=0.3)

    def counted(**given: Any) -> Any:
        built.append(given)
        with contextlib.suppress(threading.BrokenBarrierError):
            second.wait()
        return build(**given)

    monkeypatch.setattr(transport, "client", counted)
    together = threading.Barrier(8, timeout=10)

    def all_at_once(handler: Handler) -> None:
        together.wait()
        handler.give(201, recording.message())

    wire.behave = all_at_once
    api = wire.api()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: send(api, str(number)), range(16)))
    assert len(built) == 1
    bodies = sorted(int(dict(parse_qsl(received.body))["Body"]) for received in wire.received)
    assert bodies == list(range(16))


def test_the_environment_changes_nothing(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = "http://127.0.0.1:1"
    for name, value in {
        "TWILIO_EDGE": "dublin",
        "TWILIO_REGION": "ie1",
        "TWILIO_ACCOUNT_SID": "AC2",
        "TWILIO_AUTH_TOKEN": "other",
        "HTTP_PROXY": nowhere,
        "http_proxy": nowhere,
        "HTTPS_PROXY": nowhere,
        "ALL_PROXY": nowhere,
    }.items():
        monkeypatch.setenv(name, value)
    assert send(wire.api()).sid == recording.TEXT_SID
    asked = recording.every_request().asked
    assert {urlsplit(each.path).netloc for each in asked} == {"api.twilio.com"}


@pytest.mark.parametrize(
    "uri",
    [
        "https://api.twilio.com.example.org/2010-04-01/Accounts/AC1/Messages.json",
        "https://api.twilio.com@example.org/2010-04-01/Accounts/AC1/Messages.json",
        f"https://api.twilio.com/2010-04-01/Accounts/{'AC' + '9' * 32}/Messages.json",
        "http://api.twilio.com/",
    ],
)
def test_the_token_goes_to_no_other_address(wire: Wire, uri: str) -> None:
    https = transport.Https(
        account_sid=recording.ACCOUNT,
        api_url=f"http://127.0.0.1:{wire.port}",
        connect_seconds=1,
        read_seconds=1,
    )
    with pytest.raises(TwilioError) as failed:
        https.request("GET", uri, auth=("AC1", recording.TOKEN))
    assert failed.value.can_retry
    assert wire.received == []


@pytest.mark.parametrize(
    "api_url",
    [
        "http://api.example.org",
        "http://127.0.0.1.example.org",
        "https://",
        "ftp://127.0.0.1",
        "127.0.0.1:9",
        "https://user:word@api.example.org",
        "https://api.example.org?to=",
    ],
)
def test_an_api_in_the_open_is_refused(api_url: str) -> None:
    with pytest.raises(client.ApiAddressError):
        client.Api(account_sid="AC1", token="x", api_url=api_url)


def test_an_api_is_reached_over_https_or_on_this_machine() -> None:
    for api_url in ("https://api.example.org", "http://localhost:9", "http://[::1]:9", None):
        client.Api(account_sid="AC1", token="x", api_url=api_url)


def test_nothing_shows_the_token() -> None:
    api = client.Api(account_sid=recording.ACCOUNT, token=recording.TOKEN)
    assert recording.TOKEN not in repr(api)
