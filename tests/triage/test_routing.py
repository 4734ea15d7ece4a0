"""Who should answer a child."""

import tomllib
from datetime import UTC, datetime, timedelta
from importlib import resources
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import routing
from triage.errors import UnusableFiguresError
from triage.grades import Grade
from triage.routing import Advocate, Need

FIGURES = routing.load()
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SAM, JO, KIT = (UUID(int=number) for number in (1, 2, 3))

persons = st.integers(1, 6).map(lambda number: UUID(int=number))
sets_of_skills = st.frozensets(st.sampled_from(sorted(FIGURES.skills)))
languages = st.frozensets(st.sampled_from(["ti", "ps", "uk"]))
advocates = st.lists(
    st.builds(
        Advocate,
        person=persons,
        is_present=st.booleans(),
        languages=languages,
        skills=sets_of_skills,
        capacity=st.integers(0, 12),
        load=st.integers(0, 20),
    ),
    unique_by=lambda each: each.person,
)
needs = st.builds(
    Need,
    grade=st.sampled_from(Grade),
    known_to=st.lists(persons, unique=True, max_size=3).map(tuple),
    languages=languages,
    skills=sets_of_skills,
    conflicts=st.frozensets(persons, max_size=2),
)


def there(person: UUID, **changed: object) -> Advocate:
    given_: dict[str, object] = {"is_present": True, "capacity": 8, **changed}
    return Advocate(person, **given_)  # type: ignore[arg-type] # the test names the fields


def order(need: Need, *advocates: Advocate) -> list[UUID]:
    return [fit.person for fit in routing.fits(need, advocates, figures=FIGURES)]


@given(need=needs, people=advocates, shuffle=st.randoms())
def test_the_order_is_total_and_the_same_however_people_are_given(
    need: Need, people: list[Advocate], shuffle: Random
) -> None:
    again = [*people]
    shuffle.shuffle(again)
    found = routing.fits(need, people, figures=FIGURES)
    assert found == routing.fits(need, again, figures=FIGURES)
    assert {fit.person for fit in found} == {each.person for each in people} - need.conflicts


@given(need=needs, people=advocates)
def test_nobody_with_a_conflict_of_interest_is_ever_offered(
    need: Need, people: list[Advocate]
) -> None:
    found = routing.fits(need, people, figures=FIGURES)
    assert not {fit.person for fit in found} & need.conflicts


@given(need=needs, people=advocates)
def test_whoever_the_child_knows_and_is_there_comes_first(
    need: Need, people: list[Advocate]
) -> None:
    found = routing.fits(need, people, figures=FIGURES)
    known = [fit for fit in found if fit.is_known and fit.is_present]
    if known:
        assert found[0] == known[0]
        assert found[0].reasons[0] == routing.KNOWS


def test_the_last_whom_the_child_wrote_with_comes_before_earlier_ones() -> None:
    need = Need(Grade.HIGH, known_to=(JO, SAM))
    assert order(need, there(SAM), there(JO), there(KIT)) == [JO, SAM, KIT]


def test_skills_count_before_room_and_room_before_the_share_that_is_carried() -> None:
    need = Need(Grade.HIGH, languages=frozenset({"ti"}), skills=frozenset({"immigration"}))
    full_but_able = there(SAM, load=8, languages=frozenset({"ti"}))
    free = there(JO)
    busier = there(KIT, load=4)
    assert order(need, busier, free, full_but_able) == [SAM, JO, KIT]
    [first, *_] = routing.fits(need, [full_but_able], figures=FIGURES)
    assert first.reasons == ("Speaks ti", routing.FULL)
    assert not first.has_room
    assert order(Need(Grade.HIGH), there(SAM, load=8), there(JO, load=2)) == [JO, SAM]


def test_who_is_away_comes_behind_also_when_the_child_knows_them() -> None:
    need = Need(Grade.HIGH, known_to=(SAM,))
    assert order(need, Advocate(SAM, is_present=False, capacity=8), there(JO)) == [JO, SAM]


def test_a_grave_child_weighs_more() -> None:
    assert routing.load_of([Grade.EMERGENCY, Grade.HIGH], figures=FIGURES) == 5
    assert routing.load_of([], figures=FIGURES) == 0


def test_presence_is_being_seen_lately_and_not_having_said_away() -> None:
    for age, away, present in (
        (timedelta(), False, True),
        (FIGURES.away_after, False, True),
        (FIGURES.away_after + timedelta(seconds=1), False, False),
        (timedelta(), True, False),
    ):
        assert routing.is_present(NOON - age, away=away, now=NOON, figures=FIGURES) is present
    assert not routing.is_present(None, away=False, now=NOON, figures=FIGURES)


@given(
    grade=st.sampled_from(Grade),
    waits=st.integers(0, 400),
    unseen=st.none() | st.integers(0, 400),
    more=st.integers(0, 100),
)
def test_a_child_returns_when_both_have_lasted_and_never_unreturns(
    grade: Grade, waits: int, unseen: int | None, more: int
) -> None:
    def returns(later: int) -> bool:
        minute = timedelta(minutes=1)
        return routing.returns(
            grade,
            waiting_since=NOON - waits * minute,
            seen_at=None if unseen is None else NOON - unseen * minute,
            now=NOON + later * minute,
            figures=FIGURES,
        )

    limit = FIGURES.returns_after[grade] / timedelta(minutes=1)
    assert returns(0) == (waits >= limit and (unseen is None or unseen >= limit))
    assert returns(0) <= returns(more)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("default = 8", "default = 0"),
        ("default = 8", "default = 31"),
        ("high = 1", "high = -1"),
        ("emergency_minutes = 2", "emergency_minutes = 9"),
        ("emergency_minutes = 2", "emergency_minutes = 0"),
        ("open_minutes = 15", ""),
    ],
)
def test_figures_that_make_no_sense_are_refused(old: str, new: str) -> None:
    text = (resources.files("triage") / "routing.toml").read_text()
    assert old in text
    with pytest.raises(UnusableFiguresError):
        routing.parsed(tomllib.loads(text.replace(old, new)))
