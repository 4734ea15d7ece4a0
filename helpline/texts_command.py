"""`helpline texts`: what a phone's text leads to and every word that software sends, for people.

Both commands are offline and need no settings: a safeguarding lead can read the table, and whoever
changes a word sees at once whether it may be sent.
"""

import sys
import textwrap
from collections.abc import Iterable, Iterator

import click

from chat import keywords, numbers, sending, silence, texting, wording
from chat.errors import UnusableTableError
from chat.texting import Cell, Input, Table, TextState
from chat.wording import Catalogue
from helpline import paging_rules

_WIDTH = 80
_AN_HOUR = "9am"
_PARTS = (
    ("The phone", texting.FROM_PHONE),
    ("Our people", texting.FROM_STAFF),
    ("The clock", texting.FROM_CLOCK),
    ("The network", frozenset({Input.BLOCKED})),
)


@click.group()
def texts() -> None:
    """Read and check what is sent to phones. Offline."""


@texts.command(name="table")
def show_table() -> None:
    """Print every state, what may come in, and what follows: for a safeguarding lead."""
    try:
        click.echo("\n".join(lines(texting.load(), wording.load())))
    except UnusableTableError as problem:
        raise click.ClickException(str(problem)) from None


@texts.command(name="check")
def check() -> None:
    """Look for faults in the texts, the table and the listed words."""
    found = faults()
    for fault in found:
        click.echo(fault)
    if found:
        sys.exit(1)
    catalogue = wording.load()
    cells, kept = len(texting.load().cells), len(catalogue.texts)
    click.echo(f"{cells} cells of the table and {kept} texts: no fault.")
    drafts = len(catalogue.unreviewed())
    if drafts:
        click.echo(f"{drafts} of the texts are drafts: nobody has reviewed them yet.")


def faults() -> tuple[str, ...]:
    """All faults of what ships, in words."""
    try:
        keywords.load()
        numbers.drama_ranges()
        sending.load()
        silence.load()
        table, catalogue = texting.load(), wording.load()
        return (
            *wording.listed().faults(),
            *catalogue.faults(),
            *wording.load_spoken().faults(),
            *paging_rules.load().faults(),
            *texting.faults(table, catalogue),
        )
    except UnusableTableError as problem:
        return (str(problem),)


def lines(table: Table, catalogue: Catalogue) -> Iterator[str]:
    """The whole table as lines of a terminal, each state with what each input leads to."""
    yield from _wrapped(
        f"What follows when something comes in from or for a phone. {table.checked}"
    )
    drafts = len(catalogue.unreviewed())
    yield from _wrapped(
        f"Of {len(catalogue.texts)} automatic texts {drafts} are drafts that nobody has reviewed. "
        f"{_AN_HOUR} stands for the hour when the line opens next."
    )
    for state in TextState:
        yield ""
        yield f"{_name(state)}"
        yield from _wrapped(table.states[state], "  ")
        for who, inputs in _PARTS:
            yield ""
            yield f"  {who}:"
            for cell, given in _gathered(table, state, inputs):
                yield from _wrapped("; ".join(table.inputs[each] for each in given), "    ")
                yield from _follows(table, catalogue, state, cell)


def _gathered(
    table: Table, state: TextState, inputs: Iterable[Input]
) -> Iterator[tuple[Cell, list[Input]]]:
    alike: dict[Cell, list[Input]] = {}
    for given in Input:
        if given in inputs:
            alike.setdefault(table.cell(state, given), []).append(given)
    yield from alike.items()


def _follows(table: Table, catalogue: Catalogue, state: TextState, cell: Cell) -> Iterator[str]:
    stays = cell.next is state
    yield f"      -> {'stays' if stays else 'becomes'} {_name(cell.next)}"
    open_key = texting.template(cell, is_open=True)
    closed_key = texting.template(cell, is_open=False)
    if open_key is None or closed_key is None:
        yield "         Nothing is sent."
    elif open_key == closed_key:
        yield from _sent("Sent", catalogue, open_key)
    else:
        yield from _sent("Sent when open", catalogue, open_key)
        yield from _sent("Sent when closed", catalogue, closed_key)
    for flag in sorted(cell.flags):
        yield from _wrapped(f"Staff: {table.flags[flag]}", "         ")


def _sent(when: str, catalogue: Catalogue, key: str) -> Iterator[str]:
    yield from _wrapped(f'{when}: "{catalogue.text(key, opens=_AN_HOUR)}"', "         ")


def _wrapped(text: str, indent: str = "") -> Iterator[str]:
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def _name(state: TextState) -> str:
    return state.value.replace("_", "-").upper()
