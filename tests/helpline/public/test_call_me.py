"""A child asks to be called, without JavaScript."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from chat import calling, wording
from chat.models import Conversation, Phone
from helpline import access, asgi
from helpline.public import cookies, words
from helpline.public.steps import ABOUT_CALLS, CALLING
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.public import calls
from tests.helpline.public.browser import Child
from tests.helpline.public.calls import (
    NUMBER,
    OURS,
    STEPS,
    THURSDAY,
    TODAY,
    TOMORROW,
    Asking,
    heading,
    said,
)
from tests.stores import Stores

# What the catalogue says in a call; that a voicemail hears just this is in tests of calling.
HEARD_AFTER_NO = wording.said_to_voicemail(may_leave=False)
HEARD_AFTER_YES = wording.said_to_voicemail(may_leave=True)


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
    assert f"No. It only hears: “{HEARD_AFTER_NO}”" in asking.look()
    asking.press("ask_call")
    [row] = calls.rows(asking.child.adapters)
    assert not row.may_leave_voicemail


@pytest.mark.parametrize("answer", ["no", "yes"])
def test_a_child_is_shown_every_word_that_a_voicemail_hears(asking: Asking, answer: str) -> None:
    asking.press("call")
    asking.number()
    asking.when()
    asking.answer()
    no, yes = f"No. It only hears: “{HEARD_AFTER_NO}”", f"Yes. It hears: “{HEARD_AFTER_YES}”"
    for label in (no, yes):
        assert f">{label}</label>" in asking.look()
    asking.voicemail(answer)
    chosen, other = (yes, no) if answer == "yes" else (no, yes)
    shown_back = asking.look()
    asking.press("ask_call")
    for page in (shown_back, asking.look()):
        assert f"<dd>{chosen}</dd>" in page
        assert other not in page


def test_nothing_that_a_child_reads_or_hears_promises_that_a_voicemail_hears_nothing() -> None:
    sentences = [each.text for each in words.load().sentences.values()]
    for catalogue in (wording.load(), wording.load_spoken()):
        sentences += [each.text for each in catalogue.texts.values()]
    assert [each for each in sentences if re.search("no message|only say", each)] == []


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
        ("07400 123456", "It only takes made-up numbers"),
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


def test_a_form_without_the_visits_token_changes_nothing(asking: Asking) -> None:
    asking.review()
    answered = asking.child.post("/", {"step": "ask_call", "csrf": "stale"})
    assert answered.status_code == 403
    assert heading(answered.text) == "Is this right?"
    assert calls.rows(asking.child.adapters) == []


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
