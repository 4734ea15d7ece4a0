"""Asking again and silence: what counts, and that more of it never counts for less."""

from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import conversation
from triage.conversation import Begun, Said
from triage.errors import UnusableFiguresError
from triage.grades import Grade

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
FIGURES = conversation.load()
ASKING, COMING, GONE = FIGURES.asking_again, FIGURES.coming_back, FIGURES.gone_quiet
SHIPPED = resources.files("triage").joinpath("conversation.toml").read_text("utf-8")

moments = st.integers(0, 7200).map(lambda seconds: NOON + seconds * SECOND)
sayings = st.lists(st.builds(Said, at=moments, characters=st.integers(1, 300)), max_size=25).map(
    lambda said: sorted(said, key=lambda each: each.at)
)
beginnings = st.lists(st.builds(Begun, at=moments, messages=st.integers(0, 9)), max_size=8)


def asked(*minutes: float, characters: int = 10) -> list[Said]:
    return [Said(NOON + minute * MINUTE, characters) for minute in minutes]


def test_a_child_who_asks_four_times_in_half_an_hour_unanswered_asks_again() -> None:
    assert conversation.asks_again(asked(0, 5, 12, 20), ASKING)
    assert not conversation.asks_again(asked(0, 5, 12), ASKING)
    assert not conversation.asks_again(asked(0, 5, 12, 31), ASKING)


def test_a_child_who_writes_one_word_a_message_asks_once() -> None:
    assert not conversation.asks_again([Said(NOON + n * 20 * SECOND, 4) for n in range(12)], ASKING)


def test_a_story_in_many_messages_is_no_asking() -> None:
    assert not conversation.asks_again(asked(0, 5, 12, 20, characters=300), ASKING)


def test_a_child_who_comes_back_in_three_short_conversations_in_a_day_comes_back() -> None:
    begun = [Begun(NOON, 1), Begun(NOON + 5 * HOUR, 2), Begun(NOON + 20 * HOUR, 1)]
    assert conversation.comes_back(begun, COMING)
    assert not conversation.comes_back(begun[:2], COMING)
    assert not conversation.comes_back([*begun[:2], Begun(NOON + 25 * HOUR, 1)], COMING)
    assert not conversation.comes_back([*begun[:2], Begun(NOON + 6 * HOUR, 6)], COMING)
    assert not conversation.comes_back([*begun[:2], Begun(NOON + 6 * HOUR, 0)], COMING)
    assert not conversation.comes_back([], COMING)


@given(said=sayings)
def test_fewer_than_the_figure_is_never_asking_again(said: list[Said]) -> None:
    if conversation.asks_again(said, ASKING):
        assert len(said) >= ASKING.times
        assert said[-1].at - said[0].at >= (ASKING.times - 1) * ASKING.pause


@given(said=sayings, pause=st.integers(46, 300))
def test_one_short_asking_more_never_makes_it_less(said: list[Said], pause: int) -> None:
    again = Said((said[-1].at if said else NOON) + pause * SECOND, 5)
    # What is too old by then no longer counts, so only what stands within the time is looked at.
    recent = [each for each in said if again.at - each.at <= ASKING.within]
    if conversation.asks_again(recent, ASKING):
        assert conversation.asks_again([*recent, again], ASKING)


@given(begun=beginnings, more=st.integers(1, 5))
def test_one_short_conversation_more_never_makes_it_less(begun: list[Begun], more: int) -> None:
    newest = max((each.at for each in begun), default=NOON)
    if conversation.comes_back(begun, COMING):
        assert conversation.comes_back([*begun, Begun(newest, more)], COMING)


@pytest.mark.parametrize(("grade", "minutes"), [(Grade.EMERGENCY, 10), (Grade.URGENT, 20)])
def test_a_grave_conversation_is_quiet_after_its_time(grade: Grade, minutes: int) -> None:
    def quiet(after: timedelta) -> conversation.Quiet | None:
        return conversation.quiet(grade, silent_since=NOON, heard_until=NOON + after, figures=GONE)

    assert quiet(minutes * MINUTE - SECOND) is None
    found = quiet(minutes * MINUTE)
    assert found is not None
    assert found.raises_to is grade
    assert found.calls_at == NOON + GONE.silences[grade].calls_after


@given(grade=st.sampled_from(Grade), minutes=st.integers(-60, 600), more=st.integers(0, 600))
def test_silence_never_lowers_and_a_longer_one_is_never_less(
    grade: Grade, minutes: int, more: int
) -> None:
    def quiet(minutes: int) -> conversation.Quiet | None:
        return conversation.quiet(
            grade, silent_since=NOON, heard_until=NOON + minutes * MINUTE, figures=GONE
        )

    found = quiet(minutes)
    if found is not None:
        assert grade in conversation.GRAVE
        assert found.raises_to.rank <= grade.rank
        assert quiet(minutes + more) == found


def test_only_the_data_makes_an_urgent_silence_an_emergency() -> None:
    raising = conversation.load(
        SHIPPED.replace("raises_to_emergency = false", "raises_to_emergency = true")
    ).gone_quiet
    for figures, raised in ((GONE, Grade.URGENT), (raising, Grade.EMERGENCY)):
        found = conversation.quiet(
            Grade.URGENT, silent_since=NOON, heard_until=NOON + HOUR, figures=figures
        )
        assert found is not None
        assert found.raises_to is raised


def test_a_sign_is_found_by_its_rule() -> None:
    assert FIGURES.sign("gone-quiet") == GONE.sign
    assert FIGURES.sign("asking-again") == ASKING.sign
    assert FIGURES.sign("coming-back") == COMING.sign
    assert FIGURES.sign("no-such-rule") is None


def test_the_figures_say_where_they_are_from_and_who_checked_them() -> None:
    assert FIGURES.source
    assert "not confirmed" in FIGURES.checked


@pytest.mark.parametrize(
    ("was", "is_"),
    [
        ("times = 4", "times = 1"),
        ("times = 4", "times = 21"),
        ("times = 3", 'times = "often"'),
        ("within_seconds = 120", "within_seconds = 0"),
        ("most_characters = 2000", "most_characters = 0"),
        ("noticed_after_minutes = 20", "noticed_after_minutes = 41"),
        ("noticed_after_minutes = 20", "noticed_after_minutes = 0"),
        ('raises_to = "urgent"', 'raises_to = "soon"'),
        ("pause_seconds = 45", ""),
        ("[read]", "[read"),
    ],
)
def test_figures_that_would_raise_everything_or_nothing_are_refused(was: str, is_: str) -> None:
    assert was in SHIPPED
    with pytest.raises(UnusableFiguresError):
        conversation.load(SHIPPED.replace(was, is_))
