"""A published lexicon read beside ours, on the same texts: what a plain list of phrases would see.

The Suicide Risk Lexicon (Low, Rankin, Bentley, Nock and Ghosh, v1.0) is no part of this project. It
is read where the folder of data holds it: a table with three columns a construct, phrases in the
first, under five rows of headings.
"""

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from helpline.evaluation.scoring import Assess
from triage.assessment import Assessment
from triage.grades import Grade

_FILES = "suicide_risk_lexicon_validated_2*.csv"
_HEADINGS = 5
_IDEATION = (
    "Passive suicidal ideation",
    "Active suicidal ideation & suicidal planning",
    "Direct self-injury",
)
_ABUSE = (
    "Lethal means for suicide",
    "Sexual abuse & harassment",
    "Physical abuse & violence",
    "Bullying",
)


def readers(data: Path | None) -> dict[str, Assess]:
    """The lexicon's two readers by name; none where the folder does not hold it."""
    files = sorted(data.glob(_FILES)) if data else []
    if not files:
        return {}
    return {
        "suicide and self-harm": _reader(files[-1], _IDEATION),
        "these, means and abuse": _reader(files[-1], (*_IDEATION, *_ABUSE)),
    }


def _reader(file: Path, constructs: Sequence[str]) -> Assess:
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    columns = [rows[0].index(name) for name in constructs]
    phrases = {
        _plain(row[column]) for row in rows[_HEADINGS:] for column in columns if row[column].strip()
    }
    longest_first = sorted(map(re.escape, phrases), key=len, reverse=True)
    pattern = re.compile(rf"\b(?:{'|'.join(longest_first)})\b")

    def assess(text: str) -> Assessment:
        found = pattern.search(_plain(text)) is not None
        grade = Grade.URGENT if found else Grade.HIGH
        return Assessment(grade=grade, score=float(found), concerns=(), reasons=(), language="en")

    return assess


def _plain(text: str) -> str:
    return text.strip().lower().replace("'", "")
