"""A child asks to be called, without JavaScript."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from chat import calling
from chat.models import Conversation, Phone
from chat.service import call_back
from chat.texting import TextState
from helpline import access, asgi
from helpline.public import cookies, words
from helpline.public.steps import ABOUT_CALLS, CALLING
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.public import calls
from tests.helpline.public.browser import TITLE, Child, answer, hidden
from tests.helpline.public.calls import NUMBER, THURSDAY, TODAY, TOMORROW, WEDNESDAY, Asking
from tests.stores import Stores

HOURS = "Mon-Fri 09:00-21:00, Sat-Sun 10:00-18:00"
OURS = "07700\N{NO-BREAK SPACE}900000"
THEIRS = NUMBER.replace(" ", "\N{NO-BREAK SPACE}")
STEPS = ("number", "when", "answer", "voicemail")


@pytest.fixture
def asking(stores: Stores, clock: Clock) -> Iterator[Asking]:
    """A child's browser at an installation with telephones."""
    settings = {**phone_house.SETTINGS, "open_hours": HOURS}
    with (
        installation.installed(stores, clock, leave_to="/plain", **settings) as adapters,
        TestClient(
            asgi.child_app(adapters),
            base_url=installation.CHILD_ORIGIN,
            raise_server_exceptions=False,
        ) as client,
    ):
        assert client.portal is not None
        client.portal.call(adapters.writer.start)
        yield Asking(Child(client, adapters))
        client.portal.call(adapters.writer.stop)


def said(asking: Asking) -> list[str]:
    return [each.text for each in asking.child.messages()]


def heading(page: str) -> str:
    found = re.search(r"<h1[^>]*>([^<]*)", page)
    assert found
    return found[1]


def test_without_telephones_nothing_about_calls_or_texts_is_there(child: Child) -> None:
    for step in ("landing", "chat"):
        page = child.look()
        assert "call you" not in page, step
        assert "Text us" not in page, step
        child.press("talk")
    for ask in ABOUT_CALLS:
        assert child.press(ask.value).status_code == 400


def test_our_number_to_text_stands_on_the_first_page_where_there_are_telephones(
    asking: Asking,
) -> None:
    assert f"Text us: {OURS}" in asking.look()
    assert 'href="sms:07700900000"' in asking.look()
    assert "The phone bill may show our number." in asking.look()


def test_a_call_is_asked_for_from_the_first_page_and_stands_in_the_queue(asking: Asking) -> None:
    assert 'value="call"' in asking.look()
    page = asking.ask()
    assert heading(page) == "You asked us to call"
    [row] = calls.rows(asking.child.adapters)
    assert (row.window_from, row.window_until) == (
        datetime(2026, 11, 4, 15, 30, tzinfo=UTC),
        datetime(2026, 11, 4, 18, 0, tzinfo=UTC),
    )
    assert (row.if_answered, row.own_name) == ("nothing", None)
    assert (row.may_leave_voicemail, row.is_shared_phone, row.asked_by) == (False, False, "child")
    assert said(asking) == ["(Asked to be called: Wednesday, 3:30 pm to 6 pm)"]
    [entry] = calls.entries(asking.child.adapters)
    assert entry.id == row.conversation_id
    assert entry.waiting_since is not None
    assert calls.audited(asking.child.adapters) == ["call_back.asked"]


def test_a_call_that_is_asked_for_from_the_chat_belongs_to_its_conversation(
    asking: Asking,
) -> None:
    asking.press("talk")
    asking.child.send("Can I speak to somebody?")
    assert 'value="call"' in asking.look()
    asking.ask()
    with asking.child.adapters.transactions.reading() as session:
        [conversation] = session.scalars(sa.select(Conversation.id))
    assert [row.conversation_id for row in calls.rows(asking.child.adapters)] == [conversation]
    assert len(said(asking)) == 2


def test_number_and_name_are_sealed_and_open_for_the_child_alone(asking: Asking) -> None:
    asking.press("call")
    asking.number(shared="yes")
    asking.when()
    asking.answer("own_name", "Aunt Mary")
    asking.voicemail("yes")
    asking.press("ask_call")
    [row] = calls.rows(asking.child.adapters)
    assert row.own_name is not None
    assert b"900123" not in row.number
    assert b"Mary" not in row.own_name
    [found] = calls.open_ones(asking.child.adapters)
    opened = access.call_back_for_child(asking.child.adapters, call_back=found)
    assert (opened.number, opened.own_name) == ("+447700900123", "Aunt Mary")
    assert row.may_leave_voicemail
    assert row.is_shared_phone


def test_everything_is_shown_back_before_it_is_asked_for(asking: Asking) -> None:
    asking.press("call")
    asking.number(shared="yes")
    asking.when(TOMORROW, "afternoon")
    asking.answer("own_name", "Aunt <Mary>")
    asking.voicemail("yes")
    page = asking.look().replace("\N{NO-BREAK SPACE}", " ")
    for shown in (
        NUMBER,
        "Staff may answer. They may see that we called.",
        "Tomorrow, 12 noon to 3:30 pm",
        "We say the name: Aunt &lt;Mary&gt;",
        "Hello. Press any key to speak.",
        "I will try again later. Goodbye.",
        "Your phone will show our number: 07700 900000",
        "It may stay in the call list. You can delete it there.",
        "We try 2 times.",
        "You can ask again, or write to us.",
        "Text START to us first.",
    ):
        assert shown in page, shown
    for step in STEPS:
        assert f'value="call_{step}"' in page, step
    assert 'value="ask_call"' in page
    assert 'value="drop_call"' in page
    assert calls.rows(asking.child.adapters) == []
    assert asking.child.messages() == []


def test_only_the_number_and_a_time_need_to_be_given(asking: Asking) -> None:
    asking.press("call")
    asking.number()
    asking.when()
    assert re.search(r'value="nothing" checked', asking.look())
    asking.answer()
    assert re.search(r'name="voicemail" value="no" checked', asking.look())
    asking.press("give_voicemail")
    assert "No. Leave no message." in asking.look()
    asking.press("ask_call")
    [row] = calls.rows(asking.child.adapters)
    assert not row.may_leave_voicemail


def test_until_it_is_asked_for_nothing_of_it_is_with_us(asking: Asking) -> None:
    asking.review()
    with asking.child.adapters.transactions.reading() as session:
        assert session.scalars(sa.select(Conversation.id)).all() == []
        assert session.scalars(sa.select(Phone.token)).all() == []
    held = asking.child.client.cookies[cookies.WISH]
    assert "900123" not in held
    asking.press("ask_call")
    assert cookies.WISH not in asking.child.client.cookies


def test_what_the_browser_holds_opens_in_no_other_visit(asking: Asking) -> None:
    asking.review()
    held = asking.child.client.cookies[cookies.WISH]
    asking.child.client.cookies.clear()
    asking.press("told")
    for wish in (held, "x", "\N{SNOWMAN}".encode().hex()):
        asking.child.client.cookies.set(cookies.WISH, wish, domain="127.0.0.1", path="/")
        asking.press("call")
        page = asking.look()
        assert heading(page) == "Which number can we call?"
        assert "900123" not in page


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "We cannot read this number."),
        ("0123", "We cannot read this number."),
        ("<b>", "We cannot read this number."),
        ("9" * 500, "We cannot read this number."),
        ("0909 8790123", "We can only call UK mobiles and house phones."),
        ("+1 202 555 0123", "We can only call UK mobiles and house phones."),
        ("0808 157 0123", "We can only call UK mobiles and house phones."),
        ("07911 123456", "It only takes made-up numbers"),
    ],
)
def test_a_number_that_is_not_rung_comes_back_with_kind_words(
    asking: Asking, typed: str, told: str
) -> None:
    asking.press("call")
    answered = asking.number(typed, shared="yes")
    assert answered.status_code == 422
    assert told in answered.text
    if typed:
        assert f'value="{typed.replace("<", "&lt;").replace(">", "&gt;")}"' in answered.text
    assert re.search(r'name="shared" value="yes" checked', answered.text)
    assert heading(asking.look()) == "Which number can we call?"


@pytest.mark.parametrize("typed", ["020 7946 0123", "+44 7700 900123", "(01632) 960-123"])
def test_mobiles_and_landlines_are_taken_as_people_write_them(asking: Asking, typed: str) -> None:
    asking.press("call")
    assert asking.number(typed).status_code == 303


def test_a_real_service_refuses_numbers_kept_for_drama(stores: Stores, clock: Clock) -> None:
    settings = {**phone_house.SETTINGS, "demo": False, "twilio_api": None}
    with installation.installed(stores, clock, **settings) as adapters:
        client = TestClient(asgi.child_app(adapters), base_url=installation.CHILD_ORIGIN)
        asking = Asking(Child(client, adapters))
        asking.press("call")
        answered = asking.number()
    assert answered.status_code == 422
    assert "This number is only for films." in answered.text


def test_parts_that_are_over_or_in_which_nobody_is_here_are_not_offered(
    asking: Asking, clock: Clock
) -> None:
    clock.set(datetime(2026, 11, 6, 19, 0, tzinfo=UTC))  # a Friday evening
    asking.press("call")
    asking.number()
    offered = re.findall(r'name="when" value="([^"]*)"', asking.look())
    assert offered == [
        "2026-11-06 evening",
        "2026-11-07 morning",
        "2026-11-07 afternoon",
        "2026-11-07 after_school",
        "2026-11-08 morning",
        "2026-11-08 afternoon",
        "2026-11-08 after_school",
    ]


@pytest.mark.parametrize(
    ("day", "part", "told"),
    [
        ("2026-11-01", "evening", "That time is over now."),
        (THURSDAY, "morning", "We cannot call at that time."),
        (TODAY, "night", "We cannot call at that time."),
        ("soon", "", "We cannot call at that time."),
    ],
)
def test_a_time_that_is_not_offered_is_refused_kindly(
    asking: Asking, day: str, part: str, told: str
) -> None:
    asking.press("call")
    asking.number()
    answered = asking.when(day, part)
    assert answered.status_code == 422
    assert told in answered.text
    assert heading(answered.text) == "When is it safe to call?"


def test_a_time_that_went_by_while_the_child_thought_is_chosen_again(
    asking: Asking, clock: Clock
) -> None:
    asking.press("call")
    asking.number()
    asking.when(TODAY, "morning")
    asking.answer()
    asking.voicemail()
    clock.advance(timedelta(hours=3))
    answered = asking.press("ask_call")
    assert answered.status_code == 422
    assert "That time is over now." in answered.text
    assert calls.rows(asking.child.adapters) == []
    assert asking.child.messages() == []
    asking.when(TODAY, "evening")
    assert heading(asking.look()) == "Is this right?"


def test_a_name_of_ones_own_that_is_empty_is_asked_for_kindly(asking: Asking) -> None:
    asking.press("call")
    asking.number()
    asking.when()
    for name in ("", "  "):
        answered = asking.answer("own_name", name)
        assert answered.status_code == 422
        assert "Please write the name." in answered.text
        assert re.search(r'value="own_name" checked', answered.text)
    assert asking.answer("shout").status_code == 422
    assert asking.answer("own_name", "Mary " * 50).status_code == 303


def test_no_page_can_be_skipped(asking: Asking) -> None:
    asking.press("call_voicemail")
    assert heading(asking.look()) == "Which number can we call?"
    asking.number()
    for ask in ("call_voicemail", "ask_call", "call"):
        asking.press(ask)
        assert heading(asking.look()) == "When is it safe to call?", ask
    assert calls.rows(asking.child.adapters) == []


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
            "No. Leave no message.",
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


def test_a_call_that_was_tried_says_so_and_one_whose_time_is_over_says_that(
    asking: Asking, clock: Clock
) -> None:
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
    clock.set(row.window_until)
    asking.child.client.cookies.clear()
    # The browser's visit is over by then; somebody who kept it open sees the truth.


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


def test_a_form_without_the_visits_token_changes_nothing(asking: Asking) -> None:
    asking.review()
    answered = asking.child.post("/", {"step": "ask_call", "csrf": "stale"})
    assert answered.status_code == 403
    assert heading(answered.text) == "Is this right?"
    assert calls.rows(asking.child.adapters) == []


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


def test_every_choice_of_the_data_has_words_that_a_child_reads() -> None:
    rules = calling.load()
    for key in (
        *(f"part_{each}" for each in rules.parts),
        *(f"if_{each}" for each in rules.scripts),
    ):
        assert words.load().say(f"call.{key}")


def test_every_step_of_asking_has_a_page(asking: Asking) -> None:
    asking.ask()
    for step in sorted(CALLING):
        with asking.child.adapters.transactions.begin() as session:
            session.execute(sa.text("UPDATE visit SET step = :step"), {"step": step.value})
        assert asking.child.get("/").status_code == 200, step
