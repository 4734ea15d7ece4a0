"""Leaving at once, and the dull pages that stand where the child's were.

Leaving always works: with or without JavaScript, a session or a database. The conversation stays
open. See `docs/decisions/0008-leave-now.md` for why it is built this way.
"""

from functools import partial

import anyio
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from chat.service import leave as chat_leave
from helpline.hub import Notice
from helpline.public import cookies, rendering, visits
from helpline.transaction import after_commit
from helpline.wiring import Adapters

log = structlog.get_logger()

TABLES = range(2, 13)
TIMES = range(1, 13)


async def leave(request: Request) -> Response:
    """End the visit and lead away. No token is asked for: leaving must never be refused."""
    adapters: Adapters = request.app.state.adapters
    await forget(request)
    # A beacon shows its answer to nobody, and must not fetch the page that it would lead to.
    beacon = request.headers.get("sec-fetch-dest") == "empty"
    response = (
        Response(status_code=204)
        if beacon
        else RedirectResponse(adapters.settings.leave_to, status_code=303)
    )
    take_all(response, adapters)
    cookies.mark_left(response, settings=adapters.settings)
    return response


async def dull(request: Request) -> Response:
    """The page that stands at our address after leaving. A visit that is left over ends here."""
    adapters: Adapters = request.app.state.adapters
    response = rendering.page(request, "dull")
    if cookies.leftover(request, adapters.settings):
        # The beacon of leaving never arrived.
        await forget(request)
    take_all(response, adapters)
    return response


async def plain(request: Request) -> Response:
    """A page of no interest, to leave to when no other site is named."""
    return rendering.page(request, "plain", values={"tables": TABLES, "times": TIMES})


async def forget(request: Request) -> None:
    """End the visit whose token the browser holds. A failing store does not keep a child here."""
    adapters: Adapters = request.app.state.adapters
    token = cookies.leftover(request, adapters.settings)
    if token is None:
        return
    try:
        await anyio.to_thread.run_sync(partial(_end, adapters, token))
    except Exception as problem:  # noqa: BLE001 - whatever fails, the child must get away
        log.warning("leave.not_recorded", error=type(problem).__name__)


def take_all(response: Response, adapters: Adapters) -> None:
    """Make the browser forget the session, the look and what was not asked for yet."""
    cookies.take_session(response, settings=adapters.settings)
    cookies.take_wish(response, settings=adapters.settings)
    cookies.take_look(response, settings=adapters.settings)


def _end(adapters: Adapters, token: str) -> None:
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        conversation = visits.end(session, token=token, now=now)
        if conversation is not None:
            chat_leave.leave(session, conversation=conversation, now=now)
            # Other tabs of this visit close, and the console shows that the child left.
            after_commit(session, lambda: adapters.hub.ring(Notice("left", conversation)))
