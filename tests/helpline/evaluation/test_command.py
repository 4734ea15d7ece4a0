"""The whole command: it prints, it writes, it is the same every time, and it repeats no text."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from helpline.bench import pace
from helpline.evaluation import command, readers
from helpline.evaluation.scoring import Assess
from helpline.evaluation.sets import TextSet

ROWS = (
    ("i want to die marmalade", "urgent", "suicide", "a"),
    ("i want to dye my marmalade", "high", "suicide", "a"),
    ("he is outside my door with a knife", "emergency", "danger", "b"),
    ("the door is painted marmalade", "high", "danger", "b"),
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MANY", 20)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    care, data = tmp_path / "care", tmp_path / "data"
    for folder in (care, data):
        folder.mkdir()
    (care / "home.jsonl").write_text(
        "\n".join(
            json.dumps({"id": at, "text": text, "label": label, "group": group, "pair": pair})
            for at, (text, label, group, pair) in enumerate(ROWS)
        )
    )
    (care / "languages.jsonl").write_text(
        '{"id":1,"text":"\u043f\u043e\u043c\u043e\u0433\u0438\u0442\u0435","label":"ru"}'
    )
    (data / "sms_ham.jsonl").write_text('{"id":1,"text":"see you later marmalade","label":0}')
    return care, data


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command.evaluate, [str(each) for each in arguments])


def without_speed(path: Path) -> str:
    return path.read_text("utf-8").partition("## Speed")[0]


def test_every_set_is_counted_printed_and_written(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    care, data = folders
    written = tmp_path / "triage.md"
    ended = run("--care", care, "--data", data, "--write", written)
    assert ended.exit_code == 0, ended.output
    document = written.read_text("utf-8")
    for name in ("care/home", "care/languages", "data/sms_ham"):
        assert name in ended.stdout
        assert name in document
        assert name in ended.stderr
    assert "`make eval DATA=FOLDER`" in document
    assert "A program wrote them" in document
    assert "No care set was read" not in document
    assert "$" not in document


def test_the_same_sets_give_the_same_document_but_for_speed(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    care, data = folders
    documents = []
    for name in ("one.md", "two.md"):
        assert run("--care", care, "--data", data, "--write", tmp_path / name).exit_code == 0
        documents.append(without_speed(tmp_path / name))
    assert documents[0] == documents[1]
    assert "## Speed" not in documents[0]


def test_no_text_and_no_folder_of_this_machine_is_repeated(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    care, data = folders
    written = tmp_path / "triage.md"
    ended = run("--care", care, "--data", data, "--write", written)
    said = ended.stdout + written.read_text("utf-8")
    assert "marmalade" not in said
    assert str(tmp_path) not in said


def test_without_care_sets_the_document_says_so(folders: tuple[Path, Path], tmp_path: Path) -> None:
    written = tmp_path / "triage.md"
    ended = run("--care", tmp_path / "none", "--data", folders[1], "--write", written)
    assert ended.exit_code == 0, ended.output
    assert "No care set was read in this run" in written.read_text("utf-8")


def test_without_any_set_it_says_how_to_name_one(tmp_path: Path) -> None:
    ended = run("--care", tmp_path / "none")
    assert ended.exit_code == 1
    assert "make eval DATA=FOLDER" in ended.output


def test_a_broken_set_is_named_in_words(folders: tuple[Path, Path]) -> None:
    (folders[1] / "broken.jsonl").write_text("{")
    ended = run("--care", folders[0], "--data", folders[1])
    assert ended.exit_code == 1
    assert "broken.jsonl, line 1" in ended.output


def test_without_what_trains_it_says_how_to_install_it(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "helpline.learning.fitting", None)
    ended = run("--care", folders[0], "--cross")
    assert ended.exit_code == 1
    assert "uv sync --group learn" in ended.output


def test_each_set_is_read_by_a_helper_that_never_saw_it(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, by_first_word: Assess
) -> None:
    asked: list[str] = []

    def leaving_out(source: str, sets: Sequence[TextSet]) -> Assess:
        assert len(sets) == 3
        asked.append(source)
        return by_first_word

    monkeypatch.setattr(readers, "leaving_out", leaving_out)
    assert run("--care", folders[0], "--data", folders[1], "--cross").exit_code == 0
    assert asked == ["home", "languages", "sms_ham"]
