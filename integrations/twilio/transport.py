"""Requests of the SDK's on the wire. Imported by the first request only: it loads the SDK.

In place of the SDK's own transport, which writes addresses and numbers to a log, remembers its last
request and answer, and may try again by itself.
"""

import json
import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlencode

import urllib3
from twilio.http.response import Response
from twilio.rest import Client
from urllib3 import exceptions

from integrations.twilio import errors

API_URL = "https://api.twilio.com"

# The SDK would read the environment for what it is not given; given these, it finds nothing.
_NO_ENVIRONMENT = {"TWILIO_EDGE": "", "TWILIO_REGION": ""}
_OK = range(200, 300)
# Everything in urllib3 that logs. At DEBUG it writes each address, with the number asked about.
_LOGGERS = (
    "urllib3.connection", "urllib3.connectionpool", "urllib3.poolmanager", "urllib3.response",
    "urllib3.util.retry",
)  # fmt: skip

_is_talking: ContextVar[bool] = ContextVar("_is_talking", default=False)


def client(*, account_sid: str, token: str, http: Any) -> Client:
    """The SDK's client for one account, with ``http`` as its only way out."""
    return Client(
        username=account_sid, password=token, http_client=http, environment=_NO_ENVIRONMENT
    )


class Https:
    """Sends each request once, over a connection of its own; safe to use from any thread.

    No retries, no redirects, no proxy or password file from the environment. The token goes to
    ``api_url`` or to Twilio, and to this account's addresses there, and nowhere else.
    """

    def __init__(
        self, *, account_sid: str, api_url: str | None, connect_seconds: float, read_seconds: float
    ) -> None:
        self._base = (api_url or API_URL).rstrip("/")
        self._only = f"{API_URL}/2010-04-01/Accounts/{account_sid}/"
        self._timeout = urllib3.Timeout(connect=connect_seconds, read=read_seconds)
        # One for all connections: reading the trusted certificates takes 30 ms.
        self._trusted = ssl.create_default_context() if self._base.startswith("https:") else None
        _hush()

    def request(
        self,
        method: str,
        uri: str,
        *,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_unused: Any,
    ) -> Response:
        """Send one request of the SDK's and return the answer, or raise ``TwilioError``.

        Only an answer of 2xx with a JSON object in it is returned.
        """
        writes = method != "GET"
        if not uri.startswith(self._only):
            # The address of a next page that is none of ours.
            raise errors.unreadable(writes=writes)
        sent = dict(headers or {}) | {"Connection": "close"}
        if auth is not None:
            sent |= urllib3.make_headers(basic_auth=":".join(auth))
        try:
            with _talking(), urllib3.PoolManager(ssl_context=self._trusted) as connections:
                answer = connections.request(
                    method,
                    self._base + uri.removeprefix(API_URL) + _query(params),
                    body=encoded(data) if data else None,
                    headers=sent,
                    timeout=self._timeout,
                    retries=False,
                    redirect=False,
                )
        except exceptions.HTTPError as problem:
            failure = errors.TwilioError(
                can_retry=True, maybe_sent=writes and not _never_left(problem)
            )
        else:
            return _understood(answer, writes=writes)
        # Raised out here, so that it carries nothing of urllib3's, whose words hold the address.
        raise failure


def encoded(values: Mapping[str, object]) -> str:
    """A form or a query as it goes out; a list is its name once for each value."""
    return urlencode(values, doseq=True)


def _query(params: Mapping[str, object] | None) -> str:
    return f"?{encoded(params)}" if params else ""


def _understood(answer: urllib3.BaseHTTPResponse, *, writes: bool) -> Response:
    body = answer.data.decode("utf-8", errors="replace")
    if answer.status not in _OK:
        raise errors.from_answer(status=answer.status, body=body, writes=writes)
    if not _is_object(body):
        raise errors.unreadable(writes=writes)
    return Response(answer.status, body, answer.headers)


def _is_object(body: str) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


def _never_left(problem: exceptions.HTTPError) -> bool:
    """Whether it is certain that no byte of the request went out. Any doubt says no."""
    if isinstance(problem, exceptions.SSLError):
        return any(isinstance(each, ssl.SSLCertVerificationError) for each in problem.args)
    # Refused, no such host, no way there: the last two are kinds of the first.
    return isinstance(problem, exceptions.ConnectTimeoutError)


@contextmanager
def _talking() -> Iterator[None]:
    before = _is_talking.set(True)
    try:
        yield
    finally:
        _is_talking.reset(before)


def _is_not_ours(_record: logging.LogRecord) -> bool:
    return not _is_talking.get()


def _hush() -> None:
    """Keep what urllib3 would log about our requests out of every log, at any level."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_is_not_ours)
