"""Silence on a phone counts from when our text left, up to where its texts are known here."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from chat.models import Call, Conversation
from helpline import quiet, texting
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.phone_house import SETTINGS
from tests.helpline.phoning import Line
from tests.stores import Stores
from triage import conversation as rules
from triage.grades import Grade
from triage.models import SignSeen

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DANGER = "i want to die"
URGENT = rules.load().gone_quiet.silences[Grade.URGENT]


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        yield Line(*phone_house.with_company(adapters, clock), clock)


def grave(line: Line) -> None:
    """A child texted that it is in danger, and a person's answer has left."""
    line.text(DANGER)
    line.claim()
    line.work()
    line.reply("Are you safe just now?")
    line.work(for_=timedelta())


def looked(line: Line, *, after: timedelta) -> int:
    line.swept(after=after)
    return quiet.notice(line.adapters, owner="tests")


def test_a_phone_is_silent_only_up_to_where_its_texts_are_known(line: Line) -> None:
    grave(line)
    line.swept()
    line.clock.advance(URGENT.noticed_after)
    assert quiet.notice(line.adapters, owner="tests") == 0
    assert looked(line, after=quiet.EVERY * 2) == 1
    sent = list(line.company.sent)
    line.work()
    assert line.company.sent == sent


def test_a_text_that_did_not_arrive_is_no_word_of_ours(line: Line) -> None:
    grave(line)
    line.reply("Are you there?")
    assert looked(line, after=URGENT.noticed_after) == 0


def test_a_call_ends_the_silence(line: Line) -> None:
    grave(line)
    line.set_phone(last_rang_at=line.now + MINUTE)
    assert looked(line, after=HOUR) == 0


def test_a_call_in_which_they_spoke_ends_the_silence(line: Line) -> None:
    grave(line)
    with line.adapters.transactions.begin() as session:
        session.add(
            Call(
                id=uuid4(),
                purpose="call_back",
                conversation_id=line.conversation(),
                state="ended",
                made_at=line.now,
                joined_at=line.now + MINUTE,
                ended_at=line.now + 9 * MINUTE,
            )
        )
    assert looked(line, after=HOUR) == 0


def test_a_conversation_that_was_closed_is_over(line: Line) -> None:
    grave(line)
    with line.adapters.transactions.begin() as session:
        session.execute(sa.update(Conversation).values(closed_at=line.now))
    assert looked(line, after=HOUR) == 0


def test_what_software_says_by_itself_is_nobodys_word(line: Line) -> None:
    grave(line)
    line.clock.advance(MINUTE)
    with line.adapters.transactions.begin() as session:
        texting.say(
            session,
            line.adapters,
            conversation=line.conversation(),
            template="waiting",
            client_id="by-itself",
            now=line.now,
        )
    line.work(for_=timedelta())
    assert looked(line, after=URGENT.noticed_after) == 1


def test_nothing_is_kept_of_it_but_a_rule_and_times(line: Line) -> None:
    grave(line)
    looked(line, after=URGENT.noticed_after)
    assert {column.name for column in SignSeen.__table__.columns} == {
        "id",
        "entry_id",
        "rule",
        "grade_rank",
        "seen_at",
        "over_at",
    }
