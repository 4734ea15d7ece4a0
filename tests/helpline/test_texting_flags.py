"""What the table flags reaches a person, whatever it flags and in whatever language."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from chat import keywords
from chat.texting import Flag, TextState
from helpline import texting
from helpline.console import task_pages
from helpline.intake import Kept
from helpline.todo.models import Why
from integrations.twilio.errors import TwilioError
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.phone_house import SETTINGS, sms
from tests.helpline.phoning import Line
from tests.stores import Stores
from triage.grades import Grade
from triage.models import Entry, Escalation

CRIES = sorted(word for word, family in keywords.load().items() if family in {"help", "cry"})


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        yield Line(*phone_house.with_company(adapters, clock), clock)


def rank(line: Line) -> int:
    with line.adapters.transactions.reading() as session:
        return session.get_one(Entry, line.conversation()).grade_rank


def cry(line: Line) -> None:
    line.text("info")


def stop(line: Line) -> None:
    line.text("stop")


def picture(line: Line) -> None:
    line.text("", pictures=1)


def call(line: Line) -> None:
    line.text("call")


def after_a_pause(line: Line) -> None:
    line.text("later")
    line.text("hello")


def opted_out(line: Line) -> None:
    line.live()
    line.company.fails = [TwilioError(can_retry=False, code=21610)]
    line.reply("Are you there?")
    line.work()


DOES: dict[Flag, tuple[Callable[[Line], None], list[Why]]] = {
    Flag.CRY: (cry, []),
    Flag.STOPPED: (stop, [Why.PHONE_STOPPED]),
    Flag.PICTURE: (picture, [Why.PICTURE_SENT]),
    Flag.CALL_WANTED: (call, [Why.CALL_WANTED]),
    Flag.RECHECK: (after_a_pause, [Why.PHONE_RECHECK]),
    Flag.CANNOT_TEXT: (opted_out, [Why.CANNOT_TEXT]),
}


@pytest.mark.parametrize("flag", Flag)
def test_each_flag_reaches_a_person(line: Line, flag: Flag) -> None:
    does, tasks = DOES[flag]
    does(line)
    assert line.tasks() == tasks
    assert tasks or rank(line) <= Grade.URGENT.rank
    assert all(task_pages.WHAT_IT_MEANS[why] for why in tasks)


@pytest.mark.parametrize("word", CRIES)
def test_a_cry_in_any_of_our_languages_is_urgent_and_its_clock_runs(line: Line, word: str) -> None:
    line.text(word)
    assert rank(line) == Grade.URGENT.rank
    with line.adapters.transactions.reading() as session:
        escalation = session.scalars(sa.select(Escalation)).one()
    assert escalation.grade_rank == Grade.URGENT.rank


@pytest.mark.parametrize("state", TextState)
def test_a_cry_is_urgent_from_every_state(line: Line, state: TextState) -> None:
    line.text("hello")
    line.set_phone(state=state)
    assert rank(line) == Grade.HIGH.rank
    line.text("info")
    assert rank(line) == Grade.URGENT.rank


def test_a_cry_whose_keeping_failed_is_urgent_when_it_is_brought_again(line: Line) -> None:
    texting.place(line.adapters, sms("info", number=1), found_by="webhook")
    said = texting.place(line.adapters, sms("info", number=1), found_by="sweep")
    assert isinstance(line.adapters.intake.keep_now(said), Kept)
    assert rank(line) == Grade.URGENT.rank


def test_somebody_in_danger_who_cries_stays_an_emergency(line: Line) -> None:
    line.text("he is hitting me now help")
    worst = rank(line)
    line.text("info")
    assert rank(line) == worst


def test_one_pause_is_one_task_until_the_next(line: Line) -> None:
    after_a_pause(line)
    line.text("are you there")
    assert line.tasks() == [Why.PHONE_RECHECK]
    line.clock.advance(timedelta(hours=1))
    after_a_pause(line)
    assert line.tasks() == [Why.PHONE_RECHECK] * 2
