"""The supervisor's board: right figures, each a way to its list, and nothing for others."""

import re
from datetime import timedelta
from http import HTTPStatus

import sqlalchemy as sa

from helpline import measures
from helpline.accounts import sessions
from helpline.accounts.models import Staff
from helpline.console import alarms, board_view
from helpline.console.board_view import Board
from helpline.queue import lease
from helpline.todo import tasks
from helpline.todo.models import Why
from tests.helpline.console.conftest import DANGER, Desk, House, chat
from triage.grades import Grade

CALM = "hello, are you there"
PAGES = (
    "/console/board",
    "/console/fragments/board",
    "/console/board/waiting",
    "/console/board/texts/in",
    "/console/board/texts/out",
    "/console/board/texts/unreported",
    "/console/board/work",
    "/console/board/numbers",
)


def board(house: House, desk: Desk) -> Board:
    with house.adapters.transactions.reading() as session:
        return board_view.board(
            session,
            reader=desk.person.id,
            names=house.adapters.names.within(session),
            has_phones=True,
            now=house.clock.now(),
        )


def test_supervisors_see_the_board_and_nobody_else(house: House, sam: Desk, priya: Desk) -> None:
    alex = house.desk("manager")
    for page in (*PAGES, f"/console/board/held/{sam.person.id}"):
        assert priya.get(page).status_code == HTTPStatus.OK, page
        assert sam.get(page).status_code == HTTPStatus.FORBIDDEN, page
        assert alex.get(page).status_code == HTTPStatus.FORBIDDEN, page
    assert 'href="/console/board"' in priya.get("/console").text
    assert 'href="/console/board"' not in sam.get("/console").text


def test_an_empty_board_says_so_in_words(priya: Desk) -> None:
    page = priya.get("/console/board").text
    assert "Nothing calls for anybody." in page
    assert "No telephones are set up." in page
    assert "Nothing here." in priya.get("/console/board/waiting").text


def test_children_are_counted_by_grade_from_the_first_unanswered_message(
    house: House, priya: Desk
) -> None:
    house.begin(DANGER)
    since = house.clock.now()
    house.wait(minutes=3)
    house.begin(CALM)
    house.begin(CALM)
    found = board(house, priya)
    by_grade = dict(found.waiting)
    assert by_grade[Grade.URGENT].count == 1
    assert by_grade[Grade.HIGH].count == 2
    assert (found.all_waiting.count, found.all_waiting.since) == (3, since)


def test_the_board_counts_as_the_alarms_do(house: House, priya: Desk) -> None:
    house.begin(DANGER)
    house.begin(CALM)
    house.wait(minutes=7)
    told = measures.exposed(house.adapters).decode()
    for grade, found in board(house, priya).waiting:
        assert f'helpline_unread{{grade="{grade}"}} {float(found.count)}' in told
        age = 0.0 if found.since is None else 420.0
        assert f'helpline_oldest_unread_seconds{{grade="{grade}"}} {age}' in told


def test_what_each_person_holds_and_who_is_called_first(
    house: House, sam: Desk, priya: Desk
) -> None:
    answered, waiting = house.begin(CALM), house.begin(CALM)
    for each in (answered, waiting):
        sam.post(chat(each, "claim"))
    sam.post(chat(answered, "reply"), text="I am here", client_id="r1", seen="1")
    first, second, third = board(house, priya).people
    assert [each.place for each in (first, second, third)] == [1, 2, 3]
    assert (first.staff, first.held, first.waiting) == (sam.person.id, 2, 1)
    assert first.seen_at is not None
    assert (second.held, second.seen_at) == (0, None)
    page = priya.get(f"/console/board/held/{sam.person.id}").text
    assert chat(answered) in page
    assert chat(waiting) in page


def test_whoever_has_not_used_a_console_for_a_while_is_not_at_it(
    house: House, sam: Desk, priya: Desk
) -> None:
    assert sam.get("/console").status_code == HTTPStatus.OK
    house.wait(minutes=14)
    assert board(house, priya).people[0].seen_at is not None
    house.wait(minutes=2)
    assert board(house, priya).people[0].seen_at is None


def test_whoever_has_locked_their_console_is_not_at_it(
    house: House, sam: Desk, priya: Desk
) -> None:
    sam.get("/console")
    with house.adapters.transactions.begin() as session:
        sessions.lock(session, token_hash=sam.person.session, now=house.clock.now())
    assert board(house, priya).people[0].seen_at is None


def test_every_number_leads_to_a_page_that_is_there(house: House, priya: Desk) -> None:
    house.begin(DANGER)
    house.begin(CALM)
    page = priya.get("/console/board").text
    shown = page.partition('id="board"')[2].partition("<dialog")[0]
    leads = set(re.findall(r'href="(/console[^"]*)"', shown))
    assert {"/console/board/waiting", "/console/escalations", "/console/on-call"} <= leads
    assert {f"/console/board/waiting?grade={grade}" for grade in Grade} <= leads
    for each in leads:
        assert priya.get(each).status_code == HTTPStatus.OK, each


def test_a_list_that_nobody_made_is_not_there(priya: Desk) -> None:
    assert priya.get("/console/board/texts/nonsense").status_code == HTTPStatus.NOT_FOUND


def test_a_list_holds_as_many_as_its_number_said(house: House, priya: Desk) -> None:
    for text in (DANGER, CALM, CALM):
        house.begin(text)
    for grade, found in board(house, priya).waiting:
        page = priya.get(f"/console/board/waiting?grade={grade}").text
        assert page.count('<td><a href="/console/conversations/') == found.count, grade


def test_an_escalation_that_nobody_took_stands_there_with_its_countdown(
    house: House, priya: Desk
) -> None:
    conversation = house.begin(DANGER)
    assert board(house, priya).calling == ()
    house.wait(minutes=16)
    [climb] = board(house, priya).calling
    assert climb.conversation == conversation
    page = house.desk("supervisor").get("/console/board").text
    assert "data-until=" in page
    assert chat(conversation) in page


def test_a_gap_on_the_call_list_is_the_first_thing_said(
    house: House, sam: Desk, priya: Desk
) -> None:
    assert board(house, priya).gaps == ()
    for desk in (sam, priya):
        alarms.change_on_call(
            house.adapters,
            person=priya.person,
            subject=desk.person.id,
            change=lambda people, person: [each for each in people if each != person],
        )
    assert board(house, priya).gaps == ("No supervisor is on call.", "Nobody is second on call.")
    assert "No supervisor is on call." in priya.get("/console/board").text
    with house.adapters.transactions.begin() as session:
        session.execute(
            sa.update(Staff)
            .where(Staff.id.not_in([priya.person.id, sam.person.id]))
            .values(disabled_at=house.clock.now())
        )
    assert board(house, priya).gaps[0] == "Nobody is on call. An emergency would reach no person."


def test_texts_that_failed_lead_to_their_tasks_alone(house: House, priya: Desk) -> None:
    conversation = house.begin(CALM)
    with house.adapters.transactions.begin() as session:
        for why in (Why.TEXT_NOT_SENT, Why.PICTURE_SENT):
            tasks.raise_task(
                session,
                why=why,
                subject=conversation,
                dedupe_key=why.value,
                now=house.clock.now(),
            )
    gateway = board(house, priya).gateway
    assert gateway is not None
    assert gateway.failed_count == 1
    only = priya.get("/console/tasks?why=a+text+did+not+leave").text
    assert "A text did not leave" in only
    assert "A picture was sent" not in only
    assert "A picture was sent" in priya.get("/console/tasks?why=nonsense").text


def test_a_lane_out_of_which_nothing_comes_is_named(house: House, priya: Desk) -> None:
    assert board(house, priya).oldest_canary is None
    with house.adapters.transactions.begin() as session:
        lease.lead(
            session,
            name="canary:urgent",
            holder="canary",
            now=house.clock.now(),
            for_=timedelta(seconds=30),
        )
    house.wait(minutes=2)
    assert board(house, priya).late_lanes == ()
    house.wait(seconds=1)
    assert [each.lane for each in board(house, priya).late_lanes] == ["urgent"]
    assert "Work is not getting done" in priya.get("/console/board").text
    assert "too long ago" in priya.get("/console/board/work").text


def test_numbers_to_check_are_counted_and_listed(house: House, priya: Desk) -> None:
    assert board(house, priya).numbers.doubtful == 2
    page = priya.get("/console/board/numbers").text
    assert page.count("never</span>") == 2
    assert "01632 960101" in page


def test_the_live_piece_is_sent_only_when_something_changed(house: House, priya: Desk) -> None:
    version = board(house, priya).version
    # The page itself is used by somebody, which the board shows.
    priya.get("/console/board")
    seen = re.findall(r'data-version="([0-9a-f]+)"', priya.get("/console/board").text)[0]
    path = f"/console/fragments/board?seen={seen}"
    assert priya.get(path).status_code == HTTPStatus.NO_CONTENT
    house.begin(CALM)
    changed = priya.get(path)
    assert changed.status_code == HTTPStatus.OK
    assert "<html" not in changed.text
    assert version != re.findall(r'data-version="([0-9a-f]+)"', changed.text)[0]
