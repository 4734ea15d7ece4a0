"""Crowds, and what a person put last: who stands there, the forms, and the way back."""

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from helpline.console import asking, choices, conversation_pages, crowd_deeds, rendering, turns_view
from helpline.console.asking import Asked
from triage import crowd
from triage.models import Crowd, Entry
from triage.service import put_last

if TYPE_CHECKING:
    from collections.abc import Callable

# One page of a crowd. Whoever is further back comes up as others are answered.
MOST_SHOWN = 100

_CROWD = "/console/crowds/{crowd:uuid}"
_LAST = f"{conversation_pages.ONE}/last"


async def crowd_page(request: Request) -> Response:
    """Who stands in a crowd, the next first."""
    asked = await asking.asked(request)
    return await run_in_threadpool(_crowd, asked, request.path_params["crowd"])


async def last_page(request: Request) -> Response:
    """Put one sender last, or take that back."""
    asked = await asking.asked(request)
    return await run_in_threadpool(_last, asked, conversation_pages.subject(request))


async def put_crowd_last(request: Request) -> Response:
    """Put a whole crowd last."""
    asked = await asking.posted(request)
    crowd_id = request.path_params["crowd"]
    deed = partial(
        crowd_deeds.put_crowd_last,
        asked.adapters,
        person=asked.person,
        crowd_id=crowd_id,
        why=asked.form.get("why"),
        hours=asked.form.get("hours"),
    )
    return await _answer(request, asked, deed, back=f"/console/crowds/{crowd_id}")


async def put_last_(request: Request) -> Response:
    """Put one sender last."""
    asked = await asking.posted(request)
    conversation = conversation_pages.subject(request)
    deed = partial(
        crowd_deeds.put_conversation_last,
        asked.adapters,
        person=asked.person,
        conversation=conversation,
        why=asked.form.get("why"),
        hours=asked.form.get("hours"),
    )
    return await _answer(request, asked, deed, back=f"/console/conversations/{conversation}/last")


async def undo(request: Request) -> Response:
    """Take it back."""
    asked = await asking.posted(request)
    deed = partial(
        crowd_deeds.undo, asked.adapters, person=asked.person, row=request.path_params["row"]
    )
    return await _answer(request, asked, deed, back="/console")


async def stand_alone(request: Request) -> Response:
    """Take one out of its crowd."""
    asked = await asking.posted(request)
    conversation = conversation_pages.subject(request)
    deed = partial(
        crowd_deeds.stand_alone, asked.adapters, person=asked.person, conversation=conversation
    )
    return await _answer(request, asked, deed, back=f"/console/conversations/{conversation}")


async def _answer(
    request: Request, asked: Asked, deed: "Callable[[], None]", *, back: str
) -> Response:
    return await asking.answer(request, asked, deed, back=back)


def _crowd(asked: Asked, crowd_id: UUID) -> Response:
    adapters, now = asked.adapters, asked.adapters.clock()
    with adapters.transactions.reading() as session:
        found = session.get(Crowd, crowd_id)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return rendering.page(
            adapters,
            "crowd.html",
            person=asked.person,
            here="queue",
            crowd=found,
            many=turns_view.many_in(session, crowd_id=crowd_id),
            members=turns_view.members(session, crowd_id=crowd_id, most=MOST_SHOWN, now=now),
            grades=turns_view.GRADES,
            standing=put_last.standing_of(session, entries=(), crowd=crowd_id, now=now),
            name_of=adapters.names.within(session),
            reasons=choices.offered().hoax_reasons,
            hours=_hours(),
        )


def _last(asked: Asked, conversation: UUID) -> Response:
    adapters, now = asked.adapters, asked.adapters.clock()
    with adapters.transactions.reading() as session:
        entry = session.get(Entry, conversation)
        if entry is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return rendering.page(
            adapters,
            "put_last.html",
            person=asked.person,
            here="queue",
            conversation=conversation,
            crowd_id=entry.crowd_id,
            standing=put_last.standing_of(
                session, entries=[conversation], crowd=entry.crowd_id, now=now
            ),
            name_of=adapters.names.within(session),
            reasons=choices.offered().hoax_reasons,
            hours=_hours(),
        )


def _hours() -> list[int]:
    return [int(each / timedelta(hours=1)) for each in crowd.load().put_last_for]


routes: list[BaseRoute] = [
    Route(_CROWD, crowd_page),
    Route(f"{_CROWD}/last", put_crowd_last, methods=["POST"]),
    Route(_LAST, last_page, methods=["GET"]),
    Route(_LAST, put_last_, methods=["POST"]),
    Route(f"{conversation_pages.ONE}/alone", stand_alone, methods=["POST"]),
    Route("/console/put-last/{row:uuid}/undo", undo, methods=["POST"]),
]
