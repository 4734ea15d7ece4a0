"""Colleagues' words: opened only when there is something to show, and never unseen."""

import pytest

from helpline import climbing
from helpline.console import escalations_view
from tests.helpline.console.conftest import Desk, House, chat

CONCERN = {"grade": "emergency", "seen": "Says they are on a bridge", "told": "yes"}
OPENED = "casework.opened"


def test_opening_a_colleagues_note_is_recorded_once_a_request(
    house: House, sam: Desk, jo: Desk
) -> None:
    conversation = house.begin("hello")
    jo.fetch(chat(conversation, "note"), text="sounds tired")
    jo.fetch(chat(conversation, "draft"), box="note", text="and alone")
    jo.get(chat(conversation))
    assert OPENED not in house.actions()
    assert "sounds tired" in sam.get(chat(conversation)).text
    assert house.actions().count(OPENED) == 1


def test_opening_a_next_step_is_recorded(house: House, sam: Desk, jo: Desk, priya: Desk) -> None:
    conversation = house.begin("hello")
    jo.post(chat(conversation, "escalate"), **CONCERN)
    escalation = house.escalation(conversation).id
    priya.post(
        f"/console/escalations/{escalation}/acknowledge", next_step="Ring the home", minutes="15"
    )
    page = sam.get("/console/escalations").text
    assert "Ring the home" in page
    assert house.actions().count(OPENED) == 1
    version = page.partition('data-version="')[2].partition('"')[0]
    again = sam.get(f"/console/fragments/escalations?seen={version}")
    assert (again.status_code, again.text) == (204, "")
    assert house.actions().count(OPENED) == 1


def test_a_poll_brings_notes_only_when_something_changed(house: House, sam: Desk, jo: Desk) -> None:
    conversation = house.begin("hello")
    jo.fetch(chat(conversation, "note"), text="sounds tired")
    first = sam.json(f"{chat(conversation)}/messages?after=1").json()
    assert "sounds tired" in first["regions"]["notes"]
    opened = house.actions().count(OPENED)
    poll = f"{chat(conversation)}/messages?after=1&casework={first['casework']}"
    assert not {"notes", "drafts", "climb"} & set(sam.json(poll).json()["regions"])
    assert house.actions().count(OPENED) == opened
    jo.fetch(chat(conversation, "draft"), box="reply", text="half a")
    changed = sam.json(poll).json()
    assert "half a" in changed["regions"]["drafts"]
    assert changed["casework"] != first["casework"]
    assert house.actions().count(OPENED) == opened + 1


def test_an_escalation_that_calls_is_never_the_one_left_out(
    house: House, sam: Desk, jo: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalations_view, "MOST_AT_ONCE", 2)
    quiet = [house.begin("hello") for _ in range(2)]
    calling = house.begin("hello")
    jo.post(chat(calling, "escalate"), **CONCERN)
    # Owned escalations are due sooner than the next call of the one that calls.
    house.wait(minutes=2)
    climbing.climb(house.adapters)
    for each in quiet:
        escalation = house.escalation(each).id
        sam.fetch(f"/console/escalations/{escalation}/acknowledge", next_step="Ring", minutes="5")
    house.wait(minutes=4)
    page = sam.get("/console/escalations").text
    assert "Nobody has acknowledged this" in page
    assert "<b>1 more are open and not shown here.</b>" in page
