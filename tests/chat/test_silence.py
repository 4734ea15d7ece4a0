"""A phone is silent after our word alone, and no longer than we can know."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import silence, texting
from chat.errors import UnusableTableError
from chat.silence import LastWord
from chat.texting import Input
from tests.chat.recipients import A_MOMENT, NOW

QUIET, CLOSED = timedelta(minutes=20), timedelta(hours=24)
OURS = LastWord(is_ours=True, said_at=NOW, left_at=NOW, heard_at=None)
INSTANTS = st.datetimes(
    min_value=datetime(2026, 3, 27),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2026, 4, 2),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)
WORDS = st.builds(
    LastWord,
    is_ours=st.booleans(),
    said_at=INSTANTS,
    left_at=st.none() | INSTANTS,
    heard_at=st.none() | INSTANTS,
)


def after(silent_for: timedelta) -> tuple[Input, ...]:
    now = NOW + silent_for
    return silence.given(OURS, heard_until=now, now=now)


def test_the_silences_come_to_the_moment_and_in_their_order() -> None:
    assert after(QUIET - A_MOMENT) == ()
    assert after(QUIET) == after(CLOSED - A_MOMENT) == (Input.SILENT_20_MINUTES,)
    assert after(CLOSED) == (Input.SILENT_20_MINUTES, Input.SILENT_24_HOURS)
    assert set(after(10 * CLOSED)) == texting.FROM_CLOCK


@given(word=WORDS, heard_until=INSTANTS, now=INSTANTS)
def test_nobody_is_silent_who_waits_for_us_or_who_may_have_written(
    word: LastWord, heard_until: datetime, now: datetime
) -> None:
    if not silence.given(word, heard_until=heard_until, now=now):
        return
    assert word.is_ours
    assert word.left_at is not None
    assert word.heard_at is None or word.heard_at < word.said_at
    # Nothing that came before this moment is missing, and our word was out for all this time.
    for until in (heard_until, now):
        assert until - word.said_at >= QUIET
        assert until - word.left_at >= QUIET


@given(word=WORDS, heard_until=INSTANTS, now=INSTANTS, back=st.timedeltas(timedelta(), CLOSED))
def test_a_clock_that_was_put_back_makes_nobody_silent(
    word: LastWord, heard_until: datetime, now: datetime, back: timedelta
) -> None:
    before = silence.given(word, heard_until=heard_until, now=now - back)
    assert set(before) <= set(silence.given(word, heard_until=heard_until, now=now))


@given(word=WORDS, now=INSTANTS, later=INSTANTS)
def test_a_text_that_comes_ends_every_silence(
    word: LastWord, now: datetime, later: datetime
) -> None:
    heard = LastWord(
        is_ours=word.is_ours,
        said_at=word.said_at,
        left_at=word.left_at,
        heard_at=max(word.said_at, later),
    )
    assert silence.given(heard, heard_until=now, now=now) == ()


@pytest.mark.parametrize(
    "left_at",
    [
        datetime(2026, 10, 25, 0, 50, tzinfo=UTC),  # 01:50 in England, ten minutes before 01:00
        datetime(2026, 3, 29, 0, 50, tzinfo=UTC),  # ten minutes before 02:00
    ],
)
def test_no_change_of_the_clocks_lengthens_or_shortens_a_silence(left_at: datetime) -> None:
    word = LastWord(is_ours=True, said_at=left_at, left_at=left_at, heard_at=None)
    for silent_for, reached in ((QUIET, 1), (CLOSED - A_MOMENT, 1), (CLOSED, 2)):
        now = left_at + silent_for
        assert len(silence.given(word, heard_until=now, now=now)) == reached
    now = left_at + QUIET - A_MOMENT
    assert silence.given(word, heard_until=now, now=now) == ()


def test_the_figures_that_ship_are_the_designs_and_not_confirmed() -> None:
    figures = silence.load()
    assert figures.after == {Input.SILENT_20_MINUTES: QUIET, Input.SILENT_24_HOURS: CLOSED}
    assert figures.source
    assert "not confirmed" in figures.checked


def _figures(first: object = 20, second: object = 1440) -> str:
    return (
        f'source = "a"\nchecked = "b"\n[after_minutes]\n'
        f"silent_20_minutes = {first}\nsilent_24_hours = {second}\n"
    )


def test_figures_of_ones_own_are_read() -> None:
    assert silence.load(_figures(30)).after[Input.SILENT_20_MINUTES] == timedelta(minutes=30)


@pytest.mark.parametrize(
    "text",
    ["not toml", "", _figures(0), _figures(-1), _figures(1440), _figures('"soon"'), "source = 1"],
)
def test_figures_that_would_silence_a_child_at_once_are_refused(text: str) -> None:
    with pytest.raises(UnusableTableError):
        silence.load(text)
