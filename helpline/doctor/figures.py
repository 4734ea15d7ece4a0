"""Figures and words that people must have confirmed, and must look at again now and then."""

import tomllib
from datetime import date, timedelta
from importlib import resources
from typing import Any

from helpline import checked
from helpline.checked import Check
from helpline.doctor.finding import Finding, Level
from triage import grades, holidays

# So long before the list of bank holidays ends somebody is told.
_KNOWN_AHEAD = timedelta(days=90)


def inspect(today: date) -> list[Finding]:
    """The telephone numbers that children are shown, and the grade table."""
    text = resources.files("helpline").joinpath("locale/numbers.toml").read_text("utf-8")
    return [*numbers(tomllib.loads(text), today), *_grades(), *bank_holidays(today)]


def numbers(table: dict[str, Any], today: date) -> list[Finding]:
    """Which numbers nobody has confirmed, and which were confirmed too long ago.

    A number is confirmed by writing the day into its ``checked`` mark: ``checked = 2026-11-02``.
    """
    found = []
    unconfirmed = []
    for name, entry in table.items():
        day = checked.as_day(entry["checked"])
        found_to_be = checked.of(day, today=today)
        if found_to_be is Check.NEVER:
            unconfirmed.append(name)
        elif found_to_be is Check.STALE:
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


def bank_holidays(today: date) -> list[Finding]:
    """Whether the bank holidays are known for some time yet."""
    known_until = holidays.england().known_until
    if known_until - today > _KNOWN_AHEAD:
        return []
    return [
        Finding(
            Level.STALE,
            "bank_holidays",
            f"Bank holidays are known until {known_until}; later working days come out too soon.",
            "Add the next year from GOV.UK to triage/bank_holidays.toml.",
        )
    ]


def _grades() -> list[Finding]:
    clocks = grades.load().clocks.values()
    if all(checked.as_day(clock.checked) for clock in clocks):
        return []
    return [
        Finding(
            Level.NOTE,
            "grades",
            "The service's owner has not confirmed how soon somebody must answer.",
            "Go through triage/grades.toml with the owner and write the date into its mark.",
        )
    ]
