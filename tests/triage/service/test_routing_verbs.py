"""Profiles, ties, handing on and coming back, on both engines."""

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.clock import Clock
from tests.triage.service.alarms import FIRST, FOURTH, SECOND, SUPERVISOR, Alarms
from triage import routing
from triage.errors import (
    NotForYouError,
    NotHolderError,
    TooMuchToCarryError,
    UnknownHandingOnError,
    UnknownSkillError,
)
from triage.grades import Grade
from triage.service import handing_on, holding, profiles, returning
from triage.service.handing_on import Offered

FIGURES = routing.load()
MINUTE = timedelta(minutes=1)


def hand_on(alarms: Alarms, entry: UUID, *, to: UUID | None = SECOND, by: UUID = FIRST) -> Offered:
    with alarms.adapters.transactions.begin() as session:
        return handing_on.offer(
            session,
            row=uuid4(),
            entry=entry,
            staff=by,
            to=to,
            note=b"sealed",
            figures=FIGURES,
            now=alarms.now,
        )


def settle(alarms: Alarms, verb: Callable[..., Offered], offered: Offered, by: UUID) -> Offered:
    with alarms.adapters.transactions.begin() as session:
        return verb(session, handing_on=offered.id, staff=by, now=alarms.now)


def holder(alarms: Alarms, entry: UUID) -> UUID | None:
    return alarms.entry(entry).claimed_by


@pytest.fixture
def held(alarms: Alarms) -> UUID:
    entry = alarms.waits(Grade.URGENT)
    alarms.claim(entry, by=FIRST)
    return entry


class TestHandingOn:
    def test_it_is_the_senders_until_accepted_and_its_clock_runs_on(
        self, alarms: Alarms, clock: Clock, held: UUID
    ) -> None:
        before = alarms.entry(held).waiting_since
        due = alarms.open(held).due_at
        offered = hand_on(alarms, held)
        clock.advance(5 * MINUTE)
        assert holder(alarms, held) == FIRST
        settle(alarms, handing_on.accept, offered, SECOND)
        assert holder(alarms, held) == SECOND
        assert alarms.entry(held).waiting_since == before
        assert alarms.open(held).due_at == due

    def test_only_whom_it_was_for_may_take_it_or_say_no(self, alarms: Alarms, held: UUID) -> None:
        offered = hand_on(alarms, held)
        for verb, by in (
            (handing_on.accept, FOURTH),
            (handing_on.accept, FIRST),
            (handing_on.decline, FOURTH),
            (handing_on.withdraw, SECOND),
        ):
            with pytest.raises(NotForYouError):
                settle(alarms, verb, offered, by)
        assert holder(alarms, held) == FIRST

    @pytest.mark.parametrize(
        ("verb", "by"), [(handing_on.decline, SECOND), (handing_on.withdraw, FIRST)]
    )
    def test_a_no_or_a_change_of_mind_leaves_it_with_the_sender(
        self, alarms: Alarms, held: UUID, verb: Callable[..., Offered], by: UUID
    ) -> None:
        offered = hand_on(alarms, held)
        settle(alarms, verb, offered, by)
        assert holder(alarms, held) == FIRST
        with pytest.raises(UnknownHandingOnError):
            settle(alarms, handing_on.accept, offered, SECOND)

    def test_without_an_answer_it_ends_by_itself(
        self, alarms: Alarms, clock: Clock, held: UUID
    ) -> None:
        offered = hand_on(alarms, held)
        clock.advance(FIGURES.handing_on_for)
        with pytest.raises(UnknownHandingOnError):
            settle(alarms, handing_on.accept, offered, SECOND)
        with alarms.adapters.transactions.begin() as session:
            assert handing_on.is_any_over(session, now=alarms.now)
            assert [each.id for each in handing_on.expire(session, now=alarms.now)] == [offered.id]
            assert not handing_on.is_any_over(session, now=alarms.now)
        assert holder(alarms, held) == FIRST

    def test_one_hands_on_only_what_one_holds_and_to_somebody_else(
        self, alarms: Alarms, held: UUID
    ) -> None:
        with pytest.raises(NotHolderError):
            hand_on(alarms, held, by=SECOND, to=FOURTH)
        with pytest.raises(NotForYouError):
            hand_on(alarms, held, to=FIRST)

    def test_a_sender_who_lost_it_hands_on_nothing(self, alarms: Alarms, held: UUID) -> None:
        offered = hand_on(alarms, held)
        with alarms.adapters.transactions.begin() as session:
            holding.take_over(session, entry=held, staff=SUPERVISOR, now=alarms.now)
        with pytest.raises(UnknownHandingOnError):
            settle(alarms, handing_on.accept, offered, SECOND)
        assert holder(alarms, held) == SUPERVISOR

    def test_of_many_who_accept_at_once_exactly_one_gets_it(
        self, alarms: Alarms, held: UUID
    ) -> None:
        offered = hand_on(alarms, held, to=None)
        people = [uuid4() for _ in range(12)]
        won: list[UUID] = []
        start = threading.Barrier(len(people))

        def accept(person: UUID) -> None:
            start.wait()
            try:
                settle(alarms, handing_on.accept, offered, person)
            except UnknownHandingOnError:
                return
            won.append(person)

        threads = [threading.Thread(target=accept, args=(person,)) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert won == [holder(alarms, held)]

    def test_what_one_may_accept_is_listed_and_nothing_of_ones_own(
        self, alarms: Alarms, held: UUID
    ) -> None:
        offered = hand_on(alarms, held)
        with alarms.adapters.transactions.reading() as session:
            found = {
                person: [
                    each.id for each in handing_on.open_for(session, staff=person, now=alarms.now)
                ]
                for person in (FIRST, SECOND, FOURTH)
            }
        assert found == {FIRST: [], SECOND: [offered.id], FOURTH: []}


def test_a_child_who_waits_for_somebody_gone_comes_back_with_the_old_clock(
    alarms: Alarms, clock: Clock, held: UUID
) -> None:
    before = alarms.entry(held)
    gone_at = alarms.now
    limit = FIGURES.returns_after[Grade.URGENT]

    def returned() -> list[UUID]:
        with alarms.adapters.transactions.begin() as session:
            assert returning.holders(session) in ([FIRST], [])
            found = returning.return_to_queue(
                session, seen_at={FIRST: gone_at}, figures=FIGURES, now=alarms.now
            )
        return [each.entry for each in found]

    clock.advance(limit - MINUTE)
    assert returned() == []
    clock.advance(MINUTE)
    assert returned() == [held]
    after = alarms.entry(held)
    assert (after.claimed_by, after.returned_from) == (None, FIRST)
    assert after.waiting_since == before.waiting_since
    assert after.grade_rank == before.grade_rank
    assert returned() == []


def test_answered_children_stay_with_whoever_holds_them(alarms: Alarms, clock: Clock) -> None:
    entry = alarms.waits(Grade.URGENT)
    alarms.claim(entry, by=FIRST)
    alarms.answered(entry)
    clock.advance(timedelta(days=1))
    with alarms.adapters.transactions.begin() as session:
        assert not returning.return_to_queue(
            session, seen_at={FIRST: None}, figures=FIGURES, now=alarms.now
        )


def test_skills_capacity_load_and_being_away_are_kept(alarms: Alarms, held: UUID) -> None:
    del held
    with alarms.adapters.transactions.begin() as session:
        profiles.set_skills(
            session, staff=FIRST, skills=["send"], languages=["TI", "ps"], figures=FIGURES
        )
        profiles.set_capacity(session, staff=FIRST, capacity=3, figures=FIGURES)
        profiles.say_away(session, staff=FIRST, away=True, figures=FIGURES, now=alarms.now)
        found = profiles.known(session, staff=[FIRST, SECOND], figures=FIGURES)
    assert found[FIRST].skills == {"send"}
    assert found[FIRST].languages == {"ti", "ps"}
    assert found[FIRST].capacity == 3
    assert found[FIRST].away_since == alarms.now
    assert found[FIRST].load == (Grade.URGENT,)
    assert found[SECOND] == profiles.Known(capacity=FIGURES.capacity)
    with alarms.adapters.transactions.begin() as session:
        profiles.say_away(session, staff=FIRST, away=False, figures=FIGURES, now=alarms.now)
        assert profiles.known(session, staff=[FIRST], figures=FIGURES)[FIRST].away_since is None


def test_what_nobody_can_do_or_carry_is_refused(alarms: Alarms) -> None:
    with alarms.adapters.transactions.begin() as session:
        for skills, languages in ((["juggling"], []), ([], ["t-i"])):
            with pytest.raises(UnknownSkillError):
                profiles.set_skills(
                    session, staff=FIRST, skills=skills, languages=languages, figures=FIGURES
                )
        for capacity in (-1, FIGURES.most_capacity + 1):
            with pytest.raises(TooMuchToCarryError):
                profiles.set_capacity(session, staff=FIRST, capacity=capacity, figures=FIGURES)


def test_a_tie_is_noted_once_and_ends(alarms: Alarms) -> None:
    place = uuid4()
    with alarms.adapters.transactions.begin() as session:
        assert profiles.note_conflict(session, staff=FIRST, about=place, by=SECOND, now=alarms.now)
        assert not profiles.note_conflict(
            session, staff=FIRST, about=place, by=SECOND, now=alarms.now
        )
        assert profiles.with_conflict(session, about=[place]) == {FIRST: {place}}
        [tie] = profiles.conflicts(session, staff=[FIRST])
        assert profiles.end_conflict(session, conflict=tie.id, by=SECOND, now=alarms.now)
        assert not profiles.end_conflict(session, conflict=tie.id, by=SECOND, now=alarms.now)
        assert profiles.with_conflict(session, about=[place]) == {}
