"""The frames of the child's socket: what comes in, what goes out, and what is refused."""

from typing import Annotated, Literal

import msgspec

from integrations import lenient_json

# A frame over 64 KiB closes the socket with 1009 before it comes here (uvicorn's ws_max_size).
MOST_BYTES = 65_536

# The largest number a sequence column holds.
Cursor = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class BadFrameError(ValueError):
    """The frame is none of those the socket understands."""


class Hello(msgspec.Struct, tag="hello", tag_field="type"):
    """The first frame: who this is and which message it has seen last."""

    token: str | None = None
    after: Cursor = 0


class Say(msgspec.Struct, tag="say", tag_field="type"):
    """A message of the child."""

    client_id: str
    text: str


class Writing(msgspec.Struct, tag="writing", tag_field="type"):
    """Somebody is writing. Never what they write."""


class Ping(msgspec.Struct, tag="ping", tag_field="type"):
    """Asks whether anybody is there."""


Incoming = Hello | Say | Writing | Ping


class Welcome(msgspec.Struct, tag="welcome", tag_field="type"):
    """The socket is open; ``latest`` is the number of the newest message."""

    latest: int


class Shown(msgspec.Struct, frozen=True, rename={"author": "from"}):
    """One message as a child's app is shown it."""

    seq: int
    author: Literal["child", "advocate", "system"]
    text: str
    at: str


class MessageFrame(
    msgspec.Struct, tag="message", tag_field="type", rename={"author": "from"}, frozen=True
):
    """A message arrived."""

    seq: int
    author: Literal["child", "advocate", "system"]
    text: str
    at: str


class Kept(msgspec.Struct, tag="kept", tag_field="type"):
    """The message is on disk. This is the tick."""

    client_id: str
    seq: int


class Refused(msgspec.Struct, tag="refused", tag_field="type"):
    """The message was not kept, and why; it stays in the sender's box."""

    client_id: str | None
    why: str


class Pong(msgspec.Struct, tag="pong", tag_field="type"):
    """Answers a ping."""


Outgoing = Welcome | MessageFrame | Kept | Refused | Writing | Pong

_decoder: msgspec.json.Decoder[Incoming] = msgspec.json.Decoder(Incoming)
_encoder = msgspec.json.Encoder()


def parse(frame: str | bytes) -> Incoming:
    """The frame that a text frame holds; :class:`BadFrameError` when it is none."""
    try:
        return lenient_json.decode(frame, _decoder)
    except lenient_json.UnreadableError:
        raise BadFrameError from None


def render(frame: Outgoing) -> str:
    """The text frame that says this."""
    return _encoder.encode(frame).decode()
