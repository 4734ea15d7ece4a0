"""What stands out across children: exact for small numbers, and never by mere chance too often."""

import itertools
import math
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.signals import rule
from helpline.signals.rule import Concern, Contact, Found, Kind, Offer
from tests import clock as clocks

NOW = clocks.START
FIGURES = rule.load()
HERE, THERE = uuid4(), uuid4()
ids: Iterator[UUID] = (uuid4() for _ in itertools.count())


def concern(days_ago: float, child: UUID, institution: UUID = HERE) -> Concern:
    at = NOW - timedelta(days=days_ago)
    return Concern(institution=institution, child=child, evidence=next(ids), at=at)


def offers(
    institution: UUID, *, of: int, refused: int, reported: int = 0, days_ago: float = 10
) -> list[Offer]:
    return [
        Offer(
            institution=institution,
            evidence=next(ids),
            at=NOW - timedelta(days=days_ago),
            is_refused=number < refused,
            is_reported=number < reported,
        )
        for number in range(of)
    ]


def contacts(*weeks_ago: int, children: int = 3, institution: UUID = HERE) -> list[Contact]:
    return [
        Contact(
            institution=institution,
            child=child,
            evidence=next(ids),
            at=NOW - timedelta(weeks=week, days=1),
        )
        for child in [uuid4() for _ in range(children)]
        for week in weeks_ago
    ]


def refused(*events: Offer) -> dict[tuple[UUID, Kind], Found]:
    found = rule.refusals(events, now=NOW, figures=FIGURES)
    return {(each.institution, each.kind): each for each in found}


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0, 1))
def test_the_tails_are_exact(k: int, of: int, share: float) -> None:
    more, fewer = rule.at_least(k, of=of, share=share), rule.at_most(k - 1, of=of, share=share)
    assert 0 <= more <= 1
    assert math.isclose(more + fewer, 1, abs_tol=1e-9)
    assert rule.at_least(k + 1, of=of, share=share) <= more + 1e-12


def test_a_tail_known_by_heart() -> None:
    assert math.isclose(rule.at_least(9, of=10, share=0.5), 11 / 1024)
    assert math.isclose(rule.at_most(0, of=3, share=0.2), 0.512)
    assert rule.at_least(0, of=0, share=0.3) == 1


def test_three_concerns_of_two_children_within_four_weeks_are_a_pattern() -> None:
    robin, alex = uuid4(), uuid4()
    events = [concern(1, robin), concern(20, robin), concern(27, alex)]
    [found] = rule.concerns(events, now=NOW, figures=FIGURES)
    assert (found.institution, found.kind, found.here, found.of) == (HERE, Kind.CONCERNS, 3, 2)
    assert found.evidence == {each.evidence for each in events}


@pytest.mark.parametrize(
    "days",
    [(1, 20, 28.1), (1, 20)],
    ids=["the third is too old", "only two"],
)
def test_fewer_concerns_are_none(days: tuple[float, ...]) -> None:
    events = [concern(each, uuid4()) for each in days]
    assert rule.concerns(events, now=NOW, figures=FIGURES) == []


def test_many_concerns_of_one_child_are_that_child_s_and_no_pattern() -> None:
    robin = uuid4()
    events = [concern(each, robin) for each in range(10)]
    assert rule.concerns(events, now=NOW, figures=FIGURES) == []


def test_concerns_of_two_places_are_not_added_up() -> None:
    events = [concern(1, uuid4()), concern(2, uuid4()), concern(3, uuid4(), THERE)]
    assert rule.concerns(events, now=NOW, figures=FIGURES) == []


def test_one_row_that_comes_twice_is_one_concern() -> None:
    one, other = concern(1, uuid4()), concern(2, uuid4())
    assert rule.concerns([one, one, other], now=NOW, figures=FIGURES) == []


def test_a_place_where_nearly_all_refuse_stands_out() -> None:
    found = refused(*offers(HERE, of=8, refused=7), *offers(THERE, of=60, refused=6))
    one = found[HERE, Kind.REFUSALS]
    assert (one.here, one.of, one.elsewhere, one.elsewhere_of) == (7, 8, 6, 60)
    assert one.chance is not None
    assert one.chance < FIGURES.refusals_chance
    assert set(found) == {(HERE, Kind.REFUSALS)}


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ((2, 2), (100, 5)),
        ((8, 7), (9, 0)),
        ((6, 3), (20, 8)),
        ((40, 8), (60, 10)),
    ],
    ids=["too few to say", "nothing to compare with", "could be chance", "in line"],
)
def test_small_numbers_and_ordinary_rates_do_not(
    here: tuple[int, int], there: tuple[int, int]
) -> None:
    found = refused(
        *offers(HERE, of=here[0], refused=here[1]), *offers(THERE, of=there[0], refused=there[1])
    )
    assert found == {}


def test_refusals_that_staff_report_stand_out_by_themselves() -> None:
    found = refused(*offers(HERE, of=20, refused=9, reported=9), *offers(THERE, of=40, refused=18))
    assert set(found) == {(HERE, Kind.REPORTED_REFUSALS)}


@pytest.mark.parametrize(("here", "there"), [(5, 10), (12, 30), (40, 60)])
def test_chance_alone_raises_one_at_most_as_often_as_stated(here: int, there: int) -> None:
    # Every way in which a number of refusals can fall on two places alike, weighed by its chance.
    share = here / (here + there)
    for total in range(1, 15):
        wrongly = 0.0
        for k in range(min(total, here) + 1):
            found = refused(
                *offers(HERE, of=here, refused=k),
                *offers(THERE, of=there, refused=min(there, total - k)),
            )
            if found:
                wrongly += math.comb(total, k) * share**k * (1 - share) ** (total - k)
        assert wrongly <= FIGURES.refusals_chance


def test_the_stated_chance_is_shared_among_all_places_that_are_looked_at() -> None:
    # 10 of 12 against 12 of 60: beyond the threshold of two places, not beyond that of thirteen.
    alone = refused(*offers(HERE, of=12, refused=10), *offers(THERE, of=60, refused=12))
    assert (HERE, Kind.REFUSALS) in alone
    others = [each for _ in range(12) for each in offers(uuid4(), of=5, refused=1)]
    assert refused(*offers(HERE, of=12, refused=10), *others) == {}


def test_a_place_that_used_to_write_and_stopped_is_silent() -> None:
    events = contacts(*range(6, 20, 2), children=4)
    [found] = rule.silences(events, now=NOW, figures=FIGURES)
    assert (found.kind, found.here, found.of, found.elsewhere) == (Kind.SILENCE, 0, 4, 28)
    newest = max(events, key=lambda each: each.at)
    assert found.evidence == {newest.evidence}


def test_a_place_that_still_writes_or_never_wrote_much_is_not() -> None:
    still = contacts(*range(20), children=4)
    seldom = contacts(8, 14, children=3)
    one_child = contacts(*range(6, 30), children=1)
    for events in (still, seldom, one_child, []):
        assert rule.silences(events, now=NOW, figures=FIGURES) == []


def test_a_child_that_writes_every_hour_counts_once_a_week() -> None:
    events = contacts(6, 7, children=3)
    busy = [
        Contact(
            institution=each.institution,
            child=each.child,
            evidence=next(ids),
            at=each.at - timedelta(minutes=minutes),
        )
        for each in events
        for minutes in range(50)
    ]
    assert rule.silences(busy, now=NOW, figures=FIGURES) == []


@given(st.sets(st.uuids(), min_size=1, max_size=5), st.sets(st.uuids(), max_size=5))
def test_the_same_evidence_is_never_news(evidence: set[UUID], more: set[UUID]) -> None:
    found = Found(institution=HERE, kind=Kind.CONCERNS, evidence=frozenset(evidence), here=3, of=2)
    assert not rule.is_news(found, seen=evidence | more)
    assert rule.is_news(found, seen=set())
    for each in evidence:
        assert rule.is_news(found, seen=(evidence | more) - {each})


def test_the_figures_look_back_far_enough_for_every_rule() -> None:
    assert FIGURES.looked_back == timedelta(days=365)
