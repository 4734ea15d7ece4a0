from datetime import UTC, datetime, timedelta

import pytest

from helpline.public import waiting
from helpline.public.waiting import Band, Opening
from triage import grades, hours
from triage.grades import Grade

DAYTIME = hours.parse("Mon-Sun 09:00-21:00")
TABLE = grades.load()
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 2, 23, 0, tzinfo=UTC)


def test_an_open_helpline_promises_the_limit_of_the_grade_table() -> None:
    said = waiting.wait(table=TABLE, hours=DAYTIME, now=NOON)
    assert said.is_open
    assert said.opens is None
    assert said.within == waiting.band(TABLE.of(Grade.HIGH).read_within)


def test_at_night_it_names_the_opening_and_the_wait_until_somebody_on_call_reads() -> None:
    said = waiting.wait(table=TABLE, hours=DAYTIME, now=NIGHT)
    assert not said.is_open
    assert said.opens == Opening(hour=9, minute=0, days_ahead=1, weekday=1)
    assert said.within == Band(count=1, unit="hours")


def test_the_band_shrinks_while_a_message_waits() -> None:
    said = waiting.wait(table=TABLE, hours=DAYTIME, now=NOON, since=NOON - timedelta(minutes=100))
    assert said.within == Band(count=20, unit="minutes")


def test_past_the_limit_it_promises_nothing() -> None:
    since = NOON - timedelta(hours=3)
    assert waiting.wait(table=TABLE, hours=DAYTIME, now=NOON, since=since).within is None


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (1, Band(count=5, unit="minutes")),
        (5, Band(count=5, unit="minutes")),
        (6, Band(count=10, unit="minutes")),
        (46, Band(count=1, unit="hours")),
        (61, Band(count=2, unit="hours")),
        (24 * 60, Band(count=24, unit="hours")),
        (24 * 60 + 1, Band(count=2, unit="days")),
    ],
)
def test_a_wait_is_rounded_up_and_never_down(minutes: int, said: Band) -> None:
    assert waiting.band(timedelta(minutes=minutes)) == said
