"""A misspelt word is brought to the lexicon's, and to no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import dictionary
from triage.joined import Joined
from triage.misspelling import Misspellings

USES = {"kill": 9, "hurt": 5, "hit": 7, "tablets": 3, "myself": 6, "dad": 4, "did": 2, "phone": 5}
MEANT = Misspellings(USES).meant
APART = Joined({*USES, "my", "i", "to", "want", "dont"}, dictionary.holds).apart


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("klil", "kill"),
        ("mysefl", "myself"),
        ("hrt", "hurt"),
        ("tblts", "tablets"),
        ("ht", "hit"),
        ("dd", "dad"),
        ("tablest", "tablets"),
        ("tablits", "tablets"),
        ("tabblets", "tablets"),
        ("tabets", "tablets"),
        ("phoen", "phone"),
        ("pohne", "phone"),
        ("hpone", "phone"),
        ("hone", "phone"),
        ("hti", "hit"),
        ("pphone", "phone"),
        ("mmyself", "myself"),
        ("yself", "myself"),
        ("kil", "kill"),
        ("ddid", "did"),
        ("skill", None),
        ("hot", None),
        ("k", None),
        ("", None),
        ("k1l", None),
        ("убить", None),
    ],
)
def test_letters_swapped_left_out_or_wrong_are_undone(written: str, meant: str | None) -> None:
    assert MEANT(written) == meant


@given(st.text(max_size=20))
def test_whatever_is_written_comes_to_a_word_of_the_lexicon_or_to_none(written: str) -> None:
    assert MEANT(written) in {*USES, None}


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("iwanttokillmyself", "i want to kill myself"),
        ("mydadhit", "my dad hit"),
        ("mydadhit3", "my dad hit 3"),
        ("killmyselftomorrow", "kill myself tomorrow"),
        ("dontphone", "dont phone"),
        ("kill", None),
        ("killzzq", None),
        ("hit", None),
        ("", None),
    ],
)
def test_words_without_spaces_are_taken_apart_only_when_all_are_words(
    run: str, words: str | None
) -> None:
    assert APART(run) == words


@given(st.text("ikldmyhtou3", max_size=60))
def test_taking_apart_changes_no_letter(run: str) -> None:
    words = APART(run)
    assert words is None or words.replace(" ", "") == run


@pytest.mark.parametrize(
    ("word", "held"),
    [
        ("abandon", True),
        ("strand", True),
        ("zoom", True),
        ("the", True),
        ("strandz", False),
        ("", False),
        ("\ud800", False),
    ],
)
def test_the_dictionary_holds_whole_words_only(word: str, held: bool) -> None:  # noqa: FBT001
    assert dictionary.holds(word) is held


def test_every_word_of_the_dictionary_is_found() -> None:
    assert all(map(dictionary.holds, dictionary._words().decode().split()))
