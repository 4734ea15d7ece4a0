"""How long somebody waits after failures: a rule without clock or database."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from helpline.accounts import limits, slowing

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
RULE = limits.PASSWORD_SLOWING
moments = st.lists(st.integers(min_value=0, max_value=2000), max_size=60)


def ago(*seconds: int) -> list[datetime]:
    return [NOW - timedelta(seconds=each) for each in seconds]


def test_four_failures_are_free_and_the_fifth_is_not() -> None:
    assert slowing.wait(ago(1, 1, 1, 1), rule=RULE, now=NOW) == timedelta(0)
    assert slowing.wait(ago(1, 1, 1, 1, 1), rule=RULE, now=NOW) == timedelta(seconds=3)


def test_wait_doubles_and_stops_at_the_longest() -> None:
    waits = [
        slowing.wait(ago(*[0] * count), rule=RULE, now=NOW).total_seconds()
        for count in (5, 6, 7, 11, 12, 500)
    ]
    assert waits == [4, 8, 16, 256, 300, 300]


def test_failures_outside_the_window_do_not_count() -> None:
    assert slowing.wait(ago(900, 901, 902, 903, 904), rule=RULE, now=NOW) == timedelta(0)


def test_a_clock_that_was_set_back_makes_nobody_wait_longer() -> None:
    ahead = [NOW + timedelta(days=1)] * 5
    assert slowing.wait(ahead, rule=RULE, now=NOW) == timedelta(seconds=4)


@given(moments, st.integers(min_value=0, max_value=2000))
def test_one_more_failure_never_shortens_the_wait(seconds: list[int], more: int) -> None:
    before = slowing.wait(ago(*seconds), rule=RULE, now=NOW)
    after = slowing.wait(ago(*seconds, more), rule=RULE, now=NOW)
    assert timedelta(0) <= before <= after <= RULE.longest


def test_patient_guesser_has_few_guesses() -> None:
    per_day = {
        rule: _guesses(rule, timedelta(days=1))
        for rule in (limits.PASSWORD_SLOWING, limits.SECOND_FACTOR_SLOWING)
    }
    assert per_day[limits.PASSWORD_SLOWING] < 1500
    assert per_day[limits.SECOND_FACTOR_SLOWING] < 25


def _guesses(rule: limits.Slowing, during: timedelta) -> int:
    """Guesses in one later day of somebody who never stops."""
    now, failures = NOW, list[datetime]()
    while now < NOW + 2 * during:
        now += slowing.wait(failures, rule=rule, now=now) + timedelta(milliseconds=50)
        failures.append(now)
    return sum(1 for at in failures if at >= NOW + during)
