"""`helpline bench`: each benchmark prints its figure, the limit of the same run, and the ratio."""

import json
import signal
import sys
import tomllib
from collections.abc import Callable
from functools import partial
from importlib import resources
from typing import Any

import click

from helpline.bench import engines, idle, intake, pace, private, table, triage
from helpline.bench.engines import Opening
from helpline.settings import environ

ENGINES: dict[str, Opening] = {"sqlite": engines.sqlite, "postgresql": engines.postgresql}

_tell = partial(click.echo, err=True)


@click.group(invoke_without_command=True)
@click.pass_context
def bench(context: click.Context) -> None:
    """Measure. Without a name: everything there is, in one table."""
    # Whoever ends a benchmark ends its servers, too: SystemExit goes through every `with`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if context.invoked_subcommand is not None:
        return
    goals = _goals()
    lines = []
    for engine, found in _intake(_possible(()), rounds=3, seconds=5).items():
        lines += [*table.intake(engine, found, goals["intake"])]
    lines += [*table.idle(_idle(idle.CHILDREN), goals["idle"])]
    lines += [*table.triage(triage.run(rounds=3, many=pace.MANY, tell=_tell), goals["triage"])]
    click.echo(table.render(lines))


@bench.command(name="intake")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--engine", "named", multiple=True, type=click.Choice([*ENGINES]))
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1))
@click.option("--seconds", default=5.0, show_default=True, type=click.FloatRange(1))
def intake_command(*, as_json: bool, named: tuple[str, ...], rounds: int, seconds: float) -> None:
    """50 children write at once, through the whole path, beside the same without a database."""
    found = _intake(_possible(named), rounds=rounds, seconds=seconds)
    goals = _goals()["intake"]
    if as_json:
        click.echo(json.dumps({"benchmark": "intake", "goals": goals, "engines": found}, indent=2))
        return
    lines = [line for engine in found for line in table.intake(engine, found[engine], goals)]
    click.echo(table.render(lines))


@bench.command(name="idle")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--children", default=idle.CHILDREN, show_default=True, type=click.IntRange(1))
def idle_command(*, as_json: bool, children: int) -> None:
    """The memory of the embedded service at rest, and of each child who is only connected."""
    found, goals = _idle(children), _goals()["idle"]
    if as_json:
        click.echo(json.dumps({"benchmark": "idle", "goals": goals, **found}, indent=2))
        return
    click.echo(table.render([*table.idle(found, goals)]))


@bench.command(name="triage")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1))
@click.option("--messages", default=pace.MANY, show_default=True, type=click.IntRange(100))
def triage_command(*, as_json: bool, rounds: int, messages: int) -> None:
    """Messages of 160 characters read on one core, beside one bare pass over the same words."""
    found, goals = triage.run(rounds=rounds, many=messages, tell=_tell), _goals()["triage"]
    if as_json:
        click.echo(json.dumps({"benchmark": "triage", "goals": goals, **found}, indent=2))
        return
    click.echo(table.render([*table.triage(found, goals)]))


def _intake(possible: dict[str, Opening], *, rounds: int, seconds: float) -> dict[str, Any]:
    return _on_each(possible, partial(intake.run, rounds=rounds, seconds=seconds, tell=_tell))


def _idle(many: int) -> dict[str, Any]:
    sqlite = {"sqlite": ENGINES["sqlite"]}
    found: dict[str, Any] = _on_each(sqlite, partial(idle.run, many=many, tell=_tell))["sqlite"]
    return found


def _on_each(
    possible: dict[str, Opening], measure: Callable[[engines.Engine], dict[str, Any]]
) -> dict[str, Any]:
    found = {}
    for name, opening in possible.items():
        with opening(environ()) as engine:
            found[name] = measure(engine)
    return found


def _possible(named: tuple[str, ...]) -> dict[str, Opening]:
    missing = private.missing()
    if missing and "postgresql" in named:
        raise click.ClickException(f"Not installed: {', '.join(missing)}.")
    wanted = set(named or ENGINES)
    if missing and "postgresql" in wanted:
        _tell(f"Not installed: {', '.join(missing)}. PostgreSQL is left out.")
        wanted.discard("postgresql")
    return {name: opening for name, opening in ENGINES.items() if name in wanted}


def _goals() -> dict[str, dict[str, float]]:
    return tomllib.loads(resources.files("helpline.bench").joinpath("goals.toml").read_text())
