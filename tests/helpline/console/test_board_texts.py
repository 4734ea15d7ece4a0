"""What the board says of texts: when one came last, which wait to leave, whose end is not told."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chat.service import heard
from helpline import texting
from helpline.console import board_view
from helpline.console.board_view import Gateway
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.phone_house import SETTINGS
from tests.helpline.phoning import SAM, Line
from tests.stores import Stores


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        yield Line(*phone_house.with_company(adapters, clock), clock)


def gateway(line: Line) -> Gateway:
    with line.adapters.transactions.reading() as session:
        found = board_view.board(
            session,
            reader=SAM.id,
            names=lambda _: "Sam Demo",
            has_phones=True,
            now=line.clock.now(),
        ).gateway
    assert found is not None
    return found


def test_the_newest_text_that_came_by_a_webhook_is_told_and_not_what_a_sweep_found(
    line: Line,
) -> None:
    assert gateway(line).heard_at is None
    texting.place(line.adapters, phone_house.sms("hello", number=90), found_by="webhook")
    came_at = line.clock.now()
    line.clock.advance(timedelta(minutes=3))
    texting.place(line.adapters, phone_house.sms("are you there", number=91), found_by="sweep")
    assert gateway(line).heard_at == came_at
    with line.adapters.transactions.reading() as session:
        newest = heard.newest(session)
    assert [each.how for each in newest] == ["sweep", "webhook"]
    assert newest[0].at == line.clock.now()


def test_a_reply_waits_to_leave_and_then_for_its_end(line: Line) -> None:
    line.text("hello")
    line.work()
    line.claim()
    before = gateway(line)
    line.reply("Hi, I am Sam.")
    assert gateway(line).unsent.count == before.unsent.count + 1
    with line.adapters.transactions.reading() as session:
        assert len(heard.not_left(session)) == before.unsent.count + 1
    line.work()
    found = gateway(line)
    assert found.unsent.count == 0
    with line.adapters.transactions.reading() as session:
        assert heard.not_left(session) == []
        assert len(heard.not_reported(session)) == found.unreported.count
