"""A list of places is read whole or refused with the row that is wrong."""

import pytest

from helpline import seeding
from helpline.institutions import listing
from helpline.institutions.listing import UnusableListError
from tests import clock as clocks

AUTHORITY = '[[authority]]\ncode = "E10999901"\nname = "Northmoor"\nsource = "Invented."\n'


def test_the_demo_s_list_is_usable_and_some_of_its_numbers_nobody_has_confirmed() -> None:
    today = clocks.START.date()
    found = seeding.places(checked=today)
    assert {each.checked for each in found.authorities} == {today, None}
    assert all(each.duty_number for each in found.authorities)
    assert all(each.police_force for each in found.institutions)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("this is no list", "not TOML"),
        ("[[prison]]\nname = 'x'", "prison"),
        ("[authority]\ncode = 'x'", r"\[\[authority\]\]"),
        (AUTHORITY.replace("name", "nmae"), "authority 1: name"),
        (AUTHORITY + "duty_nmuber = '1'", "duty_nmuber"),
        (AUTHORITY + "checked = 'last week'", "checked must be a day"),
        (AUTHORITY.replace("E10999901", "E109999011"), "1 to 9 letters"),
        ("[[institution]]\nkind = 'castle'", "children's home"),
        (
            "[[institution]]\nkind = 'other'\nname = 'x'\naddress = 'y'\nunits = 'Blue'",
            "units must be a list",
        ),
    ],
)
def test_what_is_wrong_is_said_in_words(text: str, says: str) -> None:
    with pytest.raises(UnusableListError, match=says):
        listing.parse(text)
