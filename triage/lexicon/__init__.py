"""What counts as danger, concern by concern: words as data, one TOML file a concern.

A row is {id, grade, why, any_of, must_match, must_not_match}. In a phrase `{name}` stands for any
word of that list (for none, too, where the list holds ""), and ` .. ` for up to four words between.
A list stands in the one file that uses it, or in `words.toml` for several. Phrases are written in
plain words ("do not", not "don't"): `triage.normalise` brings the child's words to that form.

The rows were written by the project's authors (a program) and are not yet checked by a
safeguarding lead. Each file says so itself; a row that was checked says by whom and when.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, TypeAlias

from triage import dictionary
from triage.grades import Grade
from triage.joined import Joined
from triage.lexicon.phrases import Phrases, compiled
from triage.misspelling import Misspellings
from triage.normalise import Spelling

Kind: TypeAlias = Literal["concern", "idiom", "whole", "raising", "subject", "foreign"]

_LISTS = ("words.toml", "spelling.toml", "modifiers.toml")


class LexiconError(ValueError):
    """The lexicon is not usable: a row lacks a field, or names a list that is not there."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that counts, with an example that must match and one that must not.

    kind `whole`: the phrase must be the whole message. kind `idiom`: its exact words count for
    nothing ("this homework is killing me"). kind `raising`: it counts only where one of the
    concerns `beside` was found too. kind `subject`: it only says what the message is about, and
    counts only where a raising row stands beside it. kind `foreign`: in another language, whose
    words no English word is ever taken for. A row that `lifts` makes a high find beside it
    urgent.
    """

    id: str
    kind: Kind
    concern: str
    grade: Grade
    why: str
    lifts: bool
    beside: tuple[str, ...]
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
class Lexicon:
    """All rows, ready to be searched in one pass over a text's plain words.

    `phrases` finds the rows; `whole` maps a whole message to its row. `spelling` is what
    `triage.normalise` needs. `unreadable` says why a text without readable words needs a person.
    """

    rows: tuple[Row, ...]
    phrases: Phrases
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
        words = lists_of(files)
        rows = tuple(row for name in files if name not in _LISTS for row in _rows(files[name]))
        phrases, whole = _compiled(rows, words)
        uses = _uses(phrases, whole)
        spelling = _spelling(files["spelling.toml"], uses, uses.keys() - _english(rows, words))
        modifiers = tuple(_modifiers(files["modifiers.toml"]))
        unreadable = dict(files["modifiers.toml"]["unreadable"])
    except KeyError as error:
        raise LexiconError(f"The lexicon has no {error}.") from error
    return Lexicon(
        rows=rows,
        phrases=phrases,
        whole=whole,
        spelling=spelling,
        modifiers=modifiers,
        unreadable=unreadable,
    )


def lists_of(files: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Every list of words by its name: those of `words.toml`, and those of one concern alone.

    Raises :class:`LexiconError` where two files use one name, and `KeyError` without `words.toml`.
    """
    lists = {name: tuple(forms) for name, forms in files["words.toml"]["lists"].items()}
    for file, parsed in files.items():
        own = {} if file == "words.toml" else parsed.get("lists", {})
        if twice := sorted(own.keys() & lists.keys()):
            raise LexiconError(f"{file}: the list {twice[0]} is there already.")
        lists.update((name, tuple(forms)) for name, forms in own.items())
    return lists


def _rows(file: Mapping[str, Any]) -> Iterator[Row]:
    for row in file["row"]:
        yield Row(
            id=row["id"],
            kind=row.get("kind", file.get("kind", "concern")),
            concern=file["concern"],
            grade=Grade(row.get("grade", Grade.HIGH)),
            why=row["why"],
            lifts=file.get("lifts", False),
            beside=tuple(row.get("beside", ())),
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
    rows: Iterable[Row], lists: Mapping[str, tuple[str, ...]]
) -> tuple[Phrases, dict[str, int]]:
    whole: dict[str, int] = {}
    searched: list[tuple[str, ...]] = []
    for number, row in enumerate(rows):
        if row.kind == "whole":
            whole.update(dict.fromkeys(row.any_of, number))
        searched.append(() if row.kind == "whole" else row.any_of)
    return compiled(searched, lists), whole


def _uses(phrases: Phrases, whole: Mapping[str, int]) -> Mapping[str, int]:
    return phrases.uses + Counter(word for message in whole for word in message.split())


def _english(rows: Iterable[Row], lists: Mapping[str, tuple[str, ...]]) -> set[str]:
    phrases = [phrase for row in rows if row.kind != "foreign" for phrase in row.any_of]
    forms = [form for each in lists.values() for form in each]
    return {word for written in (*phrases, *forms) for word in written.split()}


def _spelling(
    file: Mapping[str, Any], all_uses: Mapping[str, int], foreign: AbstractSet[str]
) -> Spelling:
    kept = frozenset(file["ordinary"])
    uses = {word: many for word, many in all_uses.items() if word not in foreign}
    # "dno't" and "dnot" are slips of a short form; a word of the phrases goes before it.
    meant = {**dict.fromkeys(file["short_forms_in_runs"], 0), **uses}

    def ordinary(word: str) -> bool:
        return word in kept or dictionary.holds(word)

    return Spelling(
        vocabulary=frozenset(all_uses),
        foreign=frozenset(foreign),
        short_forms=dict(file["short_forms"]),
        endings=dict(file["endings"]),
        spoken_endings=dict(file["spoken_endings"]),
        emoji=dict(file["emoji"]),
        look_alikes={ord(seen): meant for seen, meant in file["look_alikes"].items()},
        digits={seen: tuple(meant) for seen, meant in file["digits"].items()},
        ordinary=ordinary,
        misspelt=Misspellings(meant).meant,
        joined=Joined({*uses, *file["short_forms_in_runs"]}, ordinary).apart,
    )
