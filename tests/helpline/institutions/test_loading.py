"""A list of places is put in whole, sealed, and once."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from helpline import access, seeding
from helpline.audit.models import AuditEntry
from helpline.institutions import listing, loading, register
from helpline.institutions.models import Institution, Unit
from tests.helpline.institutions.conftest import SAM, Places


def test_names_units_and_addresses_are_sealed_and_open_for_staff(places: Places) -> None:
    assert places.load().new == 3
    willow = places.institutions()[0]
    with places.adapters.transactions.reading() as session:
        row = session.get_one(Institution, willow)
        units = session.scalars(sa.select(Unit)).all()
        assert b"Willow" not in row.name + row.name_token
        assert b"Invented" not in row.address
        assert not any(b"corridor" in each.name for each in units)
        found = register.place(session, institution=willow)
        opened = access.open_about_institution(
            places.adapters,
            staff=SAM,
            institution=willow,
            table="institution",
            row=willow,
            column="name",
            sealed=found.institution.name,
        )
    assert opened == "Willow House"
    assert found.authority is not None
    assert found.authority.duty_number == "01632 960101"
    assert found.force is not None
    assert len(found.units) == 2


def test_the_same_list_again_changes_nothing_and_a_new_day_only_the_day(places: Places) -> None:
    places.load()
    before = places.institutions()
    places.clock.advance(timedelta(days=30))
    assert places.load().new == 0
    assert places.institutions() == before
    with places.adapters.transactions.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Unit)) == 4
        days = {each.checked for each in register.authorities(session)}
    assert days == {places.clock.now().date(), None}


def test_a_unit_that_is_named_no_more_goes_and_is_kept_for_what_was(places: Places) -> None:
    places.load()
    listed = seeding.places(checked=places.clock.now().date())
    willow = replace(listed.institutions[0], units=("Green corridor", "Attic"))
    loading.load(places.adapters, listed=replace(listed, institutions=(willow,)))
    with places.adapters.transactions.reading() as session:
        units = register.units_of(session, institution=places.institutions()[0])
        gone = sa.select(sa.func.count()).select_from(Unit).where(Unit.gone_at.is_not(None))
        assert session.scalar(gone) == 1
    assert len(units) == 2


def test_a_list_that_names_an_unknown_police_force_changes_nothing(places: Places) -> None:
    listed = seeding.places(checked=places.clock.now().date())
    with pytest.raises(listing.UnusableListError, match="Nothing was changed"):
        loading.load(places.adapters, listed=replace(listed, forces=()))
    assert places.institutions() == []
    with places.adapters.transactions.reading() as session:
        assert register.authorities(session) == []


def test_each_institution_that_is_loaded_is_recorded(places: Places) -> None:
    places.load()
    with places.adapters.transactions.reading() as session:
        recorded = session.scalars(
            sa.select(AuditEntry.subject_id).where(AuditEntry.action == "institution.loaded")
        ).all()
    assert set(recorded) == set(places.institutions())
