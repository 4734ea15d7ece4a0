import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from helpline.accounts import edge, sessions
from helpline.console import standing
from helpline.hub import Notice, Spoken
from tests.helpline.console.conftest import CHILD, STAFF, Desk, House, chat


@contextmanager
def connected(house: House, desk: Desk, *, origin: str = STAFF) -> Iterator[WebSocketTestSession]:
    """A console's socket, with the hub delivering on the loop that serves it."""
    with desk.browser as browser:
        start(house, browser)
        with browser.websocket_connect("/console/live", headers={"Origin": origin}) as socket:
            socket.send_text('{"type": "ping"}')
            assert socket.receive_json() == {"type": "pong"}
            yield socket


def start(house: House, browser: TestClient) -> None:
    async def on_the_loop() -> None:
        house.adapters.hub.start(asyncio.get_running_loop(), None)

    assert browser.portal is not None
    browser.portal.call(on_the_loop)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "LOOKED_EVERY", 0.2)


def heard(socket: WebSocketTestSession) -> dict[str, object]:
    found: dict[str, object] = socket.receive_json()
    return found


def test_a_ring_carries_ids_and_a_number_and_no_word(house: House, sam: Desk) -> None:
    conversation = uuid4()
    with connected(house, sam) as socket:
        spoken = Spoken(4, "child", "my secret", house.clock.now())
        house.adapters.hub.ring(Notice("message", conversation, 4, spoken))
        ring = heard(socket)
    assert ring == {"type": "ring", "kind": "message", "subject": str(conversation), "seq": 4}
    assert "secret" not in json.dumps(ring)


def test_a_claim_rings_the_others_without_a_reload(house: House, sam: Desk, jo: Desk) -> None:
    conversation = house.begin("hello")
    with connected(house, sam) as socket:
        jo.fetch(chat(conversation, "claim"))
        ring = heard(socket)
    assert (ring["kind"], ring["subject"]) == ("queue", str(conversation))


def test_about_staff_each_person_hears_of_themself_alone(house: House, sam: Desk, jo: Desk) -> None:
    with connected(house, sam) as socket:
        house.adapters.hub.ring(Notice("staff", jo.person.id), Notice("staff", sam.person.id))
        assert heard(socket)["subject"] == str(sam.person.id)


def test_what_staff_type_never_looks_like_the_child_typing(house: House, sam: Desk) -> None:
    conversation = house.begin("hello")
    sam.post(chat(conversation, "claim"))
    with connected(house, sam) as socket:
        sam.fetch(chat(conversation, "draft"), box="reply", text="I am")
        house.adapters.hub.ring(Notice("writing", conversation))
        ring = heard(socket)
    assert (ring["kind"], ring["seq"]) == ("writing", 0)


def test_a_manager_hears_nothing_about_children(house: House) -> None:
    alex = house.desk("manager")
    with connected(house, alex) as socket:
        house.adapters.hub.ring(Notice("message", uuid4(), 1), Notice("staff", alex.person.id))
        assert heard(socket)["kind"] == "staff"


def listen(socket: WebSocketTestSession) -> None:
    while True:
        socket.receive_json()


def end(house: House, desk: Desk) -> None:
    house.end_session(desk, house.clock.now())


def disable(house: House, desk: Desk) -> None:
    del desk
    edge.disable(house.adapters, email="sam@example.org")


@pytest.mark.parametrize("shut_out", [end, disable])
def test_whoever_is_shut_out_is_disconnected_without_a_ring(
    house: House, sam: Desk, shut_out: Callable[[House, Desk], None]
) -> None:
    with connected(house, sam) as socket:
        shut_out(house, sam)
        with pytest.raises(WebSocketDisconnect) as closed:
            listen(socket)
    assert closed.value.code == 4401


def test_one_query_looks_at_the_sessions_of_all_sockets(
    house: House, sam: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[int]()
    look = sessions.still_valid_among

    def counting(session: Session, **named: Any) -> frozenset[bytes]:
        asked.append(len(named["token_hashes"]))
        return look(session, **named)

    monkeypatch.setattr(sessions, "still_valid_among", counting)
    with connected(house, sam) as first:
        others = [
            sam.browser.websocket_connect("/console/live", headers={"Origin": STAFF})
            for _ in range(3)
        ]
        with contextlib.ExitStack() as open_ones:
            for each in others:
                open_ones.enter_context(each)
            asked.clear()
            time.sleep(0.7)
            assert 1 <= len(asked) <= 4
            house.adapters.hub.ring(Notice("message", uuid4(), 1))
            assert heard(first)["kind"] == "message"


def test_nobody_connects_without_a_session_or_from_elsewhere(house: House, sam: Desk) -> None:
    with pytest.raises(WebSocketDisconnect), connected(house, sam, origin=CHILD):
        pass
    end(house, sam)
    with pytest.raises(WebSocketDisconnect) as closed, connected(house, sam):
        pass
    assert closed.value.code == 4401
