"""One slip of the thumb rarely makes a text milder: every single slip, on every row's example."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from triage import lexicon
from triage.assessment import assess
from triage.grades import Grade

EXAMPLES = [
    row.must_match
    for row in lexicon.default().rows
    if row.kind == "concern" and row.grade is not Grade.HIGH
]


def swapped(text: str) -> Iterator[str]:
    for at, (one, other) in enumerate(pairwise(text)):
        if one.isalpha() and other.isalpha() and one != other:
            yield text[:at] + other + one + text[at + 2 :]


def left_out(text: str) -> Iterator[str]:
    for at, letter in enumerate(text):
        if letter.isalpha():
            yield text[:at] + text[at + 1 :]


def doubled(text: str) -> Iterator[str]:
    for at, letter in enumerate(text):
        if letter.isalpha():
            yield text[:at] + letter + text[at:]


def run_together(text: str) -> Iterator[str]:
    for at, letter in enumerate(text):
        if letter == " ":
            yield text[:at] + text[at + 1 :]


# Of all such slips, the share that may make a text milder. A letter left out often makes another
# word ("hit" and "it", "knife" and "nife"), and which word was meant no spelling can know.
@pytest.mark.parametrize(
    ("slips", "rarely"),
    [(swapped, 0.06), (left_out, 0.17), (doubled, 0.02), (run_together, 0.04)],
)
def test_one_slip_rarely_makes_a_text_milder(
    slips: Callable[[str], Iterator[str]], rarely: float
) -> None:
    milder: list[bool] = []
    for example in EXAMPLES:
        grade = assess(example).grade
        milder.extend(assess(text).grade.rank > grade.rank for text in slips(example))
    assert len(milder) > len(EXAMPLES)
    assert sum(milder) / len(milder) <= rarely
