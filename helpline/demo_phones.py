"""The telephone company of a demo: a stand-in on this machine, that sends nothing to anybody.

A demo that is given an address of such a stand-in uses that one and starts none.
"""

import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

# Invented: of Ofcom's numbers for drama, and no account of anybody's.
NUMBER = "+447700900000"
ACCOUNT = "AC" + "0" * 32

_API = "HELPLINE_TWILIO_API"
_TOKEN = "HELPLINE_TWILIO_AUTH_TOKEN"  # noqa: S105 - the name of a setting
# How the stand-in is told the token: not among its arguments, which every user can list.
_STANDIN_TOKEN = "TWILIO_STANDIN_TOKEN"  # noqa: S105 - the name of a setting
_OWN = "HELPLINE_DEMO_PHONES_PORT"
_HOST = "127.0.0.1"
_STORE = "phones.db"


def defaults(given: Mapping[str, str], *, folder: Path) -> dict[str, str]:
    """The settings of texts and calls that a demo adds to what it was given."""
    token = given.get(_TOKEN) or _kept_token(folder)
    found = {
        "HELPLINE_TWILIO_ACCOUNT_SID": given.get("HELPLINE_TWILIO_ACCOUNT_SID") or ACCOUNT,
        "HELPLINE_TWILIO_NUMBER": given.get("HELPLINE_TWILIO_NUMBER") or NUMBER,
        _TOKEN: token,
        _STANDIN_TOKEN: token,
    }
    if not given.get(_API):
        port = _free_port()
        found |= {_API: f"http://{_HOST}:{port}", _OWN: str(port)}
    return found


def command(environ: Mapping[str, str], *, folder: Path) -> dict[str, list[str]]:
    """How the stand-in is started; nothing when the demo was given one."""
    if not environ.get(_OWN):
        return {}
    arguments = {
        "--port": environ[_OWN],
        "--store": str(folder / _STORE),
        "--account": environ["HELPLINE_TWILIO_ACCOUNT_SID"],
        "--number": environ["HELPLINE_TWILIO_NUMBER"],
        "--webhooks": environ["HELPLINE_STAFF_ORIGIN"],
    }
    return {
        "phones": [
            "integrations.standins.twilio",
            *(word for pair in arguments.items() for word in pair),
        ]
    }


def throw_away(folder: Path) -> None:
    """Forget every pretend phone."""
    for ending in ("", "-wal", "-shm"):
        (folder / f"{_STORE}{ending}").unlink(missing_ok=True)


def _kept_token(folder: Path) -> str:
    path = folder / "twilio-token"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(16), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port
