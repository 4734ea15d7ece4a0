"""When the thread that writes has died, this process says so everywhere, and no tick is given."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from helpline import processes, running
from helpline.asgi import Faces
from helpline.intake import Outcome, Said
from tests import stores as stores_of_tests
from tests.helpline import house as houses
from tests.helpline.house import House
from tests.helpline.public.face import Face
from tests.installation import CHILD_ORIGIN

GOING_AWAY = 1001


class NoWorker:
    """Stands where the worker would run."""

    def stop(self) -> None:
        """There is nothing to stop."""


@pytest.fixture(params=stores_of_tests.ENGINES)
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with houses.opened(request, request.param) as house:
        yield house


@pytest.fixture
def face(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Face]:
    """The faces as `helpline serve` runs them, but for the worker."""
    monkeypatch.setattr(processes, "start_embedded", lambda _: NoWorker())
    faces = Faces(house.adapters, running.lifespan_app(house.adapters))
    with TestClient(faces, base_url=CHILD_ORIGIN, follow_redirects=False) as client:
        yield Face(house.adapters, client)


def kill_the_writer(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(batch: Sequence[Said]) -> list[Outcome]:
        raise SystemExit(len(batch))

    monkeypatch.setattr(face.adapters.writer, "_write", dies)


def ready(face: Face) -> tuple[int, dict[str, Any]]:
    answer = face.client.get("/readyz")
    found: dict[str, Any] = answer.json()
    return answer.status_code, found


def until_closed(socket: WebSocketTestSession) -> tuple[list[str], int]:
    """The kinds of the last frames, and the code that the socket was closed with."""
    heard: list[str] = []
    while True:
        try:
            heard.append(socket.receive_json()["type"])
        except WebSocketDisconnect as gone:
            return heard, gone.code


def test_a_live_process_is_ready(face: Face) -> None:
    status, found = ready(face)
    assert status == 200
    assert [found[each] for each in ("database", "keystore", "writer", "schema")] == [True] * 4
    assert found["worker_age_seconds"] is None, "a missing worker shuts nobody out"


def test_nobody_gets_a_tick_and_the_process_takes_no_more(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = face.begin()
    assert face.say(talk, "hello", "a").status_code == 201
    kill_the_writer(face, monkeypatch)
    assert face.say(talk, "lost?", "b").status_code == 503
    status, found = ready(face)
    assert (status, found["writer"], found["database"]) == (503, False, True)
    assert face.client.get("/healthz").status_code == 200
    assert face.say(talk, "lost?", "b").status_code == 503
    assert face.texts(talk) == ["hello"], "reading goes on"


def test_open_sockets_are_sent_away_and_new_ones_turned_away(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = face.begin()
    with face.socket(talk) as socket:
        socket.send_json({"type": "hello", "token": talk.token})
        assert socket.receive_json() == {"type": "welcome", "latest": 0}
        kill_the_writer(face, monkeypatch)
        socket.send_json({"type": "say", "client_id": "a", "text": "hello"})
        heard, code = until_closed(socket)
        assert "kept" not in heard
        assert code == GOING_AWAY
    with face.socket(talk) as socket:
        assert until_closed(socket) == ([], GOING_AWAY)


def test_a_message_that_came_meanwhile_is_kept_once_when_it_is_sent_again(
    face: Face, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = face.begin()
    write = face.adapters.writer._write

    def dies_after_writing(batch: Sequence[Said]) -> Sequence[Outcome]:
        write(batch)
        raise SystemExit

    monkeypatch.setattr(face.adapters.writer, "_write", dies_after_writing)
    assert face.say(talk, "hello", "a").status_code == 503
    monkeypatch.undo()
    [again] = house.write(Said(talk.conversation, "a", "hello"))
    assert getattr(again, "again", False)
    assert house.texts(talk.conversation) == ["hello"]
