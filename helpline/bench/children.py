"""Invented children of a running service: each begins a conversation and opens its socket."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

from helpline.bench import sockets
from helpline.bench.sockets import LOOPBACK, Socket

_WAIT_SECONDS = 30


class NotBegunError(RuntimeError):
    """The service did not begin a conversation."""


@dataclass(frozen=True, slots=True)
class Child:
    """A conversation and the token that opens it."""

    conversation: str
    token: str


def begin(port: int, many: int) -> list[Child]:
    """Begin conversations, as an app does."""
    with _connected(port) as connection:
        return [_begin_one(connection) for _ in range(many)]


async def enter(port: int, child: Child) -> Socket:
    """Open a socket of a conversation and say hello; ready for the first line."""
    socket = await sockets.connect(port, f"/api/v1/conversations/{child.conversation}/live")
    hello = {"type": "hello", "token": child.token, "after": 0}
    socket.send(json.dumps(hello).encode())
    return socket


def commits(port: int, staff_host: str) -> int:
    """How many batches the service has committed, from its own figures."""
    with _connected(port) as connection:
        connection.request("GET", "/metrics", headers={"Host": staff_host})
        text = connection.getresponse().read().decode()
    found = [line for line in text.splitlines() if line.startswith("helpline_intake_batches_total")]
    return int(float(found[0].rpartition(" ")[2])) if found else 0


def _begin_one(connection: http.client.HTTPConnection) -> Child:
    connection.request("POST", "/api/v1/conversations", body=b"{}")
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != HTTPStatus.CREATED:
        raise NotBegunError
    begun = json.loads(body)
    return Child(begun["conversation"], begun["token"])


@contextmanager
def _connected(port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_WAIT_SECONDS)
    try:
        yield connection
    finally:
        connection.close()
