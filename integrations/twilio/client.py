"""The way to Twilio's API: the SDK's own client, loaded by the first request and not before.

One client serves every thread. It holds the account's sid and token and objects without a state of
their own; each request opens a connection of its own and closes it. That costs a handshake, and
saves the case that is worst here: a connection kept open that the other end has dropped breaks when
the text is on its way, and nobody knows whether it was sent.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import urlsplit

from twilio.base.exceptions import TwilioException

from integrations.twilio import errors

if TYPE_CHECKING:
    from types import ModuleType

# A request must be over well before the lease of the job that makes it.
CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
_ON_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
# What the SDK raises over an answer that it does not understand.
_NOT_UNDERSTOOD = (
    TwilioException, ValueError, TypeError, LookupError, AttributeError, ArithmeticError,
)  # fmt: skip

Answer = TypeVar("Answer")


class ApiAddressError(ValueError):
    """The API is reached over https, or over http on this machine: the token travels along."""


class Http(Protocol):
    """Carries one request of the SDK's there and back, as :class:`transport.Https` does."""

    def request(self, method: str, uri: str, **asked: Any) -> Any:
        """Return the SDK's kind of response, or raise :class:`errors.TwilioError`."""


class Api:
    """One account of Twilio's. ``api_url`` takes the place of Twilio's own address."""

    def __init__(
        self,
        *,
        account_sid: str,
        token: str,
        api_url: str | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        http: Http | None = None,
    ) -> None:
        if api_url is not None and not _is_safe(api_url):
            raise ApiAddressError
        self._account_sid = account_sid
        self._token = token
        self._api_url = api_url
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._http = http
        self._building = threading.Lock()
        self._sdk: Any = None

    def ask(self, work: Callable[[Any], Answer], *, writes: bool) -> Answer:
        """Do ``work`` with the SDK's client. No error but :class:`errors.TwilioError` comes out.

        ``writes``: the work sends, rings or ends something, so that a lost answer leaves it open.
        """
        sdk = self._client()
        try:
            return work(sdk)
        except errors.TwilioError:
            raise
        except _NOT_UNDERSTOOD:
            failure = errors.unreadable(writes=writes)
        # Raised out here, so that it carries nothing of the SDK's, whose words quote numbers.
        raise failure

    def _client(self) -> Any:
        with self._building:
            if self._sdk is None:
                transport = _loaded()
                self._sdk = transport.client(
                    account_sid=self._account_sid,
                    token=self._token,
                    http=self._http
                    or transport.Https(
                        account_sid=self._account_sid,
                        api_url=self._api_url,
                        connect_seconds=self._connect_seconds,
                        read_seconds=self._read_seconds,
                    ),
                )
            return self._sdk


def _loaded() -> "ModuleType":
    from integrations.twilio import transport  # noqa: PLC0415 - the SDK costs 12 MiB

    return transport


def _is_safe(api_url: str) -> bool:
    parts = urlsplit(api_url)
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        return False
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in _ON_THIS_MACHINE
    )
