"""Patterns by HTTP: for supervisors alone, seen, closed with a note, opened again."""

from dataclasses import replace
from http import HTTPStatus
from uuid import UUID, uuid4

import pytest

from helpline.console import patterns_view
from helpline.institutions import register
from helpline.signals import patterns, rule
from helpline.signals.models import Pattern
from helpline.signals.rule import Found, Kind
from helpline.todo import tasks
from helpline.todo.models import Why
from tests.helpline.console.conftest import DANGER, Desk, House, chat

NOTE = "Visited on Monday with a colleague."


def put(house: House, *evidence: UUID, kind: Kind = Kind.CONCERNS) -> UUID:
    """Something stands out at the first place, and a person is asked to look."""
    with house.adapters.transactions.begin() as session:
        place = register.every(session)[0].institution
        raised = patterns.put(
            session,
            found=Found(
                institution=place,
                kind=kind,
                evidence=frozenset(evidence or {uuid4()}),
                here=3,
                of=2,
            ),
            now=house.clock.now(),
        )
        assert raised is not None
        tasks.raise_task(
            session,
            why=Why.PATTERN,
            subject=raised.pattern,
            dedupe_key=str(raised.pattern),
            now=house.clock.now(),
        )
    return raised.pattern


def at(pattern: UUID, deed: str = "") -> str:
    return f"/console/patterns/{pattern}{deed}"


def open_tasks(house: House) -> list[UUID]:
    with house.adapters.transactions.reading() as session:
        return [each.subject for each in tasks.list_open(session, why=Why.PATTERN)]


def test_nobody_but_a_supervisor_sees_or_changes_a_pattern(
    house: House, sam: Desk, priya: Desk
) -> None:
    pattern = put(house)
    for desk in (sam, house.desk("manager")):
        for path in ("/console/patterns", at(pattern)):
            refused = desk.get(path)
            assert refused.status_code == HTTPStatus.FORBIDDEN, path
            assert "Willow" not in refused.text
        for deed in ("/close", "/reopen"):
            assert desk.post(at(pattern, deed), note=NOTE).status_code == HTTPStatus.FORBIDDEN
    assert "pattern.opened" not in house.actions()
    assert priya.get(at(pattern)).status_code == HTTPStatus.OK
    # The task is on everybody's list, and says neither which place nor why.
    listed = sam.get("/console/tasks").text
    assert "A pattern across children" in listed
    assert "Willow" not in listed
    assert at(pattern) not in listed
    assert at(pattern) in priya.get("/console/tasks").text


def test_the_list_says_which_place_why_and_that_nobody_has_looked(
    house: House, priya: Desk
) -> None:
    assert "Nothing stands out." in priya.get("/console/patterns").text
    put(house)
    page = priya.get("/console/patterns").text
    assert "Several concerns: <bdi>Willow House</bdi>" in page
    assert "3 urgent or graver concerns of 2 children within 28 days." in page
    assert "Nobody has looked" in page


def test_opening_one_is_recorded_shown_to_others_and_leads_to_its_conversations(
    house: House, priya: Desk
) -> None:
    conversation = house.begin(DANGER)
    pattern = put(house, house.escalation(conversation).id)
    page = priya.get(at(pattern)).text
    assert chat(conversation) in page
    assert house.actions()[-1] == "pattern.opened"
    listed = priya.get("/console/patterns").text
    assert "Nobody has looked" not in listed
    assert "Seen by Priya Demo" in listed


def test_closing_needs_a_note_which_is_sealed_and_ends_the_task(house: House, priya: Desk) -> None:
    pattern = put(house)
    refused = priya.post(at(pattern, "/close"), note="   ")
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert open_tasks(house) == [pattern]
    assert priya.post(at(pattern, "/close"), note=NOTE).status_code == HTTPStatus.SEE_OTHER
    assert open_tasks(house) == []
    with house.adapters.transactions.reading() as session:
        row = session.get_one(Pattern, pattern)
        assert row.closed_by == priya.person.id
        assert row.note is not None
        assert b"Monday" not in row.note
    page = priya.get("/console/patterns").text
    assert NOTE in page
    assert "Nothing stands out." in page
    again = priya.post(at(pattern, "/close"), note=NOTE)
    assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_undo_opens_it_again_as_a_task(house: House, priya: Desk) -> None:
    pattern = put(house)
    priya.post(at(pattern, "/close"), note=NOTE)
    house.wait(minutes=1)
    assert priya.post(at(pattern, "/reopen")).status_code == HTTPStatus.SEE_OTHER
    assert open_tasks(house) == [pattern]
    assert house.actions()[-2:] == ["pattern.closed", "pattern.reopened"]
    assert "Close with this note" in priya.get(at(pattern)).text


def test_a_pattern_that_is_not_there_is_said_in_words(house: House, priya: Desk) -> None:
    del house
    assert priya.get(at(uuid4())).status_code == HTTPStatus.NOT_FOUND


def test_the_board_counts_patterns_and_leads_to_them(house: House, priya: Desk) -> None:
    put(house)
    page = priya.get("/console/board").text
    assert 'href="/console/patterns"' in page
    assert "1 nobody has looked at" in page


def test_no_page_of_an_advocate_tells_of_a_place_that_stands_out(house: House, sam: Desk) -> None:
    put(house)
    conversation = house.begin(DANGER)
    for path in ("/console", chat(conversation), chat(conversation, "place"), "/console/tasks"):
        assert "Several concerns" not in sam.get(path).text, path


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_words_with_its_figures(kind: Kind) -> None:
    found = Found(
        institution=uuid4(),
        kind=kind,
        evidence=frozenset(),
        here=6,
        of=8,
        elsewhere=1,
        elsewhere_of=30,
        chance=0.0004,
    )
    said = patterns_view.why(found, rule.load())
    assert "6" in said
    assert said.endswith(".")
    assert ("1 of 2,500" in said) == (kind is not Kind.CONCERNS)
    assert "1 of 1,000,000" in patterns_view.why(
        replace(found, kind=Kind.SILENCE, chance=1e-12), rule.load()
    )
