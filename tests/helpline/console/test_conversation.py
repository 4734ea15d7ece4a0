from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import httpx2
import pytest

from helpline import access
from helpline.accounts.models import Role
from tests.helpline.console.conftest import CHILD, DANGER, Desk, House, chat
from triage.grades import Grade


def reply(seen: int, text: str = "Hello, I am here.", client_id: str = "r1") -> dict[str, str]:
    return {"client_id": client_id, "text": text, "seen": str(seen)}


def claim(conversation: UUID, desk: Desk) -> httpx2.Response:
    return desk.fetch(chat(conversation, "claim"))


def said_to_child(house: House, conversation: UUID) -> list[str]:
    with house.adapters.transactions.reading() as session:
        found = access.for_child(
            session,
            house.adapters,
            conversation=conversation,
            after=0,
        )
    return [each.text for each in found]


def test_of_two_who_claim_at_once_exactly_one_holds(house: House, sam: Desk, jo: Desk) -> None:
    for _ in range(8):
        conversation = house.begin("hello")
        with ThreadPoolExecutor(2) as both:
            answers = list(both.map(partial(claim, conversation), (sam, jo)))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        winner = sam if answers[0].status_code == 200 else jo
        loser = answers[1 if winner is sam else 0].json()
        assert house.entry(conversation).claimed_by == winner.person.id
        assert winner.person.name in loser["why"]


def test_a_reply_reaches_the_child_and_ends_the_wait(house: House, sam: Desk) -> None:
    conversation = house.begin("hello")
    assert sam.post(chat(conversation, "claim")).status_code == 303
    answer = sam.post(chat(conversation, "reply"), **reply(seen=1))
    assert (answer.status_code, answer.headers["location"]) == (303, chat(conversation))
    assert said_to_child(house, conversation) == ["hello", "Hello, I am here."]
    assert house.entry(conversation).waiting_since is None
    assert {"entry.claimed", "message.sent"} <= set(house.actions())


def test_each_opening_of_a_conversation_is_recorded(house: House, sam: Desk) -> None:
    conversation = house.begin("hello")
    assert "conversation.opened" not in house.actions()
    for times in (1, 2):
        sam.get(chat(conversation))
        assert house.actions().count("conversation.opened") == times


def test_whoever_does_not_hold_a_chat_cannot_reply_and_keeps_the_words(
    house: House, sam: Desk, jo: Desk
) -> None:
    conversation = house.begin("hello")
    sam.post(chat(conversation, "claim"))
    refused = jo.post(chat(conversation, "reply"), **reply(seen=1, text="me too <b>"))
    assert refused.status_code == 409
    assert "not answering this chat" in refused.text
    assert "me too &lt;b&gt;</textarea>" in refused.text
    assert said_to_child(house, conversation) == ["hello"]


def test_a_reply_to_an_old_view_is_refused_shown_the_newer_and_kept(
    house: House, sam: Desk
) -> None:
    conversation = house.begin("hello")
    sam.post(chat(conversation, "claim"))
    house.say(conversation, "wait, one more thing")
    refused = sam.post(chat(conversation, "reply"), **reply(seen=1, text="Goodbye then"))
    assert refused.status_code == 409
    assert "Something new was written" in refused.text
    assert "wait, one more thing" in refused.text
    assert "Goodbye then</textarea>" in refused.text
    assert said_to_child(house, conversation) == ["hello", "wait, one more thing"]
    scripted = sam.fetch(chat(conversation, "reply"), **reply(seen=1))
    assert (scripted.status_code, scripted.json()["kind"]) == (409, "StaleView")


def test_a_reply_sent_twice_is_one_message(house: House, sam: Desk) -> None:
    conversation = house.begin("hello")
    sam.post(chat(conversation, "claim"))
    first = sam.fetch(chat(conversation, "reply"), **reply(seen=1))
    again = sam.fetch(chat(conversation, "reply"), **reply(seen=1))
    assert first.json() == again.json()
    assert said_to_child(house, conversation) == ["hello", "Hello, I am here."]


def test_a_note_is_seen_by_staff_and_never_by_the_child(house: House, sam: Desk, jo: Desk) -> None:
    conversation = house.begin("hello")
    assert sam.post(chat(conversation, "note"), text="ring <the> school").status_code == 303
    assert "ring &lt;the&gt; school" in jo.get(chat(conversation)).text
    assert said_to_child(house, conversation) == ["hello"]
    assert house.entry(conversation).waiting_since is not None


def test_what_a_child_wrote_is_shown_as_words_and_never_as_a_page(house: House, sam: Desk) -> None:
    conversation = house.begin("<script>alert(1)</script> \u202e & 'x'", name="<i>Kit</i>")
    page = sam.get(chat(conversation)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<i>Kit" not in page
    assert 'class="bubble" dir="auto"' in page


def test_the_reason_for_a_grade_stands_beside_the_words(house: House, sam: Desk) -> None:
    conversation = house.begin(f"<b> {DANGER} </b>")
    assert house.entry(conversation).grade_rank < Grade.HIGH.rank
    page = sam.get(chat(conversation)).text
    assert "<mark>" in page
    assert "&lt;b&gt;" in page


def test_a_draft_outlives_the_page_and_is_offered_to_whoever_takes_over(
    house: House, sam: Desk, jo: Desk
) -> None:
    conversation = house.begin("hello")
    sam.post(chat(conversation, "claim"))
    for box, text in (("reply", "I was about to"), ("note", "sounds tired")):
        assert sam.fetch(chat(conversation, "draft"), box=box, text=text).status_code == 200
    mine = sam.get(chat(conversation)).text
    assert "I was about to</textarea>" in mine
    assert "sounds tired</textarea>" in mine
    house.rung.clear()
    taken = jo.post(chat(conversation, "take-over"), reason="They are away or offline")
    assert taken.status_code == 303
    assert house.entry(conversation).claimed_by == jo.person.id
    assert ("staff", sam.person.id) in {(each.kind, each.subject) for each in house.rung}
    theirs = jo.get(chat(conversation)).text
    assert "Sam Demo began a reply" in theirs
    assert "Took over from Sam Demo: They are away or offline." in theirs
    assert "I was about to</textarea>" in sam.get(chat(conversation)).text


def test_taking_over_needs_one_of_the_reasons(house: House, sam: Desk, jo: Desk) -> None:
    conversation = house.begin("hello")
    sam.post(chat(conversation, "claim"))
    assert jo.post(chat(conversation, "take-over"), reason="because").status_code == 422
    assert house.entry(conversation).claimed_by == sam.person.id


def test_a_chat_with_an_open_escalation_cannot_slip_back_into_the_queue(
    house: House, sam: Desk
) -> None:
    conversation = house.begin("hello")
    sam.post(chat(conversation, "claim"))
    sam.post(chat(conversation, "escalate"), grade="emergency", seen="They are outside", told="yes")
    refused = sam.post(chat(conversation, "release"))
    assert refused.status_code == 409
    assert "An escalation is open" in refused.text
    assert house.entry(conversation).claimed_by == sam.person.id


def test_a_chat_goes_back_to_the_queue_with_its_wait(house: House, sam: Desk) -> None:
    conversation = house.begin("hello")
    since = house.entry(conversation).waiting_since
    sam.post(chat(conversation, "claim"))
    assert sam.post(chat(conversation, "release")).status_code == 303
    assert house.entry(conversation).claimed_by is None
    assert house.entry(conversation).waiting_since == since


@pytest.mark.parametrize("deed", ["claim", "release", "take-over", "reply", "note", "escalate"])
def test_a_form_from_elsewhere_does_nothing(house: House, sam: Desk, deed: str) -> None:
    conversation = house.begin("hello")
    fields = {"text": "x", "client_id": "r1", "seen": "1"}
    for origin in (CHILD, "https://elsewhere.example", "null"):
        assert sam.post(chat(conversation, deed), origin=origin, **fields).status_code == 403
    assert sam.post(chat(conversation, deed), csrf="wrong", **fields).status_code == 403
    assert house.entry(conversation).claimed_by is None
    assert said_to_child(house, conversation) == ["hello"]


def test_a_manager_sees_no_childs_words_and_changes_nothing(house: House) -> None:
    conversation = house.begin("hello there")
    alex = house.desk("manager")
    assert alex.person.role is Role.MANAGER
    assert alex.get("/console").status_code == 200
    for path in (chat(conversation), "/console/tasks", "/console/escalations"):
        answer = alex.get(path)
        assert answer.status_code == 403
        assert "hello there" not in answer.text
    assert alex.json(f"{chat(conversation)}/messages").status_code == 403
    assert alex.post(chat(conversation, "claim")).status_code == 403
    assert house.entry(conversation).claimed_by is None


def test_news_are_fetched_by_cursor_and_opened_only_when_there_are_any(
    house: House, sam: Desk
) -> None:
    conversation = house.begin("one", "two")
    sam.get(chat(conversation))
    opened = house.actions().count("conversation.opened")
    nothing = sam.json(f"{chat(conversation)}/messages?after=2").json()
    assert (nothing["count"], nothing["latest"], nothing["messages"].strip()) == (0, 2, "")
    assert house.actions().count("conversation.opened") == opened
    house.say(conversation, "three")
    news = sam.json(f"{chat(conversation)}/messages?after=2").json()
    assert (news["count"], news["latest"]) == (1, 3)
    assert "three" in news["messages"]
    assert "two" not in news["messages"]
    assert house.actions().count("conversation.opened") == opened + 1


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 5000, "٣"])
def test_a_cursor_that_is_no_number_counts_as_having_seen_nothing(
    house: House, sam: Desk, seen: str
) -> None:
    conversation = house.begin("hello")
    sam.post(chat(conversation, "claim"))
    answer = sam.fetch(chat(conversation, "reply"), client_id="r1", text="x", seen=seen)
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("text", "status"),
    [("", 422), ("   ", 422), ("a" * 10_001, 413), ("\0", 200), ("[" * 9000, 200)],
)
def test_odd_words_are_kept_or_refused_in_words(
    house: House, sam: Desk, text: str, status: int
) -> None:
    conversation = house.begin("hello")
    sam.post(chat(conversation, "claim"))
    answer = sam.fetch(chat(conversation, "reply"), client_id="r1", text=text, seen="1")
    assert answer.status_code == status
    assert answer.json()["ok"] is (status == 200)
    assert status == 200 or answer.json()["why"]


def test_an_unknown_chat_is_said_so_in_words(house: House, sam: Desk) -> None:
    del house
    nowhere = "00000000-0000-0000-0000-000000000000"
    assert sam.get(f"/console/conversations/{nowhere}").status_code == 404
    assert sam.post(f"/console/conversations/{nowhere}/claim").status_code == 404
    assert sam.post(f"/console/conversations/{nowhere}/note", text="x").status_code == 404
    assert sam.get("/console/conversations/abc").status_code == 404
