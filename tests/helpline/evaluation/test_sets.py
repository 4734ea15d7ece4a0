"""What a set is, and what its labels mean, known from its name or guessed from its labels."""

import json
from pathlib import Path

import pytest

from helpline.evaluation import sets
from helpline.evaluation.sets import Kind, SetError
from tests.helpline.evaluation.conftest import MakeSet
from triage.grades import Grade


@pytest.mark.parametrize(
    ("name", "labels", "kind", "positive"),
    [
        ("sms_ham_A", ["0"], Kind.BENIGN, 0),
        ("esconv_failed", ["nonurgent_emotional_support"], Kind.BENIGN, 0),
        ("cssrs500", ["Ideation", "Supportive", "Attempt"], Kind.AT_RISK, 2),
        ("counsel_chat_topics", ["domestic-violence", "depression", "marriage"], Kind.AT_RISK, 1),
        ("languages", ["en", "so"], Kind.LANGUAGE, 0),
        ("never_seen", ["emergency", "urgent", "high"], Kind.GRADED, 2),
        ("never_seen", ["1", "0", "0"], Kind.AT_RISK, 1),
        ("never_seen", ["suicide", "non-suicide"], Kind.AT_RISK, 1),
        ("never_seen", ["True", "False"], Kind.AT_RISK, 1),
        ("never_seen", ["1", "1"], Kind.AT_RISK, 2),
        ("never_seen", ["0"], Kind.BENIGN, 0),
        ("never_seen", ["small talk"], Kind.BENIGN, 0),
        ("never_seen", ["nonurgent_chat"], Kind.BENIGN, 0),
        ("restraint", ["urgent"], Kind.GRADED, 1),
    ],
)
def test_a_set_is_known_by_its_name_or_by_its_labels(
    make_set: MakeSet, name: str, labels: list[str], kind: Kind, positive: int
) -> None:
    made = make_set(f"data/{name}", *((label, "a text") for label in labels))
    assert made.kind is kind
    assert sum(row.is_positive for row in made.rows) == positive
    assert made.source == name


def test_a_label_that_says_neither_is_not_counted(make_set: MakeSet) -> None:
    made = make_set("never_seen", ("1", "a"), ("0", "b"), ("unclear", "c"))
    assert [row.wanted for row in made.rows] == [Grade.URGENT, Grade.HIGH, None]
    topics = make_set("counsel_chat", ("depression", "a"), ("marriage", "b"))
    assert [row.wanted for row in topics.rows] == [None, Grade.HIGH]


def test_rows_are_read_from_every_file_in_order(tmp_path: Path) -> None:
    row = {"id": 1, "text": "a\u2028b", "label": 1, "group": "g", "pair": "p", "other": None}
    (tmp_path / "b.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n\n", "utf-8")
    (tmp_path / "a.jsonl").write_text('{"id":"x","text":"","label":false}', "utf-8")
    (tmp_path / "notes.txt").write_text("no set")
    first, second = sets.read(tmp_path, owner="data")
    assert (first.name, second.name) == ("data/a", "data/b")
    assert (first.rows[0].label, first.rows[0].group, first.rows[0].pair) == ("false", "", "")
    assert second.rows[0].text == "a\u2028b"
    assert (second.rows[0].id, second.rows[0].group, second.rows[0].pair) == ("1", "g", "p")


@pytest.mark.parametrize("line", ["{", '{"id":1,"text":"my own words"}', "[]"])
def test_a_line_that_is_no_row_is_named_without_its_words(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.jsonl").write_text('{"id":1,"text":"","label":1}\n' + line)
    with pytest.raises(SetError, match=r"a\.jsonl, line 2") as refused:
        sets.read(tmp_path, owner="data")
    assert "own words" not in str(refused.value)


def test_a_file_without_texts_or_in_other_bytes_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n")
    with pytest.raises(SetError, match="no texts"):
        sets.read(tmp_path, owner="data")
    (tmp_path / "a.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(SetError, match="UTF-8"):
        sets.read(tmp_path, owner="data")
