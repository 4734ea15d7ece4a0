"""When the provider is asked about a text, and when nobody can know any more."""

from datetime import UTC, datetime, timedelta

import pytest

from chat import delivery

SENT_AT = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
FIGURES = delivery.load().unreported


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("asked", "again"),
    [(1, 4), (3, 6), (10, 20), (30, 60), (100, 130), (239, 269), (260, 270), (270, 300)],
)
def test_each_question_comes_after_twice_as_long_and_one_at_the_end(asked: int, again: int) -> None:
    now = SENT_AT + minutes(asked)
    found = delivery.asked_again_at(FIGURES, sent_at=SENT_AT, now=now)
    assert found - SENT_AT == minutes(again)


def test_a_text_is_given_up_at_the_minute() -> None:
    at = SENT_AT + FIGURES.given_up_after
    assert delivery.is_given_up(FIGURES, sent_at=SENT_AT, now=at)
    assert not delivery.is_given_up(FIGURES, sent_at=SENT_AT, now=at - timedelta(seconds=1))
