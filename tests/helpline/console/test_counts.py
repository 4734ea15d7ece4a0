"""What a console is told for its alarms, also while it is locked."""

from helpline.accounts import limits
from tests.helpline.console.conftest import DANGER, Desk, House, chat

CONCERN = {"grade": "emergency", "seen": "Says they are on a bridge", "told": "yes"}
COUNTS = "/console/counts"


def test_a_locked_console_is_told_numbers_and_nothing_else(
    house: House, jo: Desk, sam: Desk
) -> None:
    conversation = house.begin(DANGER)
    house.begin("hello")
    jo.post(chat(conversation, "escalate"), **CONCERN)
    assert sam.fetch("/console/lock").status_code == 204
    assert sam.json("/console/fragments/queue").status_code == 423
    answer = sam.json(COUNTS)
    assert answer.status_code == 200
    assert answer.json() == {
        "unclaimed": 2,
        "unacknowledged": 1,
        "calling_me": 1,
        "quiet_mine": 0,
        "tasks": 0,
    }


def test_an_alarm_that_was_acknowledged_calls_a_locked_console_no_more(
    house: House, jo: Desk, sam: Desk, priya: Desk
) -> None:
    conversation = house.begin("hello")
    jo.post(chat(conversation, "escalate"), **CONCERN)
    sam.fetch("/console/lock")
    assert sam.json(COUNTS).json()["calling_me"] == 1
    escalation = house.escalation(conversation).id
    priya.post(
        f"/console/escalations/{escalation}/acknowledge", next_step="Ring the home", minutes="15"
    )
    assert sam.json(COUNTS).json()["calling_me"] == 0


def test_asking_for_counts_does_not_keep_a_console_awake(house: House, sam: Desk) -> None:
    house.clock.advance(limits.IDLE_LOCK / 2)
    assert sam.browser.get(COUNTS, headers={"X-Unattended": "1"}).status_code == 200
    house.clock.advance(limits.IDLE_LOCK / 2)
    assert sam.json("/console/fragments/queue").status_code == 423


def test_counts_are_for_those_who_may_read_and_are_signed_in(house: House, sam: Desk) -> None:
    assert house.desk("manager").json(COUNTS).status_code == 403
    house.end_session(sam, house.clock.now())
    assert sam.json(COUNTS).status_code == 401
