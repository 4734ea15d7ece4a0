"""The look for patterns finds them in the rows, once for the same evidence, and tells a person."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from helpline.console import place_deeds
from helpline.danger import marks
from helpline.danger.card import Part
from helpline.institutions.models import Placement
from helpline.signals import looking, offers, patterns
from helpline.signals.models import Answer, HeardFrom
from helpline.signals.patterns import Known, NewerPatternError, UnknownPatternError
from helpline.signals.rule import Kind
from helpline.todo import tasks
from helpline.todo.models import Why
from tests.helpline.signals.conftest import CALM, DANGER, SAM, Homes


def known(homes: Homes) -> list[Known]:
    with homes.house.adapters.transactions.reading() as session:
        return patterns.list_all(session, closed_since=homes.clock.now() - timedelta(days=30))


def open_tasks(homes: Homes) -> list[UUID]:
    with homes.house.adapters.transactions.reading() as session:
        return [each.subject for each in tasks.list_open(session, why=Why.PATTERN)]


def close(homes: Homes, pattern: UUID) -> None:
    with homes.house.adapters.transactions.begin() as session:
        patterns.close(session, pattern=pattern, note=b"sealed", by=SAM.id, now=homes.clock.now())
        tasks.settle(session, why=Why.PATTERN, subject=pattern, by=SAM.id, now=homes.clock.now())


@pytest.fixture
def troubled(homes: Homes) -> UUID:
    """A home of which two children told three grave things."""
    willow = homes.institutions()[0]
    for child in ("Robin", "Alex", "Robin"):
        homes.writes(DANGER, child=child, institution=willow)
        homes.wait(days=3)
    return willow


def test_several_grave_conversations_of_one_home_raise_a_pattern_and_a_task(
    homes: Homes, troubled: UUID
) -> None:
    assert homes.look() == 1
    [found] = known(homes)
    assert (found.found.institution, found.found.kind) == (troubled, Kind.CONCERNS)
    assert (found.found.here, found.found.of) == (3, 2)
    assert open_tasks(homes) == [found.pattern]
    assert homes.house.audited(found.pattern) == [("pattern.raised", None)]


def test_the_same_evidence_raises_nothing_again_not_even_when_it_was_closed(
    homes: Homes, troubled: UUID
) -> None:
    del troubled
    homes.look()
    assert homes.look() == 0
    close(homes, known(homes)[0].pattern)
    assert homes.look() == 0
    # As the oldest falls out of the time that is looked at, what is left is no news either.
    homes.wait(days=20)
    assert homes.look() == 0
    assert open_tasks(homes) == []


def test_one_more_concern_grows_the_open_pattern_and_after_a_closing_raises_another(
    homes: Homes, troubled: UUID
) -> None:
    homes.look()
    homes.writes(DANGER, child="Kim", institution=troubled)
    assert homes.look() == 1
    [found] = known(homes)
    assert (found.found.here, found.found.of) == (4, 3)
    assert found.grew_at is not None
    assert len(open_tasks(homes)) == 1
    close(homes, found.pattern)
    homes.writes(DANGER, child="Lee", institution=troubled)
    assert homes.look() == 1
    assert len(known(homes)) == 2
    assert open_tasks(homes) == [known(homes)[0].pattern]


def test_a_task_that_was_ticked_off_comes_back_when_the_pattern_grows(
    homes: Homes, troubled: UUID
) -> None:
    homes.look()
    with homes.house.adapters.transactions.begin() as session:
        [task] = tasks.list_open(session, why=Why.PATTERN)
        tasks.done(session, task=task.id, by=SAM.id, now=homes.clock.now())
    homes.writes(DANGER, child="Kim", institution=troubled)
    homes.look()
    assert open_tasks(homes) == [known(homes)[0].pattern]


def test_calm_conversations_and_children_who_live_elsewhere_are_no_pattern(homes: Homes) -> None:
    willow, school, ward = homes.institutions()
    for child in ("Robin", "Alex", "Kim"):
        homes.writes(CALM, child=child, institution=willow)
    for child, place in (("Lee", willow), ("Noor", school), ("Max", ward)):
        homes.writes(DANGER, child=child, institution=place)
    assert homes.look() == 0


def test_marks_against_staff_count_as_concerns_until_they_are_undone(homes: Homes) -> None:
    willow = homes.institutions()[0]
    spoken = [
        homes.writes(CALM, child=child, institution=willow) for child in ("Robin", "Alex", "Kim")
    ]
    _implicate(homes, spoken[0], Part.FAMILY)
    for conversation in spoken[1:]:
        _implicate(homes, conversation, Part.STAFF)
    assert homes.look() == 0
    undone = _implicate(homes, spoken[0], Part.STAFF)
    place_deeds.undo_implicate(
        homes.house.adapters, person=SAM, conversation=spoken[0], mark=undone
    )
    assert homes.look() == 0
    _implicate(homes, spoken[0], Part.STAFF)
    assert homes.look() == 1


def _implicate(homes: Homes, conversation: UUID, part: Part) -> UUID:
    place_deeds.implicate(
        homes.house.adapters, person=SAM, conversation=conversation, part=part, who="somebody"
    )
    with homes.house.adapters.transactions.reading() as session:
        return marks.of_conversations(session, conversations=[conversation])[-1].mark


def test_an_undone_placement_takes_its_child_s_concerns_away(homes: Homes, troubled: UUID) -> None:
    del troubled
    with homes.house.adapters.transactions.begin() as session:
        session.execute(sa.text("UPDATE placement SET undone_at = kept_at"))
    assert homes.look() == 0


def test_refusals_out_of_line_are_found_among_the_offers_that_stand(homes: Homes) -> None:
    willow, school, _ = homes.institutions()
    homes.writes(CALM, child="Robin", institution=willow)
    kept = [
        _offer(homes, place, answer)
        for place, answers in (
            (willow, [Answer.NO] * 6),
            (school, [Answer.YES] * 29 + [Answer.NO]),
        )
        for answer in answers
    ]
    assert homes.look() == 1
    [found] = known(homes)
    assert found.found.kind is Kind.REFUSALS
    assert (found.found.here, found.found.elsewhere, found.found.elsewhere_of) == (6, 1, 30)
    close(homes, found.pattern)
    with homes.house.adapters.transactions.begin() as session:
        for offer in kept[:4]:
            offers.undo(
                session,
                offer=offer,
                children=[homes.named["Robin"]],
                by=SAM.id,
                now=homes.clock.now(),
            )
    assert homes.look() == 0


def _offer(homes: Homes, place: UUID, answer: Answer) -> UUID:
    with homes.house.adapters.transactions.begin() as session:
        return offers.keep(
            session,
            institution=place,
            child=homes.named["Robin"],
            answer=answer,
            heard_from=HeardFrom.CHILD,
            by=SAM.id,
            now=homes.clock.now(),
        )


def test_a_home_that_used_to_write_and_falls_silent_is_noticed_once(homes: Homes) -> None:
    willow = homes.institutions()[0]
    for _ in range(8):
        for child in ("Robin", "Alex", "Kim"):
            homes.writes(CALM, child=child, institution=willow)
        homes.wait(weeks=2)
    assert homes.look() == 0
    homes.wait(weeks=5)
    assert homes.look() == 1
    assert known(homes)[0].found.kind is Kind.SILENCE
    homes.wait(weeks=1)
    assert homes.look() == 0


def test_children_who_left_are_no_silence(homes: Homes) -> None:
    willow = homes.institutions()[0]
    for _ in range(8):
        for child in ("Robin", "Alex", "Kim"):
            homes.writes(CALM, child=child, institution=willow)
        homes.wait(weeks=2)
    with homes.house.adapters.transactions.begin() as session:
        session.execute(sa.update(Placement).values(until_day=homes.clock.now().date()))
    homes.wait(weeks=5)
    assert homes.look() == 0


def test_what_a_child_said_after_it_left_is_not_about_that_home(homes: Homes) -> None:
    willow = homes.institutions()[0]
    for child in ("Robin", "Alex", "Kim"):
        homes.writes(CALM, child=child, institution=willow)
    with homes.house.adapters.transactions.begin() as session:
        session.execute(sa.update(Placement).values(until_day=homes.clock.now().date()))
    homes.wait(days=2)
    for child in ("Robin", "Alex", "Kim"):
        homes.writes(DANGER, child=child, institution=willow)
    assert homes.look() == 0


def test_it_looks_every_ten_minutes_and_not_more_often(homes: Homes, troubled: UUID) -> None:
    homes.look()
    homes.writes(DANGER, child="Kim", institution=troubled)
    homes.wait(minutes=9)
    assert looking.look(homes.house.adapters, owner="a") == 0
    homes.wait(minutes=1)
    assert looking.look(homes.house.adapters, owner="b") == 1


def test_a_closed_pattern_is_opened_again_unless_a_newer_one_is_open(
    homes: Homes, troubled: UUID
) -> None:
    homes.look()
    first = known(homes)[0].pattern
    close(homes, first)
    with pytest.raises(UnknownPatternError):
        close(homes, first)
    with homes.house.adapters.transactions.begin() as session:
        patterns.reopen(session, pattern=first)
    assert known(homes)[0].closed_at is None
    close(homes, first)
    homes.writes(DANGER, child="Kim", institution=troubled)
    homes.look()
    with pytest.raises(NewerPatternError), homes.house.adapters.transactions.begin() as session:
        patterns.reopen(session, pattern=first)
