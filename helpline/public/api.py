"""The API for a child's app: conversations, messages, leave. docs/protocol.md tells it whole."""

import re
from functools import partial
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chat import conversation as rules
from chat.errors import EmptyTextError, TooLongError
from chat.service import leave as chat_leave
from helpline import intake
from helpline.public import conversations, entrance, problems, reading
from helpline.public.problems import ApiError
from integrations import lenient_json

# A message of 10,000 characters in four-byte letters, each escaped as a pair, fits well inside.
MOST_BODY_BYTES = 131_072
LONGEST_WAIT_SECONDS = 25.0

Body = TypeVar("Body")


class NewConversation(msgspec.Struct):
    """What an app may say when it begins."""

    language: str | None = None
    display_name: str | None = None


class BegunConversation(msgspec.Struct):
    """A conversation, and the secret that opens it. The secret is never shown again."""

    conversation: UUID
    token: str


class NewMessage(msgspec.Struct):
    """A child's message. ``client_id`` is the app's own name for it, so that it may be retried."""

    client_id: str
    text: str


class KeptMessage(msgspec.Struct):
    """A message that is on disk. ``seq`` is 0 when a person was asked to look at it by hand."""

    seq: int
    client_id: str
    kept_at: str


class Messages(msgspec.Struct):
    """Messages above a cursor, and the number of the newest one there is."""

    messages: list[reading.ShownMessage]
    latest: int


_new_conversation: msgspec.json.Decoder[NewConversation] = msgspec.json.Decoder(NewConversation)
_new_message: msgspec.json.Decoder[NewMessage] = msgspec.json.Decoder(NewMessage)

# BCP 47, as far as a service that shows the tag needs to know it.
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")
_LONGEST_NAME = 80


async def begin(request: Request) -> Response:
    """POST /conversations."""
    entrance.check_origin(request)
    asked = await body_of(request, _new_conversation, empty=NewConversation())
    if asked.language is not None and not _LANGUAGE.fullmatch(asked.language):
        raise _invalid("language is a tag such as en, ar or fa-AF.")
    begun = await anyio.to_thread.run_sync(
        partial(
            conversations.start,
            entrance.adapters_of(request),
            language=asked.language,
            display_name=_name(asked.display_name),
        )
    )
    return json_of(BegunConversation(begun.conversation, begun.token or ""), HTTPStatus.CREATED)


async def say(request: Request) -> Response:
    """POST /conversations/{id}/messages. The answer follows the commit."""
    conversation = await entrance.enter(request)
    said = await body_of(request, _new_message)
    try:
        kept = await intake.keep(
            entrance.adapters_of(request).writer,
            conversation_id=conversation,
            client_id=said.client_id,
            text=said.text,
        )
    except problems.REFUSED_MESSAGES as problem:
        raise problems.refusal(problem) from None
    status = HTTPStatus.OK if kept.again else HTTPStatus.CREATED
    return json_of(KeptMessage(kept.seq, said.client_id, kept.at.isoformat()), status)


async def listen(request: Request) -> Response:
    """GET /conversations/{id}/messages. Waits up to ``wait`` seconds when there is nothing."""
    conversation = await entrance.enter(request)
    after = _number(request, "after", most=2**31 - 1)
    wait = _number(request, "wait", most=int(LONGEST_WAIT_SECONDS))
    adapters = entrance.adapters_of(request)
    with adapters.hub.hearing(conversation) as heard:
        shown, latest = await reading.after(adapters, conversation, after)
        if not shown and wait and await heard.newer_than(max(after, latest), seconds=wait):
            shown, latest = await reading.after(adapters, conversation, after)
    return json_of(Messages(shown, latest), HTTPStatus.OK)


async def leave(request: Request) -> Response:
    """POST /conversations/{id}/leave. The conversation stays open."""
    conversation = await entrance.enter(request)
    await anyio.to_thread.run_sync(partial(_leave, request, conversation))
    return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "no-store"})


def _leave(request: Request, conversation: UUID) -> None:
    adapters = entrance.adapters_of(request)
    with adapters.transactions.begin() as session:
        chat_leave.leave(session, conversation=conversation, now=adapters.clock())


async def body_of(
    request: Request, decoder: "msgspec.json.Decoder[Body]", *, empty: Body | None = None
) -> Body:
    """The body of a call, bounded and of the expected shape."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BODY_BYTES:
            raise problems.refusal(TooLongError())
    if not raw and empty is not None:
        return empty
    try:
        return lenient_json.decode(bytes(raw), decoder)
    except lenient_json.UnreadableError:
        raise _invalid("The body is not JSON of the expected shape.") from None


def _name(name: str | None) -> str | None:
    try:
        return rules.kept_text(name)[:_LONGEST_NAME] if name else None
    except (EmptyTextError, TooLongError):
        raise _invalid("display_name has 1 to 80 characters, or is left out.") from None


def _number(request: Request, name: str, *, most: int) -> int:
    given = request.query_params.get(name, "0")
    # Python refuses to read numbers of thousands of digits, so look at the length first.
    if not (given.isascii() and given.isdigit() and len(given) <= len(str(most))):
        raise _invalid(f"{name} is a whole number from 0 to {most}.")
    if int(given) > most:
        raise _invalid(f"{name} is a whole number from 0 to {most}.")
    return int(given)


def _invalid(detail: str) -> ApiError:
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", detail)


def json_of(value: msgspec.Struct, status: HTTPStatus) -> Response:
    """The answer that carries a struct."""
    return Response(
        msgspec.json.encode(value),
        status,
        {"Cache-Control": "no-store"},
        media_type="application/json",
    )


routes = [
    Route("/conversations", begin, methods=["POST"]),
    Route("/conversations/{conversation}/messages", say, methods=["POST"]),
    Route("/conversations/{conversation}/messages", listen, methods=["GET"]),
    Route("/conversations/{conversation}/leave", leave, methods=["POST"]),
]
