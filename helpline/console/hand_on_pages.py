"""Handing a chat on: asking a colleague, or anybody, and what they answer."""

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from uuid_utils.compat import uuid7

from helpline import access, ties
from helpline.accounts.sessions import SignedIn
from helpline.console import asking, conversation_pages, deeds, rendering, routing_view, spoken
from helpline.console.asking import Asked
from helpline.hub import Notice
from triage import routing
from triage.errors import NotHolderError
from triage.models import Entry
from triage.service import handing_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpline.wiring import Adapters
    from triage.service.handing_on import Offered

_HAND_ON = f"{conversation_pages.ONE}/hand-on"
_ONE = "/console/handing-on/{handing_on:uuid}"
_LONGEST_NOTE = 500


async def hand_on_page(request: Request) -> Response:
    """To whom, the best first, and a note for them."""
    asked = await asking.asked(request)
    return await run_in_threadpool(_page, asked, conversation_pages.subject(request))


async def hand_on(request: Request) -> Response:
    """Ask. The chat stays with the sender until somebody accepts."""
    posted = await asking.posted(request)
    conversation = conversation_pages.subject(request)
    note = posted.form.get("note").strip()[:_LONGEST_NOTE]
    deed = partial(
        offer,
        posted.adapters,
        person=posted.person,
        conversation=conversation,
        to=_id(posted.form.get("to")),
        note=note,
    )
    return await asking.answer(request, posted, deed, back=f"/console/conversations/{conversation}")


async def accept(request: Request) -> Response:
    """Take it: from now on one answers."""
    posted = await asking.posted(request)
    found: list[UUID] = []

    def deed() -> None:
        found.append(
            settle(
                posted.adapters,
                person=posted.person,
                row=request.path_params["handing_on"],
                verb=handing_on.accept,
                action="entry.accepted",
            )
        )

    return await asking.answer(request, posted, deed, back="/console?show=mine")


async def decline(request: Request) -> Response:
    """Say no: the sender answers still."""
    return await _settled(request, handing_on.decline, "entry.declined")


async def withdraw(request: Request) -> Response:
    """Take it back."""
    return await _settled(request, handing_on.withdraw, "entry.withdrawn")


def offer(
    adapters: "Adapters", *, person: SignedIn, conversation: UUID, to: UUID | None, note: str
) -> None:
    """Hand a chat on that one holds; whoever has a tie to the child's place cannot be asked."""
    now, row = adapters.clock(), uuid7()
    sealed = None
    if note:
        sealed = access.seal_about(
            adapters,
            conversation=conversation,
            table="handing_on",
            row=row,
            column="note",
            text=note,
        )
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        if to is not None:
            ties.check(session, staff=to, conversation=conversation)
        handing_on.offer(
            session,
            row=row,
            entry=conversation,
            staff=person.id,
            to=to,
            note=sealed,
            figures=routing.load(),
            now=now,
        )
        if note:
            deeds.keep_note(session, adapters, person, conversation, f"Handing on: {note}", now)
        deeds.written_down(session, adapters, person, "entry.handed_on", row, now)
        _ring(session, adapters, conversation, to)


def settle(
    adapters: "Adapters",
    *,
    person: SignedIn,
    row: UUID,
    verb: "Callable[..., Offered]",
    action: str,
) -> UUID:
    """Accept, decline or take back; whose chat it was about."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        settled = verb(session, handing_on=row, staff=person.id, now=now)
        if verb is handing_on.accept:
            ties.check(session, staff=person.id, conversation=settled.entry)
        deeds.written_down(session, adapters, person, action, row, now)
        _ring(session, adapters, settled.entry, settled.by)
    return settled.entry


async def _settled(request: Request, verb: "Callable[..., Offered]", action: str) -> Response:
    posted = await asking.posted(request)

    def deed() -> None:
        settle(
            posted.adapters,
            person=posted.person,
            row=request.path_params["handing_on"],
            verb=verb,
            action=action,
        )

    return await asking.answer(request, posted, deed, back="/console")


def _page(asked: Asked, conversation: UUID) -> Response:
    adapters, now = asked.adapters, asked.adapters.clock()
    with adapters.transactions.reading() as session:
        access.check_may_read(asked.person)
        names = adapters.names.within(session)
        entry = session.get(Entry, conversation)
        if entry is None or entry.claimed_by != asked.person.id:
            why = " ".join((NotHolderError.__doc__ or "").split())
            return rendering.page(
                adapters,
                "refused.html",
                person=asked.person,
                status=409,
                why=why,
                back=f"/console/conversations/{conversation}",
            )
        offered = handing_on.open_of(session, entries=[conversation], now=now)
        return rendering.page(
            adapters,
            "hand_on.html",
            person=asked.person,
            here="queue",
            conversation=conversation,
            reference=spoken.reference(conversation),
            offered=[(each, None if each.to is None else names(each.to)) for each in offered],
            colleagues=routing_view.colleagues(
                session,
                conversation=conversation,
                reader=asked.person.id,
                names=names,
                now=now,
            ),
            minutes=int(routing.load().handing_on_for.total_seconds() // 60),
        )


def _ring(session: Session, adapters: "Adapters", conversation: UUID, staff: UUID | None) -> None:
    notices = [Notice("queue", conversation)]
    if staff is not None:
        notices.append(Notice("staff", staff))
    deeds.ring(session, adapters, *notices)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


routes: list[BaseRoute] = [
    Route(_HAND_ON, hand_on_page, methods=["GET"]),
    Route(_HAND_ON, hand_on, methods=["POST"]),
    Route(f"{_ONE}/accept", accept, methods=["POST"]),
    Route(f"{_ONE}/decline", decline, methods=["POST"]),
    Route(f"{_ONE}/withdraw", withdraw, methods=["POST"]),
]
