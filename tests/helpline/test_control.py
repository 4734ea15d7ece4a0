"""The Unix socket for commands: its owner's alone, and every refusal in words."""

import asyncio
import os
import socket
import stat
import threading
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from helpline import commands, control
from helpline.control import RefusedError
from helpline.settings import Settings
from tests import installation
from tests.stores import Stores

pytestmark = pytest.mark.anyio

UNKNOWN = "The service does not know this command."


def settings_in(folder: Path) -> Settings:
    return installation.settings_for(
        Stores(
            database_url=f"sqlite:///{folder / 'data.db'}",
            keystore_url=f"sqlite:///{folder / 'keys.db'}",
        )
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def answer(command: str, given: Mapping[str, str]) -> str:
    """Do three commands, each in its way."""
    if command == "say":
        return f"{given['word']} on {threading.current_thread().name}"
    if command == "refuse":
        raise RefusedError("No, and this is why.")
    if command == "fail":
        raise OSError("an inner matter")
    raise KeyError(command)


@pytest.fixture
async def listening(settings: Settings) -> AsyncIterator[Settings]:
    async with control.listening(settings, answer):
        yield settings


async def ask(settings: Settings, command: str, **given: str) -> str:
    return await asyncio.to_thread(control.ask, settings, command, given)


async def test_a_command_is_done_off_the_loop_and_answered(listening: Settings) -> None:
    said = await ask(listening, "say", word="hello é \N{SLIGHTLY SMILING FACE}")
    assert said.startswith("hello é \N{SLIGHTLY SMILING FACE} on ")
    assert threading.main_thread().name not in said


async def test_only_its_owner_may_open_it(listening: Settings) -> None:
    mode = control.path_of(listening).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


async def test_what_the_process_makes_next_has_its_usual_mode(
    listening: Settings, tmp_path: Path
) -> None:
    del listening
    os.umask(mask := os.umask(0o022))
    (tmp_path / "later").touch()
    assert stat.S_IMODE((tmp_path / "later").stat().st_mode) == 0o666 & ~mask


async def test_a_refusal_comes_back_in_its_words(listening: Settings) -> None:
    with pytest.raises(RefusedError, match="this is why"):
        await ask(listening, "refuse")


async def test_an_unknown_command_or_a_missing_word_is_refused_in_words(
    listening: Settings,
) -> None:
    for command in ("rm -rf", "say"):
        with pytest.raises(RefusedError) as refused:
            await ask(listening, command)
        assert str(refused.value) == UNKNOWN


async def test_a_command_that_fails_is_answered_at_once_and_keeps_its_matter_inside(
    listening: Settings,
) -> None:
    with pytest.raises(RefusedError) as refused:
        await asyncio.wait_for(ask(listening, "fail"), 5)
    assert "inner matter" not in str(refused.value)
    assert await ask(listening, "say", word="still here")


@pytest.mark.parametrize(
    "sent",
    [b"\n", b"not json\n", b'{"command":1,"given":{}}\n', b'{"command":"say"}\n', b"x" * 70_000],
    ids=["nothing", "no json", "a number", "half", "too long"],
)
async def test_what_is_no_command_is_answered_and_the_service_goes_on(
    listening: Settings, sent: bytes
) -> None:
    def send() -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(control.path_of(listening)))
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            return connection.makefile("rb").readline()

    assert UNKNOWN.encode() in await asyncio.to_thread(send)
    assert await ask(listening, "say", word="still here")


async def test_nobody_listens_any_more_and_nothing_is_left(settings: Settings) -> None:
    async with control.listening(settings, answer):
        pass
    assert not control.path_of(settings).exists()
    with pytest.raises(RefusedError, match="does not answer"):
        await ask(settings, "say", word="hello")


async def test_a_socket_that_a_killed_service_left_is_replaced(settings: Settings) -> None:
    path = control.path_of(settings)
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(path))
    assert path.exists()
    async with control.listening(settings, answer):
        assert await ask(settings, "say", word="hello")


async def test_a_path_that_is_too_long_works_from_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    monkeypatch.chdir(folder)
    settings = settings_in(folder)
    async with control.listening(settings, answer):
        assert await ask(settings, "say", word="hello")
        assert stat.S_IMODE(control.path_of(settings).stat().st_mode) == 0o600


async def test_a_path_that_is_too_long_everywhere_works_too(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    settings = settings_in(folder)
    async with control.listening(settings, answer):
        assert await ask(settings, "say", word="hello")
    assert not control.path_of(settings).exists()


async def test_the_services_own_commands_are_the_ones_it_knows() -> None:
    assert set(commands.COMMANDS) == {"staff add", "staff disable", "places"}


async def test_what_is_too_long_is_refused_in_words_before_it_is_sent(listening: Settings) -> None:
    with pytest.raises(RefusedError, match="too long"):
        await ask(listening, "say", word="x" * 70_000)
    assert (await ask(listening, "say", word="hello")).startswith("hello")
