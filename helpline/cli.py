"""The `helpline` command. Each command is a few lines: read, call one function, print."""

import base64
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from helpline import (
    commands,
    demo,
    doctor,
    logs,
    migrating,
    serving,
    settings as settings_module,
    tracing,
    worker,
)
from helpline.accounts.models import Role
from helpline.settings import Settings


class _Refusing(click.Group):
    """Says what is wrong in words, without a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except commands.REFUSALS as problem:
            raise click.ClickException(commands.words(problem)) from None


@click.group(cls=_Refusing, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run and look after the helpline."""
    logs.start()


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serve the child's face and the staff's face."""
    serving.serve(Settings.from_environ(), bell=worker.Bell(), host=host, port=port)
