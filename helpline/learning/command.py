"""`make likeness DATA=FOLDER`: train the statistical helper of triage, and write its weights."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from helpline.evaluation import sets
from helpline.evaluation.sets import SetError, TextSet
from helpline.learning import fitting, texts

_folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--care", type=_folder, default=Path("tests/triage/care"), show_default=True)
@click.option("--data", type=_folder, required=True, help="A folder of the other sets.")
@click.option(
    "--write",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("triage/likeness/weights.txt"),
    show_default=True,
)
def learn(care: Path, data: Path, target: Path) -> None:
    """Train on every set that may be trained on. Offline; prints no text."""
    try:
        given = texts.usable([*sets.read(care, owner="care"), *sets.read(data, owner="data")])
    except SetError as problem:
        raise click.ClickException(str(problem)) from None
    for each in given:
        click.echo(texts.trained_on(each))
    weights = fitting.trained(given)
    target.write_text(written(weights, given), "utf-8")
    click.echo(f"{len(weights) - 1:,} features. Written: {target}")


def written(weights: Mapping[str, int], given: Sequence[TextSet]) -> str:
    """The file of weights: what it was trained on, then a line a feature."""
    heads = ["The weights of triage's statistical helper, by `make likeness`. See card.md."]
    heads.extend(map(texts.trained_on, given))
    remarks = "".join(f"# {line}\n" for line in heads)
    return remarks + "".join(f"{weight}\t{feature}\n" for feature, weight in weights.items())


if __name__ == "__main__":
    learn()
