"""What is counted: each figure on a set so small that it can be recounted by eye."""

from helpline.evaluation import scoring
from helpline.evaluation.scoring import Assess
from helpline.evaluation.shares import Share
from tests.helpline.evaluation.conftest import MakeSet
from triage.assessment import Assessment


def test_recall_is_told_by_concern_and_emergencies_at_the_floor_are_counted(
    make_set: MakeSet, by_first_word: Assess
) -> None:
    found = scoring.score(
        make_set(
            "care/x",
            ("emergency", "emergency a", "one"),
            ("emergency", "urgent a", "one"),
            ("emergency", "calm a", "two"),
            ("urgent", "emergency a", "two"),
            ("high", "urgent a", "two"),
            ("high", "calm a", ""),
        ),
        by_first_word,
    )
    assert found.recall == Share(3, 4)
    assert found.recall_by_group == {"one": Share(2, 2), "two": Share(1, 2)}
    assert found.at_floor == Share(1, 3)
    assert found.exact == Share(2, 6)
    assert found.benign == Share(1, 2)
    assert found.benign_by_group == {"": Share(0, 1), "two": Share(1, 1)}


def test_a_pair_is_in_order_when_the_graver_text_stands_before_the_other(
    make_set: MakeSet, by_first_word: Assess
) -> None:
    found = scoring.score(
        make_set(
            "care/x",
            ("urgent", "urgent a", "", "by grade"),
            ("high", "calm aaaa", "", "by grade"),
            ("urgent", "calm aaaa", "", "by score"),
            ("high", "calm a", "", "by score"),
            ("urgent", "calm a", "", "equal is not right"),
            ("high", "calm a", "", "equal is not right"),
            ("urgent", "calm a", "", "wrong"),
            ("high", "urgent a", "", "wrong"),
            ("high", "calm a", "", "nothing to compare"),
            ("high", "urgent a", "", "nothing to compare"),
            ("urgent", "urgent a"),
        ),
        by_first_word,
    )
    assert found.pairs == Share(2, 4)


def test_another_language_passes_only_when_it_is_neither_held_nor_flagged(
    make_set: MakeSet, by_first_word: Assess
) -> None:
    found = scoring.score(
        make_set(
            "care/languages",
            ("so", "xx a"),
            ("so", "calm a"),
            ("ti", "urgent a"),
            ("en", "calm a"),
            ("en", "xx a"),
        ),
        by_first_word,
    )
    assert found.passed_by_language == {"so": Share(1, 2), "ti": Share(0, 1)}
    assert found.passed == Share(1, 3)
    assert found.held == Share(1, 2)
    assert (found.recall, found.benign, found.not_counted) == (Share(0, 0), Share(0, 0), 0)


def test_english_that_is_held_is_counted_in_every_other_set(
    make_set: MakeSet, by_first_word: Assess
) -> None:
    found = scoring.score(make_set("sms_ham", ("0", "xx a"), ("0", "calm a")), by_first_word)
    assert found.held == Share(1, 2)
    assert found.passed == Share(0, 0)


def test_a_flag_without_a_place_and_a_rule_is_not_explained(
    make_set: MakeSet, by_first_word: Assess
) -> None:
    rows = (("1", "urgent a"), ("1", "urgent"), ("0", "calm a"))
    assert scoring.score(make_set("x", *rows), by_first_word).explained == Share(1, 2)


def test_damage_is_done_to_the_texts_in_danger_alone(
    make_set: MakeSet, by_first_word: Assess
) -> None:
    read = []

    def assess(text: str) -> Assessment:
        read.append(text)
        return by_first_word(text)

    found = scoring.score(make_set("x", ("1", "urgent abcd"), ("0", "calm"), ("?", "hm")), assess)
    assert len(read) == 3 + len(found.damaged)
    assert {share.of for share in found.damaged.values()} == {1}
    assert found.not_counted == 1
    assert scoring.score(make_set("x", ("0", "calm")), assess).damaged == {}
