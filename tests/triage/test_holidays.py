"""Working days leave out the bank holidays of England."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from triage import escalation, grades, holidays, hours
from triage.grades import Grade

ALWAYS = hours.parse("always")


def limit(received_at: datetime) -> date:
    due = escalation.armed(grades.load(), Grade.STANDARD, received_at, ALWAYS)
    # The limit is the end of the day, midnight in England.
    return (due.limit_at - timedelta(seconds=1)).astimezone(hours.LONDON).date()


def test_the_day_after_easter_is_the_first_working_day_after_it() -> None:
    thursday = datetime(2026, 4, 2, 12, 0, tzinfo=UTC)
    assert limit(thursday) == date(2026, 4, 7)


def test_a_substitute_day_counts_and_the_day_it_stands_for_does_not() -> None:
    assert date(2026, 12, 28) in holidays.england().days
    assert date(2026, 12, 26) not in holidays.england().days
    christmas_eve = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
    assert limit(christmas_eve) == date(2026, 12, 29)


def test_every_year_that_is_known_has_its_eight_days_and_none_is_at_a_weekend() -> None:
    days = holidays.england().days
    years = Counter(day.year for day in days)
    assert set(years.values()) == {8}
    assert all(day.weekday() < 5 for day in days)
    assert holidays.england().known_until == date(max(years), 12, 31)
