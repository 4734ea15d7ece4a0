"""A child looks back, changes its mind about a call, or leaves, without JavaScript."""

import re
from datetime import timedelta

import sqlalchemy as sa
from starlette.testclient import TestClient

from chat import calling
from chat.models import Conversation, Phone
from chat.service import call_back
from chat.texting import TextState
from helpline import asgi
from helpline.public import cookies
from tests import installation
from tests.clock import Clock
from tests.helpline.public import calls
from tests.helpline.public.browser import TITLE, answer, hidden
from tests.helpline.public.calls import (
    NUMBER,
    OURS,
    STEPS,
    THEIRS,
    TODAY,
    TOMORROW,
    WEDNESDAY,
    Asking,
    heading,
    said,
)
from tests.stores import Stores


def test_going_back_leads_through_the_pages_and_keeps_what_was_chosen(asking: Asking) -> None:
    asking.review()
    headings = []
    for _ in range(4):
        asking.press("back")
        headings.append(heading(asking.look()))
    assert headings == [
        "If nobody answers",
        "If someone else answers",
        "When is it safe to call?",
        "Which number can we call?",
    ]
    assert f'value="{NUMBER}"' in asking.look()
    asking.press("back")
    assert heading(asking.look()) == "Do you want someone on your side?"
    asking.press("call")
    assert NUMBER not in asking.look(), "whoever goes back out has not asked"


def test_one_line_is_changed_without_the_others_being_asked_again(asking: Asking) -> None:
    asking.review()
    asking.press("call_when")
    assert re.search(rf'value="{WEDNESDAY} after_school" aria-pressed="true"', asking.look())
    asking.when(TOMORROW, "evening")
    page = asking.look()
    assert heading(page) == "Is this right?"
    assert "Tomorrow, 6" in page


def test_a_look_at_the_numbers_for_danger_loses_nothing(asking: Asking) -> None:
    asking.review()
    asking.press("danger")
    asking.press("back")
    assert heading(asking.look()) == "Is this right?"


def test_cancel_before_asking_forgets_everything(asking: Asking) -> None:
    asking.review()
    asking.press("drop_call")
    assert heading(asking.look()) == "Do you want someone on your side?"
    asking.press("call")
    assert NUMBER not in asking.look()
    assert calls.rows(asking.child.adapters) == []


def test_a_call_that_is_planned_is_there_again_from_every_page(asking: Asking) -> None:
    asking.ask()
    for step in ("first", "talk"):
        asking.press(step)
        assert "We plan to call you: Wednesday, 3:30" in asking.look(), step
        asking.press("call")
        page = asking.look()
        assert heading(page) == "You asked us to call"
        for shown in (
            THEIRS,
            "Wednesday",
            "Say nothing and hang up",
            "No. It only hears: “Hello. Press any key to speak.”",
            OURS,
        ):
            assert shown in page, shown
        assert 'value="change_call"' in page
        assert 'value="cancel_call"' in page


def test_a_changed_call_takes_the_place_of_the_first(asking: Asking) -> None:
    asking.ask()
    asking.press("change_call")
    page = asking.look()
    assert heading(page) == "Is this right?"
    assert "Keep it as it was" in page
    asking.press("call_when")
    asking.when(TOMORROW, "morning")
    assert len(calls.open_ones(asking.child.adapters)) == 1, "until Ask the first one stands"
    asking.press("ask_call")
    assert "Tomorrow, 9" in asking.look()
    assert [row.state for row in calls.rows(asking.child.adapters)] == ["cancelled", "asked"]
    assert said(asking)[-1] == "(Asked to be called: Tuesday, 9 am to 12 noon)"


def test_a_change_that_is_dropped_leaves_the_call_as_it_was(asking: Asking) -> None:
    asking.ask()
    asking.press("change_call")
    asking.press("call_number")
    asking.number("07700 900999")
    asking.press("drop_call")
    assert heading(asking.look()) == "You asked us to call"
    assert THEIRS in asking.look()


def test_a_cancelled_call_is_cancelled_and_the_conversation_says_so(asking: Asking) -> None:
    asking.ask()
    for _ in range(2):
        assert asking.press("cancel_call").status_code == 303
        assert heading(asking.look()) == "No call is planned"
    assert calls.open_ones(asking.child.adapters) == []
    assert said(asking)[1:] == ["(Does not want the call any more)"]
    assert calls.audited(asking.child.adapters) == ["call_back.asked", "call_back.cancelled"]
    asking.press("first")
    assert "Ask us to call you" in asking.look()


def test_the_same_call_asked_for_again_after_it_was_cancelled_is_told_anew(
    asking: Asking,
) -> None:
    asking.ask()
    asking.press("cancel_call")
    asking.ask()
    assert len(said(asking)) == 3
    assert len(calls.open_ones(asking.child.adapters)) == 1


def test_asking_just_so_twice_is_asking_once(asking: Asking) -> None:
    asking.review()
    form = {"csrf": hidden(asking.look(), "csrf"), "step": "ask_call"}
    held = asking.child.client.cookies[cookies.WISH]
    for _ in range(2):
        assert asking.child.post("/", form).status_code == 303
        asking.child.client.cookies.set(cookies.WISH, held, domain="127.0.0.1", path="/")
    assert len(calls.rows(asking.child.adapters)) == 1
    assert len(said(asking)) == 1


def test_a_call_that_was_tried_says_so(asking: Asking, clock: Clock) -> None:
    asking.ask()
    [row] = calls.open_ones(asking.child.adapters)
    rules = calling.load()
    with asking.child.adapters.transactions.begin() as session:
        call_back.called(
            session,
            call_back=row.id,
            outcome=rules.outcomes["no_answer"],
            rules=rules,
            now=clock.now(),
        )
    assert "We tried 1 of 2 times." in asking.look()


def test_when_the_time_is_over_the_page_says_so_and_offers_another(
    asking: Asking, clock: Clock
) -> None:
    asking.press("call")
    asking.number()
    asking.when(TODAY, "morning")
    asking.answer()
    asking.voicemail()
    asking.press("ask_call")
    clock.advance(timedelta(hours=3))
    assert heading(asking.look()) == "That time is over"
    asking.press("first")
    assert "Ask us to call you" in asking.look()
    asking.press("change_call")
    assert asking.press("ask_call").status_code == 422


def test_a_wish_that_could_not_be_kept_is_not_lost_and_begins_no_second_conversation(
    asking: Asking,
) -> None:
    asking.review()
    adapters = asking.child.adapters
    adapters.writer.is_alive = False
    answered = asking.press("ask_call")
    adapters.writer.is_alive = True
    assert answered.status_code == 503
    assert "We could not keep this yet." in answered.text
    assert calls.rows(adapters) == []
    assert heading(asking.look()) == "Is this right?"
    assert asking.press("ask_call").status_code == 303
    assert len(calls.rows(adapters)) == 1
    with adapters.transactions.reading() as session:
        assert len(session.scalars(sa.select(Conversation.id)).all()) == 1


def test_the_page_never_says_whether_we_know_a_number(asking: Asking) -> None:
    """Somebody else types a child's number: the page is the same, whatever that phone texted."""
    asking.ask()
    asking.press("cancel_call")
    pages = []
    for state in (TextState.NEW, TextState.STOPPED, TextState.PAUSED):
        with asking.child.adapters.transactions.begin() as session:
            session.execute(sa.update(Phone).values(state=state, dead_at=None))
        asking.press("change_call")
        pages.append(re.sub(r'"csrf" value="[^"]*"', "", asking.review()))
        assert asking.press("ask_call").status_code == 303
        pages.append(re.sub(r'"csrf" value="[^"]*"', "", asking.look()))
        asking.press("cancel_call")
    assert pages[0] == pages[2] == pages[4]
    assert pages[1] == pages[3] == pages[5]
    assert "Did this phone text us STOP? Then we cannot call it." in pages[0]
    assert "Did this phone text us STOP? Then we cannot call it." in pages[1]


def test_every_page_has_one_address_one_title_the_way_out_and_the_numbers(
    asking: Asking,
) -> None:
    shown = {"call": asking.press("call")}
    pages = {"number": asking.look()}
    for step in STEPS:
        shown[step] = getattr(asking, step)()
        pages[step] = asking.look()
    shown["ask"] = asking.press("ask_call")
    pages["asked"] = asking.look()
    shown["cancel"] = asking.press("cancel_call")
    pages["cancelled"] = asking.look()
    assert {answered.headers["location"] for answered in shown.values()} == {"/"}
    for step, page in pages.items():
        assert TITLE in page, step
        assert 'action="/x"' in page, step
        assert 'href="tel:999"' in page, step
        assert 'href="tel:08001111"' in page, step
        seen = re.findall(r'(?<![\w-])(?:alt|title|content|name|id)="[^"]*"|<!--.*?-->', page)
        assert not [each for each in seen if re.search("help|abus|advoca|safe|child", each)], step


def test_leaving_forgets_what_was_chosen(asking: Asking) -> None:
    asking.review()
    asking.child.post("/x", {})
    assert cookies.WISH not in asking.child.client.cookies
    asking.child.post("/", {"step": "start"})
    asking.press("call")
    assert NUMBER not in asking.look()


def test_a_visit_at_these_pages_survives_the_end_of_the_telephones(
    asking: Asking, stores: Stores, clock: Clock
) -> None:
    asking.press("call")
    kek = asking.child.adapters.settings.kek
    with installation.installed(stores, clock, kek=kek) as adapters:
        client = TestClient(asgi.child_app(adapters), base_url=installation.CHILD_ORIGIN)
        client.cookies.update(asking.child.client.cookies)
        assert heading(client.get("/").text) == "Do you want someone on your side?"


def test_an_advocates_reply_is_found_from_the_page_of_the_call(asking: Asking) -> None:
    asking.ask()
    answer(asking.child.adapters, "We will ring you.")
    asking.press("talk")
    assert "We will ring you." in asking.look()
