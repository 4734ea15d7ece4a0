"""Start the stand-in: ``python -m integrations.standins.twilio --port 8004 --store phones.db ...``.

The token comes from the variable TWILIO_STANDIN_TOKEN: arguments are seen by every process.
"""

import asyncio
import logging
from pathlib import Path
from types import FrameType

import click
import uvicorn
from click.core import ParameterSource

from integrations.standins.twilio import app, store
from integrations.standins.twilio.account import Account, NotLoopbackError
from integrations.standins.twilio.behaviour import Behaviour
from integrations.standins.twilio.connections import KnownConnection
from integrations.standins.twilio.world import World

HOST = "127.0.0.1"


class Server(uvicorn.Server):
    """A server that stops at once: nobody's connection is worth waiting for in a pretence."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop. The signal counts as dealt with, so that the program ends with status 0."""
        del sig, frame
        # Requests that are cut off by it are no errors.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        self.should_exit = self.force_exit = True


def _from_environment(ctx: click.Context, option: click.Parameter, value: str) -> str:
    if option.name and ctx.get_parameter_source(option.name) is not ParameterSource.ENVIRONMENT:
        raise click.BadParameter("set TWILIO_STANDIN_TOKEN instead")
    return value


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="on 127.0.0.1")
@click.option("--store", "path", type=click.Path(path_type=Path), required=True, help="its file")
@click.option("--account", required=True, help="the account's identifier, AC...")
@click.option("--number", required=True, help="the number that the service has, +44...")
@click.option("--webhooks", required=True, help="where the service takes webhooks, http://127...")
@click.option("--token", envvar="TWILIO_STANDIN_TOKEN", required=True, callback=_from_environment)
@click.option("--pace", default=0.1, help="seconds from one state of a text to the next")
@click.option("--speed", default=1.0, help="how many times as fast the clocks of calls run")
@click.option(
    "--carrier-keywords/--no-carrier-keywords",
    default=True,
    help="whether STOP, START, HELP and the like are acted on before us",
)
def main(  # noqa: PLR0913 - an argument for each option of the command
    *,
    port: int,
    path: Path,
    account: str,
    number: str,
    webhooks: str,
    token: str,
    pace: float,
    speed: float,
    carrier_keywords: bool,
) -> None:
    """Play Twilio on this machine."""
    try:
        own = Account(
            sid=account,
            token=token,
            number=number,
            webhooks=webhooks.rstrip("/"),
            api=f"http://{HOST}:{port}",
        )
    except NotLoopbackError as elsewhere:
        raise click.UsageError(str(elsewhere.__doc__)) from None
    usual = Behaviour(pace=pace, speed=speed, carrier_keywords=carrier_keywords)
    file = store.open_file(path)
    try:
        asyncio.run(_serve(World(own, file, usual=usual), port=port))
    finally:
        file.close()


async def _serve(world: World, *, port: int) -> None:
    # No access log: the addresses of the control API hold numbers.
    config = uvicorn.Config(
        app.build(world),
        host=HOST,
        port=port,
        http=KnownConnection,
        ws="none",
        lifespan="off",
        timeout_keep_alive=75,  # a client that keeps its connection finds it open
        access_log=False,
        log_level="warning",
        server_header=False,
    )
    await Server(config).serve()


if __name__ == "__main__":
    main()
