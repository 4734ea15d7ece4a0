"""Intervals that are honest about few examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.evaluation import shares
from helpline.evaluation.shares import Share


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [
        # Worked by hand from Wilson's formula with a deviate of 1.96.
        (Share(10, 10), 0.7225, 1.0),
        (Share(0, 10), 0.0, 0.2775),
        (Share(50, 100), 0.4038, 0.5962),
    ],
)
def test_the_interval_is_wilsons(share: Share, low: float, high: float) -> None:
    assert share.interval == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 2000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_the_share_and_stays_between_0_and_1(counted: tuple[int, int]) -> None:
    share = Share(*counted)
    assert share.interval is not None
    assert share.value is not None
    low, high = share.interval
    assert 0 <= low <= share.value + 1e-9
    assert share.value - 1e-9 <= high <= 1


def test_a_share_of_nothing_has_no_value() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)
    assert shares.total([Share(1, 2), Share(0, 0), Share(2, 2)]) == Share(3, 4)
