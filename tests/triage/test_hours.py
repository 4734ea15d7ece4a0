"""Open hours in England, across the nights when the clocks change."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage import hours
from triage.hours import ALWAYS_OPEN, LONDON, OpenHours, OpenHoursError

WEEK = hours.parse("Mon-Fri 09:00-21:00, Sat-Sun 10:00-18:00")
HOUR = timedelta(hours=1)

instants = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(2027, 12, 31),  # noqa: DTZ001 - hypothesis wants naive bounds
    timezones=st.just(UTC),
)
durations = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3))


@st.composite
def weeks(draw: st.DrawFn) -> OpenHours:
    entries = draw(
        st.lists(
            st.tuples(st.sampled_from(["Mon", "Tue-Thu", "Sat", "Sun", "Mon-Sun"]), minutes),
            min_size=1,
            max_size=4,
        )
    )
    return hours.parse(", ".join(f"{days} {opens}-{closes}" for days, (opens, closes) in entries))


minutes = (
    st.tuples(st.integers(0, 1440), st.integers(0, 1440))
    .filter(lambda pair: pair[0] < pair[1])
    .map(lambda pair: tuple(f"{minute // 60:02}:{minute % 60:02}" for minute in pair))
)


def _london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def test_a_local_instant_is_counted_as_the_same_instant_in_utc() -> None:
    local = _london("2026-10-25T00:30")
    night = hours.parse("Sun 00:00-06:00")
    utc = local.astimezone(UTC)
    assert night.after_open_time(local, 3 * HOUR) == utc + 3 * HOUR
    assert night.opens_next(local) == utc
    assert night.closes_next(local) == utc + 6.5 * HOUR


def test_open_from_the_first_minute_to_before_the_closing_minute() -> None:
    assert WEEK.is_open(_london("2026-11-23T09:00"))
    assert WEEK.is_open(_london("2026-11-23T20:59:59"))
    assert not WEEK.is_open(_london("2026-11-23T21:00"))
    assert not WEEK.is_open(_london("2026-11-22T09:30"))


def test_summer_hours_are_an_hour_earlier_in_utc() -> None:
    assert WEEK.is_open(datetime(2026, 7, 6, 8, 0, tzinfo=UTC))
    assert not WEEK.is_open(datetime(2026, 1, 5, 8, 0, tzinfo=UTC))


def test_opens_next_is_now_when_open_and_the_next_morning_when_closed() -> None:
    noon = _london("2026-11-23T12:00")
    assert WEEK.opens_next(noon) == noon
    assert WEEK.opens_next(_london("2026-11-27T21:00")) == _london("2026-11-28T10:00")


def test_two_open_hours_from_an_hour_before_closing_end_the_next_morning() -> None:
    assert WEEK.after_open_time(_london("2026-11-27T20:00"), 2 * HOUR) == _london(
        "2026-11-28T11:00"
    )


def test_ninety_minutes_are_ninety_minutes_when_the_clocks_go_back() -> None:
    night = hours.parse("Sun 00:00-06:00")
    start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert night.after_open_time(start, 1.5 * HOUR) == start + 1.5 * HOUR
    # The night has seven hours: all of them are open.
    assert night.after_open_time(_london("2026-10-25T00:00"), 7 * HOUR) == _london(
        "2026-10-25T06:00"
    )


def test_the_night_the_clocks_go_forward_has_five_hours() -> None:
    night = hours.parse("Sun 00:00-06:00")
    assert night.after_open_time(_london("2026-03-29T00:00"), 5 * HOUR) == _london(
        "2026-03-29T06:00"
    )


def test_an_opening_at_a_time_that_the_clocks_skip_opens_after_the_skip() -> None:
    night = hours.parse("Sun 01:30-06:00")
    assert night.opens_next(_london("2026-03-29T00:00")) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_an_hour_that_happens_twice_is_open_both_times() -> None:
    night = hours.parse("Sun 01:00-02:00")
    assert night.is_open(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert night.is_open(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))


def test_always_open_is_open_always_and_never_closes() -> None:
    at = datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC)
    assert ALWAYS_OPEN.is_open(at)
    assert ALWAYS_OPEN.closes_next(at) is None
    assert hours.parse("always") is ALWAYS_OPEN


def test_closes_next_runs_over_openings_that_touch_at_midnight() -> None:
    week = hours.parse("Fri 20:00-24:00, Sat 00:00-02:00")
    assert week.closes_next(_london("2026-11-27T22:00")) == _london("2026-11-28T02:00")
    closed = _london("2026-11-28T02:00")
    assert week.closes_next(closed) == closed


def test_days_may_run_over_the_end_of_the_week() -> None:
    week = hours.parse("Sat-Mon 10:00-12:00")
    assert week.is_open(_london("2026-11-23T11:00"))
    assert not week.is_open(_london("2026-11-24T11:00"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "Mon",
        "Mon 9:00-21:00",
        "Mon 09:00-09:00",
        "Mon 21:00-09:00",
        "Mon 09:00-24:01",
        "Mon 09:60-10:00",
        "Moo 09:00-10:00",
        "Mon-Fre 09:00-10:00",
        "Mon 09:00-10:00,",
        "Mon ٠٩:00-10:00",
        "Mon 09:00-10:00\n",
    ],
)
def test_hours_that_cannot_be_read_are_refused_in_words(text: str) -> None:
    if text.endswith("\n"):
        assert hours.parse(text) == hours.parse(text.strip())
        return
    with pytest.raises(OpenHoursError, match=r"\w+ .*\."):
        hours.parse(text)


def test_a_week_that_never_opens_is_refused() -> None:
    with pytest.raises(OpenHoursError):
        OpenHours(openings=())


@given(week=weeks(), start=instants, duration=durations)
@settings(deadline=None)
def test_the_open_time_that_passed_is_exactly_what_was_asked(
    week: OpenHours, start: datetime, duration: timedelta
) -> None:
    end = week.after_open_time(start, duration)
    # Counted in another way: minute by minute would be slow, so opening by opening.
    counted, cursor = timedelta(0), start
    while cursor < end:
        opens = week.opens_next(cursor)
        if opens >= end:
            break
        closes = week.closes_next(opens) or end
        counted += min(closes, end) - opens
        cursor = min(closes, end)
    assert counted == duration
    assert end.tzinfo is UTC


@given(week=weeks(), start=instants, later=durations, duration=durations)
@settings(deadline=None)
def test_a_later_start_or_a_longer_wait_never_ends_sooner(
    week: OpenHours, start: datetime, later: timedelta, duration: timedelta
) -> None:
    end = week.after_open_time(start, duration)
    assert end >= start + duration
    assert week.after_open_time(start + later, duration) >= end
    assert week.after_open_time(start, duration + later) >= end


@given(week=weeks(), at=instants)
@settings(deadline=None)
def test_opens_next_is_open_and_closes_next_is_closed(week: OpenHours, at: datetime) -> None:
    opens = week.opens_next(at)
    assert opens >= at
    assert week.is_open(opens)
    assert week.is_open(at) == (opens == at)
    closes = week.closes_next(at)
    assert closes is None or not week.is_open(closes)


def test_a_working_day_skips_the_weekend_and_holidays() -> None:
    friday = _london("2026-11-27T15:00")
    end_of_monday = _london("2026-12-01T00:00")
    assert hours.after_working_days(friday, 1, frozenset()) == end_of_monday
    holiday = frozenset({date(2026, 11, 30)})
    assert hours.after_working_days(friday, 1, holiday) == end_of_monday + timedelta(days=1)


def test_a_closing_time_that_happens_twice_is_the_second_one() -> None:
    night = hours.parse("Sun 00:30-01:30")
    assert night.closes_next(datetime(2026, 10, 25, 0, 0, tzinfo=UTC)) == datetime(
        2026, 10, 25, 1, 30, tzinfo=UTC
    )
