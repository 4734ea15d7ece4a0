"""The danger card: what we know, whom to ring, whom not, and what to say. Pure.

It leaves nothing out that it was given. What makes somebody a danger only ever adds a warning, and
a number that nobody has confirmed lately is shown with that warning, never hidden.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources

from helpline import checked
from helpline.checked import Check


class Part(StrEnum):
    """What somebody who is implicated is to the child."""

    STAFF = "staff"
    FAMILY = "family"
    SOCIAL_WORKER = "social worker"
    CHILD_THERE = "child there"
    OTHER = "other"


class Ground(StrEnum):
    """How it is known that somebody is implicated."""

    CASEWORK = "casework"
    WORDS = "words"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Implicated:
    """Somebody who must not be told. ``who`` is a colleague's word for them, if there is one."""

    part: Part
    ground: Ground
    who: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Who answers for a place: an authority or a police force, with its numbers as read aloud."""

    name: str
    numbers: tuple[tuple[str, str | None], ...]
    checked: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a child is by somebody's word."""

    child: str
    name: str
    kind: str
    unit: str | None
    address: str
    stated_by: str
    from_day: date
    authority: Office | None
    force: Office | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A number to ring. ``number`` is None where we have none; ``check`` says how it stands."""

    label: str
    number: str | None
    check: Check
    checked: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceShown:
    """A place with its ways, the police first. ``police`` says how they are reached from here."""

    place: Place
    police: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Whom not to tell, why, and the way to go instead."""

    whom: str
    instead: str
    named: tuple[str, ...]
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything on the card. ``ask`` has lines only where no place is known.

    ``police`` is what holds wherever the child is. ``home`` says what to think of before ringing
    the place itself; None where the place must not be rung or is not known.
    """

    places: tuple[PlaceShown, ...]
    silences: tuple[Silence, ...]
    police: tuple[str, ...]
    home: str | None
    say: tuple[str, ...]
    ask: tuple[str, ...]

    @property
    def doubtful(self) -> int:
        """How many numbers nobody has confirmed lately."""
        return sum(
            way.number is not None and way.check is not Check.FRESH
            for shown in self.places
            for way in shown.ways
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of the card, as data: card.toml."""

    concerns: Mapping[str, tuple[Part, ...]]
    police: Mapping[str, str]
    authority: Mapping[str, str]
    instead: Mapping[Part, Mapping[str, str]]
    why: Mapping[Ground, str]
    home: str
    say: tuple[str, ...]
    ask: tuple[str, ...]


def parts_of(concerns: Iterable[str], words: Words) -> frozenset[Part]:
    """Against whom these concerns of triage speak."""
    return frozenset(part for each in concerns for part in words.concerns.get(each, ()))


def card(
    *, places: Sequence[Place], implicated: Sequence[Implicated], today: date, words: Words
) -> Card:
    """The card of this moment. Everything given is on it, in the order given."""
    parts = {each.part for each in implicated}
    is_home_shut = bool(parts & {Part.STAFF, Part.CHILD_THERE, Part.OTHER})
    return Card(
        places=tuple(_place(each, today, words) for each in places),
        silences=tuple(
            _silence(part, [each for each in implicated if each.part is part], words)
            for part in Part
            if part in parts
        ),
        police=(words.police["elsewhere" if places else "unknown"], words.police["own_phone"]),
        home=words.home if places and not is_home_shut else None,
        say=words.say,
        ask=() if places else words.ask,
    )


def _place(place: Place, today: date, words: Words) -> PlaceShown:
    offices = [office for office in (place.force, place.authority) if office is not None]
    return PlaceShown(
        place=place,
        police=words.police["unknown" if place.force is None else "elsewhere"],
        ways=tuple(
            Way(
                label=f"{office.name}: {label}",
                number=number,
                check=checked.of(office.checked, today=today),
                checked=office.checked,
            )
            for office in offices
            for label, number in office.numbers
        ),
    )


def _silence(part: Part, found: Sequence[Implicated], words: Words) -> Silence:
    grounds = {each.ground for each in found}
    return Silence(
        whom=words.instead[part]["whom"],
        instead=words.instead[part]["way"],
        named=tuple(each.who for each in found if each.who is not None),
        because=tuple(words.why[ground] for ground in Ground if ground in grounds),
    )


@cache
def load() -> Words:
    """The words as shipped, read once."""
    return parse(resources.files("helpline").joinpath("danger/card.toml").read_text("utf-8"))


def parse(text: str) -> Words:
    """Words from TOML. A missing one is a KeyError when the service starts to use the card."""
    data = tomllib.loads(text)
    concerns: dict[str, tuple[Part, ...]] = {}
    for part, names in data["concerns"].items():
        for name in names:
            concerns[name] = (*concerns.get(name, ()), Part(part))
    return Words(
        concerns=concerns,
        police=data["police"],
        authority=data["authority"],
        instead={part: data["instead"][part.value] for part in Part},
        why={ground: data["why"][ground.value] for ground in Ground},
        home=data["home"]["free"],
        say=tuple(data["say"]["lines"]),
        ask=tuple(data["ask"]["lines"]),
    )
