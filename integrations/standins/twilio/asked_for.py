"""What the control API can be asked, and how a request is read."""

from datetime import datetime
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.standins.twilio import forms
from integrations.standins.twilio.behaviour import Options

Asked = TypeVar("Asked")


class RefusedError(Exception):
    """The control API does not do that."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Send(Options):
    """A text from a phone; ``at`` is when, with its zone, if not now."""

    text: str
    pictures: int = 0
    at: datetime | None = None


class FromPhone(Send, kw_only=True):
    """A text, and from whom."""

    sender: str = msgspec.field(name="from")


class Bulk(Options):
    """Many texts at once."""

    texts: list[FromPhone]


class Press(Options):
    """The keys that somebody presses; nothing for whatever else they do."""

    digits: str = ""


class Again(Options):
    """How many times a webhook is made, at once."""

    copies: int = 1


class Settle(Options):
    """How long to wait, in seconds."""

    seconds: float = 20.0


async def read(request: Request, kind: type[Asked]) -> Asked:
    """Return the body; none at all is an empty object. Raises RefusedError."""
    try:
        return msgspec.json.decode(await request.body() or b"{}", type=kind)
    except msgspec.MsgspecError as wrong:
        raise RefusedError(400, str(wrong)) from None


def number(request: Request) -> str:
    """Return the number in the address, with or without its plus. Raises RefusedError."""
    return e164(request.path_params["number"])


def e164(text: str) -> str:
    """Return a number as Twilio writes it. Raises RefusedError."""
    found = "+" + text.strip().removeprefix("+")
    if forms.E164.fullmatch(found) is None:
        raise RefusedError(400, "not a number in the international form")
    return found


def figure(request: Request, name: str) -> int:
    """Return a whole number from the query, or 0. Raises RefusedError."""
    value = request.query_params.get(name, "0")
    if not value.isdecimal():
        raise RefusedError(400, f"{name} is a whole number")
    return int(value)


async def refuse(_request: Request, refusal: Exception) -> Response:
    """Answer a refusal."""
    if not isinstance(refusal, RefusedError):
        raise refusal
    return JSONResponse({"error": refusal.why}, status_code=refusal.status)
