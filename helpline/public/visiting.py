"""The visit of a request: found, begun and moved, off the event loop."""

from functools import partial

import anyio
from starlette.requests import HTTPConnection, Request

from helpline.public import cookies, visits
from helpline.public.models import Visit
from helpline.public.steps import Step
from helpline.public.visits import Begun
from helpline.wiring import Adapters


async def of(connection: HTTPConnection) -> Visit | None:
    """The browser's visit; None when it has none, has left, or was away too long."""
    adapters: Adapters = connection.app.state.adapters
    token = cookies.token_of(connection, adapters.settings)
    if token is None:
        return None
    return await anyio.to_thread.run_sync(partial(_found, adapters, token))


async def begun(request: Request) -> Begun:
    """A new visit. Its token goes into the cookie of the answer and nowhere else."""
    adapters: Adapters = request.app.state.adapters
    return await anyio.to_thread.run_sync(partial(_begun, adapters))


async def moved(request: Request, visit: Visit, step: Step) -> None:
    """Remember which page the visit is on."""
    adapters: Adapters = request.app.state.adapters
    await anyio.to_thread.run_sync(partial(_moved, adapters, visit, step))


def _found(adapters: Adapters, token: str) -> Visit | None:
    with adapters.transactions.reading() as session:
        return visits.find(session, token, adapters.clock())


def _begun(adapters: Adapters) -> Begun:
    with adapters.transactions.begin() as session:
        return visits.begin(session, now=adapters.clock())


def _moved(adapters: Adapters, visit: Visit, step: Step) -> None:
    with adapters.transactions.begin() as session:
        visits.move(session, visit=visit, step=step)
