"""Who is told: every listener, on its own loop, from any thread; never words beyond the process."""

import asyncio
import threading
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from helpline.hub import Hub, Notice, Spoken

pytestmark = pytest.mark.anyio

ONE, OTHER = uuid4(), uuid4()
SPOKEN = Spoken(1, "child", "a secret", datetime(2026, 11, 2, tzinfo=UTC))


class Bell:
    """What was told to the other processes."""

    def __init__(self) -> None:
        self.rung: list[dict[str, str | int]] = []

    def ring(self, notices: list[dict[str, str | int]]) -> None:
        self.rung += notices


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
async def hub(bell: Bell) -> Hub:
    hub = Hub()
    hub.start(asyncio.get_running_loop(), bell)
    return hub


async def test_a_listener_hears_of_its_conversation_only_and_a_console_of_all(hub: Hub) -> None:
    heard: list[UUID] = []
    all_heard: list[UUID] = []
    hub.listen_to(ONE, lambda notice: heard.append(notice.subject))
    hub.listen_to_all(lambda notice: all_heard.append(notice.subject))
    hub.ring(Notice("message", OTHER, 1), Notice("message", ONE, 2))
    assert heard == [ONE]
    assert all_heard == [OTHER, ONE]


async def test_words_stay_in_the_process(hub: Hub, bell: Bell) -> None:
    heard: list[Notice] = []
    hub.listen_to(ONE, heard.append)
    hub.ring(Notice("message", ONE, 1, SPOKEN, by=bell))
    assert heard[0].spoken == SPOKEN
    assert bell.rung == [{"kind": "message", "subject": ONE.hex, "seq": 1}]


async def test_what_came_from_another_process_is_not_rung_on(hub: Hub, bell: Bell) -> None:
    heard: list[Notice] = []
    hub.listen_to(ONE, heard.append)
    hub.deliver(Notice("message", ONE, 1))
    assert len(heard) == 1
    assert bell.rung == []


async def test_a_ring_from_another_thread_is_heard_on_the_loop(hub: Hub) -> None:
    heard_in: list[int] = []
    hub.listen_to(ONE, lambda _: heard_in.append(threading.get_ident()))
    thread = threading.Thread(target=hub.ring, args=(Notice("message", ONE, 1),))
    thread.start()
    thread.join()
    assert heard_in == []
    await asyncio.sleep(0)
    assert heard_in == [threading.get_ident()]


async def test_one_listener_that_fails_costs_nobody_else_the_notice(hub: Hub) -> None:
    heard: list[str] = []

    def fails(notice: Notice) -> None:
        raise ConnectionError(notice.kind)

    hub.listen_to(ONE, fails)
    hub.listen_to(ONE, lambda _: heard.append("one"))
    hub.listen_to_all(fails)
    hub.listen_to_all(lambda _: heard.append("console"))
    hub.ring(Notice("message", ONE, 1), Notice("queue", ONE))
    assert heard == ["one", "console"] * 2


async def test_who_stops_listening_hears_no_more_and_leaves_no_trace(hub: Hub) -> None:
    heard: list[Notice] = []
    stops = [hub.listen_to(ONE, heard.append), hub.listen_to_all(heard.append)]
    assert hub.listened_to() == [ONE]
    for stop in stops:
        stop()
    hub.ring(Notice("message", ONE, 1))
    assert heard == []
    assert hub.listened_to() == []


async def test_a_listener_may_stop_while_it_is_told(hub: Hub) -> None:
    heard: list[str] = []

    def leaves(notice: Notice) -> None:
        del notice
        heard.append("leaves")
        stop()

    stop = hub.listen_to(ONE, leaves)
    hub.listen_to(ONE, lambda _: heard.append("stays"))
    hub.ring(Notice("message", ONE, 1), Notice("message", ONE, 2))
    assert heard == ["leaves", "stays", "stays"]


async def newer(hub: Hub, after: int, *, seconds: float = 10) -> bool:
    with hub.hearing(ONE) as heard:
        return await heard.newer_than(after, seconds=seconds)


@pytest.mark.parametrize(
    ("notice", "is_woken"),
    [
        (Notice("message", ONE, 5), False),
        (Notice("message", ONE, 6), True),
        (Notice("writing", ONE, 9), False),
        (Notice("message", OTHER, 6), False),
    ],
    ids=["seen already", "newer", "only writing", "another conversation"],
)
async def test_a_wait_ends_with_a_newer_message_of_its_conversation(
    hub: Hub, notice: Notice, *, is_woken: bool
) -> None:
    waiting = asyncio.create_task(newer(hub, 5, seconds=10 if is_woken else 0.1))
    await asyncio.sleep(0)
    hub.ring(notice)
    assert await waiting is is_woken
    assert hub.listened_to() == []


async def test_what_is_rung_between_listening_and_waiting_is_not_missed(hub: Hub) -> None:
    with hub.hearing(ONE) as heard:
        hub.ring(Notice("message", ONE, 1))
        assert await heard.newer_than(0, seconds=10)
        assert not await heard.newer_than(1, seconds=0.01)


async def test_who_waits_is_woken_when_the_process_stops_and_told_that_nothing_came(
    hub: Hub,
) -> None:
    waiting = asyncio.create_task(newer(hub, 0))
    await asyncio.sleep(0)
    hub.close()
    assert await asyncio.wait_for(waiting, 1) is False


async def test_nobody_begins_to_wait_in_a_process_that_stops(hub: Hub) -> None:
    hub.close()
    assert await asyncio.wait_for(newer(hub, 0), 1) is False


async def test_closing_calls_everyone_even_when_one_fails(hub: Hub) -> None:
    closed: list[str] = []

    def fails() -> None:
        raise ConnectionError

    hub.on_close(fails)
    hub.on_close(lambda: closed.append("one"))
    forget = hub.on_close(lambda: closed.append("gone"))
    forget()
    hub.close()
    assert closed == ["one"]
    assert hub.is_closing


async def test_a_signal_handler_may_ask_to_close(hub: Hub) -> None:
    thread = threading.Thread(target=hub.close_soon)
    thread.start()
    thread.join()
    await asyncio.sleep(0)
    assert hub.is_closing


async def test_a_process_without_screens_only_rings_the_others(bell: Bell) -> None:
    worker = Hub()
    worker.use(bell)
    worker.ring(Notice("escalation", ONE))
    assert bell.rung == [{"kind": "escalation", "subject": ONE.hex, "seq": 0}]


def test_a_ring_after_the_loop_has_ended_is_no_error(bell: Bell) -> None:
    hub = Hub()
    loop = asyncio.new_event_loop()
    hub.start(loop, bell)
    loop.close()
    hub.ring(Notice("message", ONE, 1))
    hub.close_soon()
    assert len(bell.rung) == 1
