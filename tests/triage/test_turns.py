"""Who is next when many write at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from triage import crowd, queue, turns
from triage.grades import Grade
from triage.queue import Waiting
from triage.turns import Candidate, Turn

FIGURES = crowd.load()
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CALM, BUSY = FIGURES.busy_from - 1, FIGURES.busy_from


def candidate(
    number: int,
    *,
    grade: Grade = Grade.HIGH,
    minutes_ago: float = 1,
    calling: bool = False,
    known: bool = False,
    crowd: int | None = None,
    put_last: bool = False,
) -> Candidate:
    return Candidate(
        waiting=Waiting(
            entry=UUID(int=number),
            grade=grade,
            score=0.1,
            unacknowledged_escalation=calling,
            present=True,
            waiting_since=NOON - timedelta(minutes=minutes_ago),
        ),
        is_known=known,
        crowd=None if crowd is None else UUID(int=crowd),
        put_last=put_last,
    )


candidates = st.lists(
    st.builds(
        candidate,
        st.integers(1, 10**6),
        grade=st.sampled_from([Grade.EMERGENCY, Grade.URGENT, Grade.HIGH]),
        minutes_ago=st.integers(0, 60),
        calling=st.booleans(),
        known=st.booleans(),
        crowd=st.none() | st.integers(1, 4),
        put_last=st.booleans(),
    ),
    unique_by=lambda each: each.waiting.entry,
    max_size=60,
)


def order(given: list[Candidate], *, unknown: int) -> list[Turn]:
    return turns.in_order(given, unknown_waiting=unknown, figures=FIGURES)


def place(given: list[Candidate], wanted: Candidate, *, unknown: int = BUSY) -> int:
    found = order(given, unknown=unknown)
    return 1 + [turn.first.waiting.entry for turn in found].index(wanted.waiting.entry)


@given(given_=candidates, unknown=st.sampled_from([CALM, BUSY]), shuffle=st.randoms())
def test_the_order_is_the_same_however_the_entries_are_given(
    given_: list[Candidate], unknown: int, shuffle: Random
) -> None:
    again = [*given_]
    shuffle.shuffle(again)
    assert order(given_, unknown=unknown) == order(again, unknown=unknown)


@given(given_=candidates, unknown=st.sampled_from([CALM, BUSY]))
def test_nobody_is_left_out_and_nobody_has_two_turns(given_: list[Candidate], unknown: int) -> None:
    found = order(given_, unknown=unknown)
    assert sum(turn.many for turn in found) == len(given_)
    firsts = [turn.first for turn in found]
    assert len(firsts) == len({each.waiting.entry for each in firsts})
    alone = {each.waiting.entry for each in given_ if each.lane != "crowd"}
    assert alone <= {each.waiting.entry for each in firsts}


@given(given_=candidates)
def test_in_calm_times_the_order_is_that_of_the_queue(given_: list[Candidate]) -> None:
    rest = [turn for turn in order(given_, unknown=CALM) if not turn.first.put_last]
    assert rest == sorted(rest, key=lambda turn: turn.key)


@given(given_=candidates)
def test_within_a_lane_the_order_never_changes(given_: list[Candidate]) -> None:
    found = [turn for turn in order(given_, unknown=BUSY) if not turn.first.put_last]
    for lane in ("known", "alone", "crowd"):
        mine = [turn.key for turn in found if turn.lane == lane]
        assert mine == sorted(mine)


@given(given_=candidates, unknown=st.sampled_from([CALM, BUSY]))
def test_the_gravest_of_all_goes_first(given_: list[Candidate], unknown: int) -> None:
    found = [turn for turn in order(given_, unknown=unknown) if not turn.first.put_last]
    if found:
        assert found[0].key == min(turn.key for turn in found)


@given(given_=candidates, unknown=st.sampled_from([CALM, BUSY]))
def test_what_a_person_put_last_comes_after_all_others(
    given_: list[Candidate], unknown: int
) -> None:
    marks = [turn.first.put_last for turn in order(given_, unknown=unknown)]
    assert marks == sorted(marks)


@given(
    hoaxes=st.integers(0, 500),
    grades=st.randoms(),
    crowds=st.integers(1, 20),
    alone=st.integers(0, 11),
)
def test_a_flood_in_crowds_moves_no_child_out_of_sight(
    hoaxes: int, grades: Random, crowds: int, alone: int
) -> None:
    """A known child in the first five, an unlike stranger in the first thirty, by design."""
    flood = [
        candidate(
            number,
            grade=grades.choice([Grade.EMERGENCY, Grade.URGENT, Grade.HIGH]),
            minutes_ago=10,
            calling=grades.random() < 0.5,
            crowd=1 + number % crowds,
        )
        for number in range(1000, 1000 + hoaxes)
    ]
    # Before a crowd is known, so many of its copies still stand alone.
    flood += [
        candidate(number, grade=Grade.EMERGENCY, minutes_ago=10, calling=True)
        for number in range(100, 100 + alone)
    ]
    child = candidate(1, known=True, minutes_ago=0)
    stranger = candidate(2, minutes_ago=0)
    everybody = [*flood, child, stranger]
    assert place(everybody, child) <= 5
    assert place(everybody, stranger) <= 30


def test_a_crowd_is_led_by_its_gravest_and_stands_where_that_would() -> None:
    mild, grave = candidate(1, crowd=7), candidate(2, crowd=7, grade=Grade.EMERGENCY)
    urgent = candidate(3, grade=Grade.URGENT)
    found = order([mild, urgent, grave], unknown=CALM)
    assert [turn.first for turn in found] == [grave, urgent]
    assert [turn.many for turn in found] == [2, 1]


def test_a_known_child_never_stands_in_a_crowd() -> None:
    known = candidate(1, known=True, crowd=7)
    found = order([known, candidate(2, crowd=7)], unknown=BUSY)
    assert [turn.crowd for turn in found if turn.first == known] == [None]


def test_one_member_put_last_hides_none_of_the_others() -> None:
    last, other = candidate(1, crowd=7, put_last=True), candidate(2, crowd=7)
    found = order([last, other], unknown=CALM)
    assert [(turn.first, turn.many) for turn in found] == [(other, 1), (last, 1)]
    assert queue.order_key(replace(other.waiting)) == found[0].key
