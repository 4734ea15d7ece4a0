"""Connections that can be closed without an answer, which ASGI has no word for."""

import asyncio
from typing import Any, ClassVar

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol


class KnownConnection(H11Protocol):
    """A connection of uvicorn's that remembers where it is from while it lasts."""

    open: ClassVar[dict[tuple[str, int], asyncio.Transport]] = {}

    def connection_made(self, transport: Any) -> None:
        """Note it."""
        super().connection_made(transport)
        if self.client is not None:
            self.open[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        if self.client is not None:
            self.open.pop(self.client, None)
        super().connection_lost(exc)


async def close(scope: Scope, receive: Receive) -> None:
    """Close the connection of a request, and return when the server knows that it is closed."""
    transport = KnownConnection.open.get(tuple(scope["client"]))
    if transport is not None:
        transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
