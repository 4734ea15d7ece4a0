"""Every request that the adapters make, recorded at the place where the SDK hands it over."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from twilio.http.response import Response

from integrations.twilio import calls, client, messages, transport

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "an invented token"
OURS = "+441632960001"
CHILD = "+447700900123"
TEXT_SID = "SM" + "0" * 31 + "2"
OTHER_TEXT_SID = "SM" + "0" * 31 + "3"
CALL_SID = "CA" + "0" * 31 + "4"
SINCE = datetime(2026, 3, 4, 12, 0, 0, 700_000, tzinfo=UTC)
STATUS_TO = "https://staff.example.org/twilio/status/7f3c"
ANSWER_AT = "https://staff.example.org/twilio/voice/answer/7f3c"
CALL_STATUS_TO = "https://staff.example.org/twilio/voice/status/7f3c"
WORDS = "Is it OK to text now? \u20ac [x]"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it would go out: method, path, and the pairs of its query and form."""

    method: str
    path: str
    query: Pairs = ()
    form: Pairs = ()


@dataclass(slots=True)
class Recording:
    """Takes the place of the wire: keeps each request and gives the answers it was given."""

    answers: Sequence[Any]
    asked: list[Asked] = field(default_factory=list)

    def request(
        self,
        method: str,
        uri: str,
        *,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        **_unused: Any,
    ) -> Response:
        address = urlsplit(uri)
        query = parse_qsl(address.query, keep_blank_values=True, strict_parsing=bool(address.query))
        self.asked.append(
            Asked(
                method=method,
                path=f"{address.scheme}://{address.netloc}{address.path}",
                query=(*query, *_pairs(params)),
                form=_pairs(data),
            )
        )
        answer = self.answers[len(self.asked) - 1]
        return Response(201 if method == "POST" else 200, json.dumps(answer))

    def api(self) -> client.Api:
        return client.Api(account_sid=ACCOUNT, token=TOKEN, http=self)


def _pairs(values: dict[str, object] | None) -> Pairs:
    return tuple(parse_qsl(transport.encoded(values or {}), keep_blank_values=True))


def message(**changes: Any) -> dict[str, Any]:
    """A text as Twilio lists it; one of ours unless the changes say otherwise."""
    return {
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "body": WORDS,
        "date_created": "Wed, 04 Mar 2026 12:00:00 +0000",
        "date_sent": None,
        "date_updated": "Wed, 04 Mar 2026 12:00:00 +0000",
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": OURS,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "GBP",
        "sid": TEXT_SID,
        "status": "queued",
        "subresource_uris": {},
        "to": CHILD,
        "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{TEXT_SID}.json",
        **changes,
    }


def arrival(**changes: Any) -> dict[str, Any]:
    """A text that came in, as Twilio lists it."""
    return message(
        **{
            "from": CHILD,
            "to": OURS,
            "direction": "inbound",
            "status": "received",
            "body": "hello",
            "date_sent": "Wed, 04 Mar 2026 12:00:01 +0000",
            **changes,
        }
    )


def page(*listed: dict[str, Any], following: str | None = None) -> dict[str, Any]:
    """A page of a list. ``following`` is the query of the next one."""
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    return {
        "end": max(len(listed) - 1, 0),
        "first_page_uri": f"{path}?PageSize=1000&Page=0",
        "messages": list(listed),
        "next_page_uri": f"{path}?{following}" if following else None,
        "page": 0,
        "page_size": 1000,
        "previous_page_uri": None,
        "start": 0,
        "uri": f"{path}?PageSize=1000&Page=0",
    }


def call(**changes: Any) -> dict[str, Any]:
    """A call as Twilio describes it."""
    return {
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "direction": "outbound-api",
        "from": OURS,
        "sid": CALL_SID,
        "status": "queued",
        "to": CHILD,
        "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL_SID}.json",
        **changes,
    }


def every_request() -> Recording:
    """Let each method of each adapter make its requests, the lists over two pages."""
    wire = Recording(
        answers=[
            message(),
            page(following="To=%2B447700900123&PageSize=1000&Page=1&PageToken=PASM2"),
            page(),
            page(following="To=%2B441632960001&PageSize=1000&Page=1&PageToken=PASM3"),
            page(),
            message(status="delivered"),
            call(),
            call(status="completed"),
        ]
    )
    texts = messages.TwilioTexts(wire.api(), number=OURS)
    texts.send(to=CHILD, text=WORDS, status_to=STATUS_TO)
    texts.find_sent(to=CHILD, text=WORDS, since=SINCE)
    list(texts.arrived(since=SINCE))
    texts.status(sid=TEXT_SID)
    rung = calls.TwilioCalls(wire.api(), number=OURS)
    rung.ring(to=CHILD, answer_at=ANSWER_AT, status_to=CALL_STATUS_TO, rings_for_seconds=20)
    rung.hang_up(sid=CALL_SID)
    return wire
