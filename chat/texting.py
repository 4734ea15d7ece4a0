"""What a text does to its phone: the table of states and inputs, and which input a text is. Pure.

The table is data (chat/texting.toml), so that a safeguarding lead can read all of it. Nothing here
decides whether something may be sent: that is chat/sending.py, which looks at the state.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any


class TextState(StrEnum):
    """How things stand with a phone."""

    NEW = "new"
    WAITING = "waiting"
    LIVE = "live"
    QUIET = "quiet"
    CALL_BACK = "call_back"
    CLOSED = "closed"
    RETURNING = "returning"
    PAUSED = "paused"
    RECHECK = "recheck"
    STOPPED = "stopped"


class Input(StrEnum):
    """What can happen to a phone: its texts, deeds of staff, time, the provider's word."""

    WORDS = "words"
    YES = "yes"
    LATER = "later"
    OWN_WORD = "own_word"
    STOP = "stop"
    START = "start"
    HELP = "help"
    CRY = "cry"
    CALL = "call"
    PICTURE = "picture"
    EMPTY = "empty"
    CLAIMED = "claimed"
    CLOSED_KINDLY = "closed_kindly"
    MARKED_UNSAFE = "marked_unsafe"
    CHECKED_SAFE = "checked_safe"
    SILENT_20_MINUTES = "silent_20_minutes"
    SILENT_24_HOURS = "silent_24_hours"
    BLOCKED = "blocked"


class Flag(StrEnum):
    """What staff are told of it."""

    CRY = "cry"
    STOPPED = "stopped"
    PICTURE = "picture"
    CALL_WANTED = "call_wanted"
    RECHECK = "recheck"
    CANNOT_TEXT = "cannot_text"


class TableError(ValueError):
    """The table of states is not whole: a state, an input or a word in it is not known."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What follows: the next state, the words of the catalogue that are sent, what staff learn.

    ``says`` is None for silence.
    """

    next: TextState
    says: str | None
    flags: frozenset[Flag]


@dataclass(frozen=True)
class Table:
    """A cell for every state and input."""

    cells: Mapping[tuple[TextState, Input], Cell]
    about: Mapping[TextState, str]

    def cell(self, state: TextState, given: Input) -> Cell:
        """What follows when this happens in this state."""
        return self.cells[state, given]


# Words that a whole text may consist of, in the order in which they are looked for.
_KEYWORDS = (
    Input.STOP,
    Input.START,
    Input.HELP,
    Input.CRY,
    Input.LATER,
    Input.CALL,
    Input.YES,
)
_MARKS_AT_THE_END = re.compile(r"[\s.!?,;:…]+$")
_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """A text as whole texts are compared: case, spaces around it and its last mark do not count."""
    folded = (
        unicodedata.normalize("NFKC", text)
        .casefold()
        .replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    )
    return _SPACES.sub(" ", _MARKS_AT_THE_END.sub("", folded)).strip()


def read_input(text: str, *, pictures: int, is_own_word: bool) -> Input:
    """Which input a text is. Only a whole text is ever a keyword; every other is the child's words.

    A picture with words beside it is the words: staff are told of the picture by its count.
    """
    whole = plain(text)
    if not whole:
        has_marks = bool(text.strip())
        return Input.PICTURE if pictures else Input.WORDS if has_marks else Input.EMPTY
    known = keywords().get(whole)
    if known is Input.STOP:
        return known
    if is_own_word:
        return Input.OWN_WORD
    return known or (Input.PICTURE if pictures else Input.WORDS)


@cache
def keywords() -> Mapping[str, Input]:
    """Every keyword of chat/keywords.toml, as :func:`plain` makes it."""
    with resources.files("chat").joinpath("keywords.toml").open("rb") as file:
        given = tomllib.load(file)
    return {plain(word): which for which in reversed(_KEYWORDS) for word in given[which.value]}


def template(cell: Cell, *, is_open: bool, exists: frozenset[str]) -> str | None:
    """Which words are sent: out of hours those for it, where the catalogue has them."""
    if cell.says is None or is_open:
        return cell.says
    closed = f"{cell.says}_closed"
    return closed if closed in exists else cell.says


@cache
def load() -> Table:
    """The table as it stands in chat/texting.toml."""
    with resources.files("chat").joinpath("texting.toml").open("rb") as file:
        return read(tomllib.load(file))


def read(given: Mapping[str, Any]) -> Table:
    """The table in a mapping of that form. Raises :class:`TableError` when it is not whole."""
    try:
        every, states = given["every"], given["states"]
        cells = {
            (state, what): _cell(states[state.value].get(what.value, every[what.value]), state)
            for state in TextState
            for what in Input
        }
        about = {state: str(states[state.value]["about"]) for state in TextState}
    except (KeyError, ValueError):
        raise TableError from None
    known = {what.value for what in Input}
    for rows in (every, *states.values()):
        if not set(rows) - {"about"} <= known:
            raise TableError
    if set(states) != {state.value for state in TextState}:
        raise TableError
    return Table(cells=cells, about=about)


def _cell(row: Mapping[str, Any], state: TextState) -> Cell:
    if not set(row) <= {"next", "says", "tells"}:
        raise TableError
    return Cell(
        next=TextState(row["next"]) if "next" in row else state,
        says=row.get("says"),
        flags=frozenset(Flag(flag) for flag in row.get("tells", ())),
    )
