"""The child's socket and the stream of events, in ordinary use and in hostile hands."""

import json
import threading
import time
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import WebSocketDenialResponse, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from helpline.hub import Notice
from helpline.intake import Said
from helpline.public import visits
from tests import installation
from tests.clock import Clock
from tests.helpline.public import face as faces
from tests.helpline.public.face import API, Face, Talk
from tests.installation import CHILD_ORIGIN
from tests.stores import Stores


def hello(socket: WebSocketTestSession, talk: Talk, after: int = 0) -> int:
    """Say hello; the number of the newest message."""
    socket.send_json({"type": "hello", "token": talk.token, "after": after})
    welcome = socket.receive_json()
    assert set(welcome) == {"type", "latest"}
    assert welcome["type"] == "welcome"
    return int(welcome["latest"])


def say(socket: WebSocketTestSession, text: Any, client_id: Any = "a") -> None:
    socket.send_json({"type": "say", "client_id": client_id, "text": text})


def closed_with(socket: WebSocketTestSession) -> int:
    with pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_json()
    return closed.value.code


def page(face: Face, talk: Talk) -> None:
    """Give the client a page's cookie for this conversation."""
    with face.adapters.transactions.begin() as session:
        begun = visits.begin(session, now=face.adapters.clock())
        visits.attach(session, visit=begun.visit, conversation=talk.conversation)
    face.client.cookies.set("s", begun.token)


def test_a_message_is_ticked_and_reaches_the_other_socket(face: Face, talk: Talk) -> None:
    with face.socket(talk) as mine, face.socket(talk) as other:
        assert hello(mine, talk) == 0
        assert hello(other, talk) == 0
        say(mine, "hello", "first")
        assert mine.receive_json() == {"type": "kept", "client_id": "first", "seq": 1}
        shown = other.receive_json()
        assert shown == {
            "type": "message", "seq": 1, "from": "child", "text": "hello", "at": shown["at"],
        }  # fmt: skip
        say(mine, "more", "second")
        assert mine.receive_json() == {"type": "kept", "client_id": "second", "seq": 2}
    assert face.texts(talk) == ["hello", "more"]


def test_what_came_meanwhile_is_shown_from_the_cursor(face: Face, talk: Talk) -> None:
    for number in range(4):
        face.say(talk, f"words {number}", f"id-{number}")
    with face.socket(talk) as socket:
        assert hello(socket, talk, after=2) == 4
        assert [socket.receive_json()["seq"] for _ in range(2)] == [3, 4]
        socket.send_json({"type": "ping"})
        assert socket.receive_json() == {"type": "pong"}


def test_a_cursor_from_the_future_shows_nothing_until_then(face: Face, talk: Talk) -> None:
    face.say(talk, "hello")
    with face.socket(talk) as socket:
        assert hello(socket, talk, after=1_000) == 1
        say(socket, "more", "b")
        assert socket.receive_json() == {"type": "kept", "client_id": "b", "seq": 2}


def test_the_same_message_again_is_ticked_with_the_same_number(face: Face, talk: Talk) -> None:
    face.say(talk, "hello", "a")
    with face.socket(talk) as socket:
        hello(socket, talk, after=1)
        for _ in range(3):
            say(socket, "hello", "a")
            assert socket.receive_json() == {"type": "kept", "client_id": "a", "seq": 1}
        say(socket, "other words", "a")
        assert socket.receive_json() == {
            "type": "refused", "client_id": "a", "why": "different_text",
        }  # fmt: skip
    assert face.texts(talk) == ["hello"]


def test_many_at_once_are_kept_once_each_in_order(face: Face, talk: Talk) -> None:
    with face.socket(talk) as socket:
        hello(socket, talk)
        for number in range(50):
            say(socket, f"words {number}", f"id-{number}")
        kept = [socket.receive_json() for _ in range(50)]
    assert [each["seq"] for each in kept] == [*range(1, 51)]
    assert face.texts(talk) == [f"words {number}" for number in range(50)]


@pytest.mark.parametrize(
    ("text", "client_id", "why"),
    [
        ("x" * 10_001, "a", "too_long"),
        ("", "a", "empty"),
        (" \n", "a", "empty"),
        ("hello", "", "bad_client_id"),
        ("hello", "a b", "bad_client_id"),
        ("hello", "a" * 65, "bad_client_id"),
    ],
)
def test_what_is_no_message_is_refused_and_the_socket_goes_on(
    face: Face, talk: Talk, text: str, client_id: str, why: str
) -> None:
    with face.socket(talk) as socket:
        hello(socket, talk)
        say(socket, text, client_id)
        assert socket.receive_json() == {"type": "refused", "client_id": client_id, "why": why}
        say(socket, "hello")
        assert socket.receive_json()["type"] == "kept"
    assert face.texts(talk) == ["hello"]


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "x",
        "null",
        "[]",
        "{}",
        '{"type":"none"}',
        '{"type":5}',
        '{"type":"say"}',
        '{"type":"say","client_id":1,"text":"a"}',
        '{"type":"say","client_id":"a","text":null}',
        '{"type":"say","client_id":"a","text":' + "9" * 5_000 + "}",
        '{"type":"hello","after":-1}',
        '{"type":"hello","after":"1"}',
        '{"type":"hello","after":' + "9" * 5_000 + "}",
        r'{"type":"\ud800"}',
        "[" * 60_000,
        '{"a":' * 12_000,
    ],
    ids=lambda frame: repr(frame[:40]),
)
def test_a_frame_that_is_none_is_refused_and_the_socket_goes_on(
    face: Face, talk: Talk, frame: str
) -> None:
    with face.socket(talk) as socket:
        hello(socket, talk)
        socket.send_text(frame)
        assert socket.receive_json() == {"type": "refused", "client_id": None, "why": "bad_frame"}
        say(socket, "hello")
        assert socket.receive_json()["type"] == "kept"


def test_odd_characters_never_cost_a_message(face: Face, talk: Talk) -> None:
    with face.socket(talk) as socket:
        hello(socket, talk)
        socket.send_text(r'{"type":"say","client_id":"a","text":"a\u0000b\ud800"}')
        assert socket.receive_json() == {"type": "kept", "client_id": "a", "seq": 1}
    assert face.texts(talk) == ["a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"]


def test_a_client_id_that_cannot_be_written_back_is_refused(face: Face, talk: Talk) -> None:
    with face.socket(talk) as socket:
        hello(socket, talk)
        socket.send_text(r'{"type":"say","client_id":"\ud800","text":"hello"}')
        refused = socket.receive_json()
        assert (refused["type"], refused["why"]) == ("refused", "bad_client_id")
        say(socket, "hello")
        assert socket.receive_json()["type"] == "kept"


def test_bytes_and_a_second_hello_are_refused(face: Face, talk: Talk) -> None:
    with face.socket(talk) as socket:
        hello(socket, talk)
        socket.send_bytes(b"\x00\xff")
        assert socket.receive_json()["why"] == "not_text"
        socket.send_json({"type": "hello", "token": talk.token})
        assert socket.receive_json()["why"] == "hello_twice"


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"hello"}',
        '{"type":"hello","token":null}',
        '{"type":"hello","token":""}',
        '{"type":"hello","token":"x"}',
        '{"type":"hello","token":5}',
        r'{"type":"hello","token":"\ud800"}',
        '{"type":"say","client_id":"a","text":"hello"}',
        '{"type":"ping"}',
        "x",
        "",
        "[" * 60_000,
    ],
    ids=lambda frame: repr(frame[:40]),
)
def test_without_a_good_hello_the_socket_closes(face: Face, talk: Talk, frame: str) -> None:
    with face.socket(talk) as socket:
        socket.send_text(frame)
        assert closed_with(socket) == 4401
    assert face.texts(talk) == []


def test_bytes_are_no_hello(face: Face, talk: Talk) -> None:
    with face.socket(talk) as socket:
        socket.send_bytes(b"{}")
        assert closed_with(socket) == 4401


@pytest.mark.parametrize("where", ["theirs", "nobodys", "none"])
def test_another_token_does_not_enter(face: Face, talk: Talk, where: str) -> None:
    other = face.begin()
    name = {"theirs": talk.conversation, "nobodys": uuid4(), "none": "x"}[where]
    with face.socket_at(f"{API}/conversations/{name}/live") as socket:
        socket.send_json({"type": "hello", "token": other.token, "after": 0})
        assert closed_with(socket) == 4401


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:8001"])
def test_another_sites_page_is_refused_before_the_socket_opens(
    face: Face, talk: Talk, origin: str
) -> None:
    with pytest.raises(WebSocketDenialResponse) as denied, face.socket(talk, Origin=origin):
        pass
    assert denied.value.status_code == 403


def test_our_own_page_enters_with_its_cookie(face: Face, talk: Talk) -> None:
    page(face, talk)
    with face.socket(talk, Origin=CHILD_ORIGIN) as socket:
        socket.send_json({"type": "hello", "after": 0})
        assert socket.receive_json() == {"type": "welcome", "latest": 0}


def test_leaving_closes_the_other_tabs_of_the_visit_and_no_app(face: Face, talk: Talk) -> None:
    page(face, talk)
    with face.socket(talk, Origin=CHILD_ORIGIN) as tab, face.socket(talk) as app:
        tab.send_json({"type": "hello", "after": 0})
        assert tab.receive_json() == {"type": "welcome", "latest": 0}
        hello(app, talk)
        face.client.post("/x")
        assert closed_with(tab) == 4401
        app.send_json({"type": "ping"})
        assert app.receive_json() == {"type": "pong"}


def test_a_cookie_without_an_origin_does_not_enter(face: Face, talk: Talk) -> None:
    page(face, talk)
    with face.socket(talk) as socket:
        socket.send_json({"type": "hello", "after": 0})
        assert closed_with(socket) == 4401


def test_writing_is_told_to_the_others_only(face: Face, talk: Talk) -> None:
    with face.socket(talk) as mine, face.socket(talk) as other:
        hello(mine, talk)
        hello(other, talk)
        mine.send_json({"type": "writing"})
        assert other.receive_json() == {"type": "writing"}
        mine.send_json({"type": "ping"})
        assert mine.receive_json() == {"type": "pong"}


def test_a_message_of_one_conversation_never_shows_in_another(face: Face, talk: Talk) -> None:
    other = face.begin()
    with face.socket(talk) as mine, face.socket(other) as theirs:
        hello(mine, talk)
        hello(theirs, other)
        say(mine, "for me alone")
        assert mine.receive_json()["type"] == "kept"
        say(theirs, "for them", "b")
        assert theirs.receive_json()["client_id"] == "b"


def test_nothing_sent_to_a_dead_writer_gets_a_tick(face: Face, talk: Talk) -> None:
    with face.socket(talk) as socket:
        hello(socket, talk)
        face.adapters.writer.is_alive = False
        try:
            say(socket, "hello")
            assert socket.receive_json()["why"] == "not_kept"
        finally:
            face.adapters.writer.is_alive = True
        say(socket, "hello")
        assert socket.receive_json()["type"] == "kept"


def test_a_ring_from_another_process_shows_what_it_kept(face: Face, talk: Talk) -> None:
    with face.socket(talk) as socket:
        hello(socket, talk)
        # Written past this process's own doorbell, as another process would.
        elsewhere = Said(talk.conversation, "elsewhere", "from elsewhere")
        outcomes = face.adapters.writer._write([elsewhere])
        assert len(outcomes) == 1
        face.adapters.hub.deliver(Notice("message", talk.conversation, 1))
        assert socket.receive_json()["text"] == "from elsewhere"


def events(face: Face, talk: Talk, count: int, **headers: str) -> list[dict[str, Any]]:
    """The first events of the stream, as an EventSource reads them."""
    found: list[dict[str, Any]] = []
    given = talk.bearer | headers
    with face.client.stream("GET", f"{talk.path}/events", headers=given) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        event: dict[str, Any] = {}
        for line in stream.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                event[name] = value
            elif event.get("event") == "welcome":
                event = {}
            elif "data" in event:
                found.append({**event, "data": json.loads(event["data"])})
                event = {}
            if len(found) == count:
                break
    return found


def test_the_stream_tells_what_was_said_and_what_comes(face: Face, talk: Talk) -> None:
    face.say(talk, "one\ntwo", "a")

    def say_soon() -> None:
        time.sleep(0.3)
        face.say(talk, "three", "b")

    sender = threading.Thread(target=say_soon)
    sender.start()
    told = events(face, talk, 2)
    sender.join()
    assert [each["event"] for each in told] == ["message", "message"]
    assert [each["id"] for each in told] == ["1", "2"]
    assert [each["data"]["text"] for each in told] == ["one\ntwo", "three"]
    assert told[0]["data"] == face.read(talk).json()["messages"][0]


def test_the_stream_goes_on_from_the_last_event(face: Face, talk: Talk) -> None:
    face.say(talk, "one", "a")
    face.say(talk, "two", "b")
    [told] = events(face, talk, 1, **{"Last-Event-ID": "1"})
    assert told["data"]["text"] == "two"


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 5_000, ""])
def test_a_stream_from_a_cursor_that_is_none_starts_at_the_beginning(
    face: Face, talk: Talk, cursor: str
) -> None:
    face.say(talk, "one", "a")
    [told] = events(face, talk, 1, **{"Last-Event-ID": cursor})
    assert told["id"] == "1"


def test_a_stop_sends_open_sockets_away_to_come_back(stores: Stores, clock: Clock) -> None:
    with (
        installation.installed(stores, clock) as adapters,
        faces.opened(adapters) as face,
    ):
        talk = face.begin()
        with face.socket(talk) as socket:
            hello(socket, talk)
            say(socket, "hello")
            assert socket.receive_json()["type"] == "kept"
            assert face.client.portal is not None
            face.client.portal.call(adapters.hub.close)
            assert closed_with(socket) == 1001
        with face.socket(talk) as socket:
            assert closed_with(socket) == 1001
        assert face.client.get("/readyz").status_code == 503
