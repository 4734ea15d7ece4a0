import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from helpline import climbing
from helpline.accounts.models import Staff
from helpline.console import alarms
from helpline.hub import Notice
from tests.helpline.console.conftest import DANGER, Desk, House, chat
from triage.escalation import State
from triage.grades import Grade
from triage.service import on_call

CONCERN = {"grade": "emergency", "seen": "Says they are on a bridge", "told": "yes"}


def own(escalation: object) -> str:
    return f"/console/escalations/{escalation}/acknowledge"


def end(escalation: object) -> str:
    return f"/console/escalations/{escalation}/finish"


def test_a_concern_calls_the_first_on_call_at_once(house: House, jo: Desk, sam: Desk) -> None:
    conversation = house.begin("hello")
    assert jo.post(chat(conversation, "escalate"), **CONCERN).status_code == 303
    escalation = house.escalation(conversation)
    assert (escalation.state, escalation.grade_rank) == (State.PAGING, Grade.EMERGENCY.rank)
    assert Notice("escalation", escalation.id) in house.rung
    page = sam.get("/console/escalations").text
    assert "Nobody has acknowledged this" in page
    assert "<b>Sam Demo</b>" in page
    assert 'data-calling-me="1"' in sam.get("/console").text
    assert 'data-calling-me="0"' in jo.get("/console").text
    assert "Seen: Says they are on a bridge" in sam.get(chat(conversation)).text


@pytest.mark.parametrize("missing", ["grade", "seen", "told"])
def test_a_concern_needs_its_three_fields(house: House, jo: Desk, missing: str) -> None:
    conversation = house.begin("hello")
    answer = jo.fetch(chat(conversation, "escalate"), **{**CONCERN, missing: " "})
    assert answer.status_code == 422
    assert house.escalation(conversation).state == State.ARMED


def test_owning_an_escalation_needs_a_next_step_and_a_time(
    house: House, jo: Desk, priya: Desk
) -> None:
    conversation = house.begin("hello")
    jo.post(chat(conversation, "escalate"), **CONCERN)
    escalation = house.escalation(conversation).id
    for fields in (
        {"next_step": "", "minutes": "15"},
        {"next_step": "Ring the home", "minutes": ""},
        {"next_step": "Ring the home", "minutes": "99999"},
    ):
        assert priya.fetch(own(escalation), **fields).status_code == 422
    assert house.escalation(conversation).state == State.PAGING
    done = priya.post(own(escalation), next_step="Ring <the> home", minutes="15")
    assert done.status_code == 303
    kept = house.escalation(conversation)
    assert (kept.state, kept.acknowledged_by) == (State.ACKNOWLEDGED, priya.person.id)
    assert kept.due_at == house.clock.now() + timedelta(minutes=15)
    assert b"Ring" not in (kept.next_step or b"")
    page = jo.get("/console/escalations").text
    assert "Priya Demo owns this" in page
    assert "Ring &lt;the&gt; home" in page


def test_an_escalation_opens_again_when_the_promised_time_passes(
    house: House, jo: Desk, priya: Desk
) -> None:
    conversation = house.begin("hello")
    jo.post(chat(conversation, "escalate"), **CONCERN)
    priya.post(own(house.escalation(conversation).id), next_step="Ring the home", minutes="5")
    house.wait(minutes=6)
    climbing.climb(house.adapters)
    assert "Nobody has acknowledged this" in jo.get("/console/escalations").text


def test_nobody_pushes_a_new_owner_aside_unseen(
    house: House, jo: Desk, sam: Desk, priya: Desk
) -> None:
    conversation = house.begin("hello")
    jo.post(chat(conversation, "escalate"), **CONCERN)
    escalation = house.escalation(conversation).id
    priya.post(own(escalation), next_step="Ring the home", minutes="5")
    late = sam.fetch(own(escalation), next_step="Ring the police", minutes="5", seen_owner="")
    assert late.status_code == 409
    assert house.escalation(conversation).acknowledged_by == priya.person.id
    knowing = {"seen_owner": str(priya.person.id), "minutes": "5", "next_step": "Ring the police"}
    assert sam.fetch(own(escalation), **knowing).status_code == 200
    assert house.escalation(conversation).acknowledged_by == sam.person.id


def test_finishing_needs_an_outcome_and_what_the_child_was_told(
    house: House, jo: Desk, priya: Desk
) -> None:
    conversation = house.begin(DANGER)
    jo.post(chat(conversation, "escalate"), **CONCERN)
    escalation = house.escalation(conversation).id
    full = {"outcome": "Safe with an aunt", "told": "That we rang her", "grade": "standard"}
    for missing in full:
        assert priya.fetch(end(escalation), **{**full, missing: ""}).status_code == 422
    assert priya.post(end(escalation), **full).status_code == 303
    assert house.entry(conversation).grade_rank == Grade.STANDARD.rank
    assert "Outcome: Safe with an aunt" in jo.get(chat(conversation)).text
    assert priya.fetch(end(escalation), **full).status_code == 409
    assert priya.fetch(own(escalation), next_step="x", minutes="5").status_code == 409


def test_an_alarm_that_reached_nobody_is_loud_for_everyone(house: House, sam: Desk) -> None:
    conversation = house.begin("hello")
    sam.post(chat(conversation, "escalate"), **CONCERN)
    house.wait(minutes=20)
    climbing.climb(house.adapters)
    house.wait(minutes=10)
    climbing.climb(house.adapters)
    late = house.desk("second advocate")
    assert "It reached nobody." in late.get("/console/escalations").text
    assert "Reached nobody" in late.get("/console").text


def test_only_a_supervisor_keeps_the_call_list(house: House, sam: Desk, priya: Desk) -> None:
    jo = house.desk("second advocate").person.id
    assert sam.get("/console/on-call").status_code == 403
    assert sam.post("/console/on-call/remove", person=str(jo)).status_code == 403
    names = ("Sam Demo", "Jo Demo", "Priya Demo")
    assert listed(priya, *names) == list(names)
    priya.post("/console/on-call/move", person=str(jo))
    assert listed(priya, *names) == ["Jo Demo", "Sam Demo", "Priya Demo"]
    priya.post("/console/on-call/remove", person=str(priya.person.id))
    assert "No supervisor is on call." in priya.get("/console/on-call").text
    for person in (jo, sam.person.id):
        priya.post("/console/on-call/remove", person=str(person))
    assert "Nobody is on call." in priya.get("/console/on-call").text
    assert priya.post("/console/on-call/add", person=str(sam.person.id)).status_code == 303
    assert "Nobody is on call." not in priya.get("/console/on-call").text


def test_a_manager_or_a_stranger_is_never_put_on_call(house: House, priya: Desk) -> None:
    manager = house.desk("manager").person.id
    for person in (str(manager), "00000000-0000-0000-0000-000000000000", "x"):
        assert priya.post("/console/on-call/add", person=person).status_code == 422


def test_a_list_with_people_who_left_can_be_mended(house: House, sam: Desk, priya: Desk) -> None:
    gone = [house.desk("second advocate").person.id, sam.person.id]
    with house.adapters.transactions.begin() as session:
        session.execute(
            sa.update(Staff).where(Staff.id.in_(gone)).values(disabled_at=house.clock.now())
        )
    assert priya.post("/console/on-call/add", person=str(gone[0])).status_code == 303
    assert priya.post("/console/on-call/remove", person=str(gone[0])).status_code == 303
    with house.adapters.transactions.reading() as session:
        assert [each.person for each in on_call.list_on_call(session)] == [priya.person.id]
    assert priya.post("/console/on-call/add", person=str(gone[1])).status_code == 422


def test_two_changes_of_the_call_list_at_once_are_both_kept(house: House, priya: Desk) -> None:
    people = [house.desk(key).person.id for key in ("advocate", "second advocate")]
    met = threading.Barrier(2, timeout=2)

    def without(listed: list[UUID], person: UUID) -> list[UUID]:
        # Both have read the list, unless one must wait for the other, as it should.
        with contextlib.suppress(threading.BrokenBarrierError):
            met.wait()
        return [each for each in listed if each != person]

    def take_off(person: UUID) -> None:
        alarms.change_on_call(house.adapters, person=priya.person, subject=person, change=without)

    with ThreadPoolExecutor(2) as both:
        list(both.map(take_off, people))
    with house.adapters.transactions.reading() as session:
        assert [each.person for each in on_call.list_on_call(session)] == [priya.person.id]


def test_finishing_and_a_new_message_never_wait_for_each_other(
    house: House, jo: Desk, priya: Desk
) -> None:
    conversation = house.begin("hello")
    jo.post(chat(conversation, "escalate"), **CONCERN)
    escalation = house.escalation(conversation).id
    locked: list[str] = []

    @sa.event.listens_for(house.adapters.transactions.store.write, "before_cursor_execute")
    def note(*given: object) -> None:
        statement = str(given[2])
        if "FOR UPDATE" in statement:
            locked.append("entry" if "FROM entry" in statement else "escalation")

    full = {"outcome": "Safe with an aunt", "told": "That we rang her", "grade": "standard"}
    assert priya.post(end(escalation), **full).status_code == 303
    # SQLite has one writer, so it locks no row.
    is_sqlite = house.adapters.transactions.store.engine_name == "sqlite"
    assert locked[:2] == ([] if is_sqlite else ["entry", "escalation"])


def listed(desk: Desk, *names: str) -> list[str]:
    page = desk.get("/console/on-call").text.partition('<ol class="call-list')[2]
    return sorted((name for name in names if name in page), key=page.index)
