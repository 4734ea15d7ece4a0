"""HELP, STOP, END, QUIT alone are cries for a person, however a phone or a hurry writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import keywords, texting
from chat.texting import Flag, Input
from triage.assessment import assess
from triage.grades import Grade

WORDS = ("help", "stop", "end", "quit")
decorated = st.sampled_from(
    [
        "",
        "!",
        "!!!",
        "...",
        " ?!",
        "\n",
        " 😭",
        "😢😢",
        " 🙏",
        '"',
        "\u2026",
        "\u200b",
        " \U0001f198",
    ]
)


@st.composite
def cries(draw: st.DrawFn) -> str:
    """One of the words in any capitals, with one letter held down, said once or again and again."""
    word = draw(st.sampled_from(WORDS))
    at = draw(st.integers(0, len(word) - 1))
    held = word[:at] + word[at] * draw(st.sampled_from([1, 3, 5, 9])) + word[at + 1 :]
    written = draw(st.sampled_from([held, held.upper(), held.title()]))
    again = draw(st.integers(1, 4))
    return draw(decorated) + " ".join([written] * again) + draw(decorated)


@given(text=cries())
def test_a_cry_is_urgent_with_capitals_emoji_punctuation_and_letters_held_down(text: str) -> None:
    found = assess(text)
    assert found.grade is Grade.URGENT
    assert found.reasons[0].rule == "cry"
    assert 0 <= found.reasons[0].start < found.reasons[0].end <= len(text)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("kisses", ["x", "xx", "X"])
def test_a_kiss_after_it_makes_it_no_milder(word: str, kisses: str) -> None:
    assert assess(f"{word} {kisses}").grade is Grade.URGENT


@pytest.mark.parametrize("word", WORDS)
def test_a_cry_by_text_is_flagged_but_for_stop_which_the_law_of_texts_comes_before(
    word: str,
) -> None:
    given_ = texting.read_input(f" {word.upper()}!! ", pictures=0, is_own_word=False)
    assert (given_ is Input.STOP) == (word == "stop")
    assert keywords.family(word) in {"stop", "help", "cry"}
    flags = texting.load().told(given_)
    assert (Flag.STOPPED if word == "stop" else Flag.CRY) in flags


@pytest.mark.parametrize(
    "text",
    ["the bus stop the bus stop", "end of term", "help with homework help with maths", "quit"[:3]],
)
def test_the_words_in_other_company_are_no_cry(text: str) -> None:
    assert assess(text).grade is Grade.HIGH
