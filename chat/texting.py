"""What a text from a phone leads to: one table of ten states times every input, and no other rule.

`texting.toml` holds the cells, so that a safeguarding lead can read and change them;
`helpline texts table` prints them. What no change may break is checked when it is loaded: a STOP
always stops, a pause is silent and outlasts a stop, a cry is never answered by a machine, and our
question whether now is an OK time is answered by a yes alone.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from chat import keywords, wording
from chat.errors import UnusableTableError


class TextState(StrEnum):
    """Where the texting with one phone stands. What each means is said in `texting.toml`."""

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
    """What can happen to a phone: its own texts, then our people, our clock, and the network.

    CRY is END or QUIT alone. The SILENT ones mean silence after *we* wrote: a child who waits for
    us is not silent. BLOCKED is the network's refusal because the phone opted out (error 21610).
    """

    WORDS = "words"
    YES = "yes"
    NO = "no"
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
    """What staff are told: CRY is urgent at least, the others are tasks or requests."""

    CRY = "cry"
    STOPPED = "stopped"
    PICTURE = "picture"
    CALL_WANTED = "call_wanted"
    RECHECK = "recheck"
    CANNOT_TEXT = "cannot_text"


FROM_STAFF = frozenset(
    {Input.CLAIMED, Input.CLOSED_KINDLY, Input.MARKED_UNSAFE, Input.CHECKED_SAFE}
)
FROM_CLOCK = frozenset({Input.SILENT_20_MINUTES, Input.SILENT_24_HOURS})
FROM_PHONE = frozenset(Input) - FROM_STAFF - FROM_CLOCK - {Input.BLOCKED}

_UNSAFE = frozenset({Input.LATER, Input.OWN_WORD, Input.MARKED_UNSAFE})
# What may be a no, when we asked whether now is an OK time.
_MAY_BE_NO = frozenset({Input.WORDS, Input.NO, Input.EMPTY})
# A conversation begins with a text in one of these.
_BEGINS = (TextState.NEW, TextState.CLOSED)
_ALL_BUT_STOPPED = frozenset(TextState) - {TextState.STOPPED}

# No text leaves in these, by anybody: `chat.sending` refuses all of them.
SILENT = frozenset({TextState.PAUSED, TextState.RECHECK, TextState.STOPPED})


@dataclass(frozen=True, slots=True)
class Cell:
    """What follows: the next state, the key of an automatic text or silence, and who is told."""

    next: TextState
    says: str | None
    flags: frozenset[Flag]


@dataclass(frozen=True, slots=True)
class Table:
    """All cells, and the words for people about each state, input and flag.

    ``though_newer``: the keys of texts that leave, as the first answer of a conversation, though
    the phone has texted again since.
    """

    cells: Mapping[tuple[TextState, Input], Cell]
    states: Mapping[TextState, str]
    inputs: Mapping[Input, str]
    flags: Mapping[Flag, str]
    though_newer: frozenset[str]
    source: str
    checked: str

    def __post_init__(self) -> None:
        """Refuse a table that could send to a phone that must be left alone."""
        for (state, given), cell in self.cells.items():
            for broken in _broken(state, given, cell):
                raise UnusableTableError(f"The table of texting, {state} and {given}: {broken}")
        for key in self.though_newer - self._says_first():
            raise UnusableTableError(f"The table of texting, though_newer: {key} answers no first.")

    def cell(self, state: TextState, given: Input) -> Cell:
        """What follows when this comes in at a phone in this state. There is always an answer."""
        return self.cells[state, given]

    def told(self, given: Input) -> frozenset[Flag]:
        """What staff are told of this whatever state the phone is in."""
        return frozenset[Flag].intersection(*(self.cell(each, given).flags for each in TextState))

    def says(self) -> frozenset[str]:
        """The keys of all automatic texts that some cell may send."""
        return frozenset(cell.says for cell in self.cells.values() if cell.says is not None)

    def leaves_though_newer(self, said: str) -> bool:
        """Whether this text, for open or closed hours, leaves as a first answer all the same."""
        return said in self.though_newer | {wording.closed(key) for key in self.though_newer}

    def _says_first(self) -> frozenset[str]:
        first = (self.cells[state, given] for state in _BEGINS for given in FROM_PHONE)
        return frozenset(cell.says for cell in first if cell.says is not None)


def read_input(text: str, *, pictures: int, is_own_word: bool) -> Input:
    """What this text is to the table. Never raises.

    A stop goes before everything, then the child's own word (compared in the form of
    `keywords.plain`), then the other keywords; so a keyword that came with a picture is still
    one, and the caller tells staff of the picture. EMPTY has no words in the sense of
    `chat.conversation.kept_text`, and no picture either.
    """
    family = keywords.family(text)
    keyword = None if family is None else Input(family)
    if keyword is Input.STOP:
        return keyword
    if is_own_word:
        return Input.OWN_WORD
    if keyword is not None:
        return keyword
    if pictures > 0:
        return Input.PICTURE
    return Input.WORDS if text.strip() else Input.EMPTY


def load(text: str | None = None) -> Table:
    """The table from TOML text; without text, the one that ships with the package.

    Raises :class:`chat.errors.UnusableTableError` when a cell is missing, or would break a promise.
    """
    return _packaged() if text is None else _parsed(text)


def template(cell: Cell, *, is_open: bool) -> str | None:
    """The key of the text to send, the one for closed hours where there is such a one."""
    if cell.says is None or is_open:
        return cell.says
    closed = wording.closed(cell.says)
    return closed if closed in wording.load().texts else cell.says


def faults(table: Table, catalogue: wording.Catalogue) -> tuple[str, ...]:
    """Where the table and the texts do not fit together, in words; nothing when they do."""
    says = table.says()
    for_closed = {wording.closed(key) for key in says}
    return (
        *(
            f"{key}: the table sends it, and there is no such text."
            for key in sorted(says - catalogue.texts.keys())
        ),
        *(
            f"{key}: there is a text, and the table never sends it."
            for key in catalogue.texts
            if key not in says | for_closed
        ),
    )


def _broken(state: TextState, given: Input, cell: Cell) -> Iterator[str]:
    allowed = _may_become(state, given)
    if cell.next not in allowed:
        yield f"the next state may only be {' or '.join(sorted(allowed))}."
    yield from _broken_saying(state, given, cell)
    if given in FROM_CLOCK and cell.flags:
        yield "silence alone tells staff nothing: they see the state."
    told = {
        Input.STOP: Flag.STOPPED,
        Input.HELP: Flag.CRY,
        Input.CRY: Flag.CRY,
        Input.PICTURE: Flag.PICTURE,
        Input.CALL: Flag.CALL_WANTED,
        Input.BLOCKED: Flag.CANNOT_TEXT,
    }
    if given in told and told[given] not in cell.flags:
        yield f"staff must be told ({told[given]})."
    if cell.next is TextState.RECHECK is not state and Flag.RECHECK not in cell.flags:
        yield "whoever must check has to be told (recheck)."


def _may_become(state: TextState, given: Input) -> frozenset[TextState]:
    if given in {Input.STOP, Input.BLOCKED}:
        return frozenset({TextState.STOPPED})
    if state in SILENT:
        return _may_lead_out(state, given)
    if given in FROM_CLOCK:
        # In every other state a child waits for us, or nobody has begun.
        ends = {TextState.QUIET, TextState.CLOSED}
        return frozenset({state, *(ends if state in {TextState.LIVE, TextState.QUIET} else ())})
    return frozenset({TextState.PAUSED}) if given in _UNSAFE else _ALL_BUT_STOPPED


def _may_lead_out(state: TextState, given: Input) -> frozenset[TextState]:
    paused, recheck = TextState.PAUSED, TextState.RECHECK
    if state is TextState.STOPPED:
        return frozenset({recheck if given is Input.START else state})
    if given in _UNSAFE:
        return frozenset({paused})
    if state is paused:
        return frozenset({recheck if given in FROM_PHONE else paused})
    return _ALL_BUT_STOPPED if given is Input.CHECKED_SAFE else frozenset({paused, recheck})


def _broken_saying(state: TextState, given: Input, cell: Cell) -> Iterator[str]:
    if cell.says is None:
        return
    if cell.next in SILENT:
        yield "nothing is ever sent there."
    if state in SILENT:
        yield "nothing is sent until a person has checked."
    if given in {Input.HELP, Input.CRY}:
        yield "a cry is for a person: a machine never answers it."
    if given in FROM_CLOCK:
        yield "a phone that fell silent is not written to by a machine."
    if state is TextState.RETURNING and given in _MAY_BE_NO:
        yield "whether this says that now is an OK time, a person reads: a machine is silent."
    if cell.next is state and given is not Input.PICTURE:
        yield "one automatic text for each state that is entered, not more."


@cache
def _packaged() -> Table:
    return _parsed(resources.files("chat").joinpath("texting.toml").read_text("utf-8"))


def _parsed(text: str) -> Table:
    try:
        data = tomllib.loads(text)
        return Table(
            cells={
                (state, given): _cell(data[state][given], f"{state} and {given}")
                for state in TextState
                for given in Input
            },
            states={state: data["states"][state] for state in TextState},
            inputs={given: data["inputs"][given] for given in Input},
            flags={flag: data["flags"][flag] for flag in Flag},
            though_newer=frozenset(data["though_newer"]),
            source=data["source"],
            checked=data["checked"],
        )
    except tomllib.TOMLDecodeError as error:
        raise UnusableTableError(f"The table of texting is not readable: {error}") from error
    except KeyError as error:
        raise UnusableTableError(f"The table of texting has no {error}.") from error


def _cell(row: Mapping[str, Any], where: str) -> Cell:
    unknown = row.keys() - {"next", "says", "flags"}
    if unknown:
        raise UnusableTableError(f"The table of texting, {where}: what is {min(unknown)}?")
    try:
        return Cell(
            next=TextState(row["next"]),
            says=row.get("says"),
            flags=frozenset(Flag(flag) for flag in row.get("flags", ())),
        )
    except ValueError as error:
        raise UnusableTableError(f"The table of texting, {where}: {error}.") from error
