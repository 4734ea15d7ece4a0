"""Where requests to the service are lost, doubled, delayed and shuffled on the way."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable

from integrations.standins.twilio.background import Background
from integrations.standins.twilio.behaviour import Delivery

AT_A_TIME = 16  # so that a thousand texts do not open a thousand connections

Send = Callable[[], Awaitable[None]]


class Lane:
    """One kind of request: webhooks about texts, or reports on a status."""

    def __init__(
        self,
        name: str,
        *,
        policy: Callable[[], Delivery],
        background: Background,
        counts: Counter[str],
    ) -> None:
        self._name = name
        self._policy = policy
        self._background = background
        self._counts = counts
        self._chance = random.Random(0)  # noqa: S311 - seeded on purpose
        self._held: list[Send] = []
        self._places = asyncio.Semaphore(AT_A_TIME)

    @property
    def holds(self) -> int:
        """How many wait to be let go."""
        return len(self._held)

    def seed(self, seed: int) -> None:
        """Begin chance anew."""
        self._chance.seed(f"{self._name} {seed}")

    async def carry(self, send: Send) -> None:
        """Make a request as the lane does at present.

        Ends when the service has answered, unless the request is held or delayed: then at once.
        """
        policy = self._policy()
        if self._chance.random() < policy.drop:
            self._counts[f"{self._name} dropped"] += 1
        elif policy.hold:
            self._held.append(send)
            if len(self._held) >= policy.hold:
                self.release()
        elif policy.delay:
            self._background.spawn(self._later(send, seconds=policy.delay))
        else:
            await self._send(send)

    def release(self) -> None:
        """Let go what is held, one after another in an order of chance."""
        released, self._held = self._held, []
        self._chance.shuffle(released)
        self._background.spawn(self._one_by_one(released))

    def forget(self) -> None:
        """Drop what is held."""
        self._held.clear()

    async def _later(self, send: Send, *, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._send(send)

    async def _one_by_one(self, released: list[Send]) -> None:
        for send in released:
            await self._send(send)

    async def _send(self, send: Send) -> None:
        async with self._places, asyncio.TaskGroup() as copies:
            for _ in range(self._policy().copies):
                self._counts[f"{self._name} sent"] += 1
                copies.create_task(_once(send))


async def _once(send: Send) -> None:
    await send()
