"""A text goes out: written down first, through the gate twice, at most once, seen when it fails."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from chat.models import OutgoingText
from chat.sending import Why as GateWhy
from helpline import jobs, measures, outbox, tracing
from helpline.queue.models import Lane
from helpline.replies import LockedError
from helpline.todo.models import Why
from integrations.twilio.errors import TwilioError
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.house import House
from tests.helpline.phone_house import CHILD, SETTINGS
from tests.helpline.phoning import Line
from tests.stores import Stores

HOURS = timedelta(hours=1)
AWAY = TwilioError(can_retry=True, code=503)
TOO_MANY = TwilioError(can_retry=True, code=20429)


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    """A child has texted and a person answers; nothing has left yet."""
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        line = Line(*phone_house.with_company(adapters, clock), clock)
        line.text("YES")
        line.work(for_=timedelta(minutes=2))
        line.company.sent.clear()
        line.claim()
        yield line


def reports(line: Line, status: str, code: int | None = None, *, sid: str | None = None) -> None:
    """The telephone company reports about the newest text."""
    text = line.outgoing()[-1]
    with line.adapters.transactions.begin() as session:
        outbox.take_report(
            session,
            line.adapters,
            text=text.id,
            sid=sid or text.provider_sid or "SM" + "f" * 32,
            status=status,
            code=code,
            now=line.now,
        )


def test_a_reply_leaves_once_with_an_opaque_address_for_its_reports(line: Line) -> None:
    line.reply("I am Sam. I am here.")
    assert [each.state for each in line.outgoing()][-1] == "planned"
    line.work()
    line.work(for_=HOURS)
    assert line.company.sent == [(CHILD, "I am Sam. I am here.")]
    text = line.outgoing()[-1]
    assert (text.state, text.attempts) == ("sent", 1)
    assert line.company.status_to[-1].endswith(f"/twilio/status?text={text.id}")


@pytest.mark.parametrize("lost", [False, True])
def test_a_text_is_sent_once_after_an_answer_that_was_lost(line: Line, *, lost: bool) -> None:
    line.company.fails = ["lost" if lost else AWAY]
    line.reply("hello")
    line.work()
    line.work(for_=HOURS)
    assert line.company.sent == [(CHILD, "hello")]
    assert line.outgoing()[-1].state == "sent"
    assert line.outgoing()[-1].is_maybe_twice is False


def test_a_text_that_may_be_out_is_not_sent_while_the_list_cannot_be_read(line: Line) -> None:
    line.company.fails = ["lost"]
    line.company.list_fails = [AWAY] * 3
    line.reply("hello")
    for _ in range(5):
        line.work(for_=HOURS)
    assert line.company.list_fails == []
    assert line.company.sent == [(CHILD, "hello")]
    assert line.outgoing()[-1].state == "sent"


def test_a_text_that_the_list_does_not_know_is_sent_and_marked(line: Line) -> None:
    line.company.fails = ["lost"]
    line.reply("hello")
    line.work()
    line.company.taken.clear()
    line.work(for_=HOURS)
    assert len(line.company.sent) == 2
    assert line.outgoing()[-1].is_maybe_twice is True


def test_twins_are_told_apart(line: Line) -> None:
    line.reply("ok")
    line.work()
    line.company.fails = ["lost"]
    line.reply("ok")
    line.work()
    line.work(for_=HOURS)
    assert line.company.sent == [(CHILD, "ok")] * 2
    sids = [each.provider_sid for each in line.outgoing()[-2:]]
    assert len(set(sids)) == 2


REFUSED_TOKEN = TwilioError(can_retry=True, code=20003)
NO_CONNECTION = TwilioError(can_retry=True)
BROKEN = TwilioError(can_retry=True, code=502, maybe_sent=True)

# What each sending meets, and what each reading of the list meets, for as long as it lasts.
MODES: dict[str, tuple[list[TwilioError | str], list[TwilioError]]] = {
    "nothing answers": ([NO_CONNECTION], [NO_CONNECTION]),
    "too many requests": ([TOO_MANY], [TOO_MANY]),
    "errors of theirs": ([AWAY, BROKEN], [AWAY]),
    "the token is refused": ([REFUSED_TOKEN], [REFUSED_TOKEN]),
    "accepted and the answer lost": (["lost"], []),
    "accepted and the answer lost, no list": (["lost"], [NO_CONNECTION]),
    "broken, and the list works": ([BROKEN], []),
}


@pytest.mark.parametrize("mode", MODES)
def test_six_hours_of_outage_lose_nothing_and_send_nothing_twice(line: Line, mode: str) -> None:
    sendings, listings = MODES[mode]
    replies = ["first reply", "second reply"]
    line.company.fails = sendings * 1000
    line.company.list_fails = listings * 1000
    for text in replies:
        line.reply(text)
    ends = line.now + timedelta(hours=6)
    while line.now < ends:
        line.clock.advance(timedelta(minutes=16))
        jobs.drain(line.adapters, lane=Lane.OUTSIDE, owner="tests")
    line.company.fails, line.company.list_fails = [], []
    line.work(for_=timedelta(minutes=16))
    assert sorted(text for _, text in line.company.sent) == replies
    assert {each.state for each in line.outgoing()[-2:]} == {"sent"}
    assert line.tasks() == []


def test_a_text_that_never_leaves_becomes_a_persons_task(line: Line) -> None:
    line.company.fails = [AWAY] * 5
    line.reply("hello")
    with line.adapters.transactions.begin() as session:
        session.execute(sa.update(OutgoingText).values(attempts=outbox.MOST_ATTEMPTS - 1))
    line.work()
    line.work(for_=HOURS)
    assert line.company.sent == []
    assert line.tasks() == [Why.TEXT_NOT_SENT]
    assert line.outgoing()[-1].state == "failed"


def test_a_phone_that_blocks_us_is_never_texted_again_and_a_person_is_told(line: Line) -> None:
    line.company.fails = [TwilioError(can_retry=False, code=21610)]
    line.reply("hello")
    line.work()
    assert line.outgoing()[-1].state == "refused"
    assert line.tasks() == [Why.CANNOT_TEXT]
    with pytest.raises(LockedError) as shut:
        line.reply("hello?")
    assert shut.value.why is GateWhy.STOPPED


@pytest.mark.parametrize("code", [30005, 30006])
def test_a_dead_number_is_marked_and_a_person_is_told(line: Line, code: int) -> None:
    line.reply("hello")
    line.work()
    reports(line, "undelivered", code)
    assert line.tasks() == [Why.CANNOT_TEXT]
    with pytest.raises(LockedError) as shut:
        line.reply("hello?")
    assert shut.value.why is GateWhy.DEAD


def test_a_filtered_text_becomes_a_task_and_the_phone_stays_open(line: Line) -> None:
    line.reply("hello")
    line.work()
    reports(line, "undelivered", 30007)
    assert line.tasks() == [Why.TEXT_NOT_DELIVERED]
    assert line.outgoing()[-1].state == "undelivered"
    line.reply("hello?")


def test_a_phone_that_is_off_gets_the_text_anew_three_times_then_a_person_is_told(
    line: Line,
) -> None:
    line.reply("hello")
    for _ in range(4):
        line.work(for_=timedelta(minutes=6))
        reports(line, "undelivered", 30003)
    line.work(for_=HOURS)
    assert len(line.company.sent) == 4
    assert line.tasks() == [Why.TEXT_NOT_DELIVERED]


def test_a_report_only_raises_the_state(line: Line) -> None:
    line.reply("hello")
    line.work()
    for status, becomes in (
        ("delivered", "delivered"),
        ("sent", "delivered"),
        ("undelivered", "delivered"),
        ("no such word", "delivered"),
    ):
        reports(line, status)
        assert line.outgoing()[-1].state == becomes
    assert line.tasks() == []


def test_a_report_that_comes_before_the_end_of_the_sending_brings_the_id(line: Line) -> None:
    line.company.fails = ["lost"]
    line.reply("hello")
    line.work()
    reports(line, "delivered", sid="SM" + "a" * 32)
    line.work(for_=HOURS)
    assert line.company.sent == [(CHILD, "hello")]
    assert line.outgoing()[-1].state == "delivered"


def test_a_report_about_another_sending_is_past(line: Line) -> None:
    line.reply("hello")
    line.work()
    reports(line, "undelivered", 30007, sid="SM" + "b" * 32)
    assert line.outgoing()[-1].state == "sent"


def test_a_text_written_before_a_stop_does_not_leave_after_it(line: Line) -> None:
    line.reply("hello")
    line.text("STOP")
    line.work()
    assert line.company.sent == []
    assert line.outgoing()[-1].state == "refused"
    assert Why.TEXT_NOT_SENT in line.tasks()


@pytest.mark.parametrize("reason", [None, "The child asked for it on the phone."])
def test_nobody_gets_past_a_stop(line: Line, reason: str | None) -> None:
    line.text("STOP")
    with pytest.raises(LockedError) as shut:
        line.reply("hello", reason=reason)
    assert shut.value.why is GateWhy.STOPPED
    line.work()
    assert line.company.sent == []


def test_outside_the_safe_window_only_a_written_reason_opens(line: Line) -> None:
    line.agreed(safe_window="Mon-Sun 17:00-18:00", may_text=True)
    with pytest.raises(LockedError) as shut:
        line.reply("hello")
    assert shut.value.why is GateWhy.OUTSIDE_WINDOW
    line.reply("hello", reason="She asked me to answer before tea.")
    line.work()
    assert line.company.sent == [(CHILD, "hello")]
    kept = line.outgoing()[-1].reason
    assert kept is not None
    assert b"tea" not in kept


def test_texts_wait_in_a_lane_of_their_own(line: Line) -> None:
    line.reply("hello")
    line.clock.advance(timedelta(seconds=1))
    for lane in (lane for lane in Lane if lane is not Lane.OUTSIDE):
        jobs.drain(line.adapters, lane=lane, owner="tests")
    assert line.company.sent == []


def test_each_opening_and_sending_leaves_a_record(line: Line) -> None:
    line.reply("hello")
    line.work()
    text = line.outgoing()[-1].id
    audited = [action for action, _ in House(line.adapters, line.clock).audited(text)]
    assert audited == ["message.sent", "text.opened_to_send", "text.sent"]


def test_trace_tells_states_and_times_of_a_text_and_no_words(line: Line) -> None:
    line.reply("a very particular word")
    line.work()
    reports(line, "undelivered", 30007)
    with line.adapters.transactions.reading() as session:
        lines = tracing.trace(session, str(line.outgoing()[-1].id))
        came = tracing.trace(session, str(line.messages()[0]))
    assert any("undelivered, 1 attempts, code 30007" in each for each in lines)
    assert any("by the sweep, as yes" in each for each in came)
    assert "particular" not in "\n".join(lines + came)


def test_figures_tell_how_long_a_text_waits_to_leave(line: Line) -> None:
    line.company.fails = [AWAY] * 3
    line.reply("hello")
    line.clock.advance(timedelta(minutes=3))
    exposed = measures.exposed(line.adapters).decode()
    assert "helpline_texts_unsent 1.0" in exposed
    assert "helpline_oldest_unsent_text_seconds 180.0" in exposed
