"""Twenty senders at once, outside the service: they say, wait for the tick, and say again.

A sender that has no tick tries again with the same client_id until it has one, as a child's page
does. Ten use a socket and do not wait for the tick before the next line, six use plain calls one by
one, four begin one conversation after another.
"""

import asyncio
import itertools
import json
import random
import threading
import time
from collections.abc import Awaitable, Callable

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.faults.ledger import Chat, Ledger, Line, Manner

TALKERS, POSTERS, BEGINNERS = 10, 6, 4
LINES_OF_A_TALKER = 150
LINES_OF_A_POSTER = 60
BURST = 3
IN_FLIGHT = 9
AGAIN_AFTER = 0.15  # seconds
ANSWERED_WITHIN = 15.0

Sender = Callable[[str], Awaitable[None]]
# What it looks like when the service is not there.
AWAY = (OSError, TimeoutError, ConnectionClosed, InvalidHandshake, InvalidMessage)


class Senders:
    """The twenty, in a thread and an event loop of their own. `pause` is between two bursts."""

    def __init__(self, origin: str, *, pause: float = 0.25) -> None:
        self.ledger = Ledger()
        self._origin = origin
        self._pause = pause
        self._is_over = False
        self._names = itertools.count(1)
        self._thread = threading.Thread(target=self._run, name="senders", daemon=True)
        self._problem: BaseException | None = None
        self._http: httpx2.AsyncClient

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def finish(self, *, within: float) -> Ledger:
        """Say nothing new, wait until everything said has its tick, and return what they know."""
        self._is_over = True
        self._thread.join(within)
        if self._problem is not None:
            raise self._problem
        assert not self._thread.is_alive(), f"{self.ledger.unticked} lines got no tick"
        return self.ledger

    def _run(self) -> None:
        try:
            asyncio.run(self._send_all())
        except BaseException as problem:  # noqa: BLE001 - told to whoever waits for the end
            self._problem = problem

    async def _send_all(self) -> None:
        http = httpx2.AsyncClient(base_url=self._origin, timeout=ANSWERED_WITHIN, trust_env=False)
        async with http as self._http, asyncio.TaskGroup() as group:
            for count, sender in (
                (TALKERS, self._talk),
                (POSTERS, self._post),
                (BEGINNERS, self._begin),
            ):
                for _ in range(count):
                    group.create_task(self._for_ever(sender))

    async def _for_ever(self, sender: Sender) -> None:
        while not self._is_over:
            await sender(f"s{next(self._names)}")

    async def _talk(self, name: str) -> None:
        chat = await self._begun("pipelined")
        while chat is not None and not self._is_done(chat, LINES_OF_A_TALKER):
            try:
                address = self._origin.replace("http", "ws", 1)
                async with connect(
                    f"{address}/api/v1/conversations/{chat.conversation}/live",
                    compression=None,
                    ping_interval=None,
                    proxy=None,
                    open_timeout=ANSWERED_WITHIN,
                    close_timeout=1,
                ) as socket:
                    await _Talk(self, socket, chat, name).hold()
            except AWAY:
                self.ledger.reconnected += 1
                await _rest()

    async def _post(self, name: str) -> None:
        chat = await self._begun("one by one")
        while chat is not None and not self._is_done(chat, LINES_OF_A_POSTER):
            line = chat.another(name)
            await self._said(chat, line)
            if random.random() < 0.05:  # noqa: S311 - not a secret
                await self._said(chat, line)  # once more, as a page that missed its tick
            await asyncio.sleep(self._pause * random.uniform(0.1, 0.5))  # noqa: S311 - as above

    async def _begin(self, name: str) -> None:
        chat = await self._begun("one by one")
        if chat is None:
            return
        for _ in range(2):
            await self._said(chat, chat.another(name))
        answer = await self._asked("GET", chat, "messages")
        shown = [(each["seq"], each["text"]) for each in answer.json()["messages"]]
        if shown != [(line.seq, line.text) for line in chat.lines]:
            self.ledger.contradictions.append(f"{chat.conversation}: not shown at once")
        await asyncio.sleep(self._pause * random.uniform(1, 4))  # noqa: S311 - as above

    def _is_done(self, chat: Chat, most: int) -> bool:
        return not chat.unticked() and (self._is_over or len(chat.lines) >= most)

    def may_say_more(self, chat: Chat) -> bool:
        """Whether a talker has more to say in this conversation."""
        return not self._is_over and len(chat.lines) < LINES_OF_A_TALKER

    async def between_bursts(self) -> None:
        """Wait as a person does between two thoughts."""
        await asyncio.sleep(self._pause * random.uniform(0.5, 1.5))  # noqa: S311 - as above

    async def _begun(self, manner: Manner) -> Chat | None:
        while not self._is_over:
            try:
                answer = await self._http.post("/api/v1/conversations", json={"language": "en"})
            except httpx2.TransportError:
                await _rest()
                continue
            self.ledger.statuses[answer.status_code] += 1
            if answer.status_code == httpx2.codes.CREATED:
                begun = answer.json()
                chat = Chat(conversation=begun["conversation"], token=begun["token"], manner=manner)
                self.ledger.chats.append(chat)
                return chat
            await _rest()
        return None

    async def _said(self, chat: Chat, line: Line) -> None:
        line.sent()
        said = {"client_id": line.client_id, "text": line.text}
        answer = await self._asked("POST", chat, "messages", said)
        self.ledger.tick(chat, line, answer.json()["seq"])

    async def _asked(
        self, method: str, chat: Chat, what: str, body: object = None
    ) -> httpx2.Response:
        """The answer, once there is a good one; everything else is noted and tried again."""
        while True:
            try:
                answer = await self._http.request(
                    method,
                    f"/api/v1/conversations/{chat.conversation}/{what}",
                    json=body,
                    headers={"Authorization": f"Bearer {chat.token}"},
                )
            except httpx2.TransportError:
                self.ledger.reconnected += 1
            else:
                self.ledger.statuses[answer.status_code] += 1
                if answer.is_success:
                    return answer
                chat.was_refused = True
            await _rest()


class _Talk:
    """One connection of a talker. `hold` returns when the conversation is over."""

    def __init__(self, senders: Senders, socket: ClientConnection, chat: Chat, name: str) -> None:
        self._senders = senders
        self._ledger = senders.ledger
        self._socket = socket
        self._chat = chat
        self._name = name
        self._waiting: dict[str, Line] = {}  # said on this connection, no answer yet
        self._known: set[int] = set()  # the numbers this page has had, by tick or by message
        self._last = 0

    async def hold(self) -> None:
        self._last = self._chat.read_up_to()
        hello = {"type": "hello", "token": self._chat.token, "after": self._last}
        await self._socket.send(json.dumps(hello))
        hearing = asyncio.create_task(self._hear())
        try:
            await self._speak(hearing)
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
            if self._socket.close_code is not None:
                self._ledger.closes[self._socket.close_code] += 1

    async def _speak(self, hearing: asyncio.Task[None]) -> None:
        while not hearing.done():
            # What has no tick goes first, in its order, once nothing is on its way any more.
            if not self._waiting:
                for line in self._chat.unticked():
                    await self._say(line)
            if self._senders.may_say_more(self._chat) and not self._is_behind():
                for _ in range(BURST):
                    await self._say(self._chat.another(self._name))
            elif not self._chat.unticked() and not self._senders.may_say_more(self._chat):
                return
            await self._senders.between_bursts()
        if hearing.exception() is not None:
            await hearing
        raise ConnectionClosed(self._socket.protocol.close_rcvd, None)

    def _is_behind(self) -> bool:
        return len(self._waiting) >= IN_FLIGHT or len(self._waiting) < len(self._chat.unticked())

    async def _say(self, line: Line) -> None:
        line.sent()
        self._waiting[line.client_id] = line
        said = {"type": "say", "client_id": line.client_id, "text": line.text}
        await self._socket.send(json.dumps(said))

    async def _hear(self) -> None:
        async for frame in self._socket:
            told = json.loads(frame)
            if told["type"] == "kept":
                self._waiting.pop(told["client_id"], None)
                number = int(told["client_id"].rpartition("-")[2])
                self._known.add(told["seq"])
                self._ledger.tick(self._chat, self._chat.lines[number - 1], told["seq"])
            elif told["type"] == "refused":
                self._ledger.refusals[told["why"]] += 1
                self._chat.was_refused = True
                self._waiting.pop(told["client_id"], None)
            elif told["type"] == "message":
                self._shown(told["seq"], told["text"])

    def _shown(self, seq: int, text: str) -> None:
        """A message on this page: in order, with nothing left out but what it said itself."""
        skipped = set(range(self._last + 1, seq)) - self._known
        if seq <= self._last or skipped:
            self._ledger.contradictions.append(
                f"{self._chat.conversation}: shown {seq} after {self._last}, without {skipped}"
            )
        if self._chat.shown.setdefault(seq, text) != text:
            self._ledger.contradictions.append(f"{self._chat.conversation}: {seq} changed")
        self._last = max(self._last, seq)
        self._known.add(seq)


async def _rest() -> None:
    await asyncio.sleep(AGAIN_AFTER * random.uniform(0.5, 1.5))  # noqa: S311 - not a secret


def wait_for(told: Callable[[], bool], *, within: float) -> bool:
    """Wait until something is so, from a thread that is not the senders'."""
    give_up = time.monotonic() + within
    while not told():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True
