"""Every fault that a safeguarding lead can make in a file is said in words, with file and row."""

import copy
from typing import Any

import pytest

from helpline.rules import faults, files
from helpline.rules.files import Files

File = dict[str, Any]


@pytest.fixture
def lexicon() -> dict[str, File]:
    """A small lexicon with the lists that ship."""
    shipped = files.shipped().parsed
    lists = {name: copy.deepcopy(dict(file)) for name, file in shipped.items() if "row" not in file}
    ours = {
        "concern": "going hungry",
        "source": "Invented for a test.",
        "checked": "Checked by Robin Demo on a day.",
        "row": [
            {
                "id": "hungry-fed",
                "grade": "urgent",
                "why": "They may go hungry.",
                "any_of": ["no supper", "{staff} .. took my supper"],
                "must_match": "there was no supper",
                "must_not_match": "supper was ok",
            }
        ],
    }
    sayings = {
        "concern": "saying",
        "kind": "idiom",
        "source": "Invented for a test.",
        "checked": "Checked by Robin Demo on a day.",
        "row": [
            {
                "id": "saying",
                "why": "A saying.",
                "any_of": ["no supper for the wicked"],
                "must_match": "no supper for the wicked",
                "must_not_match": "there was no supper",
            }
        ],
    }
    return {**lists, "hungry.toml": ours, "sayings.toml": sayings}


def of(lexicon: dict[str, File]) -> list[str]:
    return list(faults.of(Files(lexicon, ())))


def test_a_sound_lexicon_has_no_fault(lexicon: dict[str, File]) -> None:
    assert of(lexicon) == []


def test_what_ships_has_no_fault() -> None:
    assert faults.of(files.shipped()) == ()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("why", None, "why is missing."),
        ("must_match", None, "must_match is missing."),
        ("must_not_match", " ", "must_not_match is missing."),
        ("any_of", None, "any_of is missing"),
        ("any_of", [], "there is nothing to look for"),
        ("any_of", "no supper", "nothing to look for."),
        ("any_of", ["no supper", ""], "empty or no text"),
        ("grade", "standard", "grade is 'standard'; software gives only"),
        ("garde", "urgent", "nothing called garde"),
        ("why", "they may go hungry", "does not end with a full stop"),
        ("any_of", ["no supper", "{nobody} ate"], "the list {nobody}"),
        ("any_of", ["no supper", "{staff ate"], "a brace that belongs to no list"),
        ("must_match", "supper was late", "must_match is not found."),
        ("must_not_match", "no supper again", "must_not_match is found."),
        ("any_of", ["no supper", "don't eat"], "“don't eat” is not in plain words"),
        ("any_of", ["no supper", "No Food"], "“No Food” is not in plain words"),
    ],
)
def test_a_fault_of_a_row_is_said_with_its_file_and_row(
    lexicon: dict[str, File], field: str, value: object, said: str
) -> None:
    row = lexicon["hungry.toml"]["row"][0]
    row[field] = value
    if value is None:
        del row[field]
    found = of(lexicon)
    assert any(each.startswith("hungry.toml: hungry-fed: ") and said in each for each in found)


def test_a_row_without_an_id_is_named_by_its_place(lexicon: dict[str, File]) -> None:
    del lexicon["hungry.toml"]["row"][0]["id"]
    assert of(lexicon) == ["hungry.toml: row 1: id is missing."]


def test_two_rows_of_one_id_are_a_fault_across_files(lexicon: dict[str, File]) -> None:
    lexicon["zz copy.toml"] = copy.deepcopy(lexicon["hungry.toml"])
    assert of(lexicon) == ["zz copy.toml: hungry-fed: hungry.toml has a row with the same id."]


@pytest.mark.parametrize("field", ["source", "checked", "concern"])
def test_a_file_must_say_where_it_is_from(lexicon: dict[str, File], field: str) -> None:
    del lexicon["hungry.toml"][field]
    [fault] = of(lexicon)
    assert fault.startswith(f"hungry.toml: hungry-fed: {field} is missing")


def test_a_word_of_a_list_is_held_to_the_same(lexicon: dict[str, File]) -> None:
    lexicon["words.toml"]["lists"]["staff"].append("Night-Staff")
    [fault] = of(lexicon)
    assert fault.startswith("words.toml: staff: “Night-Staff” is not in plain words")


def test_a_list_may_stand_in_the_file_that_uses_it_and_nowhere_else(
    lexicon: dict[str, File],
) -> None:
    lexicon["hungry.toml"]["lists"] = {"pudding": ["custard"]}
    lexicon["hungry.toml"]["row"][0]["any_of"].append("no {pudding}")
    assert of(lexicon) == []
    lexicon["sayings.toml"]["row"][0]["any_of"].append("no {pudding} for the wicked")
    [fault] = of(lexicon)
    assert fault.startswith("sayings.toml: saying:")
    assert "{pudding}, which is neither in this file nor in words.toml" in fault


def test_two_lists_with_one_name_are_a_fault(lexicon: dict[str, File]) -> None:
    lexicon["hungry.toml"]["lists"] = {"staff": ["cook"]}
    assert of(lexicon) == ["hungry.toml: the list staff is there already."]


def test_a_phrase_that_no_text_is_brought_to_can_never_be_found(lexicon: dict[str, File]) -> None:
    # Texts are brought from "u" to "you", so that "u" is never met. Each word of a list counts.
    lexicon["words.toml"]["lists"]["meal"] = ["supper", "tea for u"]
    lexicon["hungry.toml"]["row"][0]["any_of"] = ["no {meal}"]
    said = "hungry.toml: hungry-fed: “no {meal}” can never be found, said as “no tea for u”."
    assert of(lexicon) == [said]


def test_a_saying_that_no_text_is_brought_to_is_a_fault(lexicon: dict[str, File]) -> None:
    lexicon["sayings.toml"]["row"][0]["any_of"].append("supper for u")
    assert any("sayings.toml: saying: “supper for u” can never" in each for each in of(lexicon))


def test_a_rule_that_a_saying_silences_can_never_be_found(lexicon: dict[str, File]) -> None:
    lexicon["sayings.toml"]["row"][0]["any_of"].append("no supper")
    found = of(lexicon)
    assert "hungry.toml: hungry-fed: must_match is not found." in found
    assert any("“no supper” can never be found" in each for each in found)


def test_a_saying_that_silences_nothing_of_its_example_is_a_fault(
    lexicon: dict[str, File],
) -> None:
    lexicon["sayings.toml"]["row"][0]["must_match"] = "there was no supper"
    assert of(lexicon) == ["sayings.toml: saying: must_match still counts as hungry-fed."]


def test_without_its_lists_of_words_nothing_else_is_tried(lexicon: dict[str, File]) -> None:
    del lexicon["words.toml"]
    assert of(lexicon) == ["words.toml: its lists of words are missing."]


def test_a_missing_file_of_the_lexicon_is_said_in_words(lexicon: dict[str, File]) -> None:
    del lexicon["spelling.toml"]
    [fault] = of(lexicon)
    assert "spelling.toml" in fault
