"""The danger card leaves nothing out, and whatever speaks against somebody only adds a warning."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.checked import Check
from helpline.danger import card as rules
from helpline.danger.card import Card, Ground, Implicated, Office, Part, Place
from triage import lexicon

TODAY = date(2026, 11, 2)
WORDS = rules.load()

offices = st.builds(
    Office,
    name=st.just("Northmoor"),
    numbers=st.lists(
        st.tuples(st.just("Duty team"), st.none() | st.just("01632 960101")), max_size=2
    ).map(tuple),
    checked=st.none() | st.dates(min_value=date(2025, 1, 1), max_value=date(2028, 1, 1)),
)
places = st.builds(
    Place,
    child=st.just("Robin"),
    name=st.sampled_from(["Willow House", "Harbour School"]),
    kind=st.just("children's home"),
    unit=st.none() | st.just("Blue corridor"),
    address=st.just("1 Invented Lane"),
    stated_by=st.just("the child"),
    from_day=st.just(TODAY),
    authority=st.none() | offices,
    force=st.none() | offices,
)
people = st.builds(
    Implicated,
    part=st.sampled_from(Part),
    ground=st.sampled_from(Ground),
    who=st.none() | st.sampled_from(["the night manager", "an uncle"]),
)


def card(*found: Place, implicated: list[Implicated] | None = None) -> Card:
    return rules.card(places=found, implicated=implicated or [], today=TODAY, words=WORDS)


def place(*, checked: date | None = TODAY) -> Place:
    return Place(
        child="Robin",
        name="Willow House",
        kind="children's home",
        unit=None,
        address="1 Invented Lane",
        stated_by="the child",
        from_day=TODAY,
        authority=Office(
            name="Northmoor County Council",
            numbers=(("Duty team", "01632 960101"), ("Social care", None)),
            checked=checked,
        ),
        force=Office(
            name="Northmoor Police", numbers=(("Control room", "01632 960110"),), checked=checked
        ),
    )


@given(st.lists(places, max_size=3), st.lists(people, max_size=4))
def test_every_place_number_and_name_given_stands_on_the_card(
    known: list[Place], implicated: list[Implicated]
) -> None:
    found = rules.card(places=known, implicated=implicated, today=TODAY, words=WORDS)
    assert [each.place for each in found.places] == known
    for shown in found.places:
        given_numbers = [
            number
            for office in (shown.place.force, shown.place.authority)
            if office is not None
            for _, number in office.numbers
        ]
        assert [way.number for way in shown.ways] == given_numbers
    named = [who for each in found.silences for who in each.named]
    assert sorted(named) == sorted(each.who for each in implicated if each.who)
    assert found.police
    assert found.say
    assert bool(found.ask) == (not known)


@given(st.lists(places, max_size=2), st.lists(people, max_size=3), people)
def test_one_more_person_to_fear_never_takes_a_warning_away(
    known: list[Place], implicated: list[Implicated], more: Implicated
) -> None:
    before = rules.card(places=known, implicated=implicated, today=TODAY, words=WORDS)
    after = rules.card(places=known, implicated=[*implicated, more], today=TODAY, words=WORDS)
    assert {each.whom for each in before.silences} <= {each.whom for each in after.silences}
    assert after.home is None or before.home is not None


@pytest.mark.parametrize("ground", Ground)
def test_when_staff_are_implicated_the_card_shuts_the_home_and_shows_the_other_way(
    ground: Ground,
) -> None:
    found = card(place(), implicated=[Implicated(part=Part.STAFF, ground=ground)])
    [silence] = found.silences
    assert silence.whom.startswith("Do not ring the home")
    assert "LADO" in silence.instead
    assert silence.because == (WORDS.why[ground],)
    assert found.home is None


def test_the_police_of_the_place_stand_before_its_authority() -> None:
    [shown] = card(place()).places
    assert [way.number for way in shown.ways] == ["01632 960110", "01632 960101", None]
    assert "where you are, not where the child is" in card(place()).police[0]


def test_without_a_place_it_says_so_and_what_to_ask() -> None:
    found = card()
    assert found.ask
    assert "not here" in found.police[0]


@pytest.mark.parametrize(
    ("checked", "check", "doubtful"),
    [
        (TODAY, Check.FRESH, 0),
        (TODAY - timedelta(days=91), Check.STALE, 2),
        (None, Check.NEVER, 2),
    ],
)
def test_a_number_nobody_confirmed_lately_is_shown_with_a_warning(
    checked: date | None, check: Check, doubtful: int
) -> None:
    found = card(place(checked=checked))
    assert {way.check for way in found.places[0].ways} == {check}
    assert found.doubtful == doubtful


def test_the_concerns_that_the_card_knows_are_those_of_triage() -> None:
    known = {row.concern for row in lexicon.default().rows}
    assert set(WORDS.concerns) <= known
    assert rules.parts_of(["abuse by staff or carers", "bullying and peer violence"], WORDS) == {
        Part.STAFF
    }
