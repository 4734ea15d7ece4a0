"""A person takes an alarm with their PIN, on the phone that was paged; nothing else takes it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from helpline import asgi, paging_rules, seeding, taking
from helpline.accounts.models import Role
from helpline.casework.models import Note
from helpline.console import alarms
from tests.helpline import paging_house
from tests.helpline.house import person
from tests.helpline.paging_house import MINUTE, OnCall
from tests.helpline.phone_house import ACCOUNT, TOKEN
from tests.helpline.ringing_house import JO_PHONE as JO
from tests.helpline.ringing_house import SAM_PHONE as SAM
from tests.installation import STAFF_ORIGIN
from triage.escalation import State
from triage.grades import Grade
from triage.models import Escalation

RULES = paging_rules.load()
ELSE = person(Role.SUPERVISOR)


@dataclass
class Handset:
    """The phone of somebody on call, as the telephone company tells us of it."""

    on_call: OnCall
    client: TestClient
    conversation: UUID

    def post(self, path: str, *, forged: bool = False, **fields: str) -> tuple[int, str]:
        form = {"AccountSid": ACCOUNT, "CallSid": "CA" + "1" * 32, **fields}
        token = "another" if forged else TOKEN
        signature = RequestValidator(token).compute_signature(f"{STAFF_ORIGIN}{path}", form)
        answer = self.client.post(path, data=form, headers={"X-Twilio-Signature": signature})
        return answer.status_code, answer.text

    def answer(self, page: UUID | None = None) -> str:
        """Pick up; what is said, and where the keys go."""
        status, text = self.post(f"/twilio/voice/page/{page or self.page()}")
        assert status == 200
        return text

    def press(self, digits: str, *, tried: int = 1, page: UUID | None = None) -> str:
        path = f"/twilio/voice/page/{page or self.page()}/pin?tried={tried}"
        status, text = self.post(path, Digits=digits)
        assert status == 200
        return text

    def page(self, number: str = SAM) -> UUID:
        return self.on_call.pages(number, "voice")[0].id

    def escalation(self) -> Escalation:
        return self.on_call.escalation(self.conversation)


@pytest.fixture
def handset(request: pytest.FixtureRequest, engine_name: str) -> Iterator[Handset]:
    with paging_house.opened(request, engine_name) as on_call:
        conversation = on_call.danger()
        on_call.climb()
        faces = asgi.Faces(on_call.house.adapters, Starlette())
        client = TestClient(faces, base_url=STAFF_ORIGIN)
        yield Handset(on_call, client, conversation)


def said(key: str) -> str:
    return RULES.text(key)


def test_the_right_pin_takes_the_alarm_in_that_person_s_name_and_stops_the_climb(
    handset: Handset,
) -> None:
    asked = handset.answer()
    assert said("alarm") in asked
    assert 'numDigits="6"' in asked
    assert 'finishOnKey="#"' in asked
    [address] = set(re.findall(r'action="([^"]*)"', asked))
    status, text = handset.post(address.removeprefix(STAFF_ORIGIN), Digits=seeding.pin())
    assert status == 200
    assert re.search(r"You have it until \d+(\.\d\d)?[ap]m\.", text)
    assert "<Hangup" in text
    row = handset.escalation()
    assert (row.state, row.acknowledged_by) == (State.ACKNOWLEDGED, handset.on_call.person(SAM))
    assert row.promised_until == handset.on_call.clock.now() + RULES.promised
    on_call = handset.on_call
    on_call.climb(after=5 * MINUTE)
    assert on_call.rung() == [SAM]
    with on_call.house.adapters.transactions.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Note)) == 1
    actions = [action for action, _ in on_call.house.audited(row.id)]
    assert "escalation.acknowledged" in actions


def test_what_was_taken_by_phone_opens_again_when_the_time_is_over(handset: Handset) -> None:
    handset.press(seeding.pin())
    handset.on_call.climb(after=RULES.promised)
    assert handset.escalation().state == State.PAGING
    assert handset.on_call.rung() == [SAM, SAM]


@pytest.mark.parametrize("digits", ["1111", "284", "28460", "*", "2846*"])
def test_a_wrong_pin_takes_nothing_and_may_be_tried_three_times(
    handset: Handset, digits: str
) -> None:
    for tried in (1, 2):
        text = handset.press(digits, tried=tried)
        assert said("wrong_pin") in text
        assert f"tried={tried + 1}" in text
    assert said("sign_in") in handset.press(digits, tried=3)
    assert handset.escalation().state == State.PAGING
    handset.on_call.climb(after=2 * MINUTE)
    assert handset.on_call.rung() == [SAM, JO]


def test_a_pin_cannot_be_guessed_by_answering_many_calls(handset: Handset) -> None:
    for _ in range(5):
        handset.press("1111")
    # Even the right one is not looked at now.
    assert said("sign_in") in handset.press(seeding.pin())
    assert handset.escalation().state == State.PAGING
    handset.on_call.clock.advance(timedelta(seconds=30))
    assert "You have it" in handset.press(seeding.pin())


def test_somebody_without_a_pin_is_told_to_sign_in(handset: Handset) -> None:
    handset.on_call.set_staff(SAM, pin_hash=None)
    text = handset.answer()
    assert said("sign_in") in text
    assert "<Gather" not in text
    handset.press(seeding.pin())
    assert handset.escalation().state == State.PAGING


@pytest.mark.parametrize("values", [{"disabled_at": "now"}, {"role": "manager"}])
def test_somebody_who_may_not_answer_any_more_takes_nothing(
    handset: Handset, values: dict[str, object]
) -> None:
    if "disabled_at" in values:
        values = {"disabled_at": handset.on_call.clock.now()}
    handset.on_call.set_staff(SAM, **values)
    handset.press(seeding.pin())
    assert handset.escalation().state == State.PAGING


def test_an_answered_call_without_keys_is_a_voicemail_and_hears_no_more(handset: Handset) -> None:
    handset.answer()
    text = handset.press("")
    assert "<Say" not in text
    assert "<Hangup" in text
    status, _ = handset.post(f"/twilio/voice/page/{handset.page()}/status", CallStatus="completed")
    assert status == 204
    assert handset.escalation().state == State.PAGING
    handset.on_call.climb(after=2 * MINUTE)
    assert handset.on_call.rung() == [SAM, JO]


def test_what_somebody_else_has_taken_is_said_so_and_not_taken_from_them(
    handset: Handset,
) -> None:
    end(handset, "taken")
    assert said("taken") in handset.answer()
    assert said("taken") in handset.press(seeding.pin())
    assert handset.escalation().acknowledged_by == ELSE.id


def second_alarm(handset: Handset) -> Escalation:
    """Another child is in danger while the phone rings; no second ring comes for it."""
    conversation = handset.on_call.danger()
    handset.on_call.climb(after=timedelta(seconds=20))
    assert handset.on_call.states(SAM, "voice") == ["sent", "covered"]
    return handset.on_call.escalation(conversation)


@pytest.mark.parametrize("ends", ["taken", "over"])
@pytest.mark.parametrize("is_answered", [True, False])
def test_whoever_answers_for_two_alarms_is_asked_for_the_one_that_still_calls(
    handset: Handset, ends: str, *, is_answered: bool
) -> None:
    second = second_alarm(handset)
    if is_answered:
        handset.answer()
    end(handset, ends)
    asked = handset.press(seeding.pin()) if is_answered else handset.answer()
    assert said("taken") not in asked
    assert said("alarm") in asked
    assert handset.on_call.escalation(second.entry_id).state == State.PAGING
    [address] = set(re.findall(r'action="([^"]*)"', asked))
    _, text = handset.post(address.removeprefix(STAFF_ORIGIN), Digits=seeding.pin())
    assert "You have it until" in text
    row = handset.on_call.escalation(second.entry_id)
    assert (row.state, row.acknowledged_by) == (State.ACKNOWLEDGED, handset.on_call.person(SAM))


def test_without_a_pin_whoever_answers_for_two_alarms_is_told_to_sign_in(handset: Handset) -> None:
    second_alarm(handset)
    end(handset, "taken")
    handset.on_call.set_staff(SAM, pin_hash=None)
    assert said("sign_in") in handset.answer()


def test_whoever_takes_one_of_two_alarms_hears_that_there_is_another(handset: Handset) -> None:
    second = second_alarm(handset)
    assert said("another") in handset.press(seeding.pin())
    assert said("another") in handset.answer()
    assert handset.on_call.escalation(second.entry_id).state == State.PAGING


def test_whoever_takes_the_only_alarm_hears_of_no_other(handset: Handset) -> None:
    assert said("another") not in handset.press(seeding.pin())


def end(handset: Handset, how: str) -> None:
    """Somebody else takes the first alarm, or finishes it."""
    adapters, escalation = handset.on_call.house.adapters, handset.escalation().id
    if how == "over":
        alarms.finish(
            adapters,
            person=ELSE,
            escalation=escalation,
            outcome="seen",
            told="yes",
            grade=Grade.STANDARD,
        )
        return
    alarms.acknowledge(
        adapters,
        person=ELSE,
        escalation=escalation,
        next_step="ring the ward",
        within=5 * MINUTE,
        seen_owner="",
    )


def test_pressing_again_changes_nothing_of_what_is_one_s_own(handset: Handset) -> None:
    handset.press(seeding.pin())
    until = handset.escalation().promised_until
    handset.on_call.clock.advance(10 * MINUTE)
    assert "You have it until" in handset.press(seeding.pin())
    assert handset.escalation().promised_until == until


def test_a_page_of_another_round_takes_nothing(handset: Handset) -> None:
    handset.press(seeding.pin())
    old = handset.page()
    handset.on_call.climb(after=RULES.promised)
    assert said("over") in handset.press(seeding.pin(), page=old)
    assert handset.escalation().state == State.PAGING
    newest = handset.on_call.pages(SAM, "voice")[-1].id
    assert "You have it" in handset.press(seeding.pin(), page=newest)


def test_a_page_of_an_escalation_that_is_finished_says_so(handset: Handset) -> None:
    end(handset, "over")
    assert said("over") in handset.answer()
    assert said("over") in handset.press(seeding.pin())


def test_a_page_that_there_is_not_is_hung_up_on(handset: Handset) -> None:
    assert "<Say" not in handset.answer(uuid4())
    assert "<Say" not in handset.press(seeding.pin(), page=uuid4())
    assert handset.post(f"/twilio/page/{uuid4()}/status", CallStatus="x")[0] == 400


def test_what_is_forged_takes_nothing_and_is_counted(handset: Handset) -> None:
    page = handset.page()
    paths = [
        f"/twilio/voice/page/{page}",
        f"/twilio/voice/page/{page}/pin?tried=1",
        f"/twilio/voice/page/{page}/status",
        f"/twilio/page/{page}/status",
    ]
    for path in paths:
        status, text = handset.post(path, forged=True, Digits=seeding.pin())
        assert (status, "Response" in text) == (403, False)
        assert handset.client.get(path).status_code == 403
    assert handset.escalation().state == State.PAGING
    own = handset.on_call.house.adapters.phones
    assert own is not None
    assert own.refused.number == 2 * len(paths)


def test_reports_of_texts_and_calls_come_in_by_their_pages(handset: Handset) -> None:
    text = handset.on_call.pages(SAM, "sms")[0].id
    path = f"/twilio/page/{text}/status"
    sid = "SM" + "1" * 32
    assert handset.post(path, MessageSid=sid, MessageStatus="delivered")[0] == 204
    assert handset.on_call.states(SAM, "sms") == ["arrived"]
    path = f"/twilio/voice/page/{handset.page()}/status"
    assert handset.post(path, CallStatus="ringing")[0] == 204
    assert handset.post(path, CallStatus="no-answer")[0] == 204
    assert handset.on_call.states(SAM, "voice") == ["no answer"]


def test_with_the_database_away_the_person_is_told_to_sign_in(
    handset: Handset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_given: object) -> None:
        raise sa.exc.OperationalError("", {}, Exception())

    page = handset.page()
    with monkeypatch.context() as broken:
        broken.setattr(taking, "answers", away)
        assert said("sign_in") in handset.answer(page)
        broken.setattr(taking, "_whose", away)
        assert said("sign_in") in handset.press(seeding.pin(), page=page)
    assert handset.escalation().state == State.PAGING


def test_a_pin_is_in_no_address_and_no_document(handset: Handset) -> None:
    asked = handset.answer() + handset.press("1111") + handset.press(seeding.pin())
    assert seeding.pin() not in asked
    assert "1111" not in re.sub(r"[0-9a-f-]{36}", "", asked)
