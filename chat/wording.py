"""What the service texts and says by itself, and the rules that such words keep. Pure.

The words are data (chat/texts.en.toml, chat/call_words.en.toml). Whoever holds the phone can read
them on the locked screen, or hears them, so they name nobody, no service and no topic.
"""

import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from chat import segments

_NOT_TEXTS = frozenset({"source", "checked", "placeholders"})
_WORD = re.compile(r"[a-z][a-z'-]*")
_DIGITS = re.compile(r"\d[\d ]*\d")
_LINK = re.compile(r"https?:|www\.|\b[a-z0-9-]+\.(?:com|org|net|uk|io|me)\b")
_HOURS_IN_A_HALF_DAY = 12


class UnknownTextError(LookupError):
    """The catalogue has no such text."""


@dataclass(frozen=True, slots=True)
class Template:
    """One text of the catalogue. ``is_reviewed`` says that people have agreed to the words."""

    key: str
    text: str
    is_reviewed: bool


@dataclass(frozen=True)
class Catalogue:
    """Every text that the service sends by itself, or says in a call, in one language."""

    templates: Mapping[str, Template]
    longest: Mapping[str, str]

    @property
    def keys(self) -> frozenset[str]:
        """The keys there are."""
        return frozenset(self.templates)

    def text(self, key: str, **given: str) -> str:
        """A text with its placeholders filled. Raises :class:`UnknownTextError`."""
        if key not in self.templates:
            raise UnknownTextError
        return self.templates[key].text.format(**given)

    def at_its_longest(self, key: str) -> str:
        """A text with the longest that each placeholder can become."""
        return self.text(key, **self.longest)


@dataclass(frozen=True, slots=True)
class Listed:
    """The words that no automatic text may hold, and the numbers that it may."""

    beginnings: tuple[str, ...]
    numbers: frozenset[str]


def faults(text: str, listed: Listed) -> tuple[str, ...]:
    """What is wrong with a text that would be sent by itself; nothing when it may be."""
    lower = text.lower()
    found = [f"{letter!r} is not in the phones' alphabet" for letter in segments.outside_gsm7(text)]
    if segments.count(text).parts > 1:
        found.append("it takes more than one part of 160 letters")
    found += [
        f"{word!r} says what this is"
        for word in _WORD.findall(lower)
        if word.startswith(listed.beginnings)
    ]
    found += [
        f"{digits!r} looks like somebody's number"
        for digits in _DIGITS.findall(lower)
        if len(digits) > 2 and digits not in listed.numbers  # noqa: PLR2004 - an hour has two
    ]
    if _LINK.search(lower):
        found.append("it holds a link")
    return tuple(found)


def unknown_placeholders(template: Template, longest: Mapping[str, str]) -> tuple[str, ...]:
    """Names in braces that nothing fills. A name of a person is never one."""
    names = (name for _, name, _, _ in string.Formatter().parse(template.text) if name is not None)
    return tuple(name for name in names if name not in longest)


def hour(local: datetime) -> str:
    """An hour as a text says it, in local time: ``9am``, ``5:30pm``."""
    twelve = local.hour % _HOURS_IN_A_HALF_DAY or _HOURS_IN_A_HALF_DAY
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{twelve}{minutes}{'am' if local.hour < _HOURS_IN_A_HALF_DAY else 'pm'}"


@cache
def load() -> Catalogue:
    """The catalogue as it stands in chat/texts.en.toml."""
    return read(_toml("texts.en.toml"))


@cache
def load_spoken() -> Catalogue:
    """What is said in calls, as it stands in chat/call_words.en.toml."""
    return read(_toml("call_words.en.toml"))


@cache
def load_listed() -> Listed:
    """The lists of chat/listed_words.toml."""
    given = _toml("listed_words.toml")
    return Listed(tuple(given["beginnings"]), frozenset(given["numbers"]))


def read(given: Mapping[str, Any]) -> Catalogue:
    """The catalogue in a mapping of that form."""
    return Catalogue(
        templates={
            key: Template(key, row["text"], row["reviewed"])
            for key, row in given.items()
            if key not in _NOT_TEXTS
        },
        longest=given["placeholders"],
    )


def _toml(name: str) -> dict[str, Any]:
    with resources.files("chat").joinpath(name).open("rb") as file:
        return tomllib.load(file)
