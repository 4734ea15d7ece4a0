"""Whom the staff list and the call list agree about, on both engines."""

from datetime import timedelta

from helpline.accounts import edge
from helpline.accounts.models import Role
from helpline.hub import Notice
from tests.helpline.accounts.conftest import EMAIL, Face
from tests.helpline.accounts.test_staff import claim
from triage import grades
from triage.escalation import OnCallPerson, State
from triage.grades import Grade
from triage.models import Escalation
from triage.service import escalate, on_call, settle


def put(face: Face, *, is_supervisor: bool) -> None:
    with face.parts.transactions.begin() as session:
        on_call.put(session, people=[OnCallPerson(face.id_of(), 0, is_supervisor=is_supervisor)])


def listed(face: Face) -> list[OnCallPerson]:
    with face.reading() as session:
        return list(on_call.list_on_call(session))


def test_whoever_is_disabled_is_called_no_more(face: Face) -> None:
    face.add()
    put(face, is_supervisor=False)
    edge.disable(face.parts, email=EMAIL)
    assert listed(face) == []


def test_an_escalation_opens_again_when_its_owner_is_disabled(face: Face) -> None:
    face.add()
    person = face.id_of()
    entry = claim(face, person)
    now = face.parts.clock()
    with face.parts.transactions.begin() as session:
        escalation = escalate.escalate(
            session, entry=entry, grade=Grade.HIGH, staff=person, grades=grades.load(), now=now
        ).escalation
        settle.acknowledge(
            session,
            escalation=escalation,
            staff=person,
            next_step=b"sealed",
            until=now + timedelta(hours=3),
            now=now,
        )
    face.hub.rung.clear()
    edge.disable(face.parts, email=EMAIL)
    with face.reading() as session:
        kept = session.get_one(Escalation, escalation)
        assert (kept.state, kept.due_at) == (State.ACKNOWLEDGED, now)
    assert Notice("escalation", escalation) in face.hub.rung


def test_a_new_role_is_the_role_on_the_call_list_too(face: Face) -> None:
    face.add()
    put(face, is_supervisor=False)
    face.add(role=Role.SUPERVISOR)
    assert [each.is_supervisor for each in listed(face)] == [True]
    face.add(role=Role.ADVOCATE)
    assert [each.is_supervisor for each in listed(face)] == [False]
    face.add(role=Role.MANAGER)
    assert listed(face) == []
