"""Which texts are alike, and which are not."""

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import assessment, crowd
from triage.errors import UnusableFiguresError

FIGURES = crowd.load()
KEY = b"k" * 32
words = st.lists(
    st.sampled_from(["help", "me", "i", "want", "to", "die", "now", "please", "he", "is", "here"]),
    max_size=12,
)


def prints(text: str, key: bytes = KEY) -> tuple[int, ...]:
    return crowd.prints(assessment.plain(text).words.split(), key=key, figures=FIGURES)


def alike(one: str, other: str) -> bool:
    return crowd.are_alike(prints(one), prints(other), figures=FIGURES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("i want to kill myself", "I WANT TO KILL MYSELF!!!"),
        ("i want to kill myself", "i w4nt to k1ll myself 8231"),
        ("help", "HELP"),
        ("the man next door has a gun", "the man next door has a gun 77"),
        (
            "there is a bomb in the school hall and we are all going to be late for tea",
            "there is a bomb in the school hall and we are all going to be late for tea lol",
        ),
    ],
)
def test_copies_are_alike_whatever_is_done_to_their_letters_and_numbers(
    one: str, other: str
) -> None:
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("i want to kill myself", "my stepdad hits me and i want to kill myself"),
        ("help", "help me"),
        ("he touched me", "he touched my sister"),
        ("😭😭", "😭😭"),
        ("", ""),
    ],
)
def test_own_words_are_like_nobody_elses(one: str, other: str) -> None:
    assert not alike(one, other)


@given(one=words, other=words)
def test_being_alike_goes_both_ways_and_each_text_is_alike_to_itself(
    one: list[str], other: list[str]
) -> None:
    first, second = (crowd.prints(each, key=KEY, figures=FIGURES) for each in (one, other))
    assert crowd.are_alike(first, second, figures=FIGURES) == crowd.are_alike(
        second, first, figures=FIGURES
    )
    assert crowd.are_alike(first, first, figures=FIGURES) == bool(one)
    assert len(first) <= FIGURES.most_prints
    assert list(first) == sorted(set(first))


def test_prints_say_nothing_without_their_key_and_fit_a_database() -> None:
    ours, theirs = prints("i want to go home now"), prints("i want to go home now", b"o" * 32)
    assert not {*ours} & {*theirs}
    assert all(-(2**63) <= each < 2**63 for each in ours)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("senders = 5", "senders = 1"),
        ("texts = 40", "texts = 1"),
        ("alone = 2", "alone = 0"),
        ("alike_share = 0.75", "alike_share = 0"),
        ("senders = 5", ""),
    ],
)
def test_figures_that_would_make_a_crowd_of_one_are_refused(old: str, new: str) -> None:
    text = (resources.files("triage") / "crowd.toml").read_text()
    assert old in text
    with pytest.raises(UnusableFiguresError):
        crowd.load(text.replace(old, new))
