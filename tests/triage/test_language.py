"""A text that is not plainly English is seen as such, and text-speak is not taken for another."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage import assessment, language
from triage.assessment import assess
from triage.grades import Grade

SENTENCES = [
    json.loads(line)
    for line in Path("tests/triage/care/languages.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("line", SENTENCES, ids=lambda line: line["id"])
def test_no_sentence_of_another_language_passes_as_ordinary_english(line: dict[str, str]) -> None:
    found = assess(line["text"])
    assert found.language != language.ENGLISH or found.grade is not Grade.HIGH
    if found.language != language.ENGLISH:
        reason = found.reasons[-1]
        assert (reason.rule, reason.start, reason.end) == ("another-language", 0, len(line["text"]))


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("dua te shkoj ne shtepi", "sq"),
        ("mujhe ghar jana hai", "ur-Latn"),
        ("waxaan rabaa inaan guriga tago", "so"),
        ("quiero ir a mi casa", "es"),
        ("idk wot 2 do fam shes proper doing my head in", "en"),
        ("sooooo hungryyy lol cba wiv dinner", "en"),
        ("khayef", "ar-Latn"),
        ("gaanggu", "und"),
        ("K", "en"),
        ("999", "en"),
        ("", "zxx"),
        ("\U0001f62d", "zxx"),
        ("помогите мне", "und-Cyrl"),
        ("xqzt vrrm plogn", "und"),
    ],
)
def test_the_tag_says_what_is_likeliest(text: str, tag: str) -> None:
    assert assess(text).language == tag


def test_a_danger_in_another_language_raises_and_says_that_nobody_checked_it() -> None:
    found = assess("ata me rrahin cdo nate")
    assert found.grade is Grade.URGENT
    assert "Unverified" in found.reasons[0].why


def test_a_danger_in_english_counts_inside_another_language() -> None:
    found = assess("mujhe ghar nahi jana he hits me")
    assert found.grade is Grade.URGENT
    assert found.language == "ur-Latn"


def test_another_language_stands_above_ordinary_english() -> None:
    assert assess("quiero hablar con mi hermano").score > assess("i like football").score


@given(text=st.text(st.characters(), max_size=120))
@settings(deadline=None)
def test_every_text_has_an_answer(text: str) -> None:
    tag = language.language_of(text, assessment._is_english)
    assert tag
    assert "\n" not in tag


def test_a_very_long_run_of_letters_stays_out_of_the_memory() -> None:
    before = language._remembered.cache_info().currsize
    assess("q" * 5000)
    assert language._remembered.cache_info().currsize == before
