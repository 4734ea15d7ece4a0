"""Shifts, gaps and handovers, also on the nights when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import rota
from triage.errors import UnusableFiguresError
from triage.hours import LONDON
from triage.rota import CheckIn, Line, Shift

FIGURES = rota.load()
MONDAY = date(2026, 11, 23)
CLOCKS_BACK = date(2026, 10, 25)
CLOCKS_FORWARD = date(2027, 3, 28)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SAM, JO = UUID(int=1), UUID(int=2)
START = datetime(2026, 11, 23, tzinfo=UTC)

hours = st.integers(0, 23).map(lambda hour: time(hour, 0))
halves = st.integers(0, 47).map(lambda half: time(half // 2, 30 * (half % 2)))
days = st.dates(date(2026, 1, 1), date(2028, 12, 31))
shifts = st.builds(
    lambda line, person, start, length: Shift(
        line, UUID(int=person), START + start * HOUR, START + (start + length) * HOUR
    ),
    st.sampled_from(Line),
    st.integers(1, 5),
    st.integers(-12, 180),
    st.integers(1, 14),
)
rotas = st.lists(shifts, max_size=30)


@given(day=days, cuts=st.lists(halves, min_size=2, max_size=6, unique=True))
def test_shifts_that_meet_on_the_clock_meet_also_when_it_changes(
    day: date, cuts: list[time]
) -> None:
    cuts.sort()
    spans = [
        rota.between(day, one, other) for one, other in zip(cuts, [*cuts[1:], cuts[0]], strict=True)
    ]
    for (_, ends), (starts, _) in pairwise(spans):
        assert ends == starts
    first, _ = rota.between(day + timedelta(days=1), cuts[0], cuts[1])
    assert spans[-1][1] == first
    assert all(starts <= ends for starts, ends in spans)


@given(day=days, at=halves)
def test_a_shift_starts_when_the_clock_on_the_wall_says_so(day: date, at: time) -> None:
    found = rota.instant(day, at)
    local = found.astimezone(LONDON)
    if (local.hour, local.minute) != (at.hour, at.minute):
        assert day.month == 3, "only where the clock leaves a time out"
        assert (local.hour, local.minute) == (2, 0)


def test_the_night_the_clocks_go_back_is_an_hour_longer_and_has_no_gap() -> None:
    starts, ends = rota.between(CLOCKS_BACK - timedelta(days=1), time(22), time(8))
    assert ends - starts == 11 * HOUR
    twice = rota.instant(CLOCKS_BACK, time(1, 30))
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert rota.between(CLOCKS_BACK, time(0), time(1, 30))[1] == twice
    monday = CLOCKS_BACK - timedelta(days=6)
    assert rota.week_of(monday)[1] - rota.week_of(monday)[0] == 169 * HOUR


def test_the_night_the_clocks_go_forward_is_an_hour_shorter_and_has_no_gap() -> None:
    starts, ends = rota.between(CLOCKS_FORWARD - timedelta(days=1), time(22), time(8))
    assert ends - starts == 9 * HOUR
    left_out = rota.instant(CLOCKS_FORWARD, time(1, 30))
    assert left_out == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    monday = CLOCKS_FORWARD - timedelta(days=6)
    assert rota.week_of(monday)[1] - rota.week_of(monday)[0] == 167 * HOUR


@given(given_=rotas, line=st.sampled_from(Line))
def test_every_instant_is_in_a_gap_or_has_somebody_on_and_never_both(
    given_: list[Shift], line: Line
) -> None:
    until = START + 168 * HOUR
    found = rota.gaps(given_, line=line, from_=START, until=until)
    for number in range(0, 168 * 2, 3):
        at = START + number * 30 * MINUTE
        is_on = any(each.line is line and each.starts_at <= at < each.ends_at for each in given_)
        in_gap = any(gap.from_ <= at < gap.until for gap in found)
        assert is_on != in_gap
    assert all(gap.from_ < gap.until for gap in found)


@given(given_=rotas)
def test_a_rota_with_a_gap_in_the_first_line_is_refused_and_one_without_is_not_for_that(
    given_: list[Shift],
) -> None:
    until = START + 168 * HOUR
    refused = rota.refused(given_, from_=START, until=until, figures=FIGURES)
    has_gap = bool(rota.gaps(given_, line=Line.FIRST, from_=START, until=until))
    assert has_gap == any(each.why.startswith("Nobody is first") for each in refused)


def test_a_gap_in_another_line_is_no_reason_to_refuse() -> None:
    whole = [
        Shift(Line.FIRST, UUID(int=half), START + half * 12 * HOUR, START + (half + 1) * 12 * HOUR)
        for half in range(14)
    ]
    until = START + 168 * HOUR
    assert rota.refused(whole, from_=START, until=until, figures=FIGURES) == ()
    one_less = whole[:5] + whole[6:]
    [refused] = rota.refused(one_less, from_=START, until=until, figures=FIGURES)
    assert (refused.from_, refused.until) == (START + 60 * HOUR, START + 72 * HOUR)


@pytest.mark.parametrize(
    ("shifts", "why"),
    [
        ([Shift(Line.SECOND, SAM, START, START)], "ends before it starts"),
        ([Shift(Line.SECOND, SAM, START, START + 17 * HOUR)], "longer than 16 hours"),
        (
            [
                Shift(Line.FIRST, SAM, START, START + 8 * HOUR),
                Shift(Line.SECOND, SAM, START + 7 * HOUR, START + 12 * HOUR),
            ],
            "on twice",
        ),
    ],
)
def test_shifts_that_nobody_can_work_are_refused(shifts: list[Shift], why: str) -> None:
    found = rota.refused(shifts, from_=START, until=START, figures=FIGURES)
    assert [why in each.why for each in found] == [True]


@given(given_=rotas, minutes=st.integers(0, 168 * 60))
def test_whoever_is_on_is_paged_by_line_and_leavers_come_behind(
    given_: list[Shift], minutes: int
) -> None:
    at = START + minutes * MINUTE
    found = rota.on_at(given_, at, figures=FIGURES)
    on = {each for each in given_ if each.starts_at <= at < each.ends_at}
    assert on <= {*found}
    assert all(at < each.ends_at + FIGURES.handover for each in found)
    order = [[*Line].index(each.line) for each in found]
    assert order == sorted(order)
    for line in Line:
        leaving = [at >= each.ends_at for each in found if each.line is line]
        assert leaving == sorted(leaving)


def test_between_two_shifts_both_are_paged_the_one_who_came_first() -> None:
    leaves = Shift(Line.FIRST, SAM, START, START + 8 * HOUR)
    comes = Shift(Line.FIRST, JO, START + 8 * HOUR, START + 16 * HOUR)
    at = leaves.ends_at
    assert rota.on_at([leaves, comes], at - MINUTE, figures=FIGURES) == (leaves,)
    assert rota.on_at([leaves, comes], at, figures=FIGURES) == (comes, leaves)
    assert rota.on_at([leaves, comes], at + FIGURES.handover, figures=FIGURES) == (comes,)


def test_checking_in_opens_before_a_shift_and_is_missed_after_its_start() -> None:
    shift = Shift(Line.FIRST, uuid4(), START, START + 8 * HOUR)
    for at, stands in (
        (START - FIGURES.check_in_opens - MINUTE, CheckIn.NOT_YET),
        (START - FIGURES.check_in_opens, CheckIn.OPEN),
        (START + FIGURES.check_in_missed - MINUTE, CheckIn.OPEN),
        (START + FIGURES.check_in_missed, CheckIn.MISSED),
    ):
        assert rota.check_in(shift, checked_in_at=None, now=at, figures=FIGURES) is stands
        done = rota.check_in(shift, checked_in_at=START, now=at, figures=FIGURES)
        assert done is CheckIn.DONE


@pytest.mark.parametrize(
    "changed",
    [{"longest_hours": 0}, {"handover_minutes": -1}, {"check_in_missed_minutes": 0}],
)
def test_figures_that_make_no_rota_are_refused(changed: dict[str, int]) -> None:
    table = {
        "handover_minutes": 15,
        "check_in_opens_minutes": 60,
        "check_in_missed_minutes": 10,
        "longest_hours": 16,
        "looks_ahead_days": 7,
        "source": "A test.",
        "checked": "By the test.",
    }
    assert rota.parsed(table).longest == 16 * HOUR
    with pytest.raises(UnusableFiguresError):
        rota.parsed({**table, **changed})
    del table["longest_hours"]
    with pytest.raises(UnusableFiguresError):
        rota.parsed(table)
