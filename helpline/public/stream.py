"""New messages as they come: the socket and, where a filter breaks sockets, server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
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

# A proxy or a phone closes a silent connection; a comment keeps it open.
KEEP_ALIVE_SECONDS = 20.0


class Welcomed(msgspec.Struct):
    """The stream is open; ``latest`` is the number of the newest message."""

    latest: int


class _Live:
    """WS /conversations/{id}/live.

    An object and not a function: Starlette would wrap a function in two more frames, which each
    open socket would hold and each message pass through.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket."""
        websocket = WebSocket(scope, receive, send)
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
        socket = webchat.Socket(websocket, _Door(websocket, adapters))
        forget = adapters.hub.on_close(socket.go_away)
        try:
            await socket.serve()
        finally:
            forget()


live = _Live()


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
            # In small pages: a reader that stops reading holds no more than one.
            while page := await reading.page_after(
                adapters, conversation, cursor, limit=webchat.PAGE
            ):
                for message in page:
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


class _Door:
    """What the socket needs from the service, for one conversation (chat.webchat.Service).

    With slots and without closures, because each of thousands of silent children holds one.
    """

    __slots__ = ("_adapters", "_conversation", "_looking", "_socket", "_token", "_websocket")

    def __init__(self, websocket: WebSocket, adapters: "Adapters") -> None:
        self._websocket = websocket
        self._adapters = adapters
        self._conversation = UUID(int=0)
        self._token: str | None = None
        self._socket: webchat.Socket | None = None
        self._looking: asyncio.Task[None] | None = None

    async def may_enter(self, token: str | None) -> bool:
        """See :class:`chat.webchat.Service`."""
        try:
            self._conversation = await entrance.enter(self._websocket, token=token)
        except ApiError:
            return False
        self._token = token
        return True

    async def latest(self) -> int:
        """See :class:`chat.webchat.Service`."""
        return await reading.latest(self._adapters, self._conversation)

    async def messages_after(self, cursor: int, *, limit: int) -> Sequence[webchat.Words]:
        """See :class:`chat.webchat.Service`."""
        return await reading.spoken_after(self._adapters, self._conversation, cursor, limit=limit)

    def listen(self, socket: webchat.Socket) -> Callable[[], None]:
        """See :class:`chat.webchat.Service`."""
        self._socket = socket
        return self._adapters.hub.listen_to(self._conversation, self._hear)

    def say(
        self,
        client_id: str,
        text: str,
        kept: Callable[[int], None],
        refused: Callable[[str], None],
    ) -> None:
        """See :class:`chat.webchat.Service`."""

        def answer(outcome: Outcome) -> None:
            if isinstance(outcome, Refused):
                refused(webchat.WHY[outcome.why.__name__])
            else:
                kept(outcome.seq)

        said = intake.said_by_child(self._conversation, client_id, text)
        try:
            self._adapters.writer.submit(said, answer)
        except WriterDeadError:
            refused(webchat.WHY["NotKeptError"])

    def writing(self, socket: webchat.Socket) -> None:
        """See :class:`chat.webchat.Service`."""
        self._adapters.hub.ring(Notice("writing", self._conversation, by=socket))

    def _hear(self, notice: Notice) -> None:
        socket = self._socket
        if socket is None:
            return
        if notice.kind == "message":
            if notice.spoken is not None:
                socket.deliver(notice.spoken)
            else:
                socket.announce(notice.seq)
        elif notice.kind == "writing":
            if notice.by is not socket:
                socket.other_side_is_writing()
        elif notice.kind == "left":
            # A visit ended: this socket may have been another tab of it.
            self._looking = asyncio.create_task(self._look_again(socket))

    async def _look_again(self, socket: webchat.Socket) -> None:
        if not await entrance.still_may_enter(self._websocket, token=self._token):
            socket.go_away(webchat.UNAUTHORISED)


routes = [
    Route("/conversations/{conversation}/events", events, methods=["GET"]),
    WebSocketRoute("/conversations/{conversation}/live", live),
]


def live_route(prefix: str) -> WebSocketRoute:
    """The socket's route once more, for the outermost app: see :class:`_Live` for why."""
    return WebSocketRoute(f"{prefix}/conversations/{{conversation}}/live", live)
