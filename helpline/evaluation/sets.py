"""Sets of labelled texts, a JSON line a text, and what each set is: as data, in `sets.toml`."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from triage.grades import Grade

ENGLISH = "en"


class SetError(ValueError):
    """A set of texts cannot be read. Never carries a text."""


class Kind(StrEnum):
    """What the labels of a set say."""

    BENIGN = "benign"
    AT_RISK = "at risk"
    GRADED = "graded"
    LANGUAGE = "language"


class Line(msgspec.Struct):
    """One line of a file."""

    id: str | int
    text: str
    label: str | int | bool
    group: str | int | None = None
    pair: str | int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A text, and what should be made of it.

    `wanted` is the grade it should have: urgent for a row that is only known to be at risk, high
    for a benign one, None for one that is not counted.
    """

    id: str
    text: str
    label: str
    group: str
    pair: str
    wanted: Grade | None

    @property
    def is_positive(self) -> bool:
        """Whether it should be graded urgent or worse."""
        return self.wanted in {Grade.URGENT, Grade.EMERGENCY}


@dataclass(frozen=True, slots=True)
class Goals:
    """What the project wants to reach on a set. None: nothing was set."""

    recall: float | None
    false_alarms: float | None
    held_english: float | None
    pairs: float | None


@dataclass(frozen=True, slots=True)
class TextSet:
    """One file of labelled texts."""

    name: str
    kind: Kind
    rows: tuple[Row, ...]
    goals: Goals

    @property
    def source(self) -> str:
        """The name of its file, by which patterns and sources know it."""
        return self.name.rpartition("/")[2]


_lines: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line, strict=True)


def read(folder: Path, *, owner: str) -> tuple[TextSet, ...]:
    """Every `*.jsonl` of a folder, by name. :class:`SetError` names the file and the line."""
    return tuple(read_file(path, owner=owner) for path in sorted(folder.glob("*.jsonl")))


def read_file(path: Path, *, owner: str) -> TextSet:
    """One set, named `owner/file`: where it lies on this machine is nobody's business."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise SetError(f"{path.name} is not UTF-8.") from None
    # Not splitlines: a text may hold other line ends than the file's.
    lines = [
        _line(path.name, number, line)
        for number, line in enumerate(text.split("\n"), start=1)
        if line.strip()
    ]
    if not lines:
        raise SetError(f"{path.name} has no texts.")
    return made(f"{owner}/{path.stem}", lines)


def made(name: str, lines: Iterable[Line]) -> TextSet:
    """A set from its lines; its kind comes from its name, else from its labels."""
    rows = list(lines)
    rule = _rule(name.rpartition("/")[2])
    kind = Kind(rule["kind"]) if "kind" in rule else _kind_by_labels({_label(row) for row in rows})
    wanted = dict(_wanted(kind, {_label(row) for row in rows}, rule))
    return TextSet(
        name=name,
        kind=kind,
        rows=tuple(
            Row(
                id=str(row.id),
                text=row.text,
                label=_label(row),
                group="" if row.group is None else str(row.group),
                pair="" if row.pair is None else str(row.pair),
                wanted=wanted[_label(row)],
            )
            for row in rows
        ),
        goals=Goals(
            recall=rule.get("goal_recall"),
            false_alarms=rule.get("goal_false_alarms"),
            held_english=rule.get("goal_held_english"),
            pairs=rule.get("goal_pairs"),
        ),
    )


def _line(name: str, number: int, line: str) -> Line:
    try:
        return _lines.decode(line)
    except (msgspec.MsgspecError, UnicodeError):
        raise SetError(
            f"{name}, line {number}: this is not JSON with an id, a text and a label."
        ) from None


def _label(row: Line) -> str:
    return str(row.label).strip().lower()


@cache
def _rules() -> Mapping[str, Any]:
    text = resources.files("helpline.evaluation").joinpath("sets.toml").read_text("utf-8")
    return tomllib.loads(text)


def _rule(name: str) -> Mapping[str, Any]:
    for rule in _rules()["set"]:
        if fnmatchcase(name.lower(), rule["file"]):
            found: Mapping[str, Any] = rule
            return found
    default: Mapping[str, Any] = _rules()["default"]
    return default


def _kind_by_labels(labels: set[str]) -> Kind:
    default = _rules()["default"]
    if labels <= set(default["graded"]):
        return Kind.GRADED
    if len(labels) == 1 and labels.isdisjoint(default["positive"]):
        return Kind.BENIGN
    return Kind.AT_RISK


def _wanted(
    kind: Kind, labels: set[str], rule: Mapping[str, Any]
) -> Iterator[tuple[str, Grade | None]]:
    for label in labels:
        match kind:
            case Kind.GRADED:
                # A label that only a person may give is the floor: software never goes below.
                yield label, Grade(label) if label in _rules()["default"]["graded"] else None
            case Kind.BENIGN:
                yield label, Grade.HIGH
            case Kind.AT_RISK:
                yield label, _at_risk(label, rule)
            case Kind.LANGUAGE:
                yield label, None


def _at_risk(label: str, rule: Mapping[str, Any]) -> Grade | None:
    if label in rule["positive"]:
        # "emergency" among other labels than grades still says more than "1" does.
        return Grade.EMERGENCY if label == Grade.EMERGENCY else Grade.URGENT
    if "benign" not in rule or label in rule["benign"]:
        return Grade.HIGH
    if label.startswith(tuple(rule.get("benign_beginnings", ()))):
        return Grade.HIGH
    return None
