"""Small invented sets, and a reader that grades by the first word."""

from collections.abc import Callable

import pytest

from helpline.evaluation import sets
from helpline.evaluation.scoring import Assess
from helpline.evaluation.sets import Line, TextSet
from triage.assessment import Assessment, Reason
from triage.grades import Grade

MakeSet = Callable[..., TextSet]


@pytest.fixture
def make_set() -> MakeSet:
    """Make a set from (label, text) or (label, text, group, pair)."""

    def made(name: str, *rows: tuple[str, ...]) -> TextSet:
        lines = [
            Line(str(at), row[1], row[0], *(each or None for each in row[2:]))
            for at, row in enumerate(rows)
        ]
        return sets.made(name, lines)

    return made


@pytest.fixture
def by_first_word() -> Assess:
    """Read "emergency ...", "urgent ...", or anything else as high; "xx ..." is a language."""

    def assess(text: str) -> Assessment:
        first, _, rest = text.partition(" ")
        grade = Grade(first) if first in {"emergency", "urgent"} else Grade.HIGH
        found = [Reason("a concern", "a-rule", 0, len(first), "Why.")] if rest else []
        return Assessment(
            grade=grade,
            score=len(rest) / 100,
            concerns=(),
            reasons=tuple(found),
            language="xx" if first == "xx" else "en",
        )

    return assess
