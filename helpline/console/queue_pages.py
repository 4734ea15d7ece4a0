"""The queue: the console's first page, and the piece of it that a ring refreshes."""

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from helpline.accounts import errors, sessions
from helpline.accounts.models import READERS
from helpline.accounts.sessions import SignedIn, Standing
from helpline.console import asking, queue_view, rendering
from helpline.console.queue_view import Listed, Show

if TYPE_CHECKING:
    from uuid import UUID

    from helpline.wiring import Adapters


async def queue_page(request: Request) -> Response:
    """The queue, with room for a conversation beside it."""
    person = await sessions.required(request)
    adapters = request.app.state.adapters
    if person.role not in READERS:
        return rendering.page(adapters, "elsewhere.html", person=person, here="queue")
    return await run_in_threadpool(_page, adapters, person, shown(request))


async def queue_fragment(request: Request) -> Response:
    """The queue alone, for a page that is open."""
    asked = await asking.asked(request)
    return await run_in_threadpool(
        _fragment, asked.adapters, asked.person, shown(request), request.query_params.get("at")
    )


async def counts(request: Request) -> Response:
    """What alarms follow, in numbers. A locked console is told too: it must still sound."""
    held = await sessions.held(request)
    if held is None or held.standing is Standing.HALF:
        raise errors.NotSignedInError
    if held.role not in READERS:
        raise errors.NotAllowedError
    return await run_in_threadpool(partial(_counts, request.app.state.adapters, held.staff))


def shown(request: Request) -> Show:
    """Which part of the queue the address asks for."""
    wanted = request.query_params.get("show", "")
    return Show(wanted) if wanted in set(Show) else Show.ALL


def listed(adapters: "Adapters", person: SignedIn, show: Show) -> Listed:
    """The queue as this person sees it now."""
    with adapters.transactions.reading() as session:
        return queue_view.listed(
            session,
            reader=person.id,
            names=adapters.names.within(session),
            show=show,
            now=adapters.clock(),
        )


def _page(adapters: "Adapters", person: SignedIn, show: Show) -> Response:
    nothing: UUID | None = None
    return rendering.page(
        adapters,
        "console.html",
        person=person,
        here="queue",
        queue=listed(adapters, person, show),
        path="/console",
        selected=nothing,
        chat=None,
    )


def _fragment(adapters: "Adapters", person: SignedIn, show: Show, at: str | None) -> Response:
    html = rendering.fragment(
        adapters,
        "_queue.html",
        person=person,
        queue=listed(adapters, person, show),
        path="/console",
        selected=at,
    )
    return HTMLResponse(html)


def _counts(adapters: "Adapters", reader: "UUID") -> Response:
    with adapters.transactions.reading() as session:
        counted = queue_view.counted(session, reader=reader, now=adapters.clock())
    return JSONResponse(asdict(counted), headers={"Cache-Control": "no-store"})


routes: list[BaseRoute] = [
    Route("/console", queue_page),
    Route("/console/fragments/queue", queue_fragment),
    Route("/console/counts", counts),
]
