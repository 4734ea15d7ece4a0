"""The team's page, handing on, and who a child is shown to first."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from helpline import routing
from helpline.institutions import register
from tests.helpline.console.conftest import DANGER, Desk, House, chat
from triage import routing as rules
from triage.grades import Grade
from triage.models import HandingOn

TEAM = "/console/team"


def handed(house: House) -> UUID:
    with house.adapters.transactions.reading() as session:
        return session.scalars(sa.select(HandingOn.id).where(HandingOn.settled_at.is_(None))).one()


def held(house: House, desk: Desk, *texts: str) -> UUID:
    conversation = house.begin(*(texts or ("hello",)))
    desk.post(f"{chat(conversation)}/claim")
    return conversation


def test_a_chat_is_handed_on_and_accepted_from_the_queue(house: House, sam: Desk, jo: Desk) -> None:
    conversation = held(house, sam)
    page = sam.get(f"{chat(conversation)}/hand-on").text
    assert "Jo Demo" in page
    assert f'value="{sam.person.id}"' not in page
    answer = sam.post(
        f"{chat(conversation)}/hand-on", to=str(jo.person.id), note="Likes short answers"
    )
    assert answer.status_code == 303
    assert house.entry(conversation).claimed_by == sam.person.id
    assert "Sam Demo hands on chat" in jo.get("/console").text
    assert "hands on chat" not in sam.get("/console").text
    assert jo.post(f"/console/handing-on/{handed(house)}/accept").status_code == 303
    assert house.entry(conversation).claimed_by == jo.person.id
    assert "Likes short answers" in jo.get(chat(conversation)).text
    assert "entry.handed_on" in house.actions()
    assert "entry.accepted" in house.actions()


def test_a_no_and_a_change_of_mind(house: House, sam: Desk, jo: Desk) -> None:
    conversation = held(house, sam)
    for desk, deed in ((jo, "decline"), (sam, "withdraw")):
        sam.post(f"{chat(conversation)}/hand-on", to=str(jo.person.id), note="")
        assert desk.post(f"/console/handing-on/{handed(house)}/{deed}").status_code == 303
        assert house.entry(conversation).claimed_by == sam.person.id


def test_only_the_holder_may_hand_on(house: House, sam: Desk, jo: Desk) -> None:
    conversation = held(house, sam)
    assert jo.get(f"{chat(conversation)}/hand-on").status_code == 409
    answer = jo.post(f"{chat(conversation)}/hand-on", to=str(sam.person.id), note="")
    assert answer.status_code == 409


def test_a_child_is_shown_first_to_whoever_they_know(house: House, sam: Desk, jo: Desk) -> None:
    conversation = held(house, sam)
    sam.fetch(f"{chat(conversation)}/reply", text="Hello", seen="1", client_id="r1")
    sam.post(f"{chat(conversation)}/release")
    house.say(conversation, "its me again")
    assert "For you: knows this child" in sam.get("/console").text
    assert "For you" not in jo.get("/console").text
    with house.adapters.transactions.reading() as session:
        found = routing.fits(session, conversation=conversation, now=house.clock.now())
    assert found[0].person == sam.person.id


def test_a_supervisor_writes_down_what_somebody_can_do(
    house: House, sam: Desk, priya: Desk
) -> None:
    form = {"skill-send": "on", "languages": "ti, ps", "capacity": "5"}
    assert sam.post(f"{TEAM}/{sam.person.id}/profile", **form).status_code == 403
    assert priya.post(f"{TEAM}/{sam.person.id}/profile", **form).status_code == 303
    page = sam.get(TEAM).text
    assert "Languages: ps, ti" in page
    assert "of 5" in page
    for wrong in ({"capacity": "many"}, {"capacity": "999"}, {"languages": "t-i"}):
        answer = priya.post(f"{TEAM}/{sam.person.id}/profile", **{**form, **wrong})
        assert answer.status_code == 422
    assert house.actions().count("staff.profile") == 1


def test_somebody_says_that_they_are_away_and_here_again(house: House, sam: Desk) -> None:
    del house
    assert "I am away for a while" in sam.get(TEAM).text
    sam.post(f"{TEAM}/away", away="yes")
    assert "says: away" in sam.get(TEAM).text
    sam.post(f"{TEAM}/away", away="no")
    assert "I am away for a while" in sam.get(TEAM).text


@pytest.fixture
def place(house: House) -> UUID:
    """A place of the demo's list."""
    with house.adapters.transactions.reading() as session:
        return register.every(session)[0].institution


def test_a_tie_to_the_place_shuts_somebody_out_of_its_childrens_chats(
    house: House, sam: Desk, jo: Desk, priya: Desk, place: UUID
) -> None:
    conversation = house.begin(DANGER)
    priya.post(f"{chat(conversation)}/child", called="Robin", how_known="I know the voice")
    page = priya.get(f"{chat(conversation)}/place").text
    [child] = set(re.findall(r'name="child" value="([^"]+)"', page)) or {""}
    priya.post(f"{chat(conversation)}/place", child=child, where=str(place), stated_by="the child")
    assert sam.get(chat(conversation)).status_code == 200
    assert priya.post(f"{TEAM}/{sam.person.id}/ties", place=str(place)).status_code == 303
    answer = sam.get(chat(conversation))
    assert answer.status_code == 403
    assert "tie to the place" in answer.text
    assert sam.post(f"{chat(conversation)}/claim").status_code == 403
    jo.post(f"{chat(conversation)}/claim")
    refused = jo.post(f"{chat(conversation)}/hand-on", to=str(sam.person.id), note="")
    assert refused.status_code == 422
    [tie] = re.findall(r"/console/team/ties/([0-9a-f-]+)/end", priya.get(TEAM).text)
    priya.post(f"{TEAM}/ties/{tie}/end")
    assert sam.get(chat(conversation)).status_code == 200


def test_what_waits_for_somebody_gone_comes_back_and_says_so(
    house: House, sam: Desk, jo: Desk
) -> None:
    conversation = held(house, sam, DANGER)
    waiting_since = house.entry(conversation).waiting_since
    limit = rules.load().returns_after[Grade.URGENT]
    house.clock.advance(limit - timedelta(seconds=1))
    assert routing.return_silent(house.adapters) == 0
    house.clock.advance(timedelta(seconds=1))
    assert routing.return_silent(house.adapters) == 1
    entry = house.entry(conversation)
    assert (entry.claimed_by, entry.waiting_since) == (None, waiting_since)
    assert "Came back: Sam Demo is away" in jo.get("/console").text
    assert "entry.returned" in house.actions()


def test_somebody_who_is_at_their_console_keeps_what_they_hold(house: House, sam: Desk) -> None:
    conversation = held(house, sam, DANGER)
    house.clock.advance(rules.load().returns_after[Grade.URGENT])
    sam.get("/console")
    assert routing.return_silent(house.adapters) == 0
    assert house.entry(conversation).claimed_by == sam.person.id
