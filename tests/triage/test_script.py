"""A text in another script is seen as such."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import script


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hello", "en"),
        ("caf\u00e9 \U0001f600", "en"),
        ("999", "en"),
        ("\u0663", "en"),
        ("", "zxx"),
        ("...", "zxx"),
        ("\U0001f62d\U0001f62d", "zxx"),
        ("помогите мне", "und-Cyrl"),
        ("ساعدني", "und-Arab"),
        ("እርዱኝ", "und-Ethi"),
        ("救命", "und-Hani"),
        ("hello помогите мне пожалуйста", "und-Cyrl"),
        ("a long english text with one word мне", "en"),
        ("\uff48\uff45\uff4c\uff50", "en"),
        ("\U0001d424\U0001d422\U0001d425\U0001d425", "en"),
        ("\u13e3\u13b3\u13a9", "und-Zyyy"),
    ],
)
def test_the_script_names_the_language_as_far_as_it_can(text: str, language: str) -> None:
    assert script.language_of(text) == language


@given(text=st.text(st.characters(), max_size=100))
def test_every_text_has_an_answer(text: str) -> None:
    language = script.language_of(text)
    assert language in {"en", "zxx"} or language.startswith("und-")
