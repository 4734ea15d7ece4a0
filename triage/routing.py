"""Who should answer a child: whoever they know first, then who can, then who has room. Pure.

It is advice, shown beside the child in the queue and where a chat is handed on. It hides nobody
from anybody and delays nothing; only a conflict of interest shuts somebody out.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any, Final
from uuid import UUID

from triage.errors import UnusableFiguresError
from triage.grades import Grade

KNOWS: Final = "Knows this child"
FULL: Final = "Carries as much as they should"


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures and words of `routing.toml`."""

    points: Mapping[Grade, int]
    capacity: int
    most_capacity: int
    away_after: timedelta
    returns_after: Mapping[Grade, timedelta]
    handing_on_for: timedelta
    skills: Mapping[str, str]
    source: str
    checked: str

    def __post_init__(self) -> None:
        """Refuse figures by which nobody could carry anything, or a graver child waits longer."""
        if not 0 < self.capacity <= self.most_capacity or min(self.points.values()) < 0:
            raise UnusableFiguresError("Somebody can carry something.")
        waits = [self.returns_after[grade] for grade in Grade]
        if waits != sorted(waits) or waits[0] <= timedelta():
            raise UnusableFiguresError("The graver a child, the sooner they return.")


@dataclass(frozen=True, slots=True)
class Need:
    """What answering a child asks for. ``known_to``: who answered them before, the last first.

    ``languages`` are codes and ``skills`` ids of `routing.toml`. ``conflicts``: who must not.
    """

    grade: Grade
    known_to: tuple[UUID, ...] = ()
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    conflicts: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Advocate:
    """Somebody who answers: what they can do and how much they carry, in points."""

    person: UUID
    is_present: bool
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    capacity: int = 0
    load: int = 0


@dataclass(frozen=True, slots=True)
class Fit:
    """Somebody who may answer, and what speaks for and against it, in words."""

    person: UUID
    is_known: bool
    is_present: bool
    has_room: bool
    reasons: tuple[str, ...]


def fits(need: Need, advocates: Iterable[Advocate], *, figures: Figures) -> tuple[Fit, ...]:
    """Everybody who may answer, the best first; nobody with a conflict of interest.

    Who is there comes before who is not. Among them whoever the child knows, the last first; then
    who can do more of what is needed; then who has room; then who carries the smallest share of
    what they can. The person's id only parts what is equal.
    """
    ranked = sorted(
        (each for each in advocates if each.person not in need.conflicts),
        key=lambda each: (
            not each.is_present,
            _place(each.person, need.known_to),
            -_matches(each, need),
            not _has_room(each, need, figures),
            each.load / max(each.capacity, 1),
            each.person,
        ),
    )
    return tuple(
        Fit(
            person=each.person,
            is_known=each.person in need.known_to,
            is_present=each.is_present,
            has_room=_has_room(each, need, figures),
            reasons=tuple(_reasons(each, need, figures)),
        )
        for each in ranked
    )


def load_of(grades: Iterable[Grade], *, figures: Figures) -> int:
    """How many points conversations of these grades weigh together."""
    return sum(figures.points[grade] for grade in grades)


def is_present(seen_at: datetime | None, *, away: bool, now: datetime, figures: Figures) -> bool:
    """Whether somebody counts as there: seen lately, and not away by their own word."""
    return not away and seen_at is not None and now - seen_at <= figures.away_after


def returns(
    grade: Grade,
    *,
    waiting_since: datetime,
    seen_at: datetime | None,
    now: datetime,
    figures: Figures,
) -> bool:
    """Whether a child who waits for somebody who is not there goes back to the queue.

    Both must have lasted: the child's wait, and the absence of whoever holds them.
    """
    limit = figures.returns_after[grade]
    return now - waiting_since >= limit and (seen_at is None or now - seen_at >= limit)


def _place(person: UUID, known_to: tuple[UUID, ...]) -> int:
    return known_to.index(person) if person in known_to else len(known_to)


def _matches(each: Advocate, need: Need) -> int:
    return len(each.languages & need.languages) + len(each.skills & need.skills)


def _has_room(each: Advocate, need: Need, figures: Figures) -> bool:
    return each.load + figures.points[need.grade] <= each.capacity


def _reasons(each: Advocate, need: Need, figures: Figures) -> list[str]:
    found = [KNOWS] if each.person in need.known_to else []
    found += [f"Speaks {code}" for code in sorted(each.languages & need.languages)]
    found += [figures.skills[skill] for skill in sorted(each.skills & need.skills)]
    if not _has_room(each, need, figures):
        found.append(FULL)
    return found


@cache
def load() -> Figures:
    """The figures that ship."""
    return parsed(tomllib.loads(resources.files("triage").joinpath("routing.toml").read_text()))


def parsed(table: Mapping[str, Any]) -> Figures:
    """The figures of a parsed `routing.toml`; :class:`triage.errors.UnusableFiguresError`."""
    try:
        return Figures(
            points={grade: table["points"][grade.value] for grade in Grade},
            capacity=table["capacity"]["default"],
            most_capacity=table["capacity"]["most"],
            away_after=timedelta(minutes=table["presence"]["away_after_minutes"]),
            returns_after={
                grade: timedelta(minutes=table["returns"][f"{grade.value}_minutes"])
                for grade in Grade
            },
            handing_on_for=timedelta(minutes=table["handing_on"]["open_minutes"]),
            skills={each["id"]: each["words"] for each in table["skill"]},
            source=table["source"],
            checked=table["checked"],
        )
    except KeyError as error:
        raise UnusableFiguresError(f"The figures of routing have no {error}.") from error
