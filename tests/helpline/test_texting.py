"""A text comes in: kept once, in its conversation, whoever brings it and however often."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from chat import wording
from chat.models import InboundText, Phone
from helpline import reconcile, texting
from helpline.console import phone_deeds
from helpline.console.refusals import WordTakenError
from helpline.queue import lease
from helpline.queue.models import Job
from helpline.todo.models import Why
from integrations.keystore import WrappedKey
from integrations.twilio.errors import TwilioError
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.phone_house import CHILD, SETTINGS, sms
from tests.helpline.phoning import SAM, Line
from tests.stores import Stores
from triage.models import Entry, Escalation

FIRST = wording.load().text("new")


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        yield Line(*phone_house.with_company(adapters, clock), clock)


def test_a_text_is_kept_queued_and_answered_once(line: Line) -> None:
    line.text("i dont want to move")
    line.work()
    assert line.said() == [("child", "i dont want to move"), ("system", FIRST)]
    assert line.company.sent == [(CHILD, FIRST)]
    assert line.state() == "waiting"
    with line.adapters.transactions.reading() as session:
        assert session.get_one(Entry, line.conversation()).waiting_since is not None


def test_the_same_text_twenty_times_at_once_is_one_message(line: Line) -> None:
    text = sms("hello", number=1)
    problems: list[Exception] = []

    def bring() -> None:
        try:
            phone_house.come(line.adapters, text)
        except Exception as problem:  # noqa: BLE001 - told to the test below
            problems.append(problem)

    threads = [threading.Thread(target=bring) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    line.work()
    assert problems == []
    assert line.said() == [("child", "hello"), ("system", FIRST)]
    assert len(line.inbound()) == line.contacts() == len(line.conversations()) == 1
    assert len(line.company.sent) == 1


def test_a_text_brought_again_after_its_conversation_closed_stays_where_it_was(line: Line) -> None:
    line.text("hello")
    line.claim()
    line.reply("Hi, I am Sam.")
    phone_deeds.close(line.adapters, person=SAM, conversation=line.conversation())
    phone_house.come(line.adapters, sms("hello", number=1))
    assert len(line.conversations()) == 1
    assert [words for who, words in line.said() if who == "child"] == ["hello"]


def test_after_a_kind_end_the_next_text_begins_another_conversation(line: Line) -> None:
    line.text("hello")
    line.claim()
    line.reply("Hi, I am Sam.")
    phone_deeds.close(line.adapters, person=SAM, conversation=line.conversation())
    assert line.state() == "closed"
    line.clock.advance(timedelta(days=1))
    line.text("me again")
    line.work()
    assert len(line.conversations()) == 2
    assert line.contacts() == 1
    assert line.said()[0] == ("child", "me again")
    assert "again" in line.said()[1][1]
    assert line.state() == "returning"


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("it's not safe", "paused"),
        ("It\u2019s not safe!", "paused"),
        ("cant talk rn", "paused"),
        ("please stop texting me", "stopped"),
        ("not now mum is here", "waiting"),
        ("my mum is here", "waiting"),
        ("   ", "waiting"),
        ("no", "recheck"),
    ],
)
def test_nothing_but_a_yes_is_taken_for_one_when_we_asked_whether_now_is_ok(
    line: Line, words: str, state: str
) -> None:
    came_back(line)
    line.text(words)
    line.work()
    assert line.state() == state
    assert line.company.sent == []


def test_a_yes_is_answered_when_we_asked_whether_now_is_ok(line: Line) -> None:
    came_back(line)
    line.text("Yes.")
    line.work()
    assert [text for _, text in line.company.sent] == [wording.load().text("waiting")]


def came_back(line: Line) -> None:
    """A phone that we knew has written again and was asked whether now is an OK time to text."""
    line.live()
    phone_deeds.close(line.adapters, person=SAM, conversation=line.conversation())
    line.clock.advance(timedelta(days=1))
    line.text("me again")
    line.work(for_=timedelta(minutes=2))
    assert line.state() == "returning"
    assert line.company.sent[-1][1] == wording.load().text("returning")
    line.company.sent.clear()


@pytest.mark.parametrize(("days", "contacts"), [(89, 1), (91, 2)])
def test_a_number_that_was_silent_for_90_days_is_somebody_new(
    line: Line, days: int, contacts: int
) -> None:
    line.text("hello")
    line.set_phone(safe_window="Mon-Sun 00:00-24:00", own_word_token=b"w")
    line.clock.advance(timedelta(days=days))
    line.text("hello")
    assert line.contacts() == len(line.conversations()) == contacts
    with line.adapters.transactions.reading() as session:
        phone = session.scalars(sa.select(Phone)).one()
    assert (phone.safe_window is None) == (phone.own_word_token is None) == (contacts == 2)


def test_a_stop_outlasts_90_days_of_silence(line: Line) -> None:
    line.text("hello")
    line.text("STOP")
    line.clock.advance(timedelta(days=120))
    line.text("hello?")
    line.work()
    assert line.state() == "stopped"
    assert [text for _, text in line.company.sent] == []


def test_help_reaches_a_person_as_urgent_and_gets_no_boilerplate(line: Line) -> None:
    line.text("HELP")
    line.work()
    assert line.company.sent == []
    with line.adapters.transactions.reading() as session:
        assert session.get_one(Entry, line.conversation()).grade_rank <= 1


def test_stop_is_kept_silences_everything_and_asks_a_person(line: Line) -> None:
    line.text("hello")
    line.work()
    sent = len(line.company.sent)
    line.text("Stop.")
    line.work(for_=timedelta(minutes=5))
    assert line.said()[-1] == ("child", "Stop.")
    assert len(line.company.sent) == sent
    assert line.tasks() == [Why.PHONE_STOPPED]


def test_stop_of_somebody_in_danger_pages_anew(line: Line) -> None:
    line.text("i took all my tablets")
    with line.adapters.transactions.begin() as session:
        row = session.scalars(sa.select(Escalation)).one()
        row.state, row.due_at = "acknowledged", line.now + timedelta(hours=2)
        row.acknowledged_by, row.promised_until = SAM.id, row.due_at
    line.text("STOP")
    with line.adapters.transactions.reading() as session:
        row = session.scalars(sa.select(Escalation)).one()
    assert row.state == "paging"
    assert row.due_at == line.now


def test_make_them_stop_is_speech(line: Line) -> None:
    line.text("make them stop")
    assert line.state() == "waiting"
    assert line.tasks() == []


def test_a_picture_is_never_opened_and_a_person_is_asked(line: Line) -> None:
    line.text("", pictures=1)
    line.work()
    assert line.said()[0] == ("child", texting.ONLY_PICTURE)
    assert line.tasks() == [Why.PICTURE_SENT]
    assert "pictures" in line.company.sent[0][1]


def test_a_picture_beside_words_asks_a_person_too(line: Line) -> None:
    line.text("look at this", pictures=1)
    assert line.said() == [("child", "look at this")]
    assert line.tasks() == [Why.PICTURE_SENT]


def test_a_text_without_words_is_kept(line: Line) -> None:
    line.text("  ")
    assert line.said() == [("child", texting.NO_WORDS)]


def test_an_answer_waits_until_the_text_is_kept(line: Line) -> None:
    said = texting.place(line.adapters, sms("hello", number=1), found_by="webhook")
    line.work()
    assert line.company.sent == []
    line.adapters.intake.keep_now(said)
    line.work(for_=timedelta(seconds=20))
    assert line.said() == [("child", "hello"), ("system", FIRST)]
    assert len(line.company.sent) == 1


def test_two_automatic_texts_never_follow_within_a_minute(line: Line) -> None:
    line.text("hello")
    line.text("call")
    line.work()
    assert len(line.company.sent) == 1


def test_the_childs_own_word_pauses_everything(line: Line) -> None:
    line.text("hello")
    line.agreed(own_word="Pizza")
    line.text("pizza!")
    assert line.state() == "paused"
    line.text("is anybody there")
    assert line.state() == "recheck"
    phone_deeds.is_safe(line.adapters, person=SAM, conversation=line.conversation())
    assert line.state() == "live"


def test_a_number_is_found_by_a_token_and_nowhere_in_the_clear(line: Line) -> None:
    line.text("hello")
    line.work()
    digits = CHILD.removeprefix("+")
    with line.adapters.transactions.reading() as session:
        connection = session.connection()
        names = sa.inspect(connection).get_table_names()
        found = [
            name
            for name in names
            for row in connection.execute(sa.text(f'SELECT * FROM "{name}"')).all()  # noqa: S608 - names of our own tables
            if any(digits in str(value) or digits.encode() in _bytes(value) for value in row)
        ]
    assert found == []


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


def test_no_key_is_made_for_a_text_that_needs_none(line: Line) -> None:
    line.text("one")
    with line.adapters.keystore_store.read.connect() as connection:
        before = connection.scalar(sa.select(sa.func.count()).select_from(WrappedKey))
    line.text("two")
    with line.adapters.keystore_store.read.connect() as connection:
        after = connection.scalar(sa.select(sa.func.count()).select_from(WrappedKey))
    assert before == after


def test_the_sweep_keeps_what_no_webhook_brought(line: Line) -> None:
    now = line.now
    line.company.came = [
        sms(f"text {number}", number=number, sent_at=now - timedelta(minutes=9 - number))
        for number in range(8)
    ]
    phone_house.come(line.adapters, line.company.came[5])
    assert reconcile.reconcile(line.adapters, owner="one") == 7
    assert sorted(words for _, words in line.said()) == [f"text {n}" for n in range(8)]
    line.clock.advance(reconcile.EVERY)
    assert reconcile.reconcile(line.adapters, owner="one") == 0
    assert len(line.said()) == 8


def test_the_sweep_rests_for_a_minute_and_looks_ten_minutes_back(line: Line) -> None:
    assert reconcile.reconcile(line.adapters, owner="one") == 0
    line.company.came = [sms("late", number=1, sent_at=line.now - timedelta(minutes=9))]
    line.clock.advance(timedelta(seconds=59))
    assert reconcile.reconcile(line.adapters, owner="two") == 0
    line.clock.advance(timedelta(seconds=1))
    assert reconcile.reconcile(line.adapters, owner="two") == 1


def test_after_an_outage_the_sweep_looks_back_to_its_last_end(line: Line) -> None:
    reconcile.reconcile(line.adapters, owner="one")
    line.company.came = [sms("in the outage", number=1, sent_at=line.now + timedelta(hours=1))]
    line.company.list_fails = [TwilioError(can_retry=True)] * 2
    for _ in range(2):
        line.clock.advance(timedelta(hours=3))
        assert reconcile.reconcile(line.adapters, owner="one") == 0
    line.clock.advance(reconcile.EVERY)
    assert reconcile.reconcile(line.adapters, owner="one") == 1


def test_two_processes_never_sweep_at_once(line: Line) -> None:
    line.company.came = [sms("one", number=1, sent_at=line.now)]
    with line.adapters.transactions.begin() as session:
        lease.lead(session, name=reconcile.LEADS, holder="one", now=line.now, for_=reconcile.LEASE)
    assert reconcile.reconcile(line.adapters, owner="two") == 0
    line.clock.advance(reconcile.LEASE)
    assert reconcile.reconcile(line.adapters, owner="two") == 1


def test_job_rows_and_text_rows_hold_no_words(line: Line) -> None:
    line.text("a very particular word")
    with line.adapters.transactions.reading() as session:
        jobs = session.scalars(sa.select(Job.dedupe_key)).all()
        rows = session.scalars(sa.select(InboundText.says)).all()
    assert not any("particular" in str(each) for each in (*jobs, *rows))


@pytest.mark.parametrize("taken", ["help", " Stop! ", "LATER", "quit"])
def test_a_word_that_means_something_cannot_be_the_child_s_own(line: Line, taken: str) -> None:
    line.text("hello")
    with pytest.raises(WordTakenError):
        line.agreed(own_word=taken)
