"""What a child sent close together is one text too; each reason stays in its own message."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import assessment, conversation, fragments
from triage.conversation import Together
from triage.fragments import Fragment, Joined
from triage.grades import Grade

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
# A worry that is no more than high alone.
MILD = "my social worker never replies"
FIGURES = conversation.load().together

words = st.sampled_from(
    ["i want", "to", "die", "i took", "all", "my tablets", "he hit", "me", "ok", "lunch", "", "😢"]
)
texts = st.lists(words | st.text(max_size=40), max_size=8)
pauses = st.lists(st.integers(0, 200), min_size=8, max_size=8)


def said(*texts: str, seconds: int = 5, pauses: list[int] | None = None) -> list[Fragment]:
    """A child writes these, one after the other."""
    at, found = NOON, []
    for place, text in enumerate(texts):
        at += (pauses[place] if pauses else seconds) * SECOND
        found.append(Fragment(at, text, assessment.assess(text)))
    return found


def read(*texts: str, seconds: int = 5, figures: Together = FIGURES) -> Joined:
    return fragments.read_together(said(*texts, seconds=seconds), figures)


def marked(joined: Joined, *texts: str) -> list[list[str]]:
    """The words that the reasons of each message point at."""
    return [
        [text[reason.start : reason.end] for reason in reasons]
        for text, reasons in zip(texts, joined.reasons, strict=True)
    ]


def test_words_in_two_messages_are_graded_as_one_text_and_marked_in_both() -> None:
    texts = ("they held", "me down on the floor")
    assert all(assessment.assess(text).grade is Grade.HIGH for text in texts)
    joined = read(*texts)
    assert joined.grade is Grade.URGENT
    assert marked(joined, *texts) == [["held"], ["me down"]]
    for [reason] in joined.reasons:
        assert reason.rule == "restraint-held"
        assert reason.why.endswith(FIGURES.note)


def test_only_the_messages_that_carry_the_words_are_marked() -> None:
    texts = ("hello", "are you there", "i want to", "die", "ok")
    assert marked(read(*texts), *texts) == [[], [], ["want to"], ["die"], []]


def test_what_a_message_says_alone_is_not_said_again() -> None:
    joined = read("i want to die", "are you there", "please")
    assert joined.reasons == ((), (), ())


def test_what_is_worse_together_says_why_though_each_reason_was_known() -> None:
    texts = (MILD, "forget it")
    assert [assessment.assess(text).grade for text in texts] == [Grade.HIGH, Grade.HIGH]
    joined = read(*texts)
    assert joined.grade is Grade.URGENT
    assert all(joined.reasons)


@pytest.mark.parametrize(("seconds", "grade"), [(120, Grade.URGENT), (121, None)])
def test_two_minutes_apart_belong_together_and_more_do_not(
    seconds: int, grade: Grade | None
) -> None:
    assert read("i want to", "die", seconds=seconds).grade is grade


def test_neighbours_stay_together_however_long_the_child_goes_on() -> None:
    before, after = ["ok then"] * 6, ["so anyway"] * 6
    texts = (*before, "i want to", "die", *after)
    joined = read(*texts, seconds=60)
    assert joined.grade is Grade.URGENT
    assert marked(joined, *texts)[6:8] == [["want to"], ["die"]]


def test_a_long_text_meets_its_neighbours_with_its_beginning_and_its_end() -> None:
    long = "die " + "lunch was good " * 2000 + "i took all"
    texts = ("i want to", long, "my tablets")
    joined = read(*texts)
    assert joined.grade is Grade.EMERGENCY
    first, second, third = marked(joined, *texts)
    assert first == ["want to"]
    assert {"die", "took all"} <= set(second)
    assert "my tablets" in third


def test_the_work_is_bounded_however_much_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    many = said(*["lunch was good " * 100] * 60, seconds=1)
    lengths: list[int] = []
    assess = assessment.assess

    def counting(text: str) -> assessment.Assessment:
        lengths.append(len(text))
        return assess("")

    monkeypatch.setattr(assessment, "assess", counting)
    fragments.read_together(many, FIGURES)
    assert max(lengths) <= FIGURES.most_characters
    assert len(lengths) <= len(many)


@given(texts=texts, pauses=pauses)
def test_every_reason_lies_within_its_message_and_no_rule_is_told_twice_there(
    texts: list[str], pauses: list[int]
) -> None:
    given_ = said(*texts, pauses=pauses)
    joined = fragments.read_together(given_, FIGURES)
    assert len(joined.reasons) == len(texts)
    for text, reasons in zip(texts, joined.reasons, strict=True):
        assert len(set(reasons)) == len(reasons)
        for reason in reasons:
            assert 0 <= reason.start < reason.end <= len(text)


@given(texts=texts, pauses=pauses)
def test_what_is_raised_together_always_says_why(texts: list[str], pauses: list[int]) -> None:
    given_ = said(*texts, pauses=pauses)
    joined = fragments.read_together(given_, FIGURES)
    worst_alone = min((each.alone.grade.rank for each in given_), default=Grade.HIGH.rank)
    if joined.grade is not None and joined.grade.rank < worst_alone:
        assert any(joined.reasons)


@given(texts=st.lists(words, min_size=2, max_size=6), more=st.lists(words, max_size=3))
def test_messages_that_follow_never_hide_what_was_said_together(
    texts: list[str], more: list[str]
) -> None:
    before, after = read(*texts), read(*texts, *more)
    assert before.grade is not None
    assert after.grade is not None
    assert after.grade.rank <= before.grade.rank
