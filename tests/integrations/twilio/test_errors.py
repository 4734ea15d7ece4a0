"""Each way in which Twilio fails, over a real connection, and what is made of it."""

import datetime as dt
import ipaddress
import logging
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import urllib3.util.connection
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.twilio import calls, client, errors, messages
from integrations.twilio.errors import TwilioError
from tests import servers
from tests.integrations.twilio import recording
from tests.integrations.twilio.wire import Wire, serving

SHORT = 0.2  # seconds to wait for an answer that does not come


def texts(api: client.Api) -> messages.TwilioTexts:
    return messages.TwilioTexts(api, number=recording.OURS)


def failure_of_sending(api: client.Api) -> TwilioError:
    with pytest.raises(TwilioError) as failed:
        texts(api).send(to=recording.CHILD, text=recording.WORDS, status_to=recording.STATUS_TO)
    return failed.value


def failure_of_looking(api: client.Api) -> TwilioError:
    with pytest.raises(TwilioError) as failed:
        texts(api).find_sent(to=recording.CHILD, text=recording.WORDS, since=recording.SINCE)
    return failed.value


def refusal(code: int | None, status: int) -> dict[str, Any]:
    """A refusal as Twilio writes it, with the number in its words."""
    return {
        "code": code,
        "message": f"The number {recording.CHILD} is not right: {recording.WORDS}",
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }


@pytest.mark.parametrize(
    ("status", "code", "can_retry", "maybe_sent"),
    [
        (429, 20429, True, False),
        (500, 20500, True, True),
        (503, 20503, True, True),
        (408, 20408, True, True),
        (401, 20003, True, False),
        (403, 20003, True, False),
        (403, 20005, True, False),
        (400, 21610, False, False),
        (400, 21211, False, False),
        (400, 21614, False, False),
        (400, 21408, False, False),
        (403, 21408, False, False),
        (400, 21612, False, False),
        (404, 20404, False, False),
    ],
)
def test_a_refusal_says_whether_trying_again_can_help_and_whether_it_may_be_out(
    wire: Wire, status: int, code: int, *, can_retry: bool, maybe_sent: bool
) -> None:
    wire.answers(status, refusal(code, status))
    failure = failure_of_sending(wire.api())
    assert (failure.can_retry, failure.code, failure.maybe_sent) == (can_retry, code, maybe_sent)
    assert len(wire.received) == 1, "it was tried again by itself"


@pytest.mark.parametrize("body", ["", "<html>busy</html>", '{"code": "x"}', "[1]", "[" * 100_000])
def test_a_refusal_without_a_code_gives_the_status_of_http(wire: Wire, body: str) -> None:
    wire.answers(503, body)
    assert failure_of_sending(wire.api()).code == 503


def test_too_many_requests_are_known_by_the_status_alone(wire: Wire) -> None:
    wire.answers(429, "")
    failure = failure_of_sending(wire.api())
    assert (failure.can_retry, failure.maybe_sent) == (True, False)


def test_a_redirect_is_not_followed(wire: Wire) -> None:
    wire.answers(307, "")
    failure = failure_of_sending(wire.api())
    assert (failure.can_retry, failure.code, failure.maybe_sent) == (True, 307, True)
    assert len(wire.received) == 1


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "created",
        [],
        {},
        recording.message(sid=None),
        recording.message(sid="SM1"),
        recording.message(status=None),
        recording.message(date_sent="Wed, 99 Mar 2026 12:00:00 +0000"),
        recording.message(date_sent=12),
        "[" * 100_000,
    ],
)
def test_a_yes_that_cannot_be_read_may_have_been_sent(wire: Wire, answer: Any) -> None:
    wire.answers(201, answer)
    failure = failure_of_sending(wire.api())
    assert (failure.can_retry, failure.code, failure.maybe_sent) == (True, None, True)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        {},
        recording.page(recording.message(direction=None)),
        recording.page(recording.message(date_created=None)),
    ],
)
def test_a_list_that_cannot_be_read_is_no_answer_and_sent_nothing(wire: Wire, answer: Any) -> None:
    wire.answers(200, answer)
    failure = failure_of_looking(wire.api())
    assert (failure.can_retry, failure.maybe_sent) == (True, False)


def test_a_list_that_fails_sent_nothing(wire: Wire) -> None:
    wire.answers(503, "")
    assert not failure_of_looking(wire.api()).maybe_sent
    wire.hangs()
    assert not failure_of_looking(wire.api(read_seconds=SHORT)).maybe_sent


@pytest.mark.parametrize("fail", [Wire.hangs, Wire.breaks, Wire.breaks_midway])
def test_an_answer_that_is_lost_leaves_open_whether_it_was_sent(
    wire: Wire, fail: Callable[[Wire], None]
) -> None:
    fail(wire)
    failure = failure_of_sending(wire.api(read_seconds=SHORT))
    assert (failure.can_retry, failure.code, failure.maybe_sent) == (True, None, True)
    assert wire.reached.wait(servers.STOP_WITHIN), "a busy server reads after we have given up"
    assert len(wire.received) == 1, "it was tried again by itself"


def test_a_call_whose_answer_is_lost_may_be_ringing(wire: Wire) -> None:
    wire.hangs()
    rung = calls.TwilioCalls(wire.api(read_seconds=SHORT), number=recording.OURS)
    with pytest.raises(TwilioError) as failed:
        rung.ring(
            to=recording.CHILD,
            answer_at=recording.ANSWER_AT,
            status_to=recording.CALL_STATUS_TO,
            rings_for_seconds=20,
        )
    assert failed.value.maybe_sent


def test_a_refused_connection_sent_nothing() -> None:
    failure = failure_of_sending(Wire(port=servers.free_port()).api())
    assert (failure.can_retry, failure.code, failure.maybe_sent) == (True, None, False)


def test_an_unknown_host_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    failure = failure_of_sending(Wire(port=1).api())
    assert (failure.can_retry, failure.maybe_sent) == (True, False)


def test_a_connection_that_takes_too_long_to_begin_sent_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited = []

    def endless(_address: object, timeout: float, **_: object) -> None:
        waited.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(urllib3.util.connection, "create_connection", endless)
    failure = failure_of_sending(Wire(port=1).api())
    assert (failure.can_retry, failure.maybe_sent) == (True, False)
    assert waited == [client.CONNECT_SECONDS]


def test_a_request_waits_three_seconds_to_connect_and_ten_for_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = []

    def lost(*_: object, timeout: urllib3.Timeout, **__: object) -> None:
        given.append((timeout.connect_timeout, timeout.read_timeout))
        raise urllib3.exceptions.ProtocolError

    monkeypatch.setattr(urllib3.PoolManager, "request", lost)
    assert failure_of_sending(client.Api(account_sid=recording.ACCOUNT, token="x")).maybe_sent
    assert given == [(3.0, 10.0)]


def test_a_stranger_with_a_certificate_of_his_own_gets_nothing(tmp_path: Path) -> None:
    with serving(tls=own_certificate(tmp_path)) as wire:
        failure = failure_of_sending(wire.api(scheme="https"))
        assert (failure.can_retry, failure.maybe_sent) == (True, False)
        assert wire.received == []


def test_any_other_trouble_with_tls_leaves_it_open(wire: Wire) -> None:
    failure = failure_of_sending(wire.api(scheme="https"))
    assert (failure.can_retry, failure.maybe_sent) == (True, True)


def test_an_error_carries_no_number_no_word_and_no_address(wire: Wire) -> None:
    wire.answers(400, refusal(21610, 400))
    failures = [failure_of_sending(wire.api())]
    wire.answers(201, "{}")
    failures.append(failure_of_sending(wire.api()))
    wire.breaks()
    failures.append(failure_of_sending(wire.api()))
    failures.append(failure_of_sending(Wire(port=servers.free_port()).api()))
    for failure in failures:
        assert (str(failure), repr(failure)) == ("", "TwilioError()")
        assert failure.__cause__ is None
        assert failure.__context__ is None


def test_nothing_of_a_request_reaches_a_log(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", *logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name or None)
    wire.answers(200, recording.page(recording.message()))
    found = texts(wire.api()).find_sent(
        to=recording.CHILD, text=recording.WORDS, since=recording.SINCE
    )
    assert found is not None
    wire.answers(400, refusal(21610, 400))
    failure_of_looking(wire.api())
    failure_of_sending(wire.api())
    wire.breaks()
    failure_of_looking(wire.api())
    failure_of_sending(wire.api())
    assert len(wire.received) == 5
    assert [record for record in caplog.records if record.name != "asyncio"] == []


def test_what_others_log_about_their_requests_stays(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    texts(wire.api()).send(to=recording.CHILD, text="a", status_to=recording.STATUS_TO)
    urllib3.PoolManager().request("GET", f"http://{servers.LOOPBACK}:{wire.port}/elsewhere")
    assert any("/elsewhere" in record.getMessage() for record in caplog.records)


def test_every_kind_of_refusal_is_one_error() -> None:
    failure = errors.from_answer(status=418, body='{"code": true}', writes=True)
    assert (failure.can_retry, failure.code, failure.maybe_sent) == (False, 418, False)


def own_certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.example.org")])
    begins = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(servers.LOOPBACK))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + dt.timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "own.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
