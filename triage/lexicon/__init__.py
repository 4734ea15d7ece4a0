"""What counts as danger, concern by concern: words as data, one TOML file a concern.

A row is {id, grade, why, any_of, must_match, must_not_match}. In a phrase `{name}` stands for any
word of that list in `words.toml`, and ` .. ` for up to four words between. Phrases are written in
plain words ("do not", not "don't"): `triage.normalise` brings the child's words to that form.

The rows were written by the project's authors (a program) and are not yet checked by a
safeguarding lead. Each file says so itself; a row that was checked says by whom and when.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import product
from typing import Any, Literal, TypeAlias

import ahocorasick

from triage.grades import Grade
from triage.normalise import Spelling

Kind: TypeAlias = Literal["concern", "idiom", "whole"]

_LISTS = ("words.toml", "spelling.toml", "modifiers.toml")
_SLOT = re.compile(r"\{([a-z_]+)\}")
_GAP = " .. "
_MOST_FORMS = 20_000
_SHORTEST_JOINED = 7


class LexiconError(ValueError):
    """The lexicon is not usable: a row lacks a field, or names a list that is not there."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that counts, with an example that must match and one that must not.

    kind `whole`: the phrase must be the whole message. kind `idiom`: its exact words count for
    nothing ("this homework is killing me"). A row that `lifts` makes a high find beside it urgent.
    """

    id: str
    kind: Kind
    concern: str
    grade: Grade
    why: str
    lifts: bool
    any_of: tuple[str, ...]
    must_match: str
    must_not_match: str
    source: str
    checked: str


@dataclass(frozen=True, slots=True)
class Modifier:
    """Words near a find (so many before or after it) that add a note and lower its score.

    They do not count when one of `unless` stands in the find itself.
    """

    id: str
    words: frozenset[str]
    unless: frozenset[str]
    before: int
    after: int
    note: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a found part stands: the row, which of its phrases, which part, and is it the last."""

    row: int
    phrase: int
    part: int
    last: bool


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All rows, ready to be searched in one pass over a text's plain words.

    `automaton` finds parts between spaces; each gives its places. `whole` maps a whole message
    to its row. `spelling` is what `triage.normalise` needs. `unreadable` says why a text without
    readable words needs a person.
    """

    rows: tuple[Row, ...]
    automaton: Any
    whole: Mapping[str, int]
    spelling: Spelling
    modifiers: tuple[Modifier, ...]
    unreadable: Mapping[str, str]


@cache
def default() -> Lexicon:
    """The lexicon that ships with the package."""
    folder = resources.files("triage.lexicon")
    files = {
        entry.name: tomllib.loads(entry.read_text("utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    }
    return build(files)


def build(files: Mapping[str, Mapping[str, Any]]) -> Lexicon:
    """A lexicon from parsed files: `words.toml`, `spelling.toml` and one or more concerns."""
    try:
        words = {name: tuple(forms) for name, forms in files["words.toml"]["lists"].items()}
        rows = tuple(row for name in files if name not in _LISTS for row in _rows(files[name]))
        automaton, whole, forms = _compiled(rows, words)
        spelling = _spelling(files["spelling.toml"], forms)
        modifiers = tuple(_modifiers(files["modifiers.toml"]))
        unreadable = dict(files["modifiers.toml"]["unreadable"])
    except KeyError as error:
        raise LexiconError(f"The lexicon has no {error}.") from error
    return Lexicon(
        rows=rows,
        automaton=automaton,
        whole=whole,
        spelling=spelling,
        modifiers=modifiers,
        unreadable=unreadable,
    )


def forms_of(part: str, words: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Every plain form of one part of a phrase, its lists filled in."""
    pieces = _SLOT.split(part)
    choices = [words[piece] if at % 2 else (piece,) for at, piece in enumerate(pieces)]
    for chosen in product(*choices):
        yield " ".join("".join(chosen).split())


def _rows(file: Mapping[str, Any]) -> Iterator[Row]:
    for row in file["row"]:
        yield Row(
            id=row["id"],
            kind=file.get("kind", "concern"),
            concern=file["concern"],
            grade=Grade(row.get("grade", Grade.HIGH)),
            why=row["why"],
            lifts=file.get("lifts", False),
            any_of=tuple(row["any_of"]),
            must_match=row["must_match"],
            must_not_match=row["must_not_match"],
            source=row.get("source", file["source"]),
            checked=row.get("checked", file["checked"]),
        )


def _modifiers(file: Mapping[str, Any]) -> Iterator[Modifier]:
    for row in file["modifier"]:
        yield Modifier(
            id=row["id"],
            words=frozenset(row["words"]),
            unless=frozenset(row.get("unless", ())),
            before=row["before"],
            after=row["after"],
            note=row["note"],
        )


def _compiled(
    rows: Iterable[Row], words: Mapping[str, tuple[str, ...]]
) -> tuple[Any, dict[str, int], set[str]]:
    places: dict[str, list[Place]] = {}
    whole: dict[str, int] = {}
    forms: set[str] = set()
    for number, row in enumerate(rows):
        for phrase, written in enumerate(row.any_of):
            parts = written.split(_GAP)
            for at, part in enumerate(parts):
                found = set(forms_of(part, words))
                if len(found) > _MOST_FORMS:
                    raise LexiconError(f"{row.id}: a phrase has too many forms.")
                forms |= found
                if row.kind == "whole":
                    whole.update(dict.fromkeys(found, number))
                    continue
                place = Place(row=number, phrase=phrase, part=at, last=at == len(parts) - 1)
                for form in found:
                    places.setdefault(form, []).append(place)
    automaton = ahocorasick.Automaton(ahocorasick.STORE_ANY)
    for form, where in places.items():
        automaton.add_word(f" {form} ", (len(form), tuple(where)))
    automaton.make_automaton()
    return automaton, whole, forms


def _spelling(file: Mapping[str, Any], forms: set[str]) -> Spelling:
    joined = ahocorasick.Automaton(ahocorasick.STORE_ANY)
    vocabulary = {word for form in forms for word in form.split()}
    # In order, so that of two forms that join to the same run one is chosen, always the same.
    for form in sorted(forms):
        run = form.replace(" ", "")
        if " " in form and len(run) >= _SHORTEST_JOINED and run not in vocabulary:
            joined.add_word(run, form)
    joined.make_automaton()

    def phrase_inside(word: str) -> str | None:
        found = [form for _, form in joined.iter(word)]
        return " ".join(found) if found else None

    return Spelling(
        vocabulary=frozenset(vocabulary),
        short_forms=dict(file["short_forms"]),
        endings=dict(file["endings"]),
        emoji=dict(file["emoji"]),
        look_alikes={ord(seen): meant for seen, meant in file["look_alikes"].items()},
        digits={seen: tuple(meant) for seen, meant in file["digits"].items()},
        joined=phrase_inside,
    )
