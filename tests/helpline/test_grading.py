"""`helpline triage`: a line in, a line out, and no line is ever an error."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline import grading
from triage import assessment

ANY_TEXT = st.text(
    st.characters(codec=None, exclude_categories=()) | st.characters(categories=["Cs"]), max_size=60
)


def graded(line: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(grading.graded(line, number=4).encode())
    return said


def test_a_text_comes_back_with_its_grade_score_concerns_and_reasons() -> None:
    text = "i took all my tablets"
    said = graded(json.dumps({"id": "a1", "text": text}))
    found = assessment.assess(text)
    assert list(said) == ["id", "grade", "score", "concerns", "reasons", "language"]
    assert (said["id"], said["grade"], said["language"]) == ("a1", "emergency", "en")
    assert said["score"] == pytest.approx(found.score, abs=1e-4)
    assert said["concerns"] == list(found.concerns)
    for reason in said["reasons"]:
        assert set(reason) >= {"concern", "start", "end", "why"}
        assert 0 <= reason["start"] < reason["end"] <= len(text)


def test_an_id_keeps_its_kind_and_other_fields_are_left_out() -> None:
    assert graded('{"id":7,"text":"hello","label":"x"}')["id"] == 7
    assert graded('{"id":"7","text":"hello"}')["id"] == "7"
    assert "label" not in graded('{"id":7,"text":"hello","label":"x"}')


@pytest.mark.parametrize(
    ("line", "identity"),
    [
        ("", None),
        ("{", None),
        ("[]", None),
        ("[" * 100_000, None),
        ('{"id":1}', 1),
        ('{"text":"hello"}', None),
        ('{"id":null,"text":"a"}', None),
        ('{"id":true,"text":"a"}', None),
        ('{"id":"a","text":2}', "a"),
        ('{"id":"\\ud800","text":2}', "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_line_that_is_no_text_says_which_it_is_and_has_no_grade(
    line: str, identity: str | int | None
) -> None:
    assert graded(line) == {
        "id": identity,
        "line": 4,
        "error": "This line is not JSON with an id and a text.",
    }


def test_half_a_letter_in_an_id_is_replaced_and_a_whole_one_kept() -> None:
    assert graded('{"id":"a\\ud800b","text":"hello"}')["id"] == "a\N{REPLACEMENT CHARACTER}b"
    assert graded('{"id":"\\ud83d\\ude00","text":"hello"}')["id"] == "\N{GRINNING FACE}"


@given(text=ANY_TEXT)
def test_every_text_is_graded_and_never_below_high(text: str) -> None:
    said = graded(json.dumps({"id": 1, "text": text}))
    assert said["grade"] in {"emergency", "urgent", "high"}
    assert 0 <= said["score"] <= 1


@given(identity=st.text(st.characters(codec="utf-8"), max_size=60))
def test_every_id_comes_back(identity: str) -> None:
    assert graded(json.dumps({"id": identity, "text": "hello"}))["id"] == identity


@given(line=ANY_TEXT)
def test_no_line_ends_the_program(line: str) -> None:
    assert graded(line)
