"""`helpline demo`: the whole helpline on this machine, with invented people, in one command.

It prepares a folder, then starts the service as a process of its own, a stand-in for the telephone
company beside it and, with PostgreSQL and Redis, a worker and a schedule. The death of one ends the
demo; Ctrl-C stops them all cleanly.
"""

import base64
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from helpline import demo_phones, demo_store, migrating, seeding, wiring
from helpline.settings import Settings
from helpline.transaction import AlreadyRunningError, hold_alone

STOP_WITHIN_SECONDS = 15
_HOST = "127.0.0.1"

_HEADS = "audit-heads.txt"
_MAIL = "mail"


def run(
    given: Mapping[str, str], *, folder: Path, port: int, fresh: bool, bell: wiring.Bell
) -> int:
    """Run the demo until it is stopped. The answer is the exit code: 0 after Ctrl-C."""
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    environ = {**given, **defaults(given, folder, port), **key(given, folder)}
    environ |= demo_phones.defaults(environ, folder=folder)
    prepare(Settings.from_environ(environ), bell, folder=folder, fresh=fresh)
    stopping = False

    def stop(signum: int, frame: object) -> None:
        nonlocal stopping
        del signum, frame
        stopping = True

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    running = _start(environ, folder, port)
    print(_welcome(port), flush=True)  # noqa: T201 - what a person at a terminal reads
    try:
        while not stopping and all(process.poll() is None for process in running.values()):
            time.sleep(0.2)
    finally:
        dead = [name for name, process in running.items() if process.poll() is not None]
        _stop(running, folder)
    if stopping:
        return 0
    print(f"The demo's {' and '.join(dead)} process ended, so the demo ends.", file=sys.stderr)  # noqa: T201 - as above
    return 1


def defaults(given: Mapping[str, str], folder: Path, port: int) -> dict[str, str]:
    defaults = {
        "HELPLINE_DATABASE_URL": f"sqlite:///{folder / 'data.db'}",
        "HELPLINE_KEYSTORE_URL": f"sqlite:///{folder / 'keys.db'}",
        "HELPLINE_CHILD_ORIGIN": f"http://{_HOST}:{port}",
        "HELPLINE_STAFF_ORIGIN": f"http://{_HOST}:{port + 1}",
        "HELPLINE_LEAVE_TO": f"http://{_HOST}:{port}/plain",
        "HELPLINE_MAIL_URL": f"folder:{folder / _MAIL}",
        "HELPLINE_OUTSIDE_CONTACT": "outside@example.org",
        "HELPLINE_AUDIT_HEAD_TO": str(folder / _HEADS),
    }
    return {
        "HELPLINE_DEMO": "1",
        **{name: value for name, value in defaults.items() if not given.get(name)},
    }


def key(given: Mapping[str, str], folder: Path) -> dict[str, str]:
    if given.get("HELPLINE_KEK") or given.get("HELPLINE_KEK_FILE"):
        return {}
    path = folder / "kek"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(base64.b64encode(secrets.token_bytes(32)))
    return {"HELPLINE_KEK_FILE": str(path)}


def prepare(settings: Settings, bell: wiring.Bell, *, folder: Path, fresh: bool) -> None:
    with hold_alone(settings):
        demo_store.refuse_unless_a_demo(settings)
        if fresh:
            _throw_away(settings, folder)
        migrating.upgrade(settings.database_url, settings.keystore_url)
        adapters = wiring.build(settings, bell=bell)
        seeding.seed(adapters, with_rota=True)
        adapters.close()


def _throw_away(settings: Settings, folder: Path) -> None:
    if not settings.is_embedded and _is_alive(folder / "web.pid"):
        raise AlreadyRunningError
    demo_store.throw_away(settings)
    # Only what a demo puts there by itself. Its key stays: without data it opens nothing.
    if settings.audit_head_to == str(folder / _HEADS):
        (folder / _HEADS).unlink(missing_ok=True)
    demo_phones.throw_away(folder)
    if settings.mail_url == f"folder:{folder / _MAIL}":
        shutil.rmtree(folder / _MAIL, ignore_errors=True)


def _start(
    environ: Mapping[str, str], folder: Path, port: int
) -> dict[str, subprocess.Popen[bytes]]:
    commands = {"web": ["helpline", "serve", "--host", _HOST, "--port", str(port)]}
    if environ.get("HELPLINE_REDIS_URL"):
        commands |= {"worker": ["helpline", "worker"], "beat": ["helpline", "beat"]}
    commands |= demo_phones.command(environ, folder=folder)
    running = {}
    for name, arguments in commands.items():
        process = subprocess.Popen(  # noqa: S603 - our own program with our own words
            [sys.executable, "-m", *arguments],
            env=dict(environ),
            start_new_session=True,  # Ctrl-C comes to us alone; we stop the others in order
        )
        (folder / f"{name}.pid").write_text(f"{process.pid}\n", encoding="ascii")
        running[name] = process
    return running


def _stop(running: Mapping[str, subprocess.Popen[bytes]], folder: Path) -> None:
    for process in running.values():
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + STOP_WITHIN_SECONDS
    for name, process in running.items():
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        (folder / f"{name}.pid").unlink(missing_ok=True)


def _is_alive(pid_file: Path) -> bool:
    try:
        os.kill(int(pid_file.read_text(encoding="ascii")), 0)
    except (OSError, ValueError):
        return False
    return True


def _welcome(port: int) -> str:
    staff = f"http://{_HOST}:{port + 1}"
    return (
        f"\nThe helpline is starting on this machine. Ctrl-C stops it; the data stays.\n\n"
        f"  What to try, in order   {staff}/demo\n"
        f"  A phone on a page       {staff}/demo/phone\n"
        f"  The child's page        http://{_HOST}:{port}/\n"
        f"  Sign in as an advocate  {staff}/demo/as/advocate\n"
        f"  ... as a supervisor     {staff}/demo/as/supervisor\n"
        f"  ... as a manager        {staff}/demo/as/manager\n\n"
        f"The sign-in page takes sam@example.org, jo@, priya@ and alex@ with the password\n"
        f"'{seeding.password()}'.\n\n"
        f"Escalation clocks run ten times as fast. Everybody in it is invented.\n"
    )
