"""What is wrong with the rules, with file and row: first their form, then what they find."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from helpline.rules import files, forms, shape, trying
from helpline.rules.files import Files, Parsed
from helpline.rules.trying import Finds
from triage import lexicon
from triage.lexicon import Lexicon, LexiconError, Row


def of(given: Files) -> tuple[str, ...]:
    """Every fault. A lexicon whose form is broken is not tried: its other faults come after."""
    broken = (*given.unreadable, *shape.of(given.parsed))
    if broken:
        return broken
    try:
        words = lexicon.build(given.parsed)
        unsilenced = trying.finds(lexicon.build(_without_sayings(given.parsed)))
    except LexiconError as error:
        return (f"{error}",)
    lists = lexicon.lists_of(given.parsed)
    finds, where = trying.finds(words), _where(given.parsed)
    return tuple(
        f"{where[row.id]}: {row.id}: {fault}"
        for row in words.rows
        for fault in chain(
            _examples(row, finds),
            _never_found(row, unsilenced if row.kind == "idiom" else finds, lists),
        )
    )


def built(given: Files) -> Lexicon:
    """The lexicon of these files; :class:`LexiconFilesError` when it cannot be built."""
    if given.unreadable or next(shape.of(given.parsed), None) is not None:
        raise files.LexiconFilesError
    try:
        return lexicon.build(given.parsed)
    except LexiconError as error:
        raise files.LexiconFilesError from error


def _without_sayings(parsed: Parsed) -> Parsed:
    # A saying is seen only by what it silences; as an ordinary rule it shows whether it is found.
    return {
        name: {**file, "kind": "concern"} if file.get("kind") == "idiom" else file
        for name, file in parsed.items()
    }


def _where(parsed: Parsed) -> dict[str, str]:
    return {row["id"]: name for name, file in parsed.items() for row in file.get("row", ())}


def _examples(row: Row, finds: Finds) -> Iterator[str]:
    matched, other = finds(row.must_match), finds(row.must_not_match)
    if row.kind == "idiom":
        if matched:
            yield f"must_match still counts as {', '.join(sorted(matched))}."
        if not other:
            yield "must_not_match finds nothing, so it does not show what still counts."
        return
    if row.id not in matched:
        yield "must_match is not found."
    if row.id in other:
        yield "must_not_match is found."


def _never_found(row: Row, finds: Finds, lists: Mapping[str, Any]) -> Iterator[str]:
    for phrase in row.any_of:
        lost = [form for form in forms.of(phrase, lists) if row.id not in finds(form)]
        if lost:
            yield f"“{phrase}” can never be found, said as “{lost[0]}”."
