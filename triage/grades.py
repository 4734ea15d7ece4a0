"""How soon a person must read, and who is paged when nobody does: the grade table, as data.

The figures live in `grades.toml`, with where they come from and who has checked them.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Literal, TypeAlias, get_args

Counts: TypeAlias = Literal["wall", "open hours", "working days"]
StepsFrom: TypeAlias = Literal["received", "limit"]


class GradeTableError(ValueError):
    """The grade table is not usable: a grade, a time or a target is missing or out of order."""


class Grade(StrEnum):
    """How soon a person must read. Written from the worst to the mildest."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    HIGH = "high"
    STANDARD = "standard"
    INFORMATION = "information"

    @property
    def rank(self) -> int:
        """0 is the worst, 4 the mildest."""
        return _RANKS[self]


_RANKS: Mapping[Grade, int] = {grade: rank for rank, grade in enumerate(Grade)}


class Target(StrEnum):
    """Who is paged at a step. `escalation.people` turns it into persons."""

    FIRST = "first on call"
    SECOND = "second on call"
    SUPERVISOR = "supervisor"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Step:
    """Page this target when `after` has passed since the clock's starting point."""

    after: timedelta
    page: Target


@dataclass(frozen=True, slots=True)
class Clock:
    """One row of the table.

    `read_within` counts in what `counts` says; for working days a timedelta's days are working
    days. Steps count in wall time from `steps_from`. A clock with no steps pages nobody: its
    entries stand on the supervisor's list.
    """

    grade: Grade
    set_by_software: bool
    read_within: timedelta
    read_within_out_of_hours: timedelta | None
    counts: Counts
    steps_from: StepsFrom
    steps: tuple[Step, ...]
    repeat_every: timedelta | None
    source: str
    checked: str

    def __post_init__(self) -> None:
        """Refuse a row that could page late, or that could stop paging."""
        afters = [step.after for step in self.steps]
        if self.read_within <= timedelta(0) or any(after < timedelta(0) for after in afters):
            raise GradeTableError(f"{self.grade}: a time is below zero.")
        if any(later <= sooner for sooner, later in pairwise(afters)):
            raise GradeTableError(f"{self.grade}: the steps are not in order of time.")
        if self.steps and (self.repeat_every is None or self.repeat_every <= timedelta(0)):
            raise GradeTableError(f"{self.grade}: the steps end and nothing repeats them.")

    def sped_up(self, factor: int) -> "Clock":
        """The same row with every duration divided by `factor`."""
        return replace(
            self,
            read_within=self.read_within / factor,
            read_within_out_of_hours=_divided(self.read_within_out_of_hours, factor),
            steps=tuple(Step(after=step.after / factor, page=step.page) for step in self.steps),
            repeat_every=_divided(self.repeat_every, factor),
        )


@dataclass(frozen=True, slots=True)
class GradeTable:
    """All five clocks. Every grade has one."""

    clocks: Mapping[Grade, Clock]

    def of(self, grade: Grade) -> Clock:
        """The clock of a grade."""
        return self.clocks[grade]

    def sped_up(self, factor: int) -> "GradeTable":
        """Every duration divided by `factor`: for the demo, which must not take an hour to watch.

        Working days are not divided: nobody is paged by them.
        """
        if factor < 1:
            raise GradeTableError("A clock is sped up by a whole number, 1 or more.")
        return GradeTable(
            clocks={
                grade: clock if clock.counts == "working days" else clock.sped_up(factor)
                for grade, clock in self.clocks.items()
            }
        )


def load(text: str | None = None) -> GradeTable:
    """The grade table from TOML text; without text, the one that ships with the package."""
    return _packaged() if text is None else _parsed(text)


@cache
def _packaged() -> GradeTable:
    return _parsed(resources.files("triage").joinpath("grades.toml").read_text("utf-8"))


def _parsed(text: str) -> GradeTable:
    try:
        data = tomllib.loads(text)
        return GradeTable(clocks={grade: _clock(grade, data) for grade in Grade})
    except tomllib.TOMLDecodeError as error:
        raise GradeTableError(f"The grade table is not readable: {error}") from error
    except KeyError as error:
        raise GradeTableError(f"The grade table has no {error}.") from error


def _clock(grade: Grade, data: Mapping[str, Any]) -> Clock:
    row = data[grade.value]
    counts: Counts = row["counts"]
    steps_from: StepsFrom = row["steps_from"]
    if counts not in get_args(Counts) or steps_from not in get_args(StepsFrom):
        raise GradeTableError(f"{grade}: counts or steps_from is not one of its words.")
    days = counts == "working days"
    return Clock(
        grade=grade,
        set_by_software=bool(row["set_by_software"]),
        read_within=(
            timedelta(days=row["read_within_days"]) if days else _minutes(row, "read_within")
        ),
        read_within_out_of_hours=(
            _minutes(row, "read_within_out_of_hours")
            if "read_within_out_of_hours_minutes" in row
            else None
        ),
        counts=counts,
        steps_from=steps_from,
        steps=tuple(_step(grade, step) for step in row["steps"]),
        repeat_every=(_minutes(row, "repeat_every") if "repeat_every_minutes" in row else None),
        source=data["source"],
        checked=data["checked"],
    )


def _step(grade: Grade, row: Mapping[str, Any]) -> Step:
    try:
        page = Target(row["page"])
    except ValueError as error:
        raise GradeTableError(f"{grade}: nobody is called {row['page']}.") from error
    return Step(after=_minutes(row, "after"), page=page)


def _minutes(row: Mapping[str, Any], name: str) -> timedelta:
    return timedelta(minutes=row[f"{name}_minutes"])


def _divided(duration: timedelta | None, factor: int) -> timedelta | None:
    return None if duration is None else duration / factor
