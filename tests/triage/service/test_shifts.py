"""The rota is saved whole or not at all, checked in to, swapped by acceptance, and paged by."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clock import Clock
from tests.triage.service.alarms import FIRST, FOURTH, SECOND, SUPERVISOR, Alarms
from triage import rota
from triage.errors import (
    NotYourShiftError,
    OnTwiceError,
    RotaRefusedError,
    UnknownShiftError,
)
from triage.grades import Grade
from triage.rota import Line, Shift
from triage.service import on_call, shifts, swaps
from triage.service.shifts import Saved, Standing
from triage.service.swaps import Offered

FIGURES = rota.load()
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SAM, JO, KIT = (uuid4() for _ in range(3))


@pytest.fixture
def monday(alarms: Alarms) -> datetime:
    day = alarms.now.date()
    return rota.week_of(day - timedelta(days=day.weekday()))[0]


def week(monday: datetime, *, until: int = 14) -> list[Shift]:
    """Two people by halves of the day, whatever the clock says on the wall."""
    return [
        Shift(
            Line.FIRST,
            SAM if half % 2 else JO,
            monday + half * 12 * HOUR,
            monday + (half + 1) * 12 * HOUR,
        )
        for half in range(until)
    ]


def save(alarms: Alarms, monday: datetime, wanted: list[Shift]) -> Saved:
    with alarms.adapters.transactions.begin() as session:
        return shifts.save_week(
            session,
            week_from=monday,
            week_until=monday + 168 * HOUR,
            shifts=wanted,
            staff=SUPERVISOR,
            figures=FIGURES,
            now=alarms.now,
        )


def undo(alarms: Alarms, monday: datetime, saved: Saved) -> None:
    with alarms.adapters.transactions.begin() as session:
        shifts.undo_save(
            session,
            save=saved.save,
            figures=FIGURES,
            week_until=monday + 168 * HOUR,
            now=alarms.now,
        )


def standing(alarms: Alarms, monday: datetime) -> list[Standing]:
    with alarms.adapters.transactions.reading() as session:
        return shifts.standing(session, from_=monday, until=monday + 168 * HOUR)


def rules(alarms: Alarms, monday: datetime) -> list[Shift]:
    return [each.shift for each in standing(alarms, monday)]


def on_duty(alarms: Alarms) -> list[UUID]:
    with alarms.adapters.transactions.reading() as session:
        return [each.person for each in on_call.on_duty(session, now=alarms.now)]


def test_a_week_is_saved_and_stands(alarms: Alarms, monday: datetime) -> None:
    assert save(alarms, monday, week(monday)).begun == 14
    assert rules(alarms, monday) == week(monday)


def test_a_gap_in_the_first_line_saves_nothing(alarms: Alarms, monday: datetime) -> None:
    save(alarms, monday, week(monday))
    later = monday + 168 * HOUR
    with pytest.raises(RotaRefusedError) as refused:
        save(alarms, later, [*week(later)[:3], *week(later)[4:]])
    [gap] = refused.value.refused
    assert (gap.from_, gap.until) == (later + 36 * HOUR, later + 48 * HOUR)
    assert rules(alarms, later) == []
    assert rules(alarms, monday) == week(monday)


def test_the_night_between_two_weeks_must_be_covered(alarms: Alarms, monday: datetime) -> None:
    later = monday + 168 * HOUR
    save(alarms, later, week(later))
    night = Shift(Line.FIRST, KIT, later + 156 * HOUR, later + 166 * HOUR)
    after = later + 168 * HOUR
    with pytest.raises(RotaRefusedError):
        save(alarms, later, [*week(later)[:13], night])
    moved = [
        Shift(each.line, each.person, each.starts_at + 2 * HOUR, each.ends_at + 2 * HOUR)
        for each in week(after, until=13)
    ]
    with pytest.raises(RotaRefusedError):
        save(alarms, after, moved)


def test_what_is_over_is_not_asked_about(alarms: Alarms, monday: datetime, clock: Clock) -> None:
    clock.set(monday + 30 * HOUR)
    assert save(alarms, monday, week(monday)[2:]).begun == 12


def test_a_shift_that_stays_keeps_its_check_in(
    alarms: Alarms, monday: datetime, clock: Clock
) -> None:
    clock.set(monday + 20 * HOUR)
    save(alarms, monday, week(monday))
    mine = next(each for each in standing(alarms, monday) if each.shift.starts_at > alarms.now)
    clock.set(mine.shift.starts_at)
    with alarms.adapters.transactions.begin() as session:
        shifts.check_in(
            session, shift=mine.id, staff=mine.shift.person, figures=FIGURES, now=alarms.now
        )
    changed = week(monday)
    changed[-1] = Shift(Line.FIRST, KIT, changed[-1].starts_at, changed[-1].ends_at)
    saved = save(alarms, monday, changed)
    assert (saved.begun, saved.over) == (1, 1)
    again = next(each for each in standing(alarms, monday) if each.id == mine.id)
    assert again.checked_in_at == mine.shift.starts_at


def test_the_last_save_of_a_week_is_undone_and_no_other(alarms: Alarms, monday: datetime) -> None:
    first = save(alarms, monday, week(monday))
    other = [Shift(each.line, KIT, each.starts_at, each.ends_at) for each in week(monday)[:1]]
    second = save(alarms, monday, [*other, *week(monday)[1:]])
    with pytest.raises(UnknownShiftError):
        undo(alarms, monday, first)
    undo(alarms, monday, second)
    assert rules(alarms, monday) == week(monday)
    with pytest.raises(UnknownShiftError):
        undo(alarms, monday, second)
    undo(alarms, monday, first)
    assert rules(alarms, monday) == []


def test_the_rota_is_paged_line_by_line_and_the_standing_list_behind_it(
    alarms: Alarms, monday: datetime, clock: Clock
) -> None:
    alarms.put_on_call(FIRST, SECOND, SUPERVISOR, FOURTH)
    clock.set(monday + HOUR)
    assert on_duty(alarms) == [FIRST, SECOND, SUPERVISOR, FOURTH]
    wanted = [
        *week(monday),
        Shift(Line.SECOND, KIT, monday, monday + 12 * HOUR),
        Shift(Line.SUPERVISOR, FOURTH, monday, monday + 12 * HOUR),
    ]
    save(alarms, monday, wanted)
    assert on_duty(alarms) == [JO, KIT, FOURTH, FIRST, SECOND, SUPERVISOR]
    alarms.waits(Grade.EMERGENCY)
    paged = []
    for minutes in (0, 2, 3, 5):
        clock.advance(minutes * MINUTE)
        paged.append(alarms.paged())
    assert paged == [[JO], [KIT], [FOURTH], [JO, KIT, FOURTH, FIRST, SECOND, SUPERVISOR]]


def test_between_two_shifts_the_leaver_is_behind_and_nobody_is_missing(
    alarms: Alarms, monday: datetime, clock: Clock
) -> None:
    clock.set(monday)
    save(alarms, monday, [*week(monday), Shift(Line.SECOND, KIT, monday, monday + 14 * HOUR)])
    clock.set(monday + 12 * HOUR)
    assert on_duty(alarms) == [SAM, KIT, JO]
    clock.advance(FIGURES.handover)
    assert on_duty(alarms) == [SAM, KIT]


def test_checking_in_is_ones_own_and_has_its_time(
    alarms: Alarms, monday: datetime, clock: Clock
) -> None:
    clock.set(monday)
    save(alarms, monday, week(monday))
    second = standing(alarms, monday)[1]

    def check_in(by: UUID) -> Standing:
        with alarms.adapters.transactions.begin() as session:
            return shifts.check_in(
                session, shift=second.id, staff=by, figures=FIGURES, now=alarms.now
            )

    clock.set(second.shift.starts_at - FIGURES.check_in_opens - MINUTE)
    with pytest.raises(UnknownShiftError):
        check_in(SAM)
    clock.advance(MINUTE)
    with pytest.raises(NotYourShiftError):
        check_in(JO)
    assert check_in(SAM).checked_in_at == alarms.now
    earlier = alarms.now
    clock.advance(MINUTE)
    assert check_in(SAM).checked_in_at == earlier


def test_a_missed_check_in_is_noticed_once_and_nobody_is_skipped_unpaged(
    alarms: Alarms, monday: datetime, clock: Clock
) -> None:
    clock.set(monday)
    save(alarms, monday, week(monday))
    clock.advance(FIGURES.check_in_missed - MINUTE)

    def missed() -> list[UUID]:
        with alarms.adapters.transactions.begin() as session:
            found = shifts.notice_missed(session, figures=FIGURES, now=alarms.now)
            assert not shifts.is_any_missed(session, figures=FIGURES, now=alarms.now)
        return [each.shift.person for each in found]

    assert missed() == []
    clock.advance(MINUTE)
    assert missed() == [JO]
    assert missed() == []
    alarms.waits(Grade.EMERGENCY)
    assert alarms.paged() == [JO]


def test_whoever_leaves_is_on_no_shift_any_more(
    alarms: Alarms, monday: datetime, clock: Clock
) -> None:
    clock.set(monday + HOUR)
    save(alarms, monday, week(monday))
    with alarms.adapters.transactions.begin() as session:
        assert shifts.leave(session, person=JO, now=alarms.now) == 7
    assert on_duty(alarms) == []
    assert {each.person for each in rules(alarms, monday)} == {SAM}


class TestSwaps:
    def test_a_shift_is_its_owners_until_somebody_accepts(
        self, alarms: Alarms, monday: datetime, clock: Clock
    ) -> None:
        clock.set(monday)
        save(alarms, monday, week(monday))
        shift = standing(alarms, monday)[1]
        offered = self.offer(alarms, shift, SAM, KIT)
        assert rules(alarms, monday)[1].person == SAM
        for stranger in (JO, SAM):
            with pytest.raises(NotYourShiftError):
                self.settle(alarms, "accept", offered, stranger)
        self.settle(alarms, "accept", offered, KIT)
        assert rules(alarms, monday)[1].person == KIT
        with pytest.raises(UnknownShiftError):
            self.settle(alarms, "accept", offered, KIT)

    def test_saying_no_and_taking_back_leave_it_where_it_was(
        self, alarms: Alarms, monday: datetime, clock: Clock
    ) -> None:
        clock.set(monday)
        save(alarms, monday, week(monday))
        shift = standing(alarms, monday)[1]
        for deed, by in (("decline", KIT), ("withdraw", SAM)):
            offered = self.offer(alarms, shift, SAM, KIT)
            with pytest.raises(NotYourShiftError):
                self.settle(alarms, deed, offered, JO)
            self.settle(alarms, deed, offered, by)
            assert rules(alarms, monday) == week(monday)
            with pytest.raises(UnknownShiftError):
                self.settle(alarms, "accept", offered, KIT)

    def test_nobody_takes_a_shift_beside_one_of_their_own_or_one_that_began(
        self, alarms: Alarms, monday: datetime, clock: Clock
    ) -> None:
        clock.set(monday)
        save(
            alarms,
            monday,
            [*week(monday), Shift(Line.SECOND, KIT, monday + 13 * HOUR, monday + 15 * HOUR)],
        )
        shift = standing(alarms, monday)[1]
        offered = self.offer(alarms, shift, SAM, None)
        with pytest.raises(OnTwiceError):
            self.settle(alarms, "accept", offered, KIT)
        clock.set(shift.shift.starts_at)
        with pytest.raises(UnknownShiftError):
            self.settle(alarms, "accept", offered, JO)
        with pytest.raises(UnknownShiftError):
            self.offer(alarms, shift, SAM, None)

    def test_a_new_offer_replaces_the_open_one(
        self, alarms: Alarms, monday: datetime, clock: Clock
    ) -> None:
        clock.set(monday)
        save(alarms, monday, week(monday))
        shift = standing(alarms, monday)[1]
        self.offer(alarms, shift, SAM, KIT)
        newest = self.offer(alarms, shift, SAM, None)
        with alarms.adapters.transactions.reading() as session:
            found = swaps.open_offers(session, shifts=[shift.id], now=alarms.now)
        assert found == [newest]

    def offer(self, alarms: Alarms, shift: Standing, by: UUID, to: UUID | None) -> Offered:
        with alarms.adapters.transactions.begin() as session:
            return swaps.offer(session, shift=shift.id, staff=by, to=to, now=alarms.now)

    def settle(self, alarms: Alarms, deed: str, offered: Offered, by: UUID) -> Offered:
        verb = {"accept": swaps.accept, "decline": swaps.decline, "withdraw": swaps.withdraw}[deed]
        with alarms.adapters.transactions.begin() as session:
            return verb(session, swap=offered.swap, staff=by, now=alarms.now)


people = st.sampled_from([SAM, JO, KIT])


@given(
    deeds=st.lists(
        st.tuples(st.sampled_from(["offer", "accept", "decline", "withdraw"]), people, people),
        max_size=12,
    )
)
@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_whatever_is_offered_and_taken_every_shift_is_held_by_one_person(
    alarms: Alarms, monday: datetime, clock: Clock, deeds: list[tuple[str, UUID, UUID]]
) -> None:
    clock.set(monday)
    after = monday + 168 * HOUR
    save(alarms, after, week(after))
    before = [(each.starts_at, each.ends_at) for each in rules(alarms, after)]
    offers: list[Offered] = []
    helper = TestSwaps()
    for number, (deed, by, to) in enumerate(deeds):
        stands = standing(alarms, after)
        try:
            if deed == "offer":
                offers.append(helper.offer(alarms, stands[number % len(stands)], by, to))
            elif offers:
                helper.settle(alarms, deed, offers[-1], by)
        except (NotYourShiftError, OnTwiceError, UnknownShiftError):
            continue
    found = rules(alarms, after)
    assert [(each.starts_at, each.ends_at) for each in found] == before
    assert rota.refused(found, from_=after, until=after + 168 * HOUR, figures=FIGURES) == ()
