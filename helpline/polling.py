"""One reader a process looks for new messages for all its sockets.

Rings from other processes may be lost, so every few seconds the newest numbers of the
conversations that are open here are read in one query.
"""

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from chat.service import read
from helpline.hub import Notice

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()

# A lost ring delays a message by this much at the most (promise: delivery within 5 s by cursor).
EVERY_SECONDS = 4.0
MOST_IN_A_QUERY = 500


async def poll_for_ever(adapters: "Adapters") -> None:
    """Announce the newest number of every open conversation, again and again."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        conversations = adapters.hub.listened_to()
        for start in range(0, len(conversations), MOST_IN_A_QUERY):
            some = conversations[start : start + MOST_IN_A_QUERY]
            try:
                numbers = await asyncio.to_thread(_numbers, adapters, some)
            except Exception as problem:  # noqa: BLE001 - the next round tries again
                log.warning("polling.failed", error=type(problem).__name__)
                continue
            adapters.hub.deliver(
                *(Notice("message", each, seq) for each, seq in numbers.items() if seq)
            )


def _numbers(adapters: "Adapters", conversations: list[UUID]) -> dict[UUID, int]:
    with adapters.transactions.reading() as session:
        return read.latest_numbers(session, conversations=conversations)
