"""Readers on another web process: what is said on the one must be shown on the other."""

import asyncio
import json
import threading
import time
from collections.abc import Sequence

from websockets.asyncio.client import connect

from tests.faults.ledger import Chat, Ledger
from tests.faults.senders import AWAY

MOST = 15
QUIET_FOR = 10.0  # seconds without a line, after which a tab is closed
LOOKED_AGAIN_AFTER = 0.2


class Readers:
    """Second tabs of the senders' conversations, as they are begun, in a thread of their own."""

    def __init__(self, origin: str, ledger: Ledger) -> None:
        self._origin = origin.replace("http", "ws", 1)
        self._ledger = ledger
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name="readers", daemon=True)
        self._open: set[str] = set()
        # When a number of a conversation was shown, and since when somebody looked.
        self._shown: dict[tuple[str, int], float] = {}
        self._since: dict[str, float] = {}
        self.gone_back = 0

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def are_reading(self) -> bool:
        """Whether at least one tab is served."""
        return bool(self._since)

    def finish(self) -> None:
        """Close every tab."""
        self._is_over = True
        self._thread.join(10)

    def delays(self, *, after: float, before: float) -> list[float]:
        """How many seconds after its tick each line of that time was shown, the longest last.

        A line that was never shown counts as shown now.
        """
        now = time.monotonic()
        return sorted(
            self._shown.get((chat.conversation, line.seq), now) - line.ticked
            for chat in [*self._ledger.chats]
            for line in [*chat.lines]
            if line.seq
            and after <= line.ticked <= before
            and self._since.get(chat.conversation, now) < line.ticked
        )

    def _run(self) -> None:
        asyncio.run(self._read_all())

    async def _read_all(self) -> None:
        async with asyncio.TaskGroup() as group:
            while not self._is_over:
                for chat in self._newest():
                    self._open.add(chat.conversation)
                    group.create_task(self._read(chat))
                await asyncio.sleep(LOOKED_AGAIN_AFTER)

    def _newest(self) -> Sequence[Chat]:
        free = MOST - len(self._open)
        waiting = [
            chat
            for chat in [*self._ledger.chats]
            if chat.manner == "pipelined"  # the long ones
            and chat.conversation not in self._since
            and chat.conversation not in self._open
        ]
        return waiting[-free:] if free > 0 else []

    async def _read(self, chat: Chat) -> None:
        last, heard = 0, time.monotonic()
        while not self._is_quiet(heard):
            try:
                async with connect(
                    f"{self._origin}/api/v1/conversations/{chat.conversation}/live",
                    compression=None,
                    ping_interval=None,
                    proxy=None,
                ) as socket:
                    hello = {"type": "hello", "token": chat.token, "after": last}
                    await socket.send(json.dumps(hello))
                    while not self._is_quiet(heard):
                        try:
                            told = json.loads(await asyncio.wait_for(socket.recv(), 1))
                        except TimeoutError:
                            continue
                        heard = time.monotonic()
                        if told["type"] == "welcome":
                            self._since.setdefault(chat.conversation, heard)
                        elif told["type"] == "message":
                            self.gone_back += told["seq"] != last + 1
                            last = told["seq"]
                            self._shown.setdefault((chat.conversation, last), heard)
            except AWAY:
                await asyncio.sleep(LOOKED_AGAIN_AFTER)
        self._open.discard(chat.conversation)

    def _is_quiet(self, heard: float) -> bool:
        return self._is_over or time.monotonic() - heard > QUIET_FOR
