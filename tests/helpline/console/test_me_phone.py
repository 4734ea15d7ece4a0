"""A person sets the phone that rings, and the PIN that takes an alarm."""

from dataclasses import replace

import argon2
import pytest

from helpline.accounts import own_phone, staff
from helpline.accounts.models import Staff
from helpline.console import me_pages
from tests.helpline.console.conftest import Desk, House

HERE = me_pages.HERE
OWN = "020 7946 0777"


@pytest.fixture
def house(house: House) -> House:
    """A demo, because only there the numbers for drama may be rung."""
    settings = replace(house.adapters.settings, demo=True)
    house.adapters = replace(house.adapters, settings=settings)
    return house


def kept(house: House, desk: Desk) -> Staff:
    with house.adapters.transactions.reading() as session:
        return session.get_one(Staff, desk.person.id)


def number(house: House, desk: Desk) -> str | None:
    with house.adapters.transactions.reading() as session:
        found = own_phone.number_of(session, house.adapters, staff=desk.person.id)
    return None if found is None else found.e164


def test_a_number_is_kept_sealed_and_shown_by_two_digits(house: House, sam: Desk) -> None:
    sam.post(f"{HERE}/forget")
    assert "No phone is set" in sam.get(HERE).text
    assert sam.post(HERE, number=OWN).status_code == 303
    page = sam.get(HERE).text
    assert "ends in <b>77</b>" in page
    assert "7946" not in page
    assert number(house, sam) == "+442079460777"
    sealed = kept(house, sam).phone
    assert sealed is not None
    assert b"7946" not in sealed
    assert "staff.phone_set" in house.actions()


def test_a_number_can_be_taken_away(house: House, sam: Desk) -> None:
    sam.post(HERE, number=OWN)
    assert sam.post(f"{HERE}/forget").status_code == 303
    assert number(house, sam) is None


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("hello", "no telephone number"),
        ("", "no telephone number"),
        ("0909 879 0000", "do not ring this kind"),
        ("0808 157 0000", "do not ring this kind"),
    ],
)
def test_a_number_that_cannot_be_rung_is_refused_in_words(
    house: House, sam: Desk, typed: str, why: str
) -> None:
    sam.post(f"{HERE}/forget")
    answer = sam.post(HERE, number=typed)
    assert answer.status_code == 422
    assert why in answer.text
    assert number(house, sam) is None


def test_a_number_for_drama_is_none_outside_a_demo(house: House, sam: Desk) -> None:
    sam.post(f"{HERE}/forget")
    settings = replace(house.adapters.settings, demo=False)
    with pytest.raises(own_phone.NotRingableError):
        own_phone.keep_number(
            replace(house.adapters, settings=settings), staff=sam.person.id, text=OWN
        )
    assert number(house, sam) is None


def test_a_pin_is_kept_as_a_hash(house: House, sam: Desk) -> None:
    assert sam.post(f"{HERE}/pin", pin="2846", again="2846").status_code == 303
    pin_hash = kept(house, sam).pin_hash
    assert pin_hash is not None
    assert pin_hash.startswith("$argon2id$")
    assert argon2.PasswordHasher().verify(pin_hash, "2846")
    assert "You have a PIN" in sam.get(HERE).text
    assert "staff.pin_set" in house.actions()


@pytest.mark.parametrize(
    ("pin", "again", "why"),
    [
        ("284", "284", "4 to 6 digits"),
        ("2846284", "2846284", "4 to 6 digits"),
        ("28a6", "28a6", "4 to 6 digits"),
        ("\u0662\u0668\u0664\u0666", "\u0662\u0668\u0664\u0666", "4 to 6 digits"),
        ("2846", "2847", "not the same"),
        ("1234", "1234", "first that anybody"),
        ("7777", "7777", "first that anybody"),
        ("1212", "1212", "first that anybody"),
        ("98765", "98765", "first that anybody"),
    ],
)
def test_a_pin_that_is_none_or_obvious_is_refused(
    house: House, sam: Desk, pin: str, again: str, why: str
) -> None:
    before = kept(house, sam).pin_hash
    answer = sam.post(f"{HERE}/pin", pin=pin, again=again)
    assert answer.status_code == 422
    assert why in answer.text
    assert pin not in answer.text
    assert kept(house, sam).pin_hash == before


def test_whoever_is_disabled_is_rung_no_more(house: House, sam: Desk) -> None:
    sam.post(HERE, number=OWN)
    sam.post(f"{HERE}/pin", pin="2846", again="2846")
    with house.adapters.transactions.begin() as session:
        staff.disable(session, staff=sam.person.id, now=house.clock.now())
    assert number(house, sam) is None
    assert kept(house, sam).pin_hash is None
    assert kept(house, sam).phone is None


def test_a_form_of_another_origin_changes_nothing(house: House, sam: Desk) -> None:
    assert sam.post(HERE, origin="https://evil.example", number=OWN).status_code == 403
    assert number(house, sam) == "+447700900101"
