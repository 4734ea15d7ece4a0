"""Which signs of finished work are too old, and which only look so."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from helpline.watch import figures, judging

NOW = datetime(2026, 7, 28, 2, 0, tzinfo=UTC)
FIGURES = figures.load()
LONG_AGO = NOW - timedelta(days=1)
ages = st.dictionaries(
    st.sampled_from(sorted(FIGURES.limits)),
    st.none() | st.integers(0, 5000).map(lambda seconds: NOW - timedelta(seconds=seconds)),
)


def found(signs: dict[str, datetime | None], *, since: datetime = LONG_AGO) -> list[str]:
    faults = judging.faults(signs, figures=FIGURES, watched_from=since, now=NOW)
    return [fault.id for fault in faults]


def test_a_sign_of_its_limits_age_is_right_and_an_older_one_is_not() -> None:
    for limit in FIGURES.limits.values():
        assert found({limit.id: NOW - limit.after}) == []
        assert found({limit.id: NOW - limit.after - timedelta(seconds=1)}) == [limit.id]


def test_a_sign_that_never_came_counts_from_when_we_began_to_look() -> None:
    after = FIGURES.limits["worker"].after
    assert found({"worker": None}, since=NOW - after) == []
    assert found({"worker": None}, since=NOW - after - timedelta(seconds=1)) == ["worker"]


def test_what_was_off_all_night_is_not_late_in_the_morning() -> None:
    signs: dict[str, datetime | None] = dict.fromkeys(FIGURES.limits, LONG_AGO)
    assert found(signs, since=NOW) == []


@given(signs=ages, later=st.integers(0, 5000))
def test_a_fault_stays_until_its_sign_comes(signs: dict[str, datetime | None], later: int) -> None:
    then = NOW + timedelta(seconds=later)
    now_found = judging.faults(signs, figures=FIGURES, watched_from=LONG_AGO, now=NOW)
    then_found = judging.faults(signs, figures=FIGURES, watched_from=LONG_AGO, now=then)
    assert {each.id for each in now_found} <= {each.id for each in then_found}
    assert {each.since for each in now_found} <= {each.since for each in then_found}


def test_a_process_that_stood_still_itself_blames_nobody() -> None:
    limit = FIGURES.look_every * judging.MOST_LOOKS_MISSED
    for gap, stood in ((timedelta(), False), (limit, False), (limit * 2, True)):
        assert judging.went_on_after_a_gap(looked_at=NOW - gap, now=NOW, figures=FIGURES) is stood
    assert judging.went_on_after_a_gap(
        looked_at=NOW + timedelta(minutes=5), now=NOW, figures=FIGURES
    ), "the clock was set back"


def test_banner_and_word_outside_come_within_what_is_promised() -> None:
    # The page asks every 10 s (watch.js), a canary comes out every 10 s.
    for limit in FIGURES.limits.values():
        if limit.id == "lane bulk":
            continue
        shown = limit.after + FIGURES.look_every + timedelta(seconds=10)
        assert shown <= timedelta(seconds=60)
        mails = timedelta(seconds=30)
        told = limit.after + FIGURES.outside_after + FIGURES.look_every + mails
        assert told <= timedelta(seconds=180)
    assert FIGURES.heartbeat_every * 3 <= timedelta(seconds=120)


def test_every_fault_says_what_it_is_and_what_to_do() -> None:
    for limit in FIGURES.limits.values():
        assert limit.says
        assert not limit.says.endswith(".")
        assert limit.do.endswith(".")
