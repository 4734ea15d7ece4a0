"""An alarm climbs by the clock until a person takes it: nobody skipped, nobody paged twice."""

import threading
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from tests.clock import START, Clock
from tests.triage.service.alarms import FIRST, FOURTH, SECOND, SUPERVISOR, Alarms
from triage.escalation import State
from triage.grades import Grade
from triage.service import climb

MINUTE = timedelta(minutes=1)
SECOND_OF_TIME = timedelta(seconds=1)
EVERYONE = [FIRST, SECOND, SUPERVISOR, FOURTH]


@pytest.fixture
def emergency(alarms: Alarms) -> UUID:
    alarms.put_on_call(*EVERYONE)
    return alarms.waits(Grade.EMERGENCY)


def story(alarms: Alarms, clock: Clock, *, minutes: int) -> list[tuple[float, list[UUID]]]:
    """Look every ten seconds; when something was paged, in minutes from the start, and whom."""
    paged = []
    for at in range(minutes * 6 + 1):
        clock.set(START + at * 10 * SECOND_OF_TIME)
        if persons := alarms.paged():
            paged.append((at / 6, persons))
    return paged


def test_an_emergency_climbs_from_the_first_to_everyone_and_never_stops(
    alarms: Alarms, emergency: UUID, clock: Clock
) -> None:
    assert story(alarms, clock, minutes=30) == [
        (0, [FIRST]),
        (2, [SECOND]),
        (5, [SUPERVISOR]),
        (10, EVERYONE),
        (15, EVERYONE),
        (20, EVERYONE),
        (25, EVERYONE),
        (30, EVERYONE),
    ]
    assert alarms.open(emergency).state == State.PAGING


def test_an_urgent_message_climbs_by_its_own_steps(alarms: Alarms, clock: Clock) -> None:
    alarms.put_on_call(*EVERYONE)
    alarms.waits(Grade.URGENT)
    assert story(alarms, clock, minutes=75) == [
        (10, [FIRST]),
        (15, [SECOND]),
        (30, [SUPERVISOR]),
        (45, EVERYONE),
        (60, EVERYONE),
        (75, EVERYONE),
    ]


def test_nobody_is_paged_before_the_time(alarms: Alarms, emergency: UUID, clock: Clock) -> None:
    assert alarms.paged() == [FIRST]
    clock.advance(2 * MINUTE - SECOND_OF_TIME)
    assert alarms.climb() == []
    assert alarms.open(emergency).due_at == START + 2 * MINUTE


def test_each_page_goes_to_the_screen_and_by_mail(alarms: Alarms, emergency: UUID) -> None:
    [climbed] = alarms.climb()
    assert (climbed.entry, climbed.reopened) == (emergency, False)
    written = {page.id: page for page in alarms.pages()}
    assert {(p.channel, p.state) for p in written.values()} == {
        ("console", "shown"),
        ("mail", "due"),
    }
    assert {page.page for page in climbed.paged} == set(written)
    for page in written.values():
        assert (page.person_id, page.round, page.step) == (FIRST, 0, 1)
        assert (page.escalation_id, page.made_at) == (climbed.escalation, START)


def test_further_ways_are_for_those_who_have_them_at_the_same_moment(
    alarms: Alarms, emergency: UUID, clock: Clock
) -> None:
    further = {SECOND: ("sms", "voice"), uuid4(): ("sms",)}
    for _ in range(2):
        with alarms.adapters.transactions.begin() as session:
            climb.climb(session, grades=alarms.adapters.grades, now=alarms.now, further=further)
        clock.advance(2 * MINUTE)
    paged = [(page.person_id, page.channel, page.state) for page in alarms.pages()]
    assert sorted(paged, key=lambda each: each[1]) == [
        (FIRST, "console", "shown"),
        (SECOND, "console", "shown"),
        (FIRST, "mail", "due"),
        (SECOND, "mail", "due"),
        (SECOND, "sms", "due"),
        (SECOND, "voice", "due"),
    ]
    assert alarms.open(emergency).state == State.PAGING


def test_that_it_reached_nobody_is_said_once_at_the_first_repeat(
    alarms: Alarms, emergency: UUID, clock: Clock
) -> None:
    said: list[datetime] = []
    for _ in range(40):
        if any(each.newly_reached_nobody for each in alarms.climb()):
            said.append(alarms.now)
        clock.advance(MINUTE)
    assert said == [START + 15 * MINUTE]
    assert alarms.open(emergency).reached_nobody_at == START + 15 * MINUTE


def test_with_nobody_on_call_it_says_at_once_that_it_reached_nobody(
    alarms: Alarms, clock: Clock
) -> None:
    entry = alarms.waits(Grade.EMERGENCY)
    [climbed] = alarms.climb()
    assert (climbed.paged, climbed.newly_reached_nobody) == ((), True)
    assert alarms.open(entry).reached_nobody_at == START
    # Whoever is put on call meanwhile is paged at the next step; no step is lost to the gap.
    alarms.put_on_call(FIRST)
    clock.advance(2 * MINUTE)
    assert alarms.paged() == [FIRST]


def test_a_gap_in_the_list_falls_to_everyone_who_is_there(alarms: Alarms, clock: Clock) -> None:
    alarms.put_on_call(FIRST)
    alarms.waits(Grade.EMERGENCY)
    assert story(alarms, clock, minutes=10) == [
        (0, [FIRST]),
        (2, [FIRST]),
        (5, [FIRST]),
        (10, [FIRST]),
    ]


def test_everyone_that_was_missed_while_nothing_ran_is_paged_at_once(
    alarms: Alarms, emergency: UUID, clock: Clock
) -> None:
    clock.advance(6 * MINUTE)
    assert alarms.paged() == [FIRST, SECOND, SUPERVISOR]
    assert alarms.open(emergency).due_at == START + 10 * MINUTE
    clock.set(START + 10 * MINUTE)
    assert alarms.paged() == EVERYONE


def test_after_a_night_down_everyone_is_paged_once_and_told_that_it_reached_nobody(
    alarms: Alarms, emergency: UUID, clock: Clock
) -> None:
    clock.advance(timedelta(hours=8, seconds=20))
    [climbed] = alarms.climb()
    mailed = [page.person for page in climbed.paged if page.channel == "mail"]
    assert sorted(mailed) == sorted(EVERYONE)
    assert climbed.newly_reached_nobody
    assert alarms.open(emergency).due_at == START + timedelta(hours=8, minutes=5)


def test_the_longest_due_climb_first_and_no_more_than_asked(alarms: Alarms, clock: Clock) -> None:
    alarms.put_on_call(FIRST)
    entries = []
    for _ in range(3):
        entries.append(alarms.waits(Grade.EMERGENCY))
        clock.advance(SECOND_OF_TIME)
    with alarms.adapters.transactions.begin() as session:
        some = climb.climb(session, grades=alarms.adapters.grades, now=alarms.now, limit=2)
    assert [each.entry for each in some] == entries[:2]
    assert [each.entry for each in alarms.climb()] == entries[2:]


def test_what_is_due_next_is_known(alarms: Alarms, clock: Clock) -> None:
    with alarms.adapters.transactions.reading() as session:
        assert climb.next_due_at(session) is None
    alarms.waits(Grade.HIGH)
    clock.advance(MINUTE)
    urgent = alarms.waits(Grade.URGENT)
    with alarms.adapters.transactions.reading() as session:
        assert climb.next_due_at(session) == alarms.open(urgent).due_at


def test_while_one_process_climbs_another_neither_waits_nor_pages_the_same_step(
    alarms: Alarms, emergency: UUID
) -> None:
    second: list[list[climb.ClimbedOne]] = []
    other = threading.Thread(target=lambda: second.append(alarms.climb()))
    with alarms.adapters.transactions.begin() as session:
        [first] = climb.climb(session, grades=alarms.adapters.grades, now=alarms.now)
        session.flush()
        other.start()
        other.join(1)
        if alarms.adapters.transactions.store.engine_name == "postgresql":
            assert second == [[]], "the other does not wait for this one"
    other.join()
    assert second == [[]]
    assert first.entry == emergency
    assert len(alarms.pages()) == 2
    assert alarms.open(emergency).step == 1


def test_many_that_climb_at_once_page_each_step_of_each_alarm_once(alarms: Alarms) -> None:
    alarms.put_on_call(*EVERYONE)
    entries = {alarms.waits(Grade.EMERGENCY) for _ in range(6)}
    together = threading.Barrier(6)
    climbed: list[climb.ClimbedOne] = []

    def sweep() -> None:
        together.wait()
        climbed.extend(alarms.climb())

    threads = [threading.Thread(target=sweep) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    climbed.extend(alarms.climb())
    assert sorted(each.entry for each in climbed) == sorted(entries)
    assert len(alarms.pages()) == 2 * len(entries)


def test_a_concern_raised_by_hand_is_in_the_same_climb_and_pages_the_first_again(
    alarms: Alarms, emergency: UUID, clock: Clock
) -> None:
    alarms.climb()
    clock.advance(2 * MINUTE)
    alarms.climb()
    alarms.escalate(emergency, Grade.EMERGENCY, by=uuid4())
    assert alarms.paged() == [FIRST]
    rounds = [(page.round, page.step, page.person_id) for page in alarms.pages()[::2]]
    assert rounds == [(0, 1, FIRST), (0, 2, SECOND), (1, 1, FIRST)]
