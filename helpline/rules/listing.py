"""The rows of the lexicon as a person reads them: concern by concern, the worst first."""

from collections.abc import Iterable
from dataclasses import dataclass

from triage.lexicon import Row

# What the rows of the project's authors say of themselves until somebody has read them.
_UNCHECKED = "not yet checked"


@dataclass(frozen=True, slots=True)
class Concern:
    """The rules of one concern."""

    name: str
    rows: tuple[Row, ...]


def is_checked(row: Row) -> bool:
    """Whether a person has put their name to it."""
    return not row.checked.strip().lower().startswith(_UNCHECKED)


def by_concern(rows: Iterable[Row]) -> tuple[Concern, ...]:
    """Concerns in the order of the alphabet; in each the gravest rules first."""
    together: dict[str, list[Row]] = {}
    for row in rows:
        together.setdefault(row.concern, []).append(row)
    return tuple(
        Concern(
            name=name,
            rows=tuple(sorted(together[name], key=lambda row: (row.grade.rank, row.id))),
        )
        for name in sorted(together)
    )


def search(rows: Iterable[Row], words: str) -> tuple[Row, ...]:
    """Rows in which each of these words stands somewhere; without words, all."""
    wanted = words.casefold().split()
    return tuple(row for row in rows if all(word in _said(row) for word in wanted))


def _said(row: Row) -> str:
    fields = (
        row.id,
        row.concern,
        row.grade.value,
        row.why,
        *row.any_of,
        row.must_match,
        row.must_not_match,
        row.source,
        row.checked,
    )
    return "\n".join(fields).casefold()
