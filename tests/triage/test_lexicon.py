"""The lexicon: every row catches its example, leaves the other, and says where it is from."""

import tomllib
from collections import Counter
from importlib import resources
from typing import Any

import pytest

from triage import lexicon, normalise
from triage.grades import Grade
from triage.lexicon import LexiconError, Row, phrases, search

CONCERNS = {
    "suicide and self-harm",
    "medical emergency",
    "danger now",
    "abuse by staff or carers",
    "abuse by family",
    "assault or unwanted touch",
    "domestic violence at home",
    "sexual harm and exploitation",
    "criminal exploitation and trafficking",
    "online harm",
    "mental health distress",
    "missing",
    "restraint and seclusion",
    "neglect",
    "placement move",
    "bullying and peer violence",
    "gatekeeping",
    "retraction",
    "cry for help",
    "saying",
    "time and place",
    "danger in another language",
    "immigration and age dispute",
    "education and SEND",
    "family contact and siblings",
    "complaints and everyday rights",
    "leaving care",
    "out and about",
    "where they live",
    "daily life",
}

every_row = pytest.mark.parametrize("row", lexicon.default().rows, ids=lambda row: row.id)


def _files() -> dict[str, dict[str, Any]]:
    folder = resources.files("triage.lexicon")
    return {
        entry.name: tomllib.loads(entry.read_text("utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }


def _rules(text: str) -> set[str]:
    words = lexicon.default()
    plain = normalise.Normaliser(words.spelling).plain(text)
    return {words.rows[hit.row].id for hit in search.hits(words, plain)}


def test_every_concern_is_covered() -> None:
    assert {row.concern for row in lexicon.default().rows} == CONCERNS


def test_row_ids_are_unique_and_each_row_has_its_words() -> None:
    rows = lexicon.default().rows
    assert Counter(row.id for row in rows).most_common(1)[0][1] == 1
    for row in rows:
        assert row.source
        assert row.checked
        assert row.why.endswith(".")
        assert row.any_of


def test_software_never_grades_below_high_or_with_a_grade_only_a_person_gives() -> None:
    assert {row.grade for row in lexicon.default().rows} <= {
        Grade.EMERGENCY,
        Grade.URGENT,
        Grade.HIGH,
    }


@every_row
def test_a_row_catches_its_example_and_leaves_the_other(row: Row) -> None:
    if row.kind == "idiom":
        assert _rules(row.must_match) == set()
        assert _rules(row.must_not_match)
    else:
        assert row.id in _rules(row.must_match)
        assert row.id not in _rules(row.must_not_match)


@every_row
def test_a_rows_phrases_are_written_in_the_plain_words_that_texts_are_brought_to(
    row: Row,
) -> None:
    # A phrase in any other form could never be found.
    lists = lexicon.lists_of(_files())
    plain = normalise.Normaliser(lexicon.default().spelling).plain
    for phrase in row.any_of:
        for text, is_list, _ in phrases.written_steps(phrase):
            forms = {form for form in (lists[text] if is_list else (text,)) if form}
            assert forms == {plain(form).words.strip() for form in forms}


def test_a_saying_takes_only_its_own_words_out() -> None:
    assert _rules("this homework is killing me") == set()
    assert "danger-attack-now" in _rules(
        "this homework is killing me and so is he. he is killing me"
    )
    assert "suicide-thoughts" in _rules("this homework is killing me i want to die")


def test_words_may_stand_between_the_parts_of_a_phrase_but_not_a_sentence() -> None:
    assert "abuse-hit-by-staff" in _rules("the carer who drives us slapped me")
    assert "abuse-hit-by-staff" not in _rules(
        "my carer made a cake for us all on sunday and then a wave on the beach slapped me"
    )


def test_the_parts_of_a_phrase_count_only_in_their_order() -> None:
    assert "danger-weapon" in _rules("he threatened us with some knife")
    assert "danger-weapon" not in _rules("that knife is blunt nobody was threatened")


def test_what_a_row_raises_is_a_concern_of_the_lexicon() -> None:
    for row in lexicon.default().rows:
        assert (row.kind == "raising") == bool(row.beside)
        assert CONCERNS.issuperset(row.beside)


@pytest.mark.parametrize("missing", ["words.toml", "spelling.toml", "modifiers.toml"])
def test_a_lexicon_without_one_of_its_lists_is_refused(missing: str) -> None:
    files = _files()
    del files[missing]
    with pytest.raises(LexiconError):
        lexicon.build(files)


@pytest.mark.parametrize("field", ["id", "why", "any_of", "must_match", "must_not_match"])
def test_a_row_that_lacks_a_field_is_refused(field: str) -> None:
    files = _files()
    del files["missing.toml"]["row"][0][field]
    with pytest.raises(LexiconError):
        lexicon.build(files)


@pytest.mark.parametrize("field", ["source", "checked", "concern"])
def test_a_file_that_does_not_say_where_it_is_from_is_refused(field: str) -> None:
    files = _files()
    del files["missing.toml"][field]
    with pytest.raises(LexiconError):
        lexicon.build(files)


def test_a_phrase_with_an_unknown_list_is_refused() -> None:
    files = _files()
    files["missing.toml"]["row"][0]["any_of"].append("{nobody} ran off")
    with pytest.raises(LexiconError, match="nobody"):
        lexicon.build(files)
