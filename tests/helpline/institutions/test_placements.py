"""Where a child lives is somebody's word: ended, undone, never removed."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from helpline.institutions import placements, register
from helpline.institutions.models import Placement, StatedBy
from helpline.institutions.placements import Placed, PlacedAlreadyError, UnknownPlacementError
from helpline.institutions.register import UnknownInstitutionError
from tests.helpline.institutions.conftest import SAM, Places


@pytest.fixture
def placed(places: Places) -> Placed:
    places.load()
    return place(places, places.child(), places.institutions()[0])


def place(places: Places, child: UUID, institution: UUID, unit: UUID | None = None) -> Placed:
    with places.adapters.transactions.begin() as session:
        return placements.place(
            session,
            child=child,
            institution=institution,
            unit=unit,
            from_day=places.clock.now().date(),
            stated_by=StatedBy.CHILD,
            by=SAM.id,
            now=places.clock.now(),
        )


def where(places: Places, child: UUID, today: date | None = None) -> list[UUID]:
    with places.adapters.transactions.reading() as session:
        found = placements.of_children(
            session, children=[child], today=today or places.clock.now().date()
        )
    return [each.institution for each in found]


def test_a_child_lives_where_somebody_said_from_that_day(places: Places, placed: Placed) -> None:
    today = places.clock.now().date()
    assert where(places, placed.child) == [placed.institution]
    assert where(places, placed.child, today - timedelta(days=1)) == []


def test_a_child_may_live_in_two_places_and_the_newest_word_stands_first(
    places: Places, placed: Placed
) -> None:
    places.clock.advance(timedelta(hours=1))
    school = places.institutions()[1]
    place(places, placed.child, school)
    assert where(places, placed.child) == [school, placed.institution]


def test_the_day_a_child_left_is_the_first_without_it(places: Places, placed: Placed) -> None:
    today = places.clock.now().date()
    with places.adapters.transactions.begin() as session:
        placements.end(session, placement=placed.placement, until_day=today + timedelta(days=1))
    assert where(places, placed.child) == [placed.institution]
    assert where(places, placed.child, today + timedelta(days=1)) == []
    with pytest.raises(UnknownPlacementError), places.adapters.transactions.begin() as session:
        placements.end(session, placement=placed.placement, until_day=today)


def test_what_was_never_so_is_gone_from_the_card_and_stays_on_record(
    places: Places, placed: Placed
) -> None:
    with places.adapters.transactions.begin() as session:
        placements.undo(session, placement=placed.placement, by=SAM.id, now=places.clock.now())
    assert where(places, placed.child) == []
    with places.adapters.transactions.reading() as session:
        assert session.scalars(sa.select(Placement.undone_by)).all() == [SAM.id]
    place(places, placed.child, placed.institution)
    assert where(places, placed.child) == [placed.institution]


def test_the_same_place_twice_and_a_unit_of_another_place_are_refused(
    places: Places, placed: Placed
) -> None:
    with pytest.raises(PlacedAlreadyError):
        place(places, placed.child, placed.institution)
    willow, school, _ = places.institutions()
    with places.adapters.transactions.reading() as session:
        unit = register.units_of(session, institution=school)[0].unit
    with pytest.raises(UnknownInstitutionError):
        place(places, places.child(), willow, unit)
    with pytest.raises(UnknownInstitutionError):
        place(places, places.child(), uuid4())
