"""The demo's people: invented, put in once, and able to do what the demo shows."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from helpline import seeding
from helpline.accounts.models import Role, Staff
from integrations.keystore import KeyMissingError
from tests import stores as stores_of_tests
from tests.helpline import house as houses
from tests.helpline.house import House
from triage.service import on_call


@pytest.fixture(params=stores_of_tests.ENGINES)
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with houses.opened(request, request.param) as house:
        yield house


def test_everybody_is_put_in_with_a_role_and_a_sealed_name(house: House) -> None:
    seeding.seed(house.adapters)
    with house.adapters.transactions.reading() as session:
        staff = {person.id: person for person in session.scalars(sa.select(Staff))}
    assert len(staff) == len(seeding.people())
    for person in seeding.people():
        found = seeding.id_of(house.adapters, person.key)
        assert found is not None
        row = staff[found]
        assert row.role == person.role
        assert house.adapters.names.of(found) == person.name
        assert person.name.encode() not in row.name
        assert person.email.encode() not in row.email + row.email_token


def test_a_second_start_keeps_the_people_and_what_was_changed(house: House) -> None:
    seeding.seed(house.adapters)
    sam = seeding.id_of(house.adapters, "advocate")
    with house.adapters.transactions.begin() as session:
        on_call.put(session, people=[])
        session.execute(
            sa.update(Staff).where(Staff.id == sam).values(disabled_at=house.clock.now())
        )
    seeding.seed(house.adapters)
    assert seeding.id_of(house.adapters, "advocate") == sam
    with house.adapters.transactions.reading() as session:
        assert on_call.list_on_call(session) == ()
        assert session.get_one(Staff, sam).disabled_at is not None
        assert session.scalar(sa.select(sa.func.count()).select_from(Staff)) == len(
            seeding.people()
        )


def test_somebody_is_on_call_in_the_order_of_the_list_and_one_supervises(house: House) -> None:
    seeding.seed(house.adapters)
    with house.adapters.transactions.reading() as session:
        listed = on_call.list_on_call(session)
    wanted = sorted(
        (person for person in seeding.people() if person.on_call is not None),
        key=lambda person: person.on_call or 0,
    )
    assert [each.person for each in listed] == [
        seeding.id_of(house.adapters, person.key) for person in wanted
    ]
    assert [each.position for each in listed] == list(range(len(wanted)))
    assert sum(each.is_supervisor for each in listed) == 1


def test_a_database_with_the_demos_people_is_marked_as_a_demo(house: House) -> None:
    with pytest.raises(KeyMissingError):
        house.adapters.keystore.key(seeding.MARK)
    seeding.seed(house.adapters)
    assert house.adapters.keystore.key(seeding.MARK)


def test_nobody_has_a_key_that_is_not_in_the_list(house: House) -> None:
    seeding.seed(house.adapters)
    assert seeding.id_of(house.adapters, "nobody") is None


def test_before_the_people_are_put_in_nobody_is_found(house: House) -> None:
    assert seeding.id_of(house.adapters, "advocate") is None


def test_only_people_who_may_read_are_on_call_and_every_address_is_an_example() -> None:
    everybody = seeding.people()
    assert {each.role for each in everybody} >= {Role.ADVOCATE, Role.SUPERVISOR, Role.MANAGER}
    assert len({each.key for each in everybody}) == len(everybody)
    for each in everybody:
        assert each.email.endswith("@example.org")
        assert each.on_call is None or each.role in {Role.ADVOCATE, Role.SUPERVISOR}
