"""A text whose last report was lost: the company is asked, and in the end a person is told."""

import itertools
from collections.abc import Iterator
from datetime import timedelta

import pytest

from chat import delivery
from helpline import measures, outbox, sweep, unreported, worker
from helpline.queue import lease
from helpline.todo.models import Why
from integrations.twilio import messages
from integrations.twilio.errors import TwilioError
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.house import House
from tests.helpline.phone_house import SETTINGS
from tests.helpline.phoning import Line
from tests.stores import Stores

FIGURES = delivery.load().unreported
AWAY = TwilioError(can_retry=True, code=503)
UNKNOWN = TwilioError(can_retry=False, code=20404)


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    """A child wrote and a person answered; all texts until then are delivered."""
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        line = Line(*phone_house.with_company(adapters, clock), clock)
        line.live()
        for text in line.outgoing():
            reported(line, "delivered", sid=text.provider_sid or "")
        yield line


def reported(line: Line, status: str, *, sid: str) -> None:
    """A report comes by itself."""
    text = next(each for each in line.outgoing() if each.provider_sid == sid)
    with line.adapters.transactions.begin() as session:
        outbox.take_report(
            session,
            line.adapters,
            text=text.id,
            sid=sid,
            status=status,
            code=None,
            now=line.now,
        )


def sent(line: Line, words: str = "hello") -> str:
    """A reply leaves; its sid."""
    line.reply(words)
    line.work()
    text = line.outgoing()[-1]
    assert text.state == "sent"
    return text.provider_sid or ""


def asked(line: Line, *, after: timedelta = timedelta(), owner: str = "tests") -> int:
    line.clock.advance(after)
    return unreported.ask(line.adapters, owner=owner)


def times_asked_until(line: Line, *, for_: timedelta) -> list[timedelta]:
    """When the company was asked, with a look every minute."""
    began, seen, times = line.now, len(line.company.asked), []
    while line.now - began < for_:
        asked(line, after=unreported.EVERY)
        if len(line.company.asked) > seen:
            seen = len(line.company.asked)
            times.append(line.now - began)
    return times


def test_a_failure_whose_report_was_lost_is_found_and_a_person_is_told(line: Line) -> None:
    sid = sent(line)
    line.company.ends[sid] = ("undelivered", 30007)
    assert asked(line, after=FIGURES.asked_after - timedelta(seconds=1)) == 0
    assert (line.company.asked, line.tasks()) == ([], [])
    assert asked(line, after=timedelta(seconds=1)) == 1
    assert (line.outgoing()[-1].state, line.outgoing()[-1].error_code) == ("undelivered", 30007)
    assert line.tasks() == [Why.TEXT_NOT_DELIVERED]
    assert asked(line, after=timedelta(hours=9)) == 0
    assert line.company.asked == [sid]


@pytest.mark.parametrize("code", [30005, 21610])
def test_what_follows_is_the_same_as_from_a_report(line: Line, code: int) -> None:
    line.company.ends[sent(line)] = ("undelivered", code)
    asked(line, after=FIGURES.asked_after)
    assert line.tasks() == [Why.CANNOT_TEXT]


def test_a_text_sent_anew_is_asked_about_by_its_new_id(line: Line) -> None:
    first = sent(line)
    line.company.ends[first] = ("undelivered", 30003)
    asked(line, after=FIGURES.asked_after)
    line.work(for_=outbox.ANEW_AFTER)
    second = line.outgoing()[-1].provider_sid
    assert second not in {None, first}
    asked(line, after=FIGURES.asked_after - timedelta(seconds=1))
    assert line.company.asked == [first]
    asked(line, after=unreported.EVERY)
    assert line.company.asked == [first, second]


def test_a_text_that_arrived_raises_no_task(line: Line) -> None:
    line.company.ends[sent(line)] = ("delivered", None)
    assert asked(line, after=FIGURES.asked_after) == 1
    assert (line.outgoing()[-1].state, line.tasks()) == ("delivered", [])


def test_a_text_that_was_reported_is_not_asked_about(line: Line) -> None:
    reported(line, "delivered", sid=sent(line))
    asked(line, after=timedelta(hours=5))
    assert (line.company.asked, line.tasks()) == ([], [])


def test_an_old_answer_lowers_nothing(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    sid = sent(line)
    ask = line.company.status

    def overtaken(*, sid: str) -> object:
        told = ask(sid=sid)
        reported(line, "delivered", sid=sid)
        return told

    line.company.ends[sid] = ("undelivered", 30007)
    monkeypatch.setattr(line.company, "status", overtaken)
    asked(line, after=FIGURES.asked_after)
    assert (line.outgoing()[-1].state, line.tasks()) == ("delivered", [])


def test_it_is_asked_less_and_less_often_and_once_more_at_the_end(line: Line) -> None:
    sent(line)
    times = times_asked_until(line, for_=FIGURES.given_up_after + timedelta(hours=2))
    minutes = [round(each / timedelta(minutes=1)) for each in times]
    assert minutes[:5] == [3, 6, 12, 24, 48]
    assert all(later - earlier <= 31 for earlier, later in itertools.pairwise(minutes))
    assert minutes[-1] == 270
    assert len(minutes) < 16


def test_a_text_without_an_end_is_a_persons_task_in_the_end_and_not_before(line: Line) -> None:
    sent(line)
    ends_at = line.outgoing()[-1].changed_at + FIGURES.given_up_after
    while line.now < ends_at - unreported.EVERY:
        asked(line, after=unreported.EVERY)
    assert (line.outgoing()[-1].state, line.tasks()) == ("sent", [])
    asked(line, after=unreported.EVERY)
    asked(line, after=unreported.EVERY)
    text = line.outgoing()[-1]
    assert (text.state, line.tasks()) == ("failed", [Why.TEXT_NOT_DELIVERED])
    audited = House(line.adapters, line.clock).audited(text.id)
    assert audited[-1][0] == "text.failed"
    asked(line, after=timedelta(hours=1))
    assert line.tasks() == [Why.TEXT_NOT_DELIVERED]


def test_a_late_report_still_raises_a_text_that_was_given_up(line: Line) -> None:
    sid = sent(line)
    asked(line, after=FIGURES.given_up_after)
    assert line.outgoing()[-1].state == "failed"
    reported(line, "delivered", sid=sid)
    assert line.outgoing()[-1].state == "delivered"


@pytest.mark.parametrize("problem", [AWAY, UNKNOWN])
def test_a_person_is_told_also_when_the_company_cannot_say(
    line: Line, problem: TwilioError
) -> None:
    sent(line)
    line.company.status_fails = [problem] * 1000
    times_asked_until(line, for_=FIGURES.given_up_after + unreported.EVERY)
    assert line.outgoing()[-1].state == "failed"
    assert line.tasks() == [Why.TEXT_NOT_DELIVERED]


def test_after_a_long_outage_of_ours_it_is_asked_before_anybody_is_told(line: Line) -> None:
    sids = [sent(line, f"hello {number}") for number in range(FIGURES.asked_in_a_run + 3)]
    line.company.ends.update(dict.fromkeys(sids, ("delivered", None)))
    assert asked(line, after=timedelta(hours=9)) == FIGURES.asked_in_a_run
    assert line.company.asked == sids[: FIGURES.asked_in_a_run]
    assert asked(line, after=unreported.EVERY) == 3
    assert line.company.asked == sids
    assert line.tasks() == []


def test_a_company_that_is_away_is_asked_a_few_times_a_minute(line: Line) -> None:
    sids = [sent(line, f"hello {number}") for number in range(8)]
    line.company.status_fails = [AWAY] * 5
    most = FIGURES.unanswered_in_a_row
    asked(line, after=FIGURES.asked_after)
    assert line.company.asked == sids[:most]
    asked(line, after=unreported.EVERY - timedelta(seconds=1))
    assert len(line.company.asked) == most
    # Those that were asked about wait, so that no one text keeps the company from the others.
    asked(line, after=timedelta(seconds=1))
    assert line.company.asked[most:] == sids[most:8]


def test_slow_answers_end_a_run(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        sent(line, f"hello {number}")
    ask = line.company.status

    def slow(*, sid: str) -> object:
        line.clock.advance(timedelta(seconds=4))
        return ask(sid=sid)

    monkeypatch.setattr(line.company, "status", slow)
    asked(line, after=FIGURES.asked_after)
    assert len(line.company.asked) == 3


def test_two_processes_never_ask_in_the_same_minute(line: Line) -> None:
    sent(line)
    line.clock.advance(FIGURES.asked_after)
    with line.adapters.transactions.begin() as session:
        lease.lead(
            session,
            name=unreported.LEADS,
            holder="one",
            now=line.now - unreported.EVERY,
            for_=unreported.EVERY * 2,
        )
    asked(line, owner="two")
    assert line.company.asked == []
    asked(line, after=unreported.EVERY, owner="two")
    assert len(line.company.asked) == 1


def test_the_worker_asks_and_where_there_is_none_the_sweep_does_one_at_a_time(line: Line) -> None:
    sids = [sent(line, f"hello {number}") for number in range(3)]
    line.clock.advance(FIGURES.asked_after)
    assert sweep.sweep(line.adapters, owner="tests")
    assert line.company.asked == sids[:1]
    line.clock.advance(unreported.EVERY)
    worker.use(line.adapters)
    try:
        worker.ask_for_reports()
    finally:
        worker.release()
    assert line.company.asked == sids


def test_it_is_rung_more_often_than_it_asks() -> None:
    entry = worker.app.conf.beat_schedule["ask for missing reports"]
    assert entry["task"] == worker.ask_for_reports.name
    assert entry["schedule"] < unreported.EVERY.total_seconds()


def test_the_end_comes_after_the_company_itself_gives_a_text_up() -> None:
    assert FIGURES.given_up_after > timedelta(seconds=messages.VALID_SECONDS)


def test_figures_tell_how_long_a_text_waits_for_its_report(line: Line) -> None:
    sent(line)
    line.clock.advance(timedelta(minutes=7))
    exposed = measures.exposed(line.adapters).decode()
    assert "helpline_texts_unreported 1.0" in exposed
    assert "helpline_oldest_unreported_text_seconds 420.0" in exposed


def test_an_installation_without_phones_asks_nobody(stores: Stores, clock: Clock) -> None:
    with installation.installed(stores, clock) as adapters:
        assert unreported.ask(adapters, owner="tests") == 0
