"""Numbers in one form, and of which kind: what is not known for sure is never texted or rung."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import numbers
from chat.errors import NotANumberError, UnusableTableError
from chat.numbers import Number, NumberKind

# Lone halves of characters too: by chance alone they would hardly be tried.
ANY_TEXT = st.text(
    st.characters(codec=None, exclude_categories=()) | st.characters(categories=["Cs"]),
    max_size=60,
)
LIKE_A_NUMBER = st.text(st.sampled_from("0123456789 +()-./\u0660\u0661\u0662x"), max_size=45)

# One of each range that Ofcom keeps free, as people write them, and what it is.
DRAMA = [
    ("07700 900123", "+447700900123", NumberKind.MOBILE),
    ("01632 960123", "+441632960123", NumberKind.LANDLINE),
    ("020 7946 0123", "+442079460123", NumberKind.LANDLINE),
    ("0113 496 0123", "+441134960123", NumberKind.LANDLINE),
    ("0114 496 0123", "+441144960123", NumberKind.LANDLINE),
    ("0115 496 0123", "+441154960123", NumberKind.LANDLINE),
    ("0116 496 0123", "+441164960123", NumberKind.LANDLINE),
    ("0117 496 0123", "+441174960123", NumberKind.LANDLINE),
    ("0118 496 0123", "+441184960123", NumberKind.LANDLINE),
    ("0121 496 0123", "+441214960123", NumberKind.LANDLINE),
    ("0131 496 0123", "+441314960123", NumberKind.LANDLINE),
    ("0141 496 0123", "+441414960123", NumberKind.LANDLINE),
    ("0151 496 0123", "+441514960123", NumberKind.LANDLINE),
    ("0161 496 0123", "+441614960123", NumberKind.LANDLINE),
    ("0191 498 0123", "+441914980123", NumberKind.LANDLINE),
    ("029 2018 0123", "+442920180123", NumberKind.LANDLINE),
    ("028 9649 6123", "+442896496123", NumberKind.LANDLINE),
    ("03069 990123", "+443069990123", NumberKind.LANDLINE),
    ("0808 157 0123", "+448081570123", NumberKind.FREEPHONE),
    ("0909 879 0123", "+449098790123", NumberKind.PREMIUM),
]


@pytest.mark.parametrize(
    "written",
    [
        "07700900123",
        "07700 900 123",
        "07700-900-123",
        "07700.900.123",
        " 07700\u00a0900\u2011123 ",
        "+447700900123",
        "+44 7700 900123",
        "+44 (0)7700 900123",
        "0044 7700 900123",
        "447700900123",
        "07700\uff19\uff10\uff10\uff11\uff12\uff13",
        "+447700900123\n",
    ],
)
def test_one_number_however_it_is_written(written: str) -> None:
    assert numbers.read(written) == Number(
        e164="+447700900123", kind=NumberKind.MOBILE, is_drama=True
    )


@pytest.mark.parametrize(("written", "e164", "kind"), DRAMA)
def test_every_drama_range_is_known_with_its_kind(
    written: str, e164: str, kind: NumberKind
) -> None:
    assert numbers.read(written) == Number(e164=e164, kind=kind, is_drama=True)


def test_the_list_above_names_every_drama_range() -> None:
    named = [
        next(each.starts for each in numbers.drama_ranges() if each.holds(e164))
        for _, e164, _ in DRAMA
    ]
    assert named == [each.starts for each in numbers.drama_ranges()]


@given(last=st.integers(0, 999))
def test_a_whole_drama_range_is_one(last: int) -> None:
    assert numbers.read(f"07700 900{last:03}").is_drama


@pytest.mark.parametrize(
    "written",
    ["07700 899999", "07700 901000", "01632 959999", "020 7946 1000", "07700 90012", "01632 96012"],
)
def test_the_neighbours_of_a_drama_range_are_none(written: str) -> None:
    assert not numbers.read(written).is_drama


# Only numbers that are in the telephone library's own examples or nobody's: services and gaps.
@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("07400 123456", NumberKind.MOBILE),
        ("07624 123456", NumberKind.MOBILE),  # the Isle of Man, inside the pagers' 076
        ("07781 123456", NumberKind.MOBILE),  # Guernsey
        ("0121 234 5678", NumberKind.LANDLINE),
        ("0300 123 4567", NumberKind.LANDLINE),
        ("0800 123 4567", NumberKind.FREEPHONE),
        ("0800 1111", NumberKind.FREEPHONE),
        ("0845 123 4567", NumberKind.PREMIUM),
        ("0870 123 4567", NumberKind.PREMIUM),
        ("0901 234 5678", NumberKind.PREMIUM),
        ("070 1234 5678", NumberKind.PERSONAL),
        ("07640 123456", NumberKind.PAGER),
        ("056 1234 5678", NumberKind.OTHER),  # by internet, from anywhere
        ("07700 901000", NumberKind.OTHER),  # no network has it
        ("0500 123456", NumberKind.OTHER),  # ended
    ],
)
def test_the_kind_of_a_number_in_the_united_kingdom(written: str, kind: NumberKind) -> None:
    found = numbers.read(written)
    assert (found.kind, found.is_drama) == (kind, False)


@pytest.mark.parametrize("written", ["+353 85 012 3456", "+1 202 555 0123", "+33 6 12 34 56 78"])
def test_a_number_abroad_is_of_no_kind_that_is_texted_or_rung(written: str) -> None:
    assert numbers.read(written).kind is NumberKind.OTHER


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "+",
        "+44",
        "999",
        "112",
        "101",
        "+44999",
        "85258",
        "118118",
        "960123",
        "anonymous",
        "+266696687",  # how a network writes "anonymous" in digits
        "GOOGLE",
        "0800 FLOWERS",
        "a07700900123",
        "07700900123 ext 5",
        "tel:+447700900123",
        "07700900123\0",
        "07OO 900123",
        "+4477009001234",
        "07700 900123, 07700 900124",
        "0" * 400,
        "\ud800",
    ],
)
def test_what_no_phone_has_is_refused(written: str) -> None:
    with pytest.raises(NotANumberError):
        numbers.read(written)


def _read_or_refused(text: str) -> Number | None:
    """The number, or None when the error says nothing of what was written."""
    refused: NotANumberError | None = None
    try:
        return numbers.read(text)
    except NotANumberError as error:
        refused = error
    assert refused.args == ()
    assert refused.__cause__ is None
    return None


@given(ANY_TEXT | LIKE_A_NUMBER)
def test_any_text_is_a_number_in_one_form_or_is_refused_without_being_repeated(text: str) -> None:
    number = _read_or_refused(text)
    if number is None:
        return
    assert re.fullmatch(r"\+[1-9]\d{4,14}", number.e164, re.ASCII)
    assert numbers.read(number.e164) == number


@given(st.integers(0, 10**9 - 1))
def test_a_mobile_always_begins_with_44_7(rest: int) -> None:
    for written in (f"07{rest:09}", f"0{rest:010}", f"+44{rest:010}"):
        number = _read_or_refused(written)
        if number is not None and number.kind is NumberKind.MOBILE:
            assert number.e164.startswith("+447")
            assert not number.e164.startswith("+4470")


def test_a_number_does_not_show_itself_in_a_log() -> None:
    assert "900123" not in repr(numbers.read("07700 900123"))


def _ranges(**changes: str) -> str:
    row = {"name": '"x"', "starts": '"+447700900"', "digits": "3", "kind": '"mobile"'} | changes
    return "[[range]]\n" + "\n".join(f"{key} = {value}" for key, value in row.items() if value)


def test_a_drama_table_of_ones_own_is_read() -> None:
    assert [each.starts for each in numbers.drama_ranges(_ranges())] == ["+447700900"]


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        "",
        _ranges(starts=""),
        _ranges(starts='"+447"'),
        _ranges(starts='"07700900"'),
        _ranges(digits="0"),
        _ranges(digits="4"),
        _ranges(digits='"3"'),
        _ranges(kind='"telegraph"'),
    ],
)
def test_a_drama_table_that_could_hold_real_phones_is_refused(text: str) -> None:
    with pytest.raises(UnusableTableError):
        numbers.drama_ranges(text)
