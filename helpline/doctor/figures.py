"""Figures and words that people must have confirmed, and must look at again now and then."""

import tomllib
from datetime import date, timedelta
from importlib import resources
from typing import Any

from helpline.doctor.finding import Finding, Level
from triage import grades

NUMBERS_HOLD_FOR = timedelta(days=90)


def inspect(today: date) -> list[Finding]:
    """The telephone numbers that children are shown, and the grade table."""
    text = resources.files("helpline").joinpath("locale/numbers.toml").read_text("utf-8")
    return [*numbers(tomllib.loads(text), today), *_grades()]


def numbers(table: dict[str, Any], today: date) -> list[Finding]:
    """Which numbers nobody has confirmed, and which were confirmed too long ago.

    A number is confirmed by writing the day into its ``checked`` mark: ``checked = 2026-11-02``.
    """
    found = []
    unconfirmed = []
    for name, entry in table.items():
        day = as_day(entry["checked"])
        if day is None:
            unconfirmed.append(name)
        elif today - day > NUMBERS_HOLD_FOR:
            found.append(
                Finding(
                    Level.STALE,
                    f"numbers.{name}",
                    f"The number {entry['shown']} was last checked on {day}, over 90 days ago.",
                    "Check it at its source; put the date into helpline/locale/numbers.toml.",
                )
            )
    if unconfirmed:
        found.append(
            Finding(
                Level.NOTE,
                "numbers",
                f"Nobody has confirmed these telephone numbers: {', '.join(unconfirmed)}.",
                "Check each at its source; put the date into helpline/locale/numbers.toml.",
            )
        )
    return found


def as_day(checked: object) -> date | None:
    """The day of a ``checked`` mark, or None when it says something else."""
    if isinstance(checked, date):
        return checked
    try:
        return date.fromisoformat(str(checked))
    except ValueError:
        return None


def _grades() -> list[Finding]:
    clocks = grades.load().clocks.values()
    if all(as_day(clock.checked) for clock in clocks):
        return []
    return [
        Finding(
            Level.NOTE,
            "grades",
            "The service's owner has not confirmed how soon somebody must answer.",
            "Go through triage/grades.toml with the owner and write the date into its mark.",
        )
    ]
