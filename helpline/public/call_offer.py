"""Whether a page offers a call or a text, and the call that is planned already."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import anyio

from chat import numbers
from chat.calling import Slot
from helpline.public import call_asking, call_words
from helpline.public.models import Visit
from triage.hours import LONDON

if TYPE_CHECKING:
    from helpline.wiring import Adapters


@dataclass(frozen=True, slots=True)
class Offer:
    """``planned`` is when we call, in words. Without telephones all of it is empty."""

    has_calls: bool = False
    planned: str = ""
    our_number: str = ""


def of(adapters: "Adapters", planned: Slot | None) -> Offer:
    """What a page offers to a child whose call is planned for that time, if one is."""
    own = adapters.phones
    if own is None:
        return Offer()
    today = adapters.clock().astimezone(LONDON).date()
    return Offer(
        has_calls=True,
        planned=call_words.slot(planned, today) if planned else "",
        our_number=numbers.national(own.number),
    )


async def to(adapters: "Adapters", visit: Visit | None) -> Offer:
    """What a page offers in this visit."""
    conversation = visit.conversation_id if visit else None
    if adapters.phones is None or conversation is None:
        return of(adapters, None)
    planned = await anyio.to_thread.run_sync(partial(_planned, adapters, conversation))
    return of(adapters, planned)


def _planned(adapters: "Adapters", conversation: UUID) -> Slot | None:
    with adapters.transactions.reading() as session:
        return call_asking.when(session, conversation=conversation, now=adapters.clock())
