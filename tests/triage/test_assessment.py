"""What a text is graded, and that no wording, spelling or length makes it milder."""

import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from triage import assessment, lexicon
from triage.assessment import assess
from triage.grades import Grade

ROWS = [row for row in lexicon.default().rows if row.kind == "concern"]
GRADES = {Grade.EMERGENCY, Grade.URGENT, Grade.HIGH}

any_text = st.text(st.characters(), max_size=300)
around = st.lists(
    st.sampled_from(
        [
            *(
                "not",
                "never",
                "my friend",
                "used to",
                "last year",
                "lol",
                "jk",
                "nvm",
                "when",
                "he",
            ),
            "this homework is killing me",
            "just kidding",
            "\U0001f602",
            "...",
            "\n",
            "помогите",
            "k i l l",
        ]
    ),
    max_size=12,
).map(" ".join)


def _rules(text: str) -> set[str]:
    return {reason.rule for reason in assess(text).reasons}


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("im gonna kms tonight", Grade.EMERGENCY),
        ("ive taken loads of tablets", Grade.EMERGENCY),
        ("he is outside my door with a knife", Grade.EMERGENCY),
        ("my friend wont wake up", Grade.EMERGENCY),
        ("they are making me marry my cousin", Grade.EMERGENCY),
        ("i was raped", Grade.EMERGENCY),
        ("kms lol", Grade.URGENT),
        ("i don\u2019t want to live", Grade.URGENT),
        ("sh again last nite", Grade.URGENT),
        ("my foster carer's hitting me", Grade.EMERGENCY),
        ("the staff pinned me down", Grade.URGENT),
        ("they locked me in my room", Grade.URGENT),
        ("i ran away", Grade.URGENT),
        ("my friend ran away", Grade.URGENT),
        ("my sister has run away", Grade.URGENT),
        ("they wont feed us", Grade.URGENT),
        ("they r moving me 2moro", Grade.URGENT),
        ("they wont let me ring my sw", Grade.URGENT),
        ("he keeps touching me", Grade.URGENT),
        ("delete this", Grade.URGENT),
        ("i dont like the new placement", Grade.HIGH),
        ("hi", Grade.HIGH),
        ("this homework is killing me", Grade.HIGH),
    ],
)
def test_what_children_write_is_graded_by_what_it_means(text: str, grade: Grade) -> None:
    assert assess(text).grade is grade


@pytest.mark.parametrize("text", ["HELP", "help!!", "STOP", "stop.", "END", "QUIT", "\U0001f198"])
def test_a_whole_message_that_is_a_cry_is_urgent(text: str) -> None:
    assert assess(text).grade is Grade.URGENT
    assert assess(text).concerns[0] == "cry for help"


def test_what_is_known_beside_the_words_only_raises() -> None:
    mild, grave = assess("hello"), assess("i took all my tablets")
    raised = assessment.at_least(mild, Grade.URGENT)
    assert raised.grade is Grade.URGENT
    assert mild.score < raised.score < grave.score
    assert raised.reasons == mild.reasons
    assert assessment.at_least(grave, Grade.URGENT) == grave


@pytest.mark.parametrize("text", ["help with fractions", "the bus stop", "the end"])
def test_the_same_word_inside_a_message_is_not_a_cry(text: str) -> None:
    assert assess(text).grade is Grade.HIGH


@pytest.mark.parametrize(
    "text",
    [
        "i am not going to kill myself",
        "my friend is going to kill himself",
        "last year i was going to kill myself",
        "i am going to kill myself lol jk",
    ],
)
def test_not_and_friends_and_the_past_never_lower_the_grade(text: str) -> None:
    assert assess(text).grade is Grade.EMERGENCY


@pytest.mark.parametrize(
    ("softer", "note"),
    [
        ("i do not cut myself", "not so"),
        ("my friend did cut herself", "somebody else"),
        ("last year i cut myself", "in the past"),
    ],
)
def test_not_and_friends_and_the_past_change_the_reason_and_the_score(
    softer: str, note: str
) -> None:
    plain = assess("i cut myself")
    assert assess(softer).grade is plain.grade
    assert assess(softer).score < plain.score
    assert note in assess(softer).reasons[0].why
    assert note not in plain.reasons[0].why


def test_the_plainest_of_two_mentions_is_the_reason() -> None:
    text = "i would never cut myself but today i cut myself"
    found = assess(text).reasons[0]
    assert (text[found.start : found.end], "not so" in found.why) == ("cut myself", False)
    assert found.start > 20


def test_taking_it_back_raises_what_it_takes_back() -> None:
    assert assess("i hate it here").grade is Grade.HIGH
    assert assess("i hate it here. never mind").grade is Grade.URGENT
    assert assess("never mind").grade is Grade.HIGH
    assert assess("never mind").score > assess("ok").score


def test_time_and_place_raise_what_stands_beside_them_and_nothing_else() -> None:
    assert assess("i want to die").grade is Grade.URGENT
    raised = assess("i want to die. im at the station")
    assert raised.grade is Grade.EMERGENCY
    assert {reason.concern for reason in raised.reasons} == {
        "suicide and self-harm",
        "time and place",
    }
    assert assess("im at the station").reasons == ()
    assert assess("my bags r packed for the station").grade is Grade.HIGH


def test_a_subject_of_care_counts_only_where_something_raises_it() -> None:
    assert assess("i have a new placement and a suitcase").concerns == ("placement move",)
    assert assess("my suitcase is blue").reasons == ()
    raised = assess("my suitcase is in the hall nobody told me")
    assert raised.grade is Grade.URGENT
    assert "where they live" in raised.concerns
    # What takes a worry back does not make a worry of the word "suitcase".
    assert assess("my suitcase nvm").grade is Grade.HIGH


def test_another_script_stays_high_and_is_put_further_up() -> None:
    found = assess("здравствуйте друзья")
    assert (found.grade, found.language) == (Grade.HIGH, "und-Cyrl")
    assert found.concerns == ("another language",)
    assert found.score > assess("hello there").score


@pytest.mark.parametrize("text", ["", " ", ".", "\U0001f62d\U0001f62d", "((("])
def test_a_message_without_words_stays_high_and_is_put_further_up(text: str) -> None:
    found = assess(text)
    assert (found.grade, found.language, found.concerns) == (Grade.HIGH, "zxx", ("no words",))
    assert found.score > assess("hello there").score
    assert (found.reasons[0].start, found.reasons[0].end) == (0, len(text))


@pytest.mark.parametrize(
    "written",
    [
        "k1ll mys3lf",
        "kiiill myyyself",
        "k i l l m y s e l f",
        "k.i.l.l myself",
        "killmyself",
        "ki\u200bll myself",
        "k\u0456ll mys\u0435lf",
        "KILL   MYSELF",
        "kms",
    ],
)
def test_a_disguised_word_is_found_and_shown_as_it_was_written(written: str) -> None:
    text = f"ok so {written}"
    found = next(each for each in assess(text).reasons if each.rule == "suicide-thoughts")
    assert text[found.start : found.end] == written


def test_reasons_run_from_the_worst_and_are_few() -> None:
    every = ". ".join(row.must_match for row in ROWS)
    found = assess(every)
    ranks = {row.id: row.grade.rank for row in lexicon.default().rows}
    order = [ranks[reason.rule] for reason in found.reasons]
    assert order == sorted(order)
    assert len(found.reasons) == assessment.MOST_REASONS
    assert found.grade is Grade.EMERGENCY


def test_what_could_not_be_assessed_is_urgent() -> None:
    assert assessment.NOT_ASSESSED.grade is Grade.URGENT
    assert assessment.NOT_ASSESSED.concerns == ("not assessed",)
    assert 0 <= assessment.NOT_ASSESSED.score <= 1


@given(text=any_text)
@example(text="\ud800")
@example(text="\x00")
@example(text="(" * 10_000)
@example(text="[" * 100_000)
@example(text="9" * 5_000)
@example(text="kill myself " * 2_000)
@example(text="\ufdfa" * 10_000)
@settings(deadline=None)
def test_any_text_is_graded_and_every_reason_points_inside_it(text: str) -> None:
    found = assess(text)
    assert found.grade in GRADES
    assert 0 <= found.score <= 1
    for reason in found.reasons:
        assert 0 <= reason.start <= reason.end <= len(text)
        assert reason.why
        assert reason.concern in found.concerns
    assert assess(text) == found


@given(before=around, row=st.sampled_from(ROWS), after=around)
def test_no_text_makes_the_grade_milder_than_the_text_it_contains(
    before: str, row: lexicon.Row, after: str
) -> None:
    whole = assess(f"{before} {row.must_match} {after}")
    assert whole.grade.rank <= row.grade.rank
    if len(whole.reasons) < assessment.MOST_REASONS:
        assert row.id in {reason.rule for reason in whole.reasons}


@given(text=any_text, other=any_text)
def test_every_emergency_scores_above_every_urgent_and_every_urgent_above_every_high(
    text: str, other: str
) -> None:
    emergency = assess(f"{text} i am going to kill myself {other}")
    urgent = assess("i am going to cut myself. he hits me. they locked me in. i ran away. kms")
    high = assess("bullying. always hungry")
    assert emergency.score > urgent.score > high.score


@pytest.mark.parametrize("piece", ["(", "a ", "staff hit me ", "kill myself ", "x1", "\U0001f62d"])
def test_the_work_grows_no_faster_than_the_text(piece: str) -> None:
    def calls(length: int) -> int:
        text = (piece * length)[:length]
        assess(text)  # what is remembered between texts is no work of the second
        made = 0

        def count(_frame: object, _event: str, _argument: object) -> None:
            nonlocal made
            made += 1

        sys.setprofile(count)
        try:
            assess(text)
        finally:
            sys.setprofile(None)
        return made

    # Calls, not seconds: ten times the text may take ten times the work, a square a hundred times.
    assert calls(10_000) < 15 * max(calls(1_000), 100)


def test_what_somebody_did_to_the_child_is_about_the_child() -> None:
    assert "somebody else" not in assess("my brother touched me").reasons[0].why


def test_a_text_is_read_up_to_its_bound() -> None:
    assert assess("(" * 100_000).reasons[0].end == assessment.LONGEST_TEXT
