"""The load generator counts what it should: nothing of the warm-up, and every loss."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from helpline.bench import echo, load, served, sockets, table


@pytest.fixture
def echoing() -> Iterator[int]:
    port = served.free_port()
    config = uvicorn.Config(
        echo.app, host=sockets.LOOPBACK, port=port, ws="websockets-sansio", log_config=None,
        lifespan="off",
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        pass
    yield port
    server.should_exit = True
    thread.join(10)


def test_a_closed_loop_has_one_line_of_each_sender_on_its_way(echoing: int) -> None:
    async def talk() -> load.Measured:
        async with load.echoes(echoing, 3) as talking:
            found = await load.closed_loop(talking, warm_up=0.1, seconds=1)
            assert all(pair.is_settled for pair in talking)
            return found

    found = asyncio.run(talk())
    assert 0 < found.messages_per_second <= found.ticked
    assert 0 < found.tick_ms.p50 <= found.tick_ms.p99


def test_a_steady_load_offers_what_it_says(echoing: int) -> None:
    async def talk() -> load.Measured:
        async with load.echoes(echoing, 2) as talking:
            return await load.steady(talking, rate=100, warm_up=0.1, seconds=1)

    assert asyncio.run(talk()).messages_per_second == pytest.approx(100, rel=0.15)


def test_a_message_that_does_not_arrive_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "ARRIVES_WITHIN_SECONDS", 0.1)

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()

    async def talk() -> None:
        async with await asyncio.start_server(swallow, sockets.LOOPBACK, 0) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(load.NotDeliveredError):
                async with load.echoes(port, 1) as talking:
                    await load.closed_loop(talking, warm_up=0, seconds=0.05)
            await asyncio.sleep(0.1)

    asyncio.run(talk())


def test_a_socket_that_is_refused_says_so() -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        writer.close()

    async def enter() -> None:
        async with await asyncio.start_server(refuse, sockets.LOOPBACK, 0) as server:
            with pytest.raises(sockets.SocketRefusedError):
                await sockets.connect(server.sockets[0].getsockname()[1], "/")
            await asyncio.sleep(0.1)

    asyncio.run(enter())


@pytest.mark.parametrize("length", [0, 125, 126, 1000, 65_535])
def test_a_frame_of_any_length_comes_back_whole(echoing: int, length: int) -> None:
    async def talk() -> bytes:
        socket = await sockets.connect(echoing, "/")
        back: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        socket.heard = back.set_result
        socket.send(b"x" * length)
        came = await asyncio.wait_for(back, 5)
        await sockets.close([socket])
        return came

    assert asyncio.run(talk()) == b"x" * length


def test_the_spread_is_in_milliseconds() -> None:
    found = load.spread([each / 1000 for each in range(101)])
    assert (found.p50, found.p99) == (50.0, 99.0)


def test_the_table_says_what_is_over_its_limit() -> None:
    rows = [*table.idle({"resident_mib": 150.0, "kib_a_child": 31.0}, _GOALS)]
    assert [row.verdict for row in rows] == ["ok", "over"]
    assert "31.0" in table.render(rows)


_GOALS = {"resident_mib": 160.0, "kib_a_child": 30.0}
