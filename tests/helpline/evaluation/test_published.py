"""A published lexicon is read beside ours, where somebody has it."""

from pathlib import Path

import pytest

from helpline.evaluation import published
from triage.grades import Grade


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A table in the form of the lexicon's, with phrases of our own."""
    names = (*published._IDEATION, *published._ABUSE)
    lines = [",".join(["", *(cell for name in names for cell in (f'"{name}"', "", ""))])]
    lines += ["" for _ in range(4)]
    phrases = [
        "gone for good",
        "ready to leave",
        "hurt myself",
        "a rope",
        "touched me",
        "hits me",
        "",
    ]
    lines.append(",".join(["0", *(cell for phrase in phrases for cell in (phrase, "", ""))]))
    file = tmp_path / "suicide_risk_lexicon_validated_24-01-01.csv"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def test_both_readers_flag_their_phrases_as_whole_words(data: Path) -> None:
    readers = published.readers(data)
    assert list(readers) == ["suicide and self-harm", "these, means and abuse"]
    narrow, wide = readers.values()
    for text, by_narrow, by_wide in (
        ("I'll be GONE FOR GOOD", True, True),
        ("he hits me", False, True),
        ("he hits mermaids", False, False),
        ("hello", False, False),
    ):
        assert (narrow(text).grade is Grade.URGENT) is by_narrow
        assert (wide(text).grade is Grade.URGENT) is by_wide


def test_without_the_lexicon_there_is_nothing_beside_ours(tmp_path: Path) -> None:
    assert published.readers(tmp_path) == {}
    assert published.readers(None) == {}
