"""A child's own messages, read through the access door, in the words of the API."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import anyio.to_thread
import msgspec

from chat.service import read
from helpline import access
from helpline.hub import Spoken

if TYPE_CHECKING:
    from helpline.wiring import Adapters


class ShownMessage(msgspec.Struct, rename={"author": "from"}):
    """One message as a child's app is shown it."""

    seq: int
    author: Literal["child", "advocate", "system"]
    text: str
    at: datetime


async def after(
    adapters: "Adapters", conversation: UUID, cursor: int
) -> tuple[list[ShownMessage], int]:
    """The messages above a cursor, and the number of the newest."""
    shown = await page_after(adapters, conversation, cursor, limit=read.MOST_AT_ONCE)
    return shown, await latest(adapters, conversation)


async def page_after(
    adapters: "Adapters", conversation: UUID, cursor: int, *, limit: int
) -> list[ShownMessage]:
    """The messages above a cursor, oldest first, at most ``limit`` of them."""
    spoken = await spoken_after(adapters, conversation, cursor, limit=limit)
    return [ShownMessage(each.seq, each.author, each.text, each.at) for each in spoken]


async def spoken_after(
    adapters: "Adapters", conversation: UUID, cursor: int, *, limit: int
) -> list[Spoken]:
    """The same, as this process hands messages on."""
    return await anyio.to_thread.run_sync(partial(_read, adapters, conversation, cursor, limit))


async def latest(adapters: "Adapters", conversation: UUID) -> int:
    """The number of the newest message."""
    return await anyio.to_thread.run_sync(partial(_latest, adapters, conversation))


def _read(adapters: "Adapters", conversation: UUID, cursor: int, limit: int) -> list[Spoken]:
    with adapters.transactions.reading() as session:
        return access.for_child(
            session, adapters, conversation=conversation, after=cursor, limit=limit
        )


def _latest(adapters: "Adapters", conversation: UUID) -> int:
    with adapters.transactions.reading() as session:
        return read.find(session, conversation=conversation).last_seq
