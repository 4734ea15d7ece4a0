"""What is wrong with the form of the lexicon's files, before any of its rules can be tried."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from helpline.rules import files, forms
from helpline.rules.files import Parsed
from triage.grades import Grade

_TEXTS = ("id", "why", "must_match", "must_not_match")
_ABOUT_THE_FILE = ("concern", "source", "checked")
_GRADES = (Grade.EMERGENCY, Grade.URGENT, Grade.HIGH)
_NOT_PLAIN = "is not in plain words: small letters and no signs, “do not” for “don't”."
_BRACES = re.compile(r"[{}]")


def of(parsed: Parsed) -> Iterator[str]:
    """Every fault that is seen without trying a rule."""
    if "words.toml" not in parsed or not isinstance(parsed["words.toml"].get("lists"), dict):
        yield "words.toml: its lists of words are missing."
        return
    shared = parsed["words.toml"]["lists"]
    yield from _lists("words.toml", shared)
    known_of_file, known_of_row = _known()
    for name, file in parsed.items():
        if "row" not in file:
            if "concern" in file:
                yield f"{name}: there is no row in it."
            continue
        for field in sorted(file.keys() - known_of_file):
            yield f"{name}: there is nothing called {field}; is it a slip of the pen?"
        own = file.get("lists", {})
        yield from _lists(name, own)
        for number, row in enumerate(file["row"], start=1):
            named = row.get("id") or f"row {number}"
            for fault in _row(file, row, known_of_row, {**shared, **own}):
                yield f"{name}: {named}: {fault}"
    yield from _twice(parsed)


def _lists(file: str, lists: Mapping[str, Any]) -> Iterator[str]:
    for named, words in lists.items():
        for word in words:
            if not forms.is_plain(word):
                yield f"{file}: {named}: “{word}” {_NOT_PLAIN}"


def _row(
    file: Mapping[str, Any], row: Mapping[str, Any], known: set[str], lists: Mapping[str, Any]
) -> Iterator[str]:
    for field in sorted(row.keys() - known):
        yield f"there is nothing called {field}; is it a slip of the pen?"
    for field in _TEXTS:
        if not isinstance(row.get(field), str) or not row[field].strip():
            yield f"{field} is missing."
    for field in _ABOUT_THE_FILE:
        if not (row.get(field) or file.get(field)):
            yield f"{field} is missing, here and at the head of the file."
    if row.get("grade", Grade.HIGH) not in _GRADES:
        yield f"grade is {row['grade']!r}; software gives only {', '.join(_GRADES)}."
    if isinstance(row.get("why"), str) and not row["why"].endswith("."):
        yield "why is no whole sentence: it does not end with a full stop."
    phrases = row.get("any_of")
    if not isinstance(phrases, list) or not phrases:
        yield "any_of is missing: there is nothing to look for."
        return
    for phrase in phrases:
        yield from _phrase(phrase, lists)


def _phrase(phrase: object, lists: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(phrase, str) or not phrase.strip():
        yield "a phrase in any_of is empty or no text."
        return
    for named in forms.lists_in(phrase):
        if named not in lists:
            asked = f"“{phrase}” asks for the list {{{named}}}"
            yield f"{asked}, which is neither in this file nor in words.toml."
    if _BRACES.search(forms.without_lists(phrase)):
        yield f"“{phrase}” has a brace that belongs to no list."
    elif not forms.is_plain(phrase):
        yield f"“{phrase}” {_NOT_PLAIN}"


def _twice(parsed: Parsed) -> Iterator[str]:
    first: dict[str, str] = {}
    for name, file in parsed.items():
        for row in file.get("row", ()):
            named = row.get("id")
            if named in first:
                yield f"{name}: {named}: {first[named]} has a row with the same id."
            elif named:
                first[named] = name


def _known() -> tuple[set[str], set[str]]:
    # What may stand in a file is what stands in the files that ship: no second list to keep.
    shipped = [file for file in files.shipped().parsed.values() if "row" in file]
    of_file = set(chain.from_iterable(shipped)) | {*_ABOUT_THE_FILE, "kind", "row"}
    of_row = {field for file in shipped for row in file["row"] for field in row}
    return of_file, of_row | {*_TEXTS, *_ABOUT_THE_FILE, "any_of", "grade"}
