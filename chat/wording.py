"""Every text that software sends, and what no such text may say.

The texts stand in `texts.en.toml`, the words that none may hold in `listed_words.toml`. Nothing
but the hour when the line opens is ever filled in, so no name and no child's word can get in.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from chat import segments
from chat.errors import MissingHourError, UnusableTableError

# What the phone of a child hears when it is picked up, and what it hears after it where no key was
# pressed and the child said yes to that.
CALLED, LATER = "called", "later"

_CLOSED = "_closed"
_OPENS = "{opens}"
_ANY_HOUR = "9am"
_LONDON = ZoneInfo("Europe/London")
_ONE_DAY = timedelta(days=1)
_NOON = 12
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOUR = re.compile(rf"(?:1[0-2]|[1-9])(?:\.[0-5]\d)?[ap]m(?: on (?:{'|'.join(_DAYS)}))?", re.ASCII)

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_PLACEHOLDER = re.compile(r"[{}<>%$\[\]]")
# Anything with a dot inside that is no hour, and the usual beginnings of an address.
_LINK = re.compile(r"://|\bwww\b|@|\b[^\W\d_][\w-]*\.[^\W\d_]{2,}\b", re.IGNORECASE)
# Digits count as one run across the marks that people put into telephone numbers.
_DIGITS = re.compile(r"\+?\d(?:[\s().\-/]*\d)*")
_FEWEST_OF_A_NUMBER = 3


@dataclass(frozen=True, slots=True)
class Text:
    """One text as it is written, and whether young people and a safeguarding lead have read it."""

    text: str
    is_reviewed: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """What no automatic text may say, and the numbers and capitals that it may."""

    words: frozenset[str]
    beginnings: tuple[str, ...]
    phrases: tuple[str, ...]
    numbers: frozenset[str]
    capitals: frozenset[str]

    def faults(self) -> tuple[str, ...]:
        """Entries that could never be found in a text, in words; nothing when all could."""
        listed_words = {*self.words, *self.beginnings}
        return (
            *(
                f"{word}: a listed word is one word in small letters."
                for word in sorted(listed_words)
                if not _WORD.fullmatch(word) or word != word.casefold()
            ),
            *(
                f"{phrase}: a listed phrase is two words or more, in small letters."
                for phrase in self.phrases
                if phrase != " ".join(_WORD.findall(phrase)).casefold() or " " not in phrase
            ),
            *(
                f"{number}: a number that may stand is digits only."
                for number in sorted(self.numbers)
                if not number.isdecimal()
            ),
        )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All texts of one language, by key."""

    language: str
    texts: Mapping[str, Text]
    longest_opens: str
    source: str

    def text(self, key: str, *, opens: str | None = None) -> str:
        """The text to send, with the hour of `opens_at` where it names one.

        Raises :class:`chat.errors.MissingHourError` when it names one and none fits.
        """
        written = self.texts[key].text
        if _OPENS not in written:
            return written
        if opens is None or not _HOUR.fullmatch(opens) or len(opens) > len(self.longest_opens):
            raise MissingHourError
        return written.replace(_OPENS, opens)

    def unreviewed(self) -> tuple[str, ...]:
        """The keys that nobody has checked yet."""
        return tuple(key for key, text in self.texts.items() if not text.is_reviewed)

    def faults(self) -> tuple[str, ...]:
        """What is wrong with these texts, in words; nothing when they may be sent."""
        found = [
            f"{key}: {fault}"
            for key, each in self.texts.items()
            for fault in _faults(each.text, longest=self.longest_opens, listed_=listed())
        ]
        if not _HOUR.fullmatch(self.longest_opens):
            found.append(f"longest_opens: {self.longest_opens} is not an hour.")
        found += [
            f"{key}: there is no text for open hours."
            for key in self.texts
            if key.endswith(_CLOSED) and key.removesuffix(_CLOSED) not in self.texts
        ]
        return tuple(found)


def closed(key: str) -> str:
    """The key of the same text for closed hours, whether or not the catalogue has one."""
    return key + _CLOSED


def opens_at(opens: datetime, *, now: datetime) -> str:
    """An opening as a text names it: ``9am``, ``10.30am on Wednesday``; in England's local time.

    The day is named when the opening is a day away or more, so that an hour alone is never wrong.
    """
    local = opens.astimezone(_LONDON)
    hour = local.hour % _NOON or _NOON
    minutes = f".{local.minute:02}" if local.minute else ""
    said = f"{hour}{minutes}{'am' if local.hour < _NOON else 'pm'}"
    return said if opens - now < _ONE_DAY else f"{said} on {_DAYS[local.weekday()]}"


def faults(text: str) -> tuple[str, ...]:
    """Why this text may not be sent by software, in words; nothing when it may.

    It looks for letters outside GSM-7, for more than 160, for listed words, names, places to fill
    in, links and numbers. It cannot know a name in small letters: people review the texts too.
    """
    return tuple(_faults(text, longest=load().longest_opens, listed_=listed()))


def load(text: str | None = None) -> Catalogue:
    """The English catalogue from TOML text, or as shipped.

    Raises :class:`chat.errors.UnusableTableError`.
    """
    return _packaged_texts() if text is None else _texts(text)


@cache
def load_spoken() -> Catalogue:
    """What is said in calls. A voicemail may keep it, so it keeps to the same rules."""
    return _texts(resources.files("chat").joinpath("call_words.en.toml").read_text("utf-8"))


def said_to_voicemail(*, may_leave: bool) -> str:
    """All that a voicemail hears when a child is called: no key is pressed there.

    ``may_leave`` says that the child said yes to words after that; without it we hang up.
    """
    keys = (CALLED, LATER) if may_leave else (CALLED,)
    return " ".join(load_spoken().text(key) for key in keys)


def listed(text: str | None = None) -> Listed:
    """What no text may say, from TOML text or as shipped."""
    return _packaged_listed() if text is None else _listed(text)


def _faults(written: str, *, longest: str, listed_: Listed) -> Iterator[str]:
    parts = segments.count(written.replace(_OPENS, longest))
    if parts.parts > 1:
        yield f"it counts {parts.units} letters, with the longest hour; a part holds 160."
    text = written.replace(_OPENS, _ANY_HOUR)
    if not text.strip() or text != text.strip() or not text.isprintable():
        yield "it is empty, has space at an end, or a sign that cannot be seen."
    for letter in segments.outside_gsm7(text):
        yield f"{letter!r} is no plain telephone letter: it would cut a part to 70 letters."
    if _PLACEHOLDER.search(text):
        yield "it has a place to fill in, or a sign that looks like one."
    if _LINK.search(text):
        yield "it has a link."
    for run in _DIGITS.findall(text):
        if sum(map(str.isdigit, run)) >= _FEWEST_OF_A_NUMBER and run not in listed_.numbers:
            yield f"{run} looks like a telephone number."
    yield from _words_at_fault(text, listed_)


def _words_at_fault(text: str, listed_: Listed) -> Iterator[str]:
    words = _WORD.findall(text)
    for word in words:
        small = word.casefold()
        if small in listed_.words or small.removesuffix("'s") in listed_.words:
            yield f"{word} is a listed word."
        elif small.startswith(listed_.beginnings):
            yield f"{word} begins like a listed word."
        if word != word.lower() and word not in listed_.capitals:
            yield f"{word} has a capital and could be a name."
    line = f" {' '.join(words).casefold()} "
    for phrase in listed_.phrases:
        if f" {phrase}" in line:
            yield f"{phrase} is a listed phrase."


@cache
def _packaged_texts() -> Catalogue:
    return _texts(resources.files("chat").joinpath("texts.en.toml").read_text("utf-8"))


@cache
def _packaged_listed() -> Listed:
    return _listed(resources.files("chat").joinpath("listed_words.toml").read_text("utf-8"))


def _texts(text: str) -> Catalogue:
    data = _toml(text, "texts")
    try:
        return Catalogue(
            language=data["language"],
            texts={
                key: Text(text=row["text"], is_reviewed=row["reviewed"])
                for key, row in data.items()
                if isinstance(row, dict)
            },
            longest_opens=data["longest_opens"],
            source=data["source"],
        )
    except KeyError as error:
        raise UnusableTableError(f"The texts have no {error}.") from error


def _listed(text: str) -> Listed:
    data = _toml(text, "listed words")
    try:
        return Listed(
            words=frozenset(data["words"]),
            beginnings=tuple(data["beginnings"]),
            phrases=tuple(data["phrases"]),
            numbers=frozenset(data["numbers"]),
            capitals=frozenset(data["capitals"]),
        )
    except KeyError as error:
        raise UnusableTableError(f"The listed words have no {error}.") from error


def _toml(text: str, what: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnusableTableError(f"The {what} are not readable: {error}") from error
