"""What staff choose from: data with its source, in ``helpline/locale/console.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources

from triage.grades import Grade


@dataclass(frozen=True, slots=True)
class Level:
    """One of an advocate's three levels of danger."""

    grade: Grade
    word: str
    example: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Every list that a form offers. ``promises``, in minutes, and ``told`` lead to words."""

    promises: Mapping[int, str]
    levels: tuple[Level, ...]
    told: Mapping[str, str]
    take_over_reasons: tuple[str, ...]
    hoax_reasons: tuple[str, ...]

    def promise(self, minutes: str) -> timedelta | None:
        """How long a next step may take; None for a time that was not offered."""
        offered = {str(each): timedelta(minutes=each) for each in self.promises}
        return offered.get(minutes)

    def level(self, grade: str) -> Level | None:
        """The level that becomes this grade; None when there is none."""
        return next((each for each in self.levels if each.grade == grade), None)


@cache
def offered() -> Choices:
    """The choices that ship with the service."""
    text = resources.files("helpline").joinpath("locale/console.toml").read_text("utf-8")
    data = tomllib.loads(text)
    return Choices(
        promises={row["minutes"]: row["words"] for row in data["promises"]},
        levels=tuple(
            Level(grade=Grade(row["grade"]), word=row["word"], example=row["example"])
            for row in data["levels"]
        ),
        told={row["value"]: row["words"] for row in data["told"]},
        take_over_reasons=tuple(data["take_over_reasons"]),
        hoax_reasons=tuple(data["hoax_reasons"]),
    )
