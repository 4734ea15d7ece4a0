"""`helpline drill`: plays the night, prints each figure by its bound, fails where one is missed."""

import json
import signal
import sys
from collections.abc import Iterator
from functools import partial

import click

from helpline.bench import private
from helpline.drill import alarms, claims, figures, flood, night, still
from helpline.drill.figures import Figure
from helpline.drill.night import Engine
from helpline.settings import environ

SCENES = ("alarms", "claims", "flood", "still")

_tell = partial(click.echo, err=True)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--engine", type=click.Choice(["sqlite", "postgresql"]), default=None)
@click.option("--only", multiple=True, type=click.Choice(SCENES), help="Only these scenes.")
@click.option("--hoaxes", type=click.IntRange(1), help="How many hoax texts a flood has.")
@click.option("--flood-minutes", type=click.FloatRange(0.05), help="In how long they come.")
@click.option("--numbers", multiple=True, type=click.IntRange(1), help="From how many numbers.")
def drill(
    *,
    as_json: bool,
    engine: Engine | None,
    only: tuple[str, ...],
    hoaxes: int | None,
    flood_minutes: float | None,
    numbers: tuple[int, ...],
) -> None:
    """Play a night of calls for help on an installation of its own, with stand-ins."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sizes = figures.data()["night"]
    chosen: Engine = engine or ("sqlite" if private.missing() else "postgresql")
    if chosen == "postgresql" and private.missing():
        raise click.ClickException(f"Not installed: {', '.join(private.missing())}.")
    wanted = only or SCENES
    found = []
    for figure in _played(
        chosen,
        wanted,
        hoaxes=hoaxes or sizes["hoaxes"],
        minutes=flood_minutes or sizes["flood_minutes"],
        numbers=numbers or tuple(sizes["numbers"]),
    ):
        found.append(figure)
        _tell(figures.table([figure]).splitlines()[1])
    if as_json:
        click.echo(json.dumps({"engine": chosen, "figures": figures.as_json(found)}, indent=2))
    else:
        click.echo(figures.table(found))
    if not all(each.is_well for each in found):
        raise SystemExit(1)


def _played(
    engine: Engine,
    wanted: tuple[str, ...],
    *,
    hoaxes: int,
    minutes: float,
    numbers: tuple[int, ...],
) -> Iterator[Figure]:
    sizes = figures.data()["night"]
    _tell(f"A service of its own begins, on {engine}.")
    with night.begun(engine, environ=environ()) as (service, given):
        if "claims" in wanted:
            yield from claims.play(service, claims=sizes["claims"])
        if "alarms" in wanted:
            _tell("Children in danger write, and nobody acknowledges: two minutes.")
            yield from alarms.play(service, emergencies=sizes["emergencies"])
        if "still" in wanted:
            if engine == "sqlite":
                _tell("Standing still needs a worker of its own: --engine postgresql.")
            else:
                _tell("The worker is stopped, killed and livelocked: about eight minutes.")
                yield from still.play(service, environ=given)
    if "flood" in wanted:
        for many in numbers:
            _tell(f"{hoaxes:,} hoaxes from {many:,} numbers come in {minutes:g} minutes.")
            with night.begun(engine, environ=environ()) as (service, _):
                yield from flood.play(service, hoaxes=hoaxes, numbers=many, minutes=minutes)
