"""`helpline triage`: grade lines, and read, check and measure the rules. Offline."""

import io
import sys

import click

from helpline import grading
from helpline.evaluation import command as evaluation
from helpline.rules import command as rules


@click.group(invoke_without_command=True)
@click.pass_context
def triage(context: click.Context) -> None:
    """Grade JSON lines from standard input; prints a JSON line for each. Offline."""
    if context.invoked_subcommand is not None:
        return
    # Bytes that are no UTF-8 are one bad line, not the end of the program.
    lines = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
    for number, line in enumerate(lines, start=1):
        if line.strip():
            click.echo(grading.graded(line, number=number).encode())


triage.add_command(rules.show)
triage.add_command(rules.check)
triage.add_command(evaluation.evaluate)
