"""What the telephone company calls: only what it signed is believed, and 2xx follows the commit."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta

import httpx2
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from chat import delivery
from chat.models import InboundText, Phone
from helpline import asgi, measures, unreported
from helpline.todo.models import Why
from helpline.wiring import Adapters
from integrations.keystore import WrappedKey
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.phone_house import ACCOUNT, CHILD, OURS, SETTINGS, TOKEN
from tests.helpline.phoning import Line
from tests.installation import STAFF_ORIGIN
from tests.stores import Stores

EARLIER = "the token before"
FORM = {
    "MessageSid": "SM" + "a" * 32,
    "SmsSid": "SM" + "a" * 32,
    "AccountSid": ACCOUNT,
    "From": CHILD,
    "To": OURS,
    "Body": "hello",
    "NumMedia": "0",
    "NumSegments": "1",
    "SomethingNew": "which is no error",
}


@dataclass
class Door:
    """The address that the telephone company calls, with a writer behind it."""

    line: Line
    client: TestClient

    def post(
        self,
        path: str = "/twilio/sms",
        *,
        form: dict[str, str] | None = None,
        signed: str | None = None,
        headers: dict[str, str] | None = None,
        token: str = TOKEN,
        origin: str = STAFF_ORIGIN,
    ) -> httpx2.Response:
        """Post a form that carries the signature of ``signed``, by default its own."""
        form = FORM if form is None else form
        signature = signed or sign(path, form, token=token, origin=origin)
        return self.client.post(
            path, data=form, headers={"X-Twilio-Signature": signature, **(headers or {})}
        )


def sign(path: str, form: dict[str, str], *, token: str = TOKEN, origin: str = STAFF_ORIGIN) -> str:
    signature: str = RequestValidator(token).compute_signature(f"{origin}{path}", form)
    return signature


@pytest.fixture
def door(stores: Stores, clock: Clock) -> Iterator[Door]:
    settings = {**SETTINGS, "twilio_auth_token_previous": EARLIER}
    with installation.installed(stores, clock, **settings) as built:
        adapters, company = phone_house.with_company(built, clock)

        @contextlib.asynccontextmanager
        async def writing(app: Starlette) -> AsyncIterator[None]:
            del app
            adapters.writer.start()
            yield
            await adapters.writer.stop()

        faces = asgi.Faces(adapters, Starlette(lifespan=writing))
        with TestClient(faces, base_url=STAFF_ORIGIN) as client:
            yield Door(Line(adapters, company, clock), client)


def written(adapters: Adapters) -> tuple[int, int, int]:
    with adapters.transactions.reading() as session:
        counts = [
            session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in (InboundText, Phone)
        ]
    with adapters.keystore_store.read.connect() as connection:
        keys = connection.scalar(sa.select(sa.func.count()).select_from(WrappedKey)) or 0
    return counts[0], counts[1], keys


@pytest.mark.parametrize("path", ["/twilio/sms", "/twilio/fallback"])
@pytest.mark.parametrize("token", [TOKEN, EARLIER])
def test_a_signed_text_is_kept_and_nothing_is_said_back(door: Door, path: str, token: str) -> None:
    answer = door.post(path, token=token)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert "Message" not in answer.text
    assert door.line.said() == [("child", "hello")]


def test_a_replay_has_no_effect(door: Door) -> None:
    for _ in range(5):
        assert door.post().status_code == 200
    assert door.line.said() == [("child", "hello")]


@pytest.mark.parametrize("path", ["/twilio/sms", "/twilio/fallback", "/twilio/status?text=x"])
@pytest.mark.parametrize(
    "forged",
    ["none", "garbage", "other token", "https", "other host", "added", "changed", "other account"],
)
def test_what_is_forged_is_refused_before_anything_is_written(
    door: Door, path: str, forged: str
) -> None:
    before = written(door.line.adapters)
    form = {**FORM, **({"AccountSid": "AC" + "9" * 32} if forged == "other account" else {})}
    sent = {
        **form,
        **({"Extra": "x"} if forged == "added" else {}),
        **({"Body": "other"} if forged == "changed" else {}),
    }
    signature = {
        "none": "",
        "garbage": "AAAA",
        "other token": sign(path, form, token="another"),
        "https": sign(path, form, origin=STAFF_ORIGIN.replace("http:", "https:")),
        "other host": sign(path, form, origin="http://elsewhere.example"),
    }.get(forged, sign(path, form))
    answer = door.client.post(path, data=sent, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403
    assert written(door.line.adapters) == before
    exposed = measures.exposed(door.line.adapters).decode()
    assert "helpline_webhooks_refused_total 1.0" in exposed


def test_a_host_that_a_proxy_names_changes_nothing(door: Door) -> None:
    for headers in ({"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Proto": "https"}):
        assert door.post(headers=headers).status_code == 200
    signed_for_evil = sign("/twilio/sms", FORM, origin="https://evil.example")
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    assert door.post(signed=signed_for_evil, headers=headers).status_code == 403


@pytest.mark.parametrize("method", ["GET", "JSON", "huge"])
def test_other_ways_in_are_refused(door: Door, method: str) -> None:
    headers = {"X-Twilio-Signature": sign("/twilio/sms", FORM)}
    if method == "GET":
        answer = door.client.get("/twilio/sms", params=FORM, headers=headers)
    elif method == "JSON":
        answer = door.client.post("/twilio/sms", json=FORM, headers=headers)
    else:
        answer = door.client.post("/twilio/sms", data={**FORM, "Body": "x" * 70_000})
    assert answer.status_code == 403
    assert written(door.line.adapters)[0] == 0


def test_a_child_s_weird_bytes_are_kept(door: Door) -> None:
    form = {**FORM, "Body": "a\0b 🙂 ş"}
    assert door.post(form=form).status_code == 200
    assert door.line.said() == [("child", "a\N{REPLACEMENT CHARACTER}b 🙂 ş")]


def test_a_signed_form_without_a_sender_is_refused_in_words(door: Door) -> None:
    form = {name: value for name, value in FORM.items() if name != "From"}
    answer = door.post(form=form)
    assert answer.status_code == 400
    assert "no text" in answer.text


def test_a_text_that_is_not_on_disk_gets_no_good_answer(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_given: object, **_named: object) -> None:
        raise sa.exc.OperationalError("", {}, Exception())

    monkeypatch.setattr("helpline.texting.place", away)
    assert door.post().status_code == 503


def test_a_report_moves_a_text_and_an_unknown_one_does_no_harm(door: Door) -> None:
    door.post(form={**FORM, "Body": "yes"})
    door.line.work(for_=timedelta(minutes=2))
    text = door.line.outgoing()[-1]
    path = f"/twilio/status?text={text.id}"
    form = {
        "AccountSid": ACCOUNT,
        "MessageSid": text.provider_sid or "",
        "MessageStatus": "delivered",
    }
    assert door.post(path, form=form).status_code == 204
    assert door.line.outgoing()[-1].state == "delivered"
    unknown = "/twilio/status?text=01234567-89ab-7def-8123-456789abcdef"
    assert door.post(unknown, form=form).status_code == 204
    assert door.post("/twilio/status?text=what", form=form).status_code == 400


@pytest.mark.parametrize(
    "outage",
    [sa.exc.OperationalError("", {}, Exception()), sa.exc.TimeoutError(), ConnectionError()],
    ids=["away", "busy", "cut off"],
)
def test_a_report_that_meets_an_outage_gets_no_good_answer_and_is_learned_later(
    door: Door, monkeypatch: pytest.MonkeyPatch, outage: Exception
) -> None:
    door.post(form={**FORM, "Body": "yes"})
    door.line.work(for_=timedelta(minutes=2))
    text = door.line.outgoing()[-1]
    sid = text.provider_sid or ""
    form = {
        "AccountSid": ACCOUNT,
        "MessageSid": sid,
        "MessageStatus": "undelivered",
        "ErrorCode": "30007",
    }

    def away(*_given: object, **_named: object) -> None:
        raise outage

    with monkeypatch.context() as during:
        during.setattr("helpline.outbox.take_report", away)
        answer = door.post(f"/twilio/status?text={text.id}", form=form)
    assert answer.status_code == 503
    assert door.line.outgoing()[-1].state == "sent"
    door.line.company.ends[sid] = ("undelivered", 30007)
    door.line.clock.advance(delivery.load().unreported.asked_after)
    assert unreported.ask(door.line.adapters, owner="tests") == 1
    assert door.line.outgoing()[-1].state == "undelivered"
    assert door.line.tasks() == [Why.TEXT_NOT_DELIVERED]
