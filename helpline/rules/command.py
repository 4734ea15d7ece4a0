"""`helpline triage rules` and `helpline triage check`, for whoever answers for the rules.

Both are offline and need no settings. With `--folder` they read an edited copy, so that a change
is tried before anybody installs it.
"""

import csv
import io
import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from helpline.rules import faults, files, listing
from helpline.rules.files import LexiconFilesError
from triage.lexicon import Row

_WIDTH = 80
_COLUMN = 13
_COLUMNS = ("id", "concern", "grade", "why", "must match", "must not match", "source", "checked")

_folder = click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A copy of the lexicon, or only the files in it that were changed.",
)


@click.command(name="rules")
@click.option("--concern", help="Only the rules of this concern.")
@click.option("--csv", "as_csv", is_flag=True, help="As a table for a spreadsheet.")
@_folder
def show(concern: str | None, folder: Path | None, *, as_csv: bool) -> None:
    """Print the rules: what each finds, what it leaves, why, and who has checked it."""
    try:
        rows = faults.built(files.edited(folder)).rows
    except LexiconFilesError as problem:
        raise click.ClickException(type(problem).__doc__ or "") from None
    concerns = {row.concern for row in rows}
    if concern is not None and concern not in concerns:
        known = ", ".join(sorted(concerns))
        raise click.ClickException(f"There is no concern of that name. There are: {known}.")
    chosen = [row for row in rows if concern in {None, row.concern}]
    click.echo(table(chosen) if as_csv else "\n".join(lines(chosen)), nl=not as_csv)


@click.command(name="check")
@_folder
def check(folder: Path | None) -> None:
    """Look for faults in the rules: their form, their examples, phrases that are never found."""
    given = files.edited(folder)
    found = faults.of(given)
    for fault in found:
        click.echo(fault)
    if found:
        sys.exit(1)
    rows = faults.built(given).rows
    click.echo(f"{len(rows)} rows in {len({row.concern for row in rows})} concerns: no fault.")
    unchecked = sum(not listing.is_checked(row) for row in rows)
    if unchecked:
        click.echo(
            f"{unchecked} of the rows are drafts: no safeguarding lead has checked them yet."
        )


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """The rules as lines of a terminal, concern by concern."""
    for concern in listing.by_concern(rows):
        yield concern.name.upper()
        for row in concern.rows:
            yield ""
            yield f"  {row.id}  [{row.grade}]"
            yield from _field("why", row.why)
            yield from _field("finds", row.must_match)
            yield from _field("leaves", row.must_not_match)
            yield from _field("phrases", "; ".join(row.any_of))
            yield from _field("source", row.source)
            yield from _field("checked", row.checked)
        yield ""


def table(rows: Iterable[Row]) -> str:
    """The rules as comma-separated values with a head."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for concern in listing.by_concern(rows):
        for row in concern.rows:
            writer.writerow(
                (
                    row.id,
                    row.concern,
                    row.grade.value,
                    row.why,
                    row.must_match,
                    row.must_not_match,
                    row.source,
                    row.checked,
                )
            )
    return out.getvalue()


def _field(name: str, said: str) -> Iterator[str]:
    yield from textwrap.wrap(
        said,
        _WIDTH,
        initial_indent=f"    {name}".ljust(_COLUMN),
        subsequent_indent=" " * _COLUMN,
        break_on_hyphens=False,
    )
