from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from helpline.console import spoken

NOW = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (59, "59 s"),
        (60, "1 m"),
        (3599, "59 m"),
        (3900, "1 h 05 m"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_wait_is_said_in_the_unit_that_matters(seconds: int, words: str) -> None:
    assert spoken.wait(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(-1, "now"), (0, "now"), (9, "00:09"), (272, "04:32"), (3661, "1:01:01")]
)
def test_a_countdown_ends_in_now(seconds: int, words: str) -> None:
    assert spoken.countdown(NOW + timedelta(seconds=seconds), NOW) == words


def test_times_are_englands_and_carry_their_day_when_it_is_another() -> None:
    assert spoken.clock(NOW) == "00:30"
    assert spoken.day(NOW) == "Thursday 2 July"
    assert spoken.moment(NOW, NOW) == "00:30"
    assert spoken.moment(NOW - timedelta(hours=2), NOW) == "22:30 on 1 Jul"


def test_a_reference_is_short_and_says_nothing() -> None:
    assert spoken.reference(UUID("0190b0c0-0000-7000-8000-00000000af4e")) == "AF4E"
