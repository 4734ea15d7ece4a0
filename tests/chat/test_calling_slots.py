"""What a child can choose from: parts of near days, none of them over."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chat import calling, numbers
from chat.calling import Part, Slot
from triage.hours import LONDON

RULES = calling.load()
MONDAY = datetime(2026, 11, 2, 13, 0, tzinfo=UTC)
NEAR = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds of a strategy are naive


def keys(slots: tuple[Slot, ...]) -> list[tuple[str, str]]:
    return [(f"{slot.day:%a}", slot.part.key) for slot in slots]


def test_parts_that_are_over_are_not_offered_and_the_one_that_runs_is() -> None:
    today = [key for day, key in keys(calling.offered(RULES, MONDAY, LONDON)) if day == "Mon"]
    assert today == ["afternoon", "after_school", "evening"]


def test_all_of_the_next_two_days_is_offered_and_nothing_later() -> None:
    days = [day for day, _ in keys(calling.offered(RULES, MONDAY, LONDON))]
    assert days == ["Mon"] * 3 + ["Tue"] * 4 + ["Wed"] * 4


@given(now=NEAR)
def test_whatever_is_offered_has_a_window_that_is_still_to_come(now: datetime) -> None:
    for slot in calling.offered(RULES, now, LONDON):
        starts, ends = calling.window(slot.part, slot.day, now, LONDON)
        assert now <= starts < ends <= now + timedelta(days=RULES.days_ahead + 1)


@given(now=NEAR)
def test_a_window_tells_what_was_chosen(now: datetime) -> None:
    for slot in calling.offered(RULES, now, LONDON):
        starts, ends = calling.window(slot.part, slot.day, now, LONDON)
        assert calling.slot_of(RULES, starts.astimezone(UTC), ends.astimezone(UTC), LONDON) == slot


def test_a_window_of_other_parts_keeps_its_own_times() -> None:
    starts, ends = MONDAY, MONDAY + timedelta(minutes=17)
    slot = calling.slot_of(RULES, starts, ends, LONDON)
    assert slot == Slot(date(2026, 11, 2), Part("other", time(13, 0), time(13, 17)))


def test_a_number_is_shown_as_people_write_it() -> None:
    assert numbers.national("+447700900123") == "07700 900123"
    assert numbers.national("+442079460123") == "020 7946 0123"
