"""The two faces of an installation in this process, as a browser or an app reaches them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from httpx2 import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient, WebSocketTestSession

from helpline.asgi import Faces
from helpline.wiring import Adapters
from tests.installation import CHILD_ORIGIN

API = "/api/v1"
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Talk:
    """One conversation of an app, and the token that opens it."""

    conversation: UUID
    token: str

    @property
    def path(self) -> str:
        return f"{API}/conversations/{self.conversation}"

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True)
class Face:
    """The child's face, with what a test does over and over."""

    adapters: Adapters
    client: TestClient

    def begin(self, body: Any = None) -> Talk:
        begun = self.client.post(f"{API}/conversations", json={} if body is None else body)
        assert begun.status_code == 201, begun.text
        return Talk(UUID(begun.json()["conversation"]), begun.json()["token"])

    def say(self, talk: Talk, text: Any, client_id: Any = "a") -> Response:
        body = {"client_id": client_id, "text": text}
        return self.client.post(f"{talk.path}/messages", json=body, headers=talk.bearer)

    def say_raw(self, talk: Talk, body: bytes) -> Response:
        return self.client.post(f"{talk.path}/messages", content=body, headers=talk.bearer)

    def read(self, talk: Talk, **query: Any) -> Response:
        return self.client.get(f"{talk.path}/messages", params=query, headers=talk.bearer)

    def texts(self, talk: Talk) -> list[str]:
        return [each["text"] for each in self.read(talk).json()["messages"]]

    def socket(self, talk: Talk, **headers: str) -> WebSocketTestSession:
        return self.socket_at(f"{talk.path}/live", **headers)

    def socket_at(self, path: str, **headers: str) -> WebSocketTestSession:
        # The test client would call a socket's host "testserver", which is neither face.
        origin = str(self.client.base_url).replace("http", "ws", 1)
        return self.client.websocket_connect(f"{origin}{path}", headers=headers)


@contextmanager
def opened(adapters: Adapters, *, origin: str = CHILD_ORIGIN) -> Iterator[Face]:
    """Serve the faces, with the writer running and nothing beside it."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        del app
        adapters.hub.start(asyncio.get_running_loop(), None)
        adapters.writer.start()
        yield
        adapters.hub.close()
        await adapters.writer.stop()

    faces = Faces(adapters, Starlette(lifespan=lifespan))
    with TestClient(faces, base_url=origin, follow_redirects=False) as client:
        yield Face(adapters, client)


def problem_of(answer: Any) -> str:
    """The name of the problem, after checking that it is a problem document in words."""
    assert answer.headers["content-type"] == PROBLEM, answer.text
    told = answer.json()
    assert set(told) == {"type", "title", "status", "detail"}
    assert told["status"] == answer.status_code
    assert told["detail"].endswith(".")
    return str(told["type"]).removeprefix("urn:problem:")
