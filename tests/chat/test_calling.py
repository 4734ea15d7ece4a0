"""How a call stands, and what follows from it: pure rules over a list that is data."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import calling
from chat.calling import AskedWindow, CallBackState, CallState, Purpose
from triage.hours import LONDON

RULES = calling.load()
NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
STATES = st.sampled_from(list(CallState))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants bounds without a zone


@given(outcomes=st.lists(st.sampled_from(list(RULES.outcomes.values())), max_size=6))
def test_a_call_back_is_never_tried_more_often_than_agreed(
    outcomes: list[calling.Outcome],
) -> None:
    state, tries = CallBackState.ASKED, 0
    for outcome in outcomes:
        if state is not CallBackState.ASKED:
            break
        followed = calling.followed(RULES, outcome, tries=tries)
        state, tries = followed.state, followed.tries
        assert tries <= RULES.tries
        assert followed.tries_left == RULES.tries - tries
        assert (state is CallBackState.MISSED) == (outcome.is_try and tries == RULES.tries)


@given(
    at=MOMENTS,
    opens=MOMENTS,
    lasts=st.timedeltas(timedelta(), timedelta(days=1)),
)
def test_a_call_is_safe_only_in_the_window_that_was_asked_for(
    at: datetime, opens: datetime, lasts: timedelta
) -> None:
    window = AskedWindow(opens, opens + lasts)
    assert window.is_open(at) is (opens <= at < opens + lasts)


@given(state=STATES, purpose=st.sampled_from(list(Purpose)))
def test_a_line_that_is_down_stays_down(state: CallState, purpose: Purpose) -> None:
    ended = calling.ended(state, purpose)
    assert ended in {CallState.OVER, CallState.NOT_MADE, CallState.JUDGED}
    assert calling.ended(ended, purpose) is ended
    assert not calling.may_ring_child(ended)


@given(state=STATES, age=st.timedeltas(timedelta(), timedelta(days=2)))
def test_a_call_that_is_over_holds_no_other_up(state: CallState, age: timedelta) -> None:
    if calling.is_running(state, NOW - age, NOW, RULES):
        assert state in {
            CallState.PLANNED,
            CallState.RINGING_US,
            CallState.RINGING_CHILD,
            CallState.JOINED,
        }
        # What could run for ever for want of a report can be ended by a person.
        assert age < timedelta(minutes=5) or state in calling.MAY_BE_JUDGED


def test_a_call_whose_child_never_rang_is_no_try() -> None:
    for state in (CallState.PLANNED, CallState.RINGING_US, CallState.UNKNOWN):
        assert calling.ended(state, Purpose.CALL_BACK) is CallState.NOT_MADE
    for state in (CallState.RINGING_CHILD, CallState.JOINED):
        assert calling.ended(state, Purpose.CALL_BACK) is CallState.OVER


def test_only_speaking_counts_as_an_answer() -> None:
    assert [each.key for each in RULES.outcomes.values() if each.is_answer] == ["spoke"]


def test_a_part_of_a_day_is_local_time_and_never_past() -> None:
    part = RULES.parts["after_school"]
    starts, ends = calling.window(part, date(2026, 7, 1), NOW - timedelta(days=200), LONDON)
    assert (starts.astimezone(UTC).hour, ends.astimezone(UTC).hour) == (14, 17)
    with pytest.raises(calling.WindowError):
        calling.window(part, date(2026, 7, 1), NOW, LONDON)


def test_every_state_has_words_for_staff() -> None:
    assert set(RULES.states) == set(CallState)
    assert all(RULES.states.values())
