"""The highest grade so far holds: whatever software reads or notices, only a person lowers it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clock import Clock
from tests.triage.service.alarms import FIRST, Alarms
from triage import conversation
from triage.assessment import assess
from triage.grades import Grade
from triage.service import quiet, signs
from triage.service.place import SOFTWARE_GRADES

FIGURES = conversation.load()
MINUTE = timedelta(minutes=1)

# What happens to a conversation by software and by the child, in any order.
texts = st.sampled_from(
    ["hello", "ok thanks bye", "i want to die", "i took all my tablets", "jk lol", "😢", "", "STOP"]
)
deeds = st.lists(
    st.one_of(
        texts.map(lambda text: ("says", text)),
        st.sampled_from(SOFTWARE_GRADES).map(lambda grade: ("reads", grade)),
        st.sampled_from(["asks again", "goes quiet", "climbs", "is answered"]).map(
            lambda deed: (deed, None)
        ),
    ),
    max_size=10,
)


def do(alarms: Alarms, entry: UUID, deed: str, what: object) -> None:
    if deed == "says":
        found = assess(str(what))
        alarms.place((entry, found.grade, found.score))
    elif deed == "reads":
        assert isinstance(what, Grade)
        alarms.raise_grade(entry, what)
    elif deed == "climbs":
        alarms.climb()
    elif deed == "is answered":
        alarms.answered(entry)
    else:
        notice(alarms, entry, deed)


def notice(alarms: Alarms, entry: UUID, deed: str) -> None:
    adapters = alarms.adapters
    with adapters.transactions.begin() as session:
        if deed == "asks again":
            signs.notice(
                session,
                entry=entry,
                sign=FIGURES.asking_again.sign,
                score=0.1,
                grades=adapters.grades,
                hours=adapters.hours,
                now=alarms.now,
            )
            return
        for seen in quiet.answered_and_grave(session, figures=FIGURES.gone_quiet, now=alarms.now):
            found = conversation.quiet(
                seen.grade,
                silent_since=seen.last_child_at,
                heard_until=alarms.now + timedelta(hours=1),
                figures=FIGURES.gone_quiet,
            )
            assert found is not None
            quiet.notice_quiet(
                session,
                entry=seen.entry,
                quiet=found,
                figures=FIGURES.gone_quiet,
                grades=adapters.grades,
                hours=adapters.hours,
                now=alarms.now,
            )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(deeds=deeds, minutes=st.integers(0, 90))
def test_no_deed_of_software_ever_lowers_what_is_held(
    alarms: Alarms, clock: Clock, deeds: list[tuple[str, object]], minutes: int
) -> None:
    entry = uuid4()
    alarms.place((entry, Grade.HIGH, 0.1))
    held = worst = Grade.HIGH.rank
    for deed, what in deeds:
        clock.advance(minutes * MINUTE)
        do(alarms, entry, deed, what)
        now_held = alarms.entry(entry).grade_rank
        assert now_held <= held
        held = now_held
        if deed == "says":
            worst = min(worst, assess(str(what)).grade.rank)
        assert held <= worst


@pytest.mark.parametrize("grade", [Grade.HIGH, Grade.STANDARD])
def test_only_a_person_lowers_and_a_new_message_is_at_least_high_again(
    alarms: Alarms, grade: Grade
) -> None:
    entry = alarms.waits(Grade.EMERGENCY)
    alarms.put_on_call(FIRST)
    alarms.climb()
    alarms.resolve(alarms.open(entry).id, grade=grade)
    assert alarms.entry(entry).grade_rank == grade.rank
    alarms.place((entry, Grade.HIGH, 0.1))
    assert alarms.entry(entry).grade_rank == Grade.HIGH.rank


def test_a_person_who_ends_an_alarm_ends_the_signs_and_they_may_be_seen_anew(
    alarms: Alarms,
) -> None:
    entry = alarms.waits(Grade.HIGH)
    notice(alarms, entry, "asks again")
    notice(alarms, entry, "asks again")
    alarms.resolve(alarms.open(entry).id, grade=Grade.HIGH)
    notice(alarms, entry, "asks again")
    with alarms.adapters.transactions.reading() as session:
        seen = signs.seen_in(session, entries=[entry])
    assert [each.is_over for each in seen] == [True, False]
