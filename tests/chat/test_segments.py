"""Parts of a text, counted once more here in another way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import segments

# GSM 03.38 by code points, row by row of the standard's chart; the code itself lists letters.
_CHART = [
    *(
        0x40,
        0xA3,
        0x24,
        0xA5,
        0xE8,
        0xE9,
        0xF9,
        0xEC,
        0xF2,
        0xC7,
        0x0A,
        0xD8,
        0xF8,
        0x0D,
        0xC5,
        0xE5,
    ),
    *(0x394, 0x5F, 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E),
    *(0xC6, 0xE6, 0xDF, 0xC9, 0x20, 0x21, 0x22, 0x23, 0xA4, *range(0x25, 0x40)),
    *(0xA1, *range(0x41, 0x5B), 0xC4, 0xD6, 0xD1, 0xDC, 0xA7),
    *(0xBF, *range(0x61, 0x7B), 0xE4, 0xF6, 0xF1, 0xFC, 0xE0),
]
_EXTENDED = [0x0C, 0x5E, 0x7B, 0x7D, 0x5C, 0x5B, 0x7E, 0x5D, 0x7C, 0x20AC]

GSM = st.text(st.sampled_from([chr(each) for each in _CHART]), max_size=700)
GSM_AND_EXTENDED = st.text(
    st.sampled_from([chr(each) for each in _CHART[-20:] + _EXTENDED]), max_size=700
)
WIDE = st.text(st.sampled_from("aé…😢👍🏽ب€\u200d"), min_size=1, max_size=400)
ANY_TEXT = st.text(
    st.characters(codec=None, exclude_categories=()) | st.characters(categories=["Cs"]),
    max_size=400,
)


def counted_again(text: str) -> tuple[str, int, int, int]:
    """Cut one part after the other off the text, and count what is left at the end."""
    if all(ord(letter) in _CHART or ord(letter) in _EXTENDED for letter in text):
        encoding, alone, joined = "GSM-7", 160, 153
        cost = {letter: 2 if ord(letter) in _EXTENDED else 1 for letter in text}
    else:
        encoding, alone, joined = "UCS-2", 70, 67
        cost = {letter: len(letter.encode("utf-16-le", "surrogatepass")) // 2 for letter in text}
    whole = sum(cost[letter] for letter in text)
    if whole <= alone:
        return encoding, whole, 1 if text else 0, alone - whole
    parts: list[list[int]] = []
    rest = [cost[letter] for letter in text]
    while rest:
        taken = next(
            (many for many in range(len(rest), 0, -1) if sum(rest[:many]) <= joined), len(rest)
        )
        parts.append(rest[:taken])
        rest = rest[taken:]
    return encoding, whole, len(parts), joined - sum(parts[-1])


def test_the_chart_has_its_127_letters() -> None:
    assert len(set(_CHART)) == 127  # the 128th is the escape


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("GSM-7", 0, 0, 160)),
        ("Hi", ("GSM-7", 2, 1, 158)),
        ("x" * 160, ("GSM-7", 160, 1, 0)),
        ("x" * 161, ("GSM-7", 161, 2, 145)),
        ("x" * 306, ("GSM-7", 306, 2, 0)),
        ("x" * 307, ("GSM-7", 307, 3, 152)),
        ("€" * 80, ("GSM-7", 160, 1, 0)),
        ("x" * 159 + "€", ("GSM-7", 161, 2, 145)),
        ("é" * 160, ("GSM-7", 160, 1, 0)),
        ("don\u2019t", ("UCS-2", 5, 1, 65)),
        ("ب" * 70, ("UCS-2", 70, 1, 0)),
        ("ب" * 71, ("UCS-2", 71, 2, 63)),
        ("😢" * 35, ("UCS-2", 70, 1, 0)),
        ("😢" * 36, ("UCS-2", 72, 2, 61)),
        ("`", ("UCS-2", 1, 1, 69)),
        ("\ud83d", ("UCS-2", 1, 1, 69)),
    ],
)
def test_the_parts_of_a_text(text: str, expected: tuple[str, int, int, int]) -> None:
    found = segments.count(text)
    assert (found.encoding, found.units, found.parts, found.left_in_part) == expected


def test_two_halves_of_a_letter_are_never_in_two_parts() -> None:
    # 152 letters and an escaped one: the escape would be the last of the first part.
    assert segments.count("x" * 152 + "€" + "x" * 152).parts == 3
    assert segments.count("x" * 151 + "€" + "x" * 153).parts == 2
    assert segments.count("ب" * 66 + "😢" + "ب" * 66).parts == 3
    assert segments.count("ب" * 65 + "😢" + "ب" * 67).parts == 2


@given(GSM | GSM_AND_EXTENDED | WIDE | ANY_TEXT)
def test_a_second_count_in_another_way_agrees(text: str) -> None:
    found = segments.count(text)
    assert (found.encoding, found.units, found.parts, found.left_in_part) == counted_again(text)


@given(ANY_TEXT)
def test_the_letters_that_cost_room_are_named_once_each_in_order(text: str) -> None:
    outside = segments.outside_gsm7(text)
    assert list(outside) == sorted(set(outside), key=text.index)
    assert segments.outside_gsm7("".join(each for each in text if each not in outside)) == ()
    assert bool(outside) == (segments.count(text).encoding == "UCS-2")


def test_a_counter_can_say_which_letter_to_change() -> None:
    assert segments.outside_gsm7("It\u2019s OK \u2013 it\u2019s fine") == ("\u2019", "\u2013")
