"""The statistical helper raises by one step at most, says where it looked, and is never undone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage import assessment, likeness
from triage.assessment import assess
from triage.grades import Grade
from triage.likeness import BEGINNING, NOTHING, Likeness

WEIGHTS = {
    "door": 400,
    f"{BEGINNING} he": 300,
    "my door": 500,
    "at my door": 600,
    "#|doo": 100,
    "pizza": -900,
}
SMALL = Likeness(WEIGHTS, start=-1000, threshold=900)

sentences = st.lists(
    st.lists(
        st.sampled_from(["he", "waits", "at", "my", "door", "pizza", "night", "no", "asleep"]),
        min_size=1,
        max_size=9,
    ).map(lambda words: " ".join(words) + "."),
    max_size=5,
)
EVERYTHING = Likeness(
    {f"#{a}{b}|": 9000 for a in "aeinorst" for b in "dehlnrst"}, start=0, threshold=1
)


def test_a_score_is_the_sum_of_what_is_known() -> None:
    found = SMALL.alike(["he", "waits", "at", "my", "door"], [0])
    assert found is not None
    assert found.score == -1000 + 300 + 400 + 100 + 500 + 600
    assert found.reaches
    assert (found.first, found.last) == (0, 4)


def test_what_follows_takes_nothing_back() -> None:
    found = SMALL.alike(["he", "waits", "at", "my", "door", "pizza", "pizza"], [0])
    assert found is not None
    assert found.reaches


def test_each_word_costs_so_that_length_alone_raises_nothing() -> None:
    dear = Likeness(WEIGHTS, start=-1000, threshold=900, word_cost=10)
    found, before = (each.alike(["he", "waits"], [0]) for each in (dear, SMALL))
    assert found is not None
    assert before is not None
    assert found.score == before.score - 10


def test_each_sentence_is_weighed_from_its_own_beginning() -> None:
    words = ["pizza", "pizza", "pizza", "he", "waits", "at", "my", "door"]
    whole, found = SMALL.alike(words, [0]), SMALL.alike(words, [0, 3])
    assert whole is not None
    assert found is not None
    assert (whole.reaches, found.reaches) == (False, True)
    assert found.first >= 3


@given(before=sentences, text=sentences.filter(bool), after=sentences)
@settings(deadline=None)
def test_adding_sentences_makes_no_text_less_alike(
    before: list[str], text: list[str], after: list[str]
) -> None:
    assert _score(" ".join([*before, *text, *after])) >= _score(" ".join(text))


@given(text=st.text(max_size=200))
@settings(deadline=None)
def test_the_helper_raises_by_one_step_at_most_and_lowers_nothing(text: str) -> None:
    ruled, raised = assess(text, helper=NOTHING), assess(text, helper=EVERYTHING)
    assert raised.grade.rank <= ruled.grade.rank
    assert raised.grade in {ruled.grade, Grade.URGENT}
    assert ruled.grade is Grade.HIGH or raised == ruled
    for reason in raised.reasons:
        assert 0 <= reason.start <= reason.end <= len(text)


def test_what_it_raised_says_so_in_the_childs_own_words() -> None:
    text = "ok. but THE rest ended"
    found = assess(text, helper=EVERYTHING)
    assert found.grade is Grade.URGENT
    reason = found.reasons[0]
    assert (reason.rule, reason.concern) == ("likeness", likeness.said().concern)
    assert text[reason.start : reason.end] in text
    assert found.score < 0.45  # below whatever a rule raised


@pytest.mark.parametrize("words", [[], [""], ["\ud800"], ["x" * 10_000]])
def test_no_word_is_too_odd(words: list[str]) -> None:
    assert NOTHING.alike(words, [0]) is None
    EVERYTHING.alike(words, [0])


def test_a_very_long_word_stays_out_of_the_memory() -> None:
    helper = Likeness(WEIGHTS, start=0, threshold=1)
    helper.alike(["x" * 41, "door"], [0])
    assert helper._remembered.cache_info().currsize == 1


def test_switched_off_the_rules_stand_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {**likeness._settings(), "on": False}
    monkeypatch.setattr(likeness, "_settings", lambda: settings)
    likeness.shipped.cache_clear()
    try:
        assert likeness.shipped() is NOTHING
    finally:
        likeness.shipped.cache_clear()


def test_weights_are_read_as_they_are_written() -> None:
    read = likeness.read("# a remark\n-5\t\n7\tdoor\n-1\t#|do\n", threshold=2)
    found = read.alike(["door"], [0])
    assert found is not None
    assert found.score == -5 + 7 - 1


def _score(text: str) -> int:
    said = assessment.plain(text)
    found = SMALL.alike(said.words.split(), said.beginnings())
    assert found is not None
    return found.score
