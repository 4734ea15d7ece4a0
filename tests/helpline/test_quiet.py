"""A child in danger who says nothing after we wrote is noticed, shown and called for."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import resources
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline import climbing, quiet, sweep, worker
from helpline.audit.models import AuditEntry
from helpline.console import queue_view
from helpline.hub import Notice
from helpline.wiring import Adapters
from tests import stores as stores_of_tests
from tests.helpline import house as houses
from tests.helpline.house import House
from tests.helpline.quieting import (
    DANGER,
    SAM,
    answered,
    climb,
    entry,
    look,
    opened,
    reply,
    rows,
    seen,
)
from triage import conversation as rules
from triage.conversation import GoneQuiet, Silence
from triage.escalation import State
from triage.grades import Grade
from triage.models import Entry, Escalation, Page, SignSeen
from triage.service import escalate, settle
from triage.service import quiet as triage_quiet
from triage.service.quiet import Answered

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
EMERGENCY = "i took all my tablets"
FIGURES = rules.load().gone_quiet
URGENT = FIGURES.silences[Grade.URGENT]


@pytest.fixture(scope="module", params=stores_of_tests.ENGINES)
def _house(request: pytest.FixtureRequest) -> Iterator[House]:
    with houses.opened(request, request.param) as house:
        yield house


@pytest.fixture
def house(_house: House) -> House:
    """A house in which nothing is left of the test before, and a look is due."""
    with _house.adapters.transactions.begin() as session:
        for table in (SignSeen, Page, Escalation, Entry):
            session.execute(sa.delete(table))
    _house.clock.advance(HOUR)
    return _house


@pytest.fixture
def conversation(house: House) -> UUID:
    """A child wrote that it is in danger, and Sam answered."""
    return answered(house, DANGER)


def test_an_urgent_silence_is_noticed_after_its_time_and_not_before(
    house: House, conversation: UUID
) -> None:
    assert look(house, after=URGENT.noticed_after - SECOND) == 0
    assert look(house, after=quiet.EVERY) == 1
    [sign] = seen(house.adapters, conversation)
    assert (sign.rule, sign.grade, sign.is_over) == ("gone-quiet", Grade.URGENT, False)
    assert entry(house, conversation).grade_rank == Grade.URGENT.rank


def test_it_is_noticed_once_however_often_it_is_looked_at(house: House, conversation: UUID) -> None:
    assert look(house, after=URGENT.noticed_after) == 1
    for _ in range(3):
        assert look(house, after=quiet.EVERY) == 0
    with house.adapters.transactions.reading() as session:
        now = house.clock.now()
        assert triage_quiet.answered_and_grave(session, figures=FIGURES, now=now) == []
    assert len(seen(house.adapters, conversation)) == 1


@pytest.mark.usefixtures("conversation")
def test_two_processes_that_look_at_once_notice_it_once(house: House) -> None:
    house.clock.advance(URGENT.noticed_after)
    found = [quiet.notice(house.adapters, owner=owner) for owner in ("one", "other")]
    assert found == [1, 0]


def test_no_look_begins_sooner_after_the_last_one_than_it_should(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[datetime] = []

    def look_at(session: Session, *, figures: GoneQuiet, now: datetime) -> list[Answered]:
        del session, figures
        looks.append(now)
        return []

    monkeypatch.setattr(triage_quiet, "answered_and_grave", look_at)
    began_at = house.clock.now()
    for _ in range(4):
        quiet.notice(house.adapters, owner="tests")
        house.clock.advance(quiet.EVERY / 2)
    assert looks == [began_at, began_at + quiet.EVERY]


def test_what_changed_between_the_look_and_the_lock_is_not_noticed(
    house: House, conversation: UUID
) -> None:
    house.clock.advance(URGENT.noticed_after)
    with house.adapters.transactions.reading() as session:
        [found] = triage_quiet.answered_and_grave(session, figures=FIGURES, now=house.clock.now())
    house.say(conversation, "i am here")
    reply(house, conversation, "Good.")
    with house.adapters.transactions.begin() as session:
        assert not triage_quiet.hold(session, seen=found, figures=FIGURES)


def test_a_silence_calls_the_people_on_call_when_nobody_does_anything(
    house: House, conversation: UUID
) -> None:
    answered_at = house.clock.now()
    look(house, after=URGENT.noticed_after)
    alarm = opened(house, conversation)
    assert (alarm.state, alarm.due_at) == (State.ARMED, answered_at + URGENT.calls_after)
    house.clock.set(alarm.due_at)
    assert climbing.climb(house.adapters) == 1
    assert opened(house, conversation).state == State.PAGING


def test_an_emergency_is_noticed_and_called_for_sooner(house: House) -> None:
    conversation = answered(house, EMERGENCY)
    with house.adapters.transactions.begin() as session:
        session.execute(sa.update(Escalation).values(state=State.CLOSED))
    began_at = house.clock.now()
    figures = FIGURES.silences[Grade.EMERGENCY]
    assert look(house, after=figures.noticed_after) == 1
    assert opened(house, conversation).due_at == began_at + figures.calls_after


def test_after_an_outage_it_calls_at_once(house: House, conversation: UUID) -> None:
    assert look(house, after=10 * HOUR) == 1
    assert opened(house, conversation).due_at == house.clock.now()


def test_no_word_goes_to_the_child(house: House, conversation: UUID) -> None:
    before = house.texts(conversation)
    look(house, after=URGENT.noticed_after)
    look(house, after=HOUR)
    climbing.climb(house.adapters)
    assert house.texts(conversation) == before


def test_a_child_who_answers_is_not_silent(house: House, conversation: UUID) -> None:
    house.clock.advance(10 * MINUTE)
    house.say(conversation, "yes i am ok")
    assert look(house, after=HOUR) == 0
    reply(house, conversation, "Good.")
    assert look(house, after=URGENT.noticed_after - SECOND) == 0
    assert look(house, after=quiet.EVERY) == 1


def test_a_child_who_waits_for_us_is_never_silent(house: House) -> None:
    conversation = house.begin()
    house.say(conversation, DANGER)
    assert look(house, after=HOUR) == 0
    assert seen(house.adapters, conversation) == []


def test_silence_after_what_was_not_grave_is_nothing(house: House) -> None:
    answered(house, "hello")
    assert look(house, after=10 * HOUR) == 0


def test_an_urgent_word_counts_though_milder_ones_came_after_it(house: House) -> None:
    answered(house, DANGER, "ok")
    assert look(house, after=URGENT.noticed_after) == 1


def test_our_next_word_begins_the_silence_anew_and_ends_what_was_seen(
    house: House, conversation: UUID
) -> None:
    look(house, after=URGENT.noticed_after)
    reply(house, conversation, "Are you still there?")
    assert [each.is_over for each in seen(house.adapters, conversation)] == [True]
    assert climb(house, conversation) is None
    assert look(house, after=URGENT.noticed_after) == 1
    assert [each.is_over for each in seen(house.adapters, conversation)] == [True, False]


def test_what_a_person_finished_is_not_noticed_again_for_the_same_silence(
    house: House, conversation: UUID
) -> None:
    look(house, after=URGENT.noticed_after)
    with house.adapters.transactions.begin() as session:
        settle.resolve(
            session,
            escalation=opened(house, conversation).id,
            staff=SAM.id,
            outcome=b"sealed",
            grade=Grade.URGENT,
            grades=house.adapters.grades,
            hours=house.adapters.hours,
            now=house.clock.now(),
        )
    assert [each.is_over for each in seen(house.adapters, conversation)] == [True]
    assert look(house, after=10 * HOUR) == 0


def test_a_conversation_that_a_person_lowered_is_not_looked_at(
    house: House, conversation: UUID
) -> None:
    with house.adapters.transactions.begin() as session:
        raised = escalate.escalate(
            session,
            entry=conversation,
            grade=Grade.URGENT,
            staff=SAM.id,
            grades=house.adapters.grades,
            now=house.clock.now(),
        )
        settle.resolve(
            session,
            escalation=raised.escalation,
            staff=SAM.id,
            outcome=b"sealed",
            grade=Grade.HIGH,
            grades=house.adapters.grades,
            hours=house.adapters.hours,
            now=house.clock.now(),
        )
    assert look(house, after=10 * HOUR) == 0


def test_whoever_owns_the_alarm_is_not_called_sooner_by_it(
    house: House, conversation: UUID
) -> None:
    with house.adapters.transactions.begin() as session:
        raised = escalate.escalate(
            session,
            entry=conversation,
            grade=Grade.URGENT,
            staff=SAM.id,
            grades=house.adapters.grades,
            now=house.clock.now(),
        )
        until = house.clock.now() + 3 * HOUR
        settle.acknowledge(
            session,
            escalation=raised.escalation,
            staff=SAM.id,
            next_step=b"sealed",
            until=until,
            now=house.clock.now(),
        )
    assert look(house, after=URGENT.calls_after) == 1
    alarm = opened(house, conversation)
    assert (alarm.state, alarm.due_at) == (State.ACKNOWLEDGED, until)


def test_only_the_data_makes_it_an_emergency(
    house: House, conversation: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising = rules.load(
        (resources.files("triage") / "conversation.toml")
        .read_text("utf-8")
        .replace("raises_to_emergency = false", "raises_to_emergency = true")
    )
    monkeypatch.setattr(rules, "load", lambda: raising)
    assert look(house, after=URGENT.noticed_after) == 1
    assert entry(house, conversation).grade_rank == Grade.EMERGENCY.rank
    assert opened(house, conversation).due_at == house.clock.now()


def test_it_stands_at_the_top_of_its_grade_and_is_told_to_who_holds_it(
    house: House, conversation: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[Notice] = []
    monkeypatch.setattr(house.adapters.hub, "ring", lambda *notices: rung.extend(notices))
    house.clock.advance(URGENT.noticed_after - 5 * MINUTE)
    waits, high = house.begin(), house.begin()
    house.say(waits, DANGER)
    house.say(high, "hello")
    order = [each.conversation for each in rows(house)]
    assert order.index(waits) < order.index(high) < order.index(conversation)
    look(house, after=5 * MINUTE)
    shown = rows(house)
    order = [each.conversation for each in shown]
    assert order.index(conversation) < order.index(waits) < order.index(high)
    with monkeypatch.context() as cut:
        cut.setattr(queue_view, "MOST_AT_ONCE", 1)
        assert [each.conversation for each in rows(house)] == [conversation]
    [row] = [each for each in shown if each.conversation == conversation]
    assert row.gone_quiet_since == house.clock.now()
    assert row.is_mine
    assert Notice("queue", conversation) in rung
    with house.adapters.transactions.reading() as session:
        counted = queue_view.counted(session, reader=SAM.id, now=house.clock.now())
        others = queue_view.counted(session, reader=houses.person().id, now=house.clock.now())
    assert (counted.quiet_mine, others.quiet_mine) == (1, 0)


def test_it_is_written_in_the_audit_as_softwares_deed(house: House, conversation: UUID) -> None:
    look(house, after=URGENT.noticed_after)
    with house.adapters.transactions.reading() as session:
        kinds = session.scalars(
            sa.select(AuditEntry.actor_kind).where(
                AuditEntry.subject_id == conversation, AuditEntry.action == "entry.gone_quiet"
            )
        )
        assert list(kinds) == ["software"]


def test_what_was_silent_before_the_look_back_is_left_alone(
    house: House, conversation: UUID
) -> None:
    assert look(house, after=FIGURES.look_back + SECOND) == 0
    assert seen(house.adapters, conversation) == []


def test_the_worker_and_the_sweep_look_for_silence(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def notice(adapters: Adapters, *, owner: str) -> int:
        assert adapters is house.adapters
        asked.append(owner)
        return 0

    monkeypatch.setattr(quiet, "notice", notice)
    house.clock.advance(HOUR)
    sweep.sweep(house.adapters, owner="sweep")
    worker.use(house.adapters)
    try:
        worker.notice_silence()
    finally:
        worker.release()
    assert asked == ["sweep", worker.OWNER]
    assert worker.app.conf.beat_schedule["notice silence"]["task"] == "notice_silence"


def test_a_demo_with_a_fast_clock_has_short_silences() -> None:
    assert FIGURES.sped_up(10).silences[Grade.URGENT] == Silence(2 * MINUTE, 4 * MINUTE)
