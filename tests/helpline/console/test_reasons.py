from hypothesis import given
from hypothesis import strategies as st

from helpline.console import reasons
from triage.assessment import Reason


def reason(start: int, end: int, concern: str = "abuse by family") -> Reason:
    return Reason(concern=concern, rule="a-rule", start=start, end=end, why="Because.")


def test_the_words_behind_a_reason_are_cut_out_and_numbered() -> None:
    marked = reasons.mark("he hit me", [reason(3, 6)])
    assert [(piece.text, piece.notes) for piece in marked.pieces] == [
        ("he ", ()),
        ("hit", (1,)),
        (" me", ()),
    ]
    assert [(note.number, note.rule, note.why) for note in marked.notes] == [
        (1, "a-rule", "Because.")
    ]


def test_reasons_that_overlap_share_the_words_between_them() -> None:
    marked = reasons.mark("abcdef", [reason(0, 4), reason(2, 6)])
    assert [(piece.text, piece.notes) for piece in marked.pieces] == [
        ("ab", (1,)),
        ("cd", (1, 2)),
        ("ef", (2,)),
    ]


def test_a_reason_without_words_of_its_own_still_has_its_note() -> None:
    marked = reasons.mark("hello", [reason(0, 0)])
    assert [(piece.text, piece.notes) for piece in marked.pieces] == [("hello", ())]
    assert len(marked.notes) == 1


@given(
    text=st.text(max_size=60),
    spans=st.lists(st.tuples(st.integers(-5, 80), st.integers(-5, 80)), max_size=6),
)
def test_joined_the_pieces_are_the_text_again(text: str, spans: list[tuple[int, int]]) -> None:
    marked = reasons.mark(text, [reason(start, end) for start, end in spans])
    assert "".join(piece.text for piece in marked.pieces) == text
    assert len(marked.notes) == len(spans)
