"""The command line: what is wrong is said in words, and nothing writes beside a running service."""

import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from helpline import migrating, seeding, wiring
from helpline.audit import heads, seal
from helpline.audit.chain import Head
from helpline.audit.record import SOFTWARE
from helpline.settings import Settings
from helpline.transaction import hold_alone
from tests import installation, servers
from tests.clock import Clock

FIRST_CONTACT = (
    ["serve"],
    ["trace", "0" * 32],
    ["audit", "verify"],
    ["staff", "add", "sam@example.org", "--role", "advocate"],
)


def environ_in(folder: Path, **changed: str) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "HELPLINE_DATABASE_URL": f"sqlite:///{folder / 'data.db'}",
        "HELPLINE_KEYSTORE_URL": f"sqlite:///{folder / 'keys.db'}",
        "HELPLINE_CHILD_ORIGIN": "https://child.example.org",
        "HELPLINE_STAFF_ORIGIN": "https://staff.example.org",
        "HELPLINE_KEK": base64.b64encode(secrets.token_bytes(32)).decode(),
        **changed,
    }


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return environ_in(tmp_path)


def run(
    environ: Mapping[str, str], *arguments: str, said: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "helpline", *arguments],
        env=dict(environ),
        input=said,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_refused_in_words(ended: subprocess.CompletedProcess[str], words: str) -> None:
    assert ended.returncode == 1, ended.stdout
    assert ended.stderr.startswith("Error: ")
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def migrated(environ: Mapping[str, str]) -> Settings:
    settings = Settings.from_environ(environ)
    migrating.upgrade(settings.database_url, settings.keystore_url)
    return settings


def test_migrate_is_refused_beside_a_running_service(environ: dict[str, str]) -> None:
    settings = migrated(environ)
    with hold_alone(settings):
        assert_refused_in_words(run(environ, "migrate"), "Another process has this database open")
    assert run(environ, "migrate").returncode == 0


@pytest.mark.parametrize("command", FIRST_CONTACT, ids=lambda command: command[0])
def test_before_migrate_every_command_says_to_migrate(
    environ: dict[str, str], command: list[str]
) -> None:
    assert_refused_in_words(run(environ, *command), "Run `helpline migrate`")


@pytest.mark.parametrize("command", [["serve"], ["migrate"]], ids=lambda command: command[0])
def test_a_folder_that_is_missing_is_said_in_words(tmp_path: Path, command: list[str]) -> None:
    missing = tmp_path / "missing"
    assert_refused_in_words(run(environ_in(missing), *command), str(missing))


@pytest.mark.parametrize("command", FIRST_CONTACT, ids=lambda command: command[0])
def test_a_database_that_is_down_is_said_in_words_without_its_address(
    tmp_path: Path, command: list[str]
) -> None:
    address = f"postgresql://someone:hidden@127.0.0.1:{servers.free_port()}"
    environ = environ_in(
        tmp_path,
        HELPLINE_DATABASE_URL=f"{address}/data",
        HELPLINE_KEYSTORE_URL=f"{address}/keys",
        HELPLINE_REDIS_URL="redis://127.0.0.1:1",
    )
    ended = run(environ, *command)
    assert_refused_in_words(ended, "The database does not answer")
    assert "hidden" not in ended.stderr + ended.stdout


@pytest.fixture
def recorded(environ: dict[str, str], clock: Clock) -> Head:
    """An installation with audit rows that are chained; the end of their chain."""
    settings = migrated(environ)
    adapters = wiring.build(settings, bell=installation.RecordingBell(), clock=clock.now)
    seeding.seed(adapters)
    with adapters.transactions.begin() as session:
        adapters.audit.record(
            session,
            actor=SOFTWARE,
            action="conversation.begun",
            subject=uuid4(),
            now=clock.now(),
        )
    with adapters.transactions.begin() as session:
        seal.seal(session, key=adapters.audit.key, holder="test", now=clock.now())
    with adapters.transactions.reading() as session:
        head = Head(*seal.last(session))
    adapters.close()
    return head


def test_an_audit_without_a_published_head_is_not_called_sound(
    environ: dict[str, str], recorded: Head
) -> None:
    del recorded
    ended = run(environ, "audit", "verify")
    assert ended.returncode == 1
    assert "No published head was compared" in ended.stdout
    assert run(environ, "audit", "verify", "--without-heads").returncode == 0


def test_published_heads_are_compared_and_miss_rows_that_were_cut_off(
    environ: dict[str, str], recorded: Head, tmp_path: Path, clock: Clock
) -> None:
    file = tmp_path / "heads.txt"
    file.write_text(heads.text(recorded, at=clock.now()), encoding="utf-8")
    for given in (("--heads", str(file)), ()):
        ended = run({**environ, "HELPLINE_AUDIT_HEAD_TO": str(file)}, "audit", "verify", *given)
        assert ended.returncode == 0, ended.stdout
        assert "1 published heads compared" in ended.stdout
    beyond = Head(recorded.position + 1, b"x" * 32)
    file.write_text(heads.text(beyond, at=clock.now()), encoding="utf-8")
    ended = run(environ, "audit", "verify", "--heads", str(file), "--without-heads")
    assert ended.returncode == 1


def test_triage_goes_on_after_bytes_that_are_no_text(environ: dict[str, str]) -> None:
    good, half = b'{"id":1,"text":"hi"}', b'{"id":"\\ud800","text":"hi"}'
    ended = subprocess.run(
        [sys.executable, "-m", "helpline", "triage"],
        env=environ,
        input=b"\n".join((half, b"\xff{", b"", good)),
        capture_output=True,
        timeout=60,
        check=True,
    )
    answers = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [each["id"] for each in answers] == ["\N{REPLACEMENT CHARACTER}", None, 1]
    assert answers[1]["line"] == 2
