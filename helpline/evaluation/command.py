"""`helpline triage eval`: read labelled texts, count, print, and write the document."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from helpline.bench import pace
from helpline.evaluation import published, readers, report, scoring, sets
from helpline.evaluation.scoring import Assess, Figures
from helpline.evaluation.sets import SetError, TextSet

CARE = Path("tests/triage/care")

_folder = click.Path(exists=True, file_okay=False, path_type=Path)
_file = click.Path(dir_okay=False, path_type=Path)


@click.command(name="eval")
@click.option(
    "--data", type=_folder, help="A folder of sets: *.jsonl of {id, text, label, group, pair}."
)
@click.option("--care", type=click.Path(path_type=Path), default=CARE, show_default=True)
@click.option("--write", "target", type=_file, help="Write the document here, too.")
@click.option("--cross", is_flag=True, help="Train a helper anew without the set that it reads.")
def evaluate(data: Path | None, care: Path, target: Path | None, *, cross: bool) -> None:
    """Say how well triage reads labelled texts. Offline; prints no text."""
    try:
        texts = [*sets.read(care, owner="care"), *(sets.read(data, owner="data") if data else ())]
    except SetError as problem:
        raise click.ClickException(str(problem)) from None
    if not texts:
        raise click.ClickException(
            f"There are no sets in {care}. Name a folder of others: make eval DATA=FOLDER"
        )
    figures = list(_scored(texts, cross=cross))
    paces = {}
    for name, assess in readers.all_of_them().items():
        _tell(f"speed: {pace.MANY:,} messages, {name}")
        paces[name] = pace.measure(assess, pace.messages(pace.MANY))
    beside = list(_beside(texts, data))
    click.echo(report.for_a_terminal(figures, paces, beside))
    if target is not None:
        target.write_text(report.document(figures, paces, beside, left_out=cross), "utf-8")
        _tell(f"Written: {target}")


def _scored(texts: Sequence[TextSet], *, cross: bool) -> Iterator[Figures]:
    shipped = readers.all_of_them()[readers.SHIPPED]
    for number, each in enumerate(texts, start=1):
        _tell(f"{number} of {len(texts)}: {each.name}, {len(each.rows):,} texts")
        yield scoring.score(each, _without(each.source, texts) if cross else shipped)


def _beside(texts: Sequence[TextSet], data: Path | None) -> Iterator[tuple[str, Sequence[Figures]]]:
    for name, assess in published.readers(data).items():
        _tell(f"a published lexicon: {name}")
        yield name, [scoring.score(each, assess) for each in texts]


def _without(source: str, texts: Sequence[TextSet]) -> Assess:
    assess = readers.leaving_out(source, texts)
    if assess is None:
        raise click.ClickException(
            "Training needs scikit-learn: make eval CROSS=1 installs it, or uv sync --group learn."
        )
    return assess


def _tell(words: str) -> None:
    click.echo(words, err=True)
