"""The `helpline` command. Each command is a few lines: read, call one function, print."""

import base64
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Any

import anyio.from_thread
import click
from sqlalchemy.orm import Session

from helpline import (
    auditing,
    commands,
    demo,
    doctor,
    logs,
    migrating,
    processes,
    serving,
    texts_command,
    tracing,
    triage_command,
    wiring,
    worker,
)
from helpline.accounts.models import Role
from helpline.bell import Bell
from helpline.bench import command as bench_command
from helpline.drill import command as drill_command
from helpline.settings import Settings, environ
from helpline.transaction import hold_alone
from integrations import database, sentry
from integrations.keystore import KEY_BYTES
from integrations.live import Live


class _Refusing(click.Group):
    """Says what is wrong in words, without a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # whoever read our output has enough of it
        except commands.REFUSALS as problem:
            raise click.ClickException(commands.words(problem)) from None


@click.group(cls=_Refusing, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run and look after the helpline."""
    logs.start()


def _settings() -> Settings:
    settings = Settings.from_environ()
    worker.configure(settings)
    sentry.start(settings.sentry_dsn)
    return settings


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serve the child's face and the staff's face."""
    serving.serve(_settings(), bell=Bell(worker.publish), host=host, port=port)


@main.command(name="worker")
def work() -> None:
    """Do the jobs of every lane, with PostgreSQL and Redis."""
    sys.exit(_beside(processes.run_worker))


@main.command()
def beat() -> None:
    """Keep the schedule, with PostgreSQL and Redis. Run exactly one."""
    sys.exit(_beside(processes.run_beat))


def _beside(run: Any) -> int:
    settings = _settings()
    if settings.is_embedded:
        raise click.ClickException("In the embedded set-up `serve` does this itself.")
    migrating.check_both(settings.database_url, settings.keystore_url)
    adapters = wiring.build(settings, bell=Bell(worker.publish))
    live = Live(settings.redis_url, lambda _rings: None)
    with anyio.from_thread.start_blocking_portal() as portal:
        portal.call(live.start_to_ring)
        adapters.hub.use(live)
        try:
            code: int = run(adapters)
        finally:
            portal.call(live.stop)
            adapters.close()
    return code


@main.command()
@click.option("--check", is_flag=True, help="Only compare models and migrations, on a new file.")
def migrate(*, check: bool) -> None:
    """Bring both databases up to date."""
    if not check:
        settings = _settings()
        with hold_alone(settings):
            migrating.upgrade(settings.database_url, settings.keystore_url)
        click.echo("Both databases are up to date.")
        return
    with tempfile.TemporaryDirectory() as folder:
        urls = {line: f"sqlite:///{folder}/{line}.db" for line in ("data", "keystore")}
        migrating.upgrade(urls["data"], urls["keystore"])
        found = [each for line, url in urls.items() for each in _drift(line, url)]
    for each in found:
        click.echo(each, err=True)
    if found:
        raise click.ClickException("The models and the migrations differ: write a migration.")


def _drift(line: str, url: str) -> list[str]:
    store = database.connect(url)
    try:
        return migrating.drift(store, line=line)
    finally:
        store.dispose()


@main.command(name="demo")
@click.option("--port", type=int, default=8000, show_default=True)
@click.option("--dir", "folder", type=click.Path(path_type=Path), default=Path(".demo"))
@click.option("--fresh", is_flag=True, help="Throw the demo's data away first.")
def demonstrate(port: int, folder: Path, *, fresh: bool) -> None:
    """Run the whole helpline on this machine with invented people."""
    bell = Bell(worker.publish)
    sys.exit(demo.run(environ(), folder=folder, port=port, fresh=fresh, bell=bell))


@main.command(name="doctor")
def examine() -> None:
    """Say what is missing, unsafe or stale in this installation."""
    lines, code = doctor.report(environ())
    click.echo("\n".join(lines))
    sys.exit(code)


@main.command()
@click.argument("subject")
def trace(subject: str) -> None:
    """Say where a message is: states and times, no words."""
    store = database.connect(_settings().database_url)
    try:
        migrating.check(store, line="data")
        with Session(store.read) as session:
            click.echo("\n".join(tracing.trace(session, subject)))
    finally:
        store.dispose()


@main.group(name="audit")
def audit_group() -> None:
    """Look after the record of who did what."""


@audit_group.command(name="verify")
@click.option("--heads", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--without-heads", is_flag=True, help="Be content when no published head is at hand.")
def verify_audit(file: Path | None, *, without_heads: bool) -> None:
    """Check that no audit row was changed, moved or taken away.

    Rows that were cut off the end are missed by the published heads alone: those of --heads, or
    of the file that the service publishes to.
    """
    lines, is_sound = auditing.report(_settings(), file=file, without_heads=without_heads)
    click.echo("\n".join(lines))
    sys.exit(0 if is_sound else 1)


@main.group()
def keys() -> None:
    """Look after the key-encryption key."""


@keys.command(name="new")
def new_key() -> None:
    """Print a new key-encryption key for HELPLINE_KEK."""
    click.echo(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())


@main.group()
def staff() -> None:
    """Add and disable members of staff."""


@staff.command(name="add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", help="What children and colleagues call them.")
def add_staff(email: str, role: str, name: str | None) -> None:
    """Add somebody; prints the one-time link with which they set a password."""
    given = {"email": email, "role": role} | ({"name": name} if name else {})
    click.echo(commands.do(_settings(), "staff add", given, bell=Bell(worker.publish)))


@staff.command(name="disable")
@click.argument("email")
def disable_staff(email: str) -> None:
    """Shut somebody out, at once and everywhere."""
    given = {"email": email}
    click.echo(commands.do(_settings(), "staff disable", given, bell=Bell(worker.publish)))


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def places(file: Path) -> None:
    """Put in a list of authorities, police forces and institutions (docs/operations.md)."""
    given = {"list": file.read_text("utf-8")}
    click.echo(commands.do(_settings(), "places", given, bell=Bell(worker.publish)))


main.add_command(bench_command.bench)
main.add_command(drill_command.drill)
main.add_command(texts_command.texts)
main.add_command(triage_command.triage)
