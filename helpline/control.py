"""The Unix socket on which the embedded service takes commands from its own machine."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import structlog

from helpline.settings import Settings
from integrations import database

log = structlog.get_logger()

ANSWERS_WITHIN_SECONDS = 10
_MOST_BYTES = 65_536
_LONGEST_ADDRESS = 100
_OPEN_FOLDERS = Path("/proc/self/fd")


class RefusedError(RuntimeError):
    """The running service refused the command."""


class _Asked(msgspec.Struct):
    command: str
    given: dict[str, str]


class _Answered(msgspec.Struct):
    ok: bool
    said: str


Answer = Callable[[str, Mapping[str, str]], str]


def path_of(settings: Settings) -> Path:
    """Where the socket is: beside the database file, readable by its owner alone."""
    path = database.sqlite_path(settings.database_url)
    return path.with_name(path.name + ".sock")


@contextlib.asynccontextmanager
async def listening(settings: Settings, answer: Answer) -> AsyncIterator[None]:
    """Take commands while the block runs. Each is done off the event loop."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = msgspec.json.decode(await reader.readline(), type=_Asked)
            said = _Answered(True, await asyncio.to_thread(answer, asked.command, asked.given))  # noqa: FBT003 - the field's name is ok
        except RefusedError as problem:
            said = _Answered(False, str(problem))  # noqa: FBT003 - as above
        except (msgspec.MsgspecError, KeyError, ValueError):
            said = _Answered(False, "The service does not know this command.")  # noqa: FBT003 - as above
        except Exception as problem:  # noqa: BLE001 - whoever asks must not wait for an answer in vain
            log.error("control.failed", error=type(problem).__name__)
            said = _Answered(False, "The service could not do this. Its log says more.")  # noqa: FBT003 - as above
        writer.write(msgspec.json.encode(said) + b"\n")
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    path = path_of(settings)
    path.unlink(missing_ok=True)
    mask = os.umask(0o177)
    try:
        with _address(path) as address:
            server = await asyncio.start_unix_server(serve, address, limit=_MOST_BYTES)
    finally:
        os.umask(mask)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


def ask(settings: Settings, command: str, given: Mapping[str, str]) -> str:
    """Have the running service do a command; :class:`RefusedError` says why it did not."""
    said_to_it = msgspec.json.encode(_Asked(command, dict(given))) + b"\n"
    if len(said_to_it) > _MOST_BYTES:
        raise RefusedError(
            "This is too long to hand to the running service. Stop it first, or give it in parts."
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWERS_WITHIN_SECONDS)
        try:
            with _address(path_of(settings)) as address:
                connection.connect(address)
            connection.sendall(said_to_it)
            with connection.makefile("rb") as answers:
                said = msgspec.json.decode(answers.readline(), type=_Answered)
        except (OSError, msgspec.MsgspecError):
            raise RefusedError(
                "Another process has the database open and does not answer. Stop it first."
            ) from None
    if not said.ok:
        raise RefusedError(said.said)
    return said.said


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
    # A Unix socket's address has about 100 bytes. A path relative to here may fit when the full
    # one does not, and on Linux one through an open folder always does.
    short = min(str(path), os.path.relpath(path), key=len)
    if len(os.fsencode(short)) <= _LONGEST_ADDRESS or not _OPEN_FOLDERS.is_dir():
        yield short
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield str(_OPEN_FOLDERS / str(folder) / path.name)
    finally:
        os.close(folder)
