"""The account that the stand-in plays: its number, its token, and where its webhooks go."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class NotLoopbackError(Exception):
    """The stand-in talks to this machine only: an http address on loopback is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account with one number."""

    sid: str
    token: str = field(repr=False)
    number: str
    webhooks: str  # the origin of the service, without a slash at its end
    api: str  # the stand-in's own origin: addresses of pictures begin with it

    def __post_init__(self) -> None:
        """Raise NotLoopbackError unless both origins are on this machine."""
        if not (is_loopback(self.webhooks) and is_loopback(self.api)):
            raise NotLoopbackError

    @property
    def path(self) -> str:
        """Where the account lies in the API."""
        return f"/2010-04-01/Accounts/{self.sid}"


def is_loopback(url: str) -> bool:
    """Say whether an address may be asked at all."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in LOOPBACK and port != 0
