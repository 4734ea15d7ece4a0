"""The limit of sockets alone: the same server, and an app that says back what it hears.

A process of its own: ``python -m helpline.bench.echo PORT``.
"""

import sys

import uvicorn
from starlette.types import Receive, Scope, Send

from chat import frames


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Say back every frame; answer every request, so that one can see when it listens."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})


def main(port: int) -> None:
    """Echo until a signal comes."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        ws="websockets-sansio",
        ws_max_size=frames.MOST_BYTES,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        lifespan="off",
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
