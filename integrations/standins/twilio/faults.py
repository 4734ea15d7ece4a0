"""Puts the faults of the behaviour between a client and the API."""

import asyncio
from contextlib import suppress

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from integrations.standins.twilio import connections, errors
from integrations.standins.twilio.behaviour import Fault, On, What
from integrations.standins.twilio.world import World

ACCEPTING = frozenset({What.ACCEPT_THEN_FAIL, What.ACCEPT_THEN_CLOSE, What.ACCEPT_THEN_HANG})
HANGING = frozenset({What.HANG, What.ACCEPT_THEN_HANG})


class Faulty:
    """The API, as bad as it is told to be."""

    def __init__(self, api: ASGIApp, world: World) -> None:
        self._api = api
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        fault = self._world.behaviour.take(_kind(scope))
        if fault is None:
            await self._api(scope, receive, send)
            return
        self._world.ledger.counts[f"faults {fault.what}"] += 1
        if fault.what is What.DELAY:
            await asyncio.sleep(fault.seconds)
            await self._api(scope, receive, send)
            return
        if fault.what in ACCEPTING:
            await self._api(scope, receive, _unheard)
        await self._fail(fault, scope, receive, send)

    async def _fail(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.what in {What.FAIL, What.ACCEPT_THEN_FAIL}:
            refusal = errors.ApiError(status=fault.status, code=fault.code)
            await JSONResponse(refusal.body(), status_code=fault.status)(scope, receive, send)
            return
        if fault.what in HANGING:
            with suppress(TimeoutError):
                async with asyncio.timeout(fault.seconds):
                    while (await receive())["type"] != "http.disconnect":
                        pass
                return  # the client had enough first
        await connections.close(scope, receive)


async def _unheard(_message: Message) -> None:
    """Take an answer that the client never gets."""


def _kind(scope: Scope) -> On:
    path: str = scope["path"]
    if scope["method"] == "GET":
        return On.READ
    if path.endswith("/Messages.json"):
        return On.SEND
    return On.CALL if path.endswith("/Calls.json") else On.ANY
