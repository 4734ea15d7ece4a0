"""A number that was confirmed long ago, never, or in the future is not leaned on."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline import checked
from helpline.checked import Check

TODAY = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (None, Check.NEVER),
        (TODAY, Check.FRESH),
        (TODAY - timedelta(days=90), Check.FRESH),
        (TODAY - timedelta(days=91), Check.STALE),
        (TODAY + timedelta(days=1), Check.FRESH),
        (TODAY + timedelta(days=2), Check.NEVER),
        (date(2062, 11, 2), Check.NEVER),
    ],
)
def test_how_a_number_stands(day: date | None, found: Check) -> None:
    assert checked.of(day, today=TODAY) is found


@given(st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 1, 1)))
def test_whatever_was_confirmed_goes_stale_and_stays_so(day: date) -> None:
    after = day + checked.HOLDS_FOR + timedelta(days=1)
    assert checked.of(day, today=after) is Check.STALE
    assert checked.of(day, today=after + timedelta(days=1000)) is Check.STALE
