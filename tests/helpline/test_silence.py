"""A phone that says nothing after we wrote is quiet, then closed. Never one that waits for us."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from chat.models import Conversation, OutgoingText, Phone
from helpline import reconcile, silence, sweep, texting, worker
from helpline.audit.models import AuditEntry
from helpline.console import phone_view
from helpline.hub import Notice
from helpline.todo import tasks
from helpline.todo.models import Why
from integrations.twilio.errors import TwilioError
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.phone_house import SETTINGS, sms
from tests.helpline.phoning import CLOSED, QUIET, SAM, Line
from tests.stores import Stores
from triage.models import Entry, Escalation
from triage.service import holding


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        yield Line(*phone_house.with_company(adapters, clock), clock)


def holder(line: Line) -> object:
    with line.adapters.transactions.reading() as session:
        return holding.holder_of(session, entry=line.conversation())


def test_a_phone_is_quiet_after_20_minutes_and_closed_after_a_day(line: Line) -> None:
    line.live()
    sent = list(line.company.sent)
    assert line.swept(after=QUIET - timedelta(seconds=1)) == 0
    assert line.swept(after=reconcile.EVERY) == 1
    assert line.state() == "quiet"
    assert holder(line) == SAM.id
    assert line.swept(after=reconcile.EVERY) == 0
    assert line.swept(after=CLOSED) == 1
    assert line.state() == "closed"
    assert line.closed_at() == line.now
    assert holder(line) is None
    line.work()
    assert line.company.sent == sent


def test_what_comes_after_a_silent_end_begins_anew_and_waits_for_a_person(line: Line) -> None:
    line.live()
    assert [line.swept(after=after) for after in (QUIET, CLOSED)] == [1, 1]
    line.text("hello?")
    assert line.state() == "returning"
    assert len(line.conversations()) == 2
    with line.adapters.transactions.reading() as session:
        assert session.get_one(Entry, line.conversation()).waiting_since is not None


def test_a_text_ends_the_quiet(line: Line) -> None:
    line.live()
    line.swept(after=QUIET)
    line.text("sorry, somebody came in")
    assert line.state() == "live"
    assert line.swept(after=CLOSED) == 0


def test_our_next_words_begin_the_silence_anew(line: Line) -> None:
    line.live()
    line.swept(after=QUIET)
    line.clock.advance(timedelta(hours=23))
    line.reply("I am still here.")
    line.work(for_=timedelta())
    assert line.swept(after=timedelta(hours=2)) == 0
    assert line.state() == "quiet"


def test_a_child_that_waits_for_us_is_never_silent(line: Line) -> None:
    line.text("hello")
    line.work()
    assert line.swept(after=CLOSED) == 0
    line.claim()
    assert line.state() == "live"
    assert line.swept(after=CLOSED) == 0
    line.text("", pictures=1)  # answered by software, which is no answer
    line.work()
    assert line.swept(after=CLOSED) == 0
    assert line.state() == "live"


def test_nothing_moves_while_the_queue_says_that_a_child_waits(line: Line) -> None:
    line.live()
    _waits(line, since=line.now)
    assert line.swept(after=QUIET) == 0
    _waits(line, since=None)
    assert line.swept(after=reconcile.EVERY) == 1
    _waits(line, since=line.now)
    assert line.swept(after=CLOSED) == 0
    assert line.state() == "quiet"


def _waits(line: Line, *, since: datetime | None) -> None:
    with line.adapters.transactions.begin() as session:
        session.get_one(Entry, line.conversation()).waiting_since = since


def test_what_software_says_after_a_person_is_no_word_of_anybodys(line: Line) -> None:
    line.live()
    line.clock.advance(timedelta(minutes=2))
    line.text("", pictures=1)
    line.clock.advance(timedelta(seconds=1))
    line.reply("What is on it?")
    line.work()
    assert line.said()[-1][0] == "system"
    assert line.swept(after=QUIET) == 1


def test_a_phone_that_our_words_did_not_reach_is_not_silent(line: Line) -> None:
    line.live()
    line.reply("Shall I ring your social worker?")
    assert line.swept(after=timedelta(hours=23)) == 0  # it has not left
    line.company.fails = [TwilioError(can_retry=False)]
    line.work()
    assert line.outgoing()[-1].state == "refused"
    assert line.swept(after=CLOSED) == 0


def test_a_phone_that_rang_since_is_not_silent(line: Line) -> None:
    line.live()
    line.set_phone(last_rang_at=line.now + timedelta(minutes=1))
    assert line.swept(after=CLOSED) == 0


def test_a_text_that_has_its_place_and_is_not_kept_yet_ends_the_silence(line: Line) -> None:
    line.live()
    line.clock.advance(timedelta(minutes=1))
    texting.place(line.adapters, sms("are you there", number=99), found_by="webhook")
    assert line.swept(after=CLOSED) == 0
    assert line.state() == "live"


def _escalate(line: Line) -> None:
    with line.adapters.transactions.begin() as session:
        row = session.scalars(sa.select(Escalation)).one()
        row.state, row.acknowledged_by, row.closed_at = "acknowledged", SAM.id, None
        row.due_at = row.promised_until = line.now + timedelta(days=3)


def _task(line: Line) -> None:
    with line.adapters.transactions.begin() as session:
        tasks.raise_task(
            session,
            why=Why.TEXT_NOT_DELIVERED,
            subject=line.conversation(),
            dedupe_key="one",
            now=line.now,
        )


def _call_back(line: Line) -> None:
    line.wants_a_call(for_=timedelta(days=2))


@pytest.mark.parametrize("hold_back", [_escalate, _task, _call_back])
def test_nothing_closes_while_a_person_has_to_do_something_for_this_child(
    line: Line, hold_back: Callable[[Line], None]
) -> None:
    line.live()
    hold_back(line)
    assert line.swept(after=CLOSED) == 1
    assert line.state() == "quiet"
    assert line.swept(after=CLOSED) == 0
    assert (line.state(), line.closed_at(), holder(line)) == ("quiet", None, SAM.id)


@pytest.mark.parametrize("state", ["waiting", "call_back", "returning", "paused", "recheck"])
def test_the_clock_moves_no_phone_in_another_state(line: Line, state: str) -> None:
    line.live()
    line.set_phone(state=state)
    assert line.swept(after=10 * CLOSED) == 0
    assert line.state() == state


def test_the_console_is_rung_and_shows_the_state_and_the_audit_says_who(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.live()
    rung: list[Notice] = []
    monkeypatch.setattr(line.adapters.hub, "ring", lambda *notices: rung.extend(notices))
    line.swept(after=QUIET)
    assert Notice("queue", line.conversation()) in rung
    with line.adapters.transactions.begin() as session:
        shown = phone_view.shown(
            session, line.adapters, person=SAM, conversation=line.conversation(), now=line.now
        )
        found = sa.select(AuditEntry.actor_kind).where(AuditEntry.action == "phone.quiet")
        assert session.scalars(found).all() == ["software"]
    assert shown is not None
    assert "silent for 20 minutes" in shown.state_words


def test_nobody_is_silent_while_the_list_of_texts_cannot_be_read(line: Line) -> None:
    line.live()
    reconcile.reconcile(line.adapters, owner="tests")
    line.clock.advance(CLOSED)
    line.company.list_fails = [TwilioError(can_retry=True)]
    assert line.swept() == 0
    assert line.state() == "live"
    assert line.swept(after=reconcile.EVERY) == 1


def test_after_six_hours_of_outage_who_wrote_meanwhile_is_live_and_the_others_are_quiet(
    line: Line,
) -> None:
    senders = [f"+4477009005{number:02}" for number in range(30)]
    for sender in senders:
        line.live(sender=sender)
    reconcile.reconcile(line.adapters, owner="tests")
    line.company.came = [
        sms(
            "yes i am here",
            number=900 + place,
            sender=sender,
            sent_at=line.now + timedelta(hours=3),
        )
        for place, sender in enumerate(senders[::2])
    ]
    assert line.swept(after=timedelta(hours=6)) == 15
    with line.adapters.transactions.reading() as session:
        states = session.scalars(sa.select(Phone.state).order_by(Phone.state)).all()
        waiting = sa.select(sa.func.count()).where(Entry.waiting_since.is_not(None))
        assert session.scalar(waiting) == 15
    assert states == ["live"] * 15 + ["quiet"] * 15


def test_after_days_of_outage_a_phone_is_quiet_before_it_is_closed(line: Line) -> None:
    line.live()
    assert line.swept(after=2 * CLOSED) == 1
    assert line.state() == "quiet"
    assert line.swept() == 1
    assert line.state() == "closed"


def test_a_round_is_bounded_and_what_is_held_back_takes_no_place_in_it(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        line.live(sender=f"+44770090060{number}")
    line.swept(after=QUIET)
    monkeypatch.setattr(silence, "MOST_AT_ONCE", 1)
    with line.adapters.transactions.begin() as session:
        oldest = session.scalars(
            sa.select(Conversation.id).order_by(Conversation.opened_at)
        ).first()
        assert oldest is not None
        tasks.raise_task(
            session, why=Why.CANNOT_TEXT, subject=oldest, dedupe_key="one", now=line.now
        )
    assert [line.swept(after=CLOSED), *(line.swept() for _ in range(2))] == [1, 1, 0]


@pytest.mark.parametrize(
    "at",
    [datetime(2026, 10, 25, 0, 50, tzinfo=UTC), datetime(2027, 3, 28, 0, 50, tzinfo=UTC)],
)
def test_the_night_the_clocks_change_is_a_night_like_any_other(line: Line, at: datetime) -> None:
    line.clock.set(at - timedelta(seconds=2))
    line.live()
    assert line.swept(after=QUIET - timedelta(seconds=1)) == 0
    assert line.swept(after=reconcile.EVERY) == 1


def test_a_machine_s_clock_that_was_put_back_makes_nobody_silent(line: Line) -> None:
    line.live()
    line.swept(after=timedelta(minutes=1))
    line.clock.set(line.now - timedelta(hours=3))
    assert line.swept() == 0
    assert line.state() == "live"


def test_the_worker_looks_after_it_read_the_list_and_the_sweep_does_where_no_worker_is(
    line: Line,
) -> None:
    line.live()
    line.clock.advance(QUIET)
    worker.use(line.adapters)
    try:
        worker.find_texts()
    finally:
        worker.release()
    assert line.state() == "quiet"
    line.clock.advance(CLOSED)
    assert sweep.sweep(line.adapters, owner="tests")
    assert line.state() == "closed"


def test_an_installation_without_phones_has_nothing_to_do(stores: Stores, clock: Clock) -> None:
    with installation.installed(stores, clock) as adapters:
        assert silence.fall_silent(adapters) == 0


def test_text_rows_are_left_as_they_are(line: Line) -> None:
    line.live()
    line.swept(after=QUIET)
    line.swept(after=CLOSED)
    with line.adapters.transactions.reading() as session:
        assert {each.state for each in session.scalars(sa.select(OutgoingText))} == {"sent"}
