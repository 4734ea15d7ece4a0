"""What software wrote by itself is dropped once it may not be true any more; a person's is not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import delivery, silence
from chat.delivery import Delivery, Written
from chat.sending import Kind
from chat.texting import Input

RULES = delivery.load()
BOUND = RULES.automatic_leaves_within
NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)
AGES = st.timedeltas(-timedelta(days=2), timedelta(days=2))
OTHERS = sorted(set(Kind) - {Kind.AUTOMATIC})


def is_too_late(
    age: timedelta,
    *,
    kind: Kind = Kind.AUTOMATIC,
    has_newer: bool = False,
    though_newer: bool = False,
) -> bool:
    text = Written(kind=kind, follows_at=NOW - age, has_newer=has_newer, though_newer=though_newer)
    return delivery.is_too_late(RULES, text, NOW)


def test_an_automatic_text_leaves_up_to_the_bound_and_not_after_it() -> None:
    assert not is_too_late(BOUND)
    assert is_too_late(BOUND + A_MOMENT)


def test_a_newer_text_of_the_phone_drops_all_but_what_leaves_all_the_same() -> None:
    assert is_too_late(timedelta(), has_newer=True)
    assert not is_too_late(timedelta(), has_newer=True, though_newer=True)
    assert is_too_late(BOUND + A_MOMENT, has_newer=True, though_newer=True)


@given(age=AGES, kind=st.sampled_from(OTHERS), has_newer=st.booleans(), though_newer=st.booleans())
def test_what_a_person_sends_is_never_too_late(
    age: timedelta, kind: Kind, *, has_newer: bool, though_newer: bool
) -> None:
    assert not is_too_late(age, kind=kind, has_newer=has_newer, though_newer=though_newer)


@given(age=AGES, has_newer=st.booleans(), though_newer=st.booleans(), more=AGES.map(abs))
def test_what_is_too_late_stays_so(
    age: timedelta, more: timedelta, *, has_newer: bool, though_newer: bool
) -> None:
    if is_too_late(age, has_newer=has_newer, though_newer=though_newer):
        assert is_too_late(age + more, has_newer=True, though_newer=though_newer)


@given(age=AGES, has_newer=st.booleans(), though_newer=st.booleans())
def test_nothing_leaves_by_itself_after_the_bound_or_after_a_newer_text(
    age: timedelta, *, has_newer: bool, though_newer: bool
) -> None:
    leaves = not is_too_late(age, has_newer=has_newer, though_newer=though_newer)
    assert leaves == (age <= BOUND and (though_newer or not has_newer))


def test_the_bound_is_no_longer_than_the_silence_after_which_nothing_is_sent_unasked() -> None:
    assert timedelta() < BOUND <= silence.load().after[Input.SILENT_20_MINUTES]


@pytest.mark.parametrize("state", Delivery)
def test_every_end_of_a_text_has_words_of_its_own_for_staff(state: Delivery) -> None:
    words = delivery.words(RULES, state, is_tried=False, is_maybe_twice=False)
    assert words
    assert (words == "Not sent: too late") == (state is Delivery.LATE)


def test_a_report_that_it_arrived_is_believed_of_a_text_that_was_dropped() -> None:
    assert delivery.risen(RULES, Delivery.LATE, Delivery.DELIVERED) is Delivery.DELIVERED
    assert delivery.risen(RULES, Delivery.LATE, Delivery.SENT) is Delivery.LATE
