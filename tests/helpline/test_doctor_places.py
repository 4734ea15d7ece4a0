"""Numbers that a danger card would show, and that nobody has confirmed lately, fail the doctor."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from helpline import seeding
from helpline.doctor import places as doctored
from helpline.doctor.finding import Level
from helpline.doctor.stores import Opened
from helpline.institutions import loading
from helpline.institutions.listing import Listed
from integrations import database
from tests import installation
from tests.clock import Clock
from tests.stores import Stores


@contextmanager
def opened(stores: Stores) -> Iterator[Opened]:
    data = database.connect(stores.database_url)
    keys = database.connect(stores.keystore_url)
    yield Opened(data, keys, is_readable=True)
    data.dispose()
    keys.dispose()


def levels(stores: Stores, clock: Clock, *listed: Listed) -> dict[str, Level]:
    for each in listed:
        with installation.installed(stores, clock, kek=b"k" * 32) as adapters:
            loading.load(adapters, listed=each)
    with opened(stores) as found:
        return {each.name: each.level for each in doctored.inspect(found, today=clock.now().date())}


def confirmed(clock: Clock) -> Listed:
    today = clock.now().date()
    listed = seeding.places(checked=today)
    return replace(
        listed,
        authorities=tuple(replace(each, checked=today) for each in listed.authorities),
        forces=tuple(replace(each, checked=today) for each in listed.forces),
    )


def test_no_places_and_confirmed_numbers_are_nothing_to_mend(stores: Stores, clock: Clock) -> None:
    assert levels(stores, clock) == {}
    assert levels(stores, clock, confirmed(clock)) == {}


def test_numbers_go_stale_after_ninety_days_and_a_new_day_mends_them(
    stores: Stores, clock: Clock
) -> None:
    levels(stores, clock, confirmed(clock))
    clock.advance(timedelta(days=90))
    assert levels(stores, clock) == {}
    clock.advance(timedelta(days=1))
    assert levels(stores, clock) == {"places.stale": Level.STALE}
    assert levels(stores, clock, confirmed(clock)) == {}


def test_numbers_that_nobody_ever_checked_fail_too(stores: Stores, clock: Clock) -> None:
    listed = seeding.places(checked=clock.now().date())
    assert levels(stores, clock, listed) == {"places.never": Level.STALE}


def test_an_institution_without_police_or_duty_team_is_missing_something(
    stores: Stores, clock: Clock
) -> None:
    listed = confirmed(clock)
    mute = replace(
        listed, forces=tuple(replace(each, control_room_number=None) for each in listed.forces)
    )
    assert levels(stores, clock, mute) == {"places.without": Level.MISSING}


def test_an_office_that_no_card_would_name_is_no_reason_to_worry(
    stores: Stores, clock: Clock
) -> None:
    listed = confirmed(clock)
    alone = replace(
        listed,
        institutions=(),
        authorities=tuple(replace(each, checked=None) for each in listed.authorities),
    )
    assert levels(stores, clock, alone) == {}
