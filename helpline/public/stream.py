"""New messages as they come: the socket and, where a filter breaks sockets, server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from chat import webchat
from helpline import intake
from helpline.hub import Notice
from helpline.intake import Outcome, Refused
from helpline.public import entrance, reading
from helpline.public.problems import ApiError
from helpline.writer import WriterDeadError

if TYPE_CHECKING:
    from helpline.wiring import Adapters

LookAgain = Callable[[webchat.Socket], None]

# A proxy or a phone closes a silent connection; a comment keeps it open.
KEEP_ALIVE_SECONDS = 20.0


class Welcomed(msgspec.Struct):
    """The stream is open; ``latest`` is the number of the newest message."""

    latest: int


async def live(websocket: WebSocket) -> None:
    """WS /conversations/{id}/live."""
    try:
        entrance.check_origin(websocket)
    except ApiError:
        await websocket.send_denial_response(Response(status_code=HTTPStatus.FORBIDDEN))
        return
    await websocket.accept()
    adapters = entrance.adapters_of(websocket)
    if adapters.hub.is_closing:
        await websocket.close(webchat.GOING_AWAY)
        return
    socket = webchat.Socket(websocket, _service(websocket, adapters))
    forget = adapters.hub.on_close(socket.go_away)
    try:
        await socket.serve()
    finally:
        forget()


async def events(request: Request) -> Response:
    """GET /conversations/{id}/events: the same messages as server-sent events."""
    conversation = await entrance.enter(request)
    given = request.headers.get("last-event-id") or request.query_params.get("after", "0")
    cursor = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0  # noqa: PLR2004 - a sequence number has at most ten digits
    return StreamingResponse(
        _told(request, conversation, cursor),
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        media_type="text/event-stream",
    )


async def _told(request: Request, conversation: UUID, cursor: int) -> AsyncIterator[bytes]:
    adapters = entrance.adapters_of(request)
    with adapters.hub.hearing(conversation) as heard:
        latest = await reading.latest(adapters, conversation)
        # Said at once, so that a page knows that no filter swallows what follows.
        yield b"event: welcome\ndata: %b\n\n" % msgspec.json.encode(Welcomed(latest))
        while not adapters.hub.is_closing:
            for message in (await reading.after(adapters, conversation, cursor))[0]:
                cursor = message.seq
                yield b"id: %d\nevent: message\ndata: %b\n\n" % (
                    cursor,
                    msgspec.json.encode(message),
                )
            if await heard.newer_than(cursor, seconds=KEEP_ALIVE_SECONDS):
                continue
            if heard.somebody_left and not await entrance.still_may_enter(request):
                return
            heard.somebody_left = False
            yield b": still here\n\n"


def _service(websocket: WebSocket, adapters: "Adapters") -> webchat.Service:
    entered: list[UUID] = []

    tokens: list[str | None] = []
    looking: set[asyncio.Task[None]] = set()

    async def may_enter(token: str | None) -> bool:
        try:
            entered.append(await entrance.enter(websocket, token=token))
        except ApiError:
            return False
        tokens.append(token)
        return True

    async def turn_away(socket: webchat.Socket) -> None:
        if not await entrance.still_may_enter(websocket, token=tokens[0]):
            socket.go_away(webchat.UNAUTHORISED)

    def look_again(socket: webchat.Socket) -> None:
        # A visit ended: this socket may have been another tab of it.
        task = asyncio.create_task(turn_away(socket))
        looking.add(task)
        task.add_done_callback(looking.discard)

    def say(
        client_id: str, text: str, kept: Callable[[int], None], refused: Callable[[str], None]
    ) -> None:
        def answer(outcome: Outcome) -> None:
            if isinstance(outcome, Refused):
                refused(webchat.WHY[outcome.why.__name__])
            else:
                kept(outcome.seq)

        said = intake.said_by_child(entered[0], client_id, text)
        try:
            adapters.writer.submit(said, answer)
        except WriterDeadError:
            refused(webchat.WHY["NotKeptError"])

    return webchat.Service(
        may_enter=may_enter,
        latest=lambda: reading.latest(adapters, entered[0]),
        messages_after=lambda cursor: _words(adapters, entered[0], cursor),
        listen=lambda socket: adapters.hub.listen_to(
            entered[0], partial(_hear, socket, look_again)
        ),
        say=say,
        writing=lambda socket: _tell_writing(adapters, entered[0], socket),
    )


async def _words(adapters: "Adapters", conversation: UUID, cursor: int) -> list[webchat.Words]:
    return [*await reading.spoken_after(adapters, conversation, cursor)]


def _hear(socket: webchat.Socket, look_again: LookAgain, notice: Notice) -> None:
    if notice.kind == "left":
        look_again(socket)
    elif notice.kind == "writing":
        if notice.by is not socket:
            socket.other_side_is_writing()
    elif notice.kind != "message":
        return
    elif notice.spoken is not None:
        socket.deliver(notice.spoken)
    else:
        socket.announce(notice.seq)


def _tell_writing(adapters: "Adapters", conversation: UUID, socket: webchat.Socket) -> None:
    adapters.hub.ring(Notice("writing", conversation, by=socket))


routes = [
    Route("/conversations/{conversation}/events", events, methods=["GET"]),
    WebSocketRoute("/conversations/{conversation}/live", live),
]
