from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from helpline.console import queue_view, turns_view
from helpline.console.queue_view import Show
from tests.helpline.console.conftest import DANGER, Desk, House, chat, order_on
from triage import queue
from triage.grades import Grade
from triage.models import Entry


def grade(house: House, conversation: UUID, rank: int, minutes: int) -> None:
    with house.adapters.transactions.begin() as session:
        session.execute(
            sa.update(Entry)
            .where(Entry.id == conversation)
            .values(grade_rank=rank, waiting_since=house.clock.now() - timedelta(minutes=minutes))
        )


def test_the_queue_stands_in_the_one_fixed_order(house: House, sam: Desk) -> None:
    placed = {}
    for number in range(30):
        conversation = house.begin("hello")
        rank, minutes = number % 3, (number * 7) % 31
        grade(house, conversation, rank, minutes)
        placed[str(conversation)] = (rank, -minutes)
    shown = order_on(sam.get("/console").text)
    assert shown == sorted(placed, key=lambda each: placed[each])


def test_what_the_database_cuts_is_the_end_of_the_order(
    house: House, sam: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        grade(house, house.begin("hello"), (number * 5) % 3, number)
    with house.adapters.transactions.reading() as session:
        rows = queue_view.listed(
            session,
            reader=sam.person.id,
            names=house.adapters.names.of,
            show=Show.ALL,
            now=house.clock.now(),
        ).rows
        monkeypatch.setattr(queue_view, "MOST_AT_ONCE", 5)
        cut = queue_view.listed(
            session,
            reader=sam.person.id,
            names=house.adapters.names.of,
            show=Show.ALL,
            now=house.clock.now(),
        )
    assert cut.rows == rows[:5]
    assert cut.left_out == 7


def test_writing_again_never_costs_a_child_their_place(house: House, sam: Desk) -> None:
    first = house.begin("hello")
    house.wait(minutes=2)
    second = house.begin("hello")
    house.wait(minutes=2)
    house.say(first, "are you there")
    assert order_on(sam.get("/console").text) == [str(first), str(second)]


def test_an_alarm_that_nobody_took_stands_above_everything(house: House, sam: Desk) -> None:
    worst = house.begin(DANGER)
    grade(house, worst, Grade.EMERGENCY.rank, 50)
    mild = house.begin("hello")
    sam.post(chat(mild, "escalate"), grade="high", seen="A bruise", told="not yet")
    assert order_on(sam.get("/console").text)[0] == str(mild)


def test_the_list_shows_no_word_of_a_child(house: House, sam: Desk) -> None:
    house.begin("my secret", name="Kit the cat")
    for path in ("/console", "/console/fragments/queue", "/console/escalations"):
        page = sam.get(path).text
        assert "secret" not in page
        assert "Kit" not in page


def test_each_filter_shows_its_part_and_keeps_the_count(house: House, sam: Desk, jo: Desk) -> None:
    mine, theirs, free = (house.begin("hello") for _ in range(3))
    sam.post(chat(mine, "claim"))
    jo.post(chat(theirs, "claim"))
    for show, expected in (
        ("mine", {mine}),
        ("unclaimed", {free}),
        ("all", {mine, theirs, free}),
        ("nonsense", {mine, theirs, free}),
    ):
        page = sam.get(f"/console/fragments/queue?show={show}").text
        assert set(order_on(page)) == {str(each) for each in expected}
        assert 'data-unclaimed="1"' in page
    assert "Jo Demo" in sam.get("/console").text


def test_the_open_chat_is_marked_in_the_list_also_when_it_is_mine(house: House, sam: Desk) -> None:
    conversation = house.begin("hello")
    sam.post(chat(conversation, "claim"))
    for path in (chat(conversation), f"/console/fragments/queue?at={conversation}"):
        item = sam.get(path).text.partition('class="item')[2].partition(">")[0].split()
        assert "data-mine" in item
        assert 'aria-current="true"' in item


def test_an_empty_queue_says_that_nobody_waits(house: House, sam: Desk) -> None:
    del house
    page = sam.get("/console").text
    assert "Nobody is waiting." in page
    assert "You hold nothing." in sam.get("/console?show=mine").text


def test_the_pages_order_is_the_pure_rules(house: House) -> None:
    one, two = house.begin(DANGER), house.begin("hello")
    with house.adapters.transactions.reading() as session:
        entries = {row.id: row for row in session.scalars(sa.select(Entry))}
    keys = {
        each: queue.order_key(
            queue.Waiting(
                entry=each,
                grade=turns_view.GRADES[entries[each].grade_rank],
                score=entries[each].score,
                unacknowledged_escalation=False,
                present=True,
                waiting_since=entries[each].waiting_since,
            )
        )
        for each in (one, two)
    }
    with house.adapters.transactions.reading() as session:
        rows = queue_view.listed(
            session, reader=one, names=str, show=Show.ALL, now=house.clock.now()
        ).rows
    assert [row.conversation for row in rows] == sorted(keys, key=lambda each: keys[each])


def test_whoever_is_not_signed_in_is_sent_to_sign_in(house: House, sam: Desk) -> None:
    house.end_session(sam, house.clock.now())
    answer = sam.get("/console")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/sign-in")


def test_every_answer_forbids_what_is_not_ours(house: House, sam: Desk) -> None:
    conversation = house.begin("hello")
    for path in ("/console", chat(conversation), "/console/nowhere", "/static/staff/console.js"):
        headers = sam.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy
        assert headers["x-content-type-options"] == "nosniff"
    assert sam.get("/console").headers["cache-control"] == "no-store"


def test_no_page_needs_an_inline_script_or_style(house: House, sam: Desk, priya: Desk) -> None:
    conversation = house.begin(DANGER)
    priya.post(chat(conversation, "escalate"), grade="high", seen="x", told="yes")
    for desk, path in (
        (sam, "/console"),
        (sam, chat(conversation)),
        (sam, "/console/escalations"),
        (sam, "/console/tasks"),
        (priya, "/console/on-call"),
    ):
        page = desk.get(path).text
        assert desk.get(path).status_code == 200
        for inline in (" style=", "<style", " onclick=", "javascript:", "<script>"):
            assert inline not in page
