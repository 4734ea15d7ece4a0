"""One POST with Twilio's patience: a second try for a connection, and none for an answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from integrations.standins.twilio import account, posting, words
from tests import servers

Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handle: Handle) -> AsyncIterator[str]:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await handle(reader, writer)
        writer.close()

    server = await asyncio.start_server(once, servers.LOOPBACK, 0)
    async with server:
        yield f"http://{servers.LOOPBACK}:{server.sockets[0].getsockname()[1]}/twilio/sms?a=1"


async def post(url: str) -> posting.Answer:
    return await posting.post(url, form=[("Body", "ü & x")], headers={"X-Own": "1"})


async def test_a_form_is_posted_and_its_answer_is_read_in_any_framing() -> None:
    seen = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        seen.append(await reader.readexactly(len("Body=%C3%BC+%26+x")))
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n5\r\n<Resp\r\n6\r\nonse/>\r\n0\r\n\r\n"
        )

    async with serving(handle) as url:
        answer = await post(url)
    assert (answer.status, answer.content_type, answer.body) == (200, "text/xml", b"<Response/>")
    assert answer.is_good
    assert seen[0].startswith(b"POST /twilio/sms?a=1 HTTP/1.1\r\n")
    assert b"X-Own: 1\r\n" in seen[0]
    assert seen[1] == b"Body=%C3%BC+%26+x"


async def test_a_connection_is_tried_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    async def refuse(host: str, port: int) -> None:
        tried.append((host, port))
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio, "open_connection", refuse)
    with pytest.raises(posting.UnansweredError):
        await post("http://127.0.0.1:8001/twilio/sms")
    assert tried == [("127.0.0.1", 8001)] * 2


async def test_an_answer_is_not_waited_for_twice() -> None:
    tried = []

    async def hang_up(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        tried.append(await reader.readuntil(b"\r\n\r\n"))

    async with serving(hang_up) as url:
        with pytest.raises(posting.UnansweredError):
            await post(url)
    assert len(tried) == 1


async def test_everything_together_has_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "TOTAL_SECONDS", 0.1)
    is_over = asyncio.Event()

    async def dawdle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<")
        await is_over.wait()

    async with serving(dawdle) as url:
        with pytest.raises(posting.UnansweredError):
            await post(url)
        is_over.set()


def test_twilios_own_limits_are_the_usual_ones() -> None:
    assert (words.CONNECT_SECONDS, words.TOTAL_SECONDS) == (5.0, 15.0)


@pytest.mark.parametrize("url", ["http://example.org/", "https://127.0.0.1/", "http://[", "x"])
async def test_nothing_is_posted_off_this_machine(url: str) -> None:
    with pytest.raises(account.NotLoopbackError):
        await post(url)
