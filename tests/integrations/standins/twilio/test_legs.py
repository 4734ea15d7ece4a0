"""One leg: what happens to it while it is busy, and when it is at rest."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integrations.standins.twilio import calls, store
from integrations.standins.twilio.account import Account
from integrations.standins.twilio.behaviour import Behaviour
from integrations.standins.twilio.legs import Act, Leg, OverError, Reports, Signal
from integrations.standins.twilio.world import World
from tests.twilio_standin import ACCOUNT, NUMBER, TOKEN


@pytest.fixture
async def leg(tmp_path: Path) -> AsyncIterator[Leg]:
    own = Account(
        sid=ACCOUNT,
        token=TOKEN,
        number=NUMBER,
        webhooks="http://127.0.0.1:9",
        api="http://127.0.0.1:9",
    )
    file = store.open_file(tmp_path / "twilio.db")
    world = World(own, file, usual=Behaviour())
    call = calls.new(
        direction=calls.Direction.API, sender=NUMBER, recipient="+447700900001", now=world.now()
    )
    yield Leg(world, call, reports=Reports(), parent=None)
    file.close()


async def test_one_who_hangs_up_while_the_leg_is_busy_ends_it_at_the_next_step(leg: Leg) -> None:
    leg.ring()
    leg.answer()
    leg.signal(Signal(act=Act.PRESS, digits="1"))
    leg.check()
    leg.signal(Signal(act=Act.HANG_UP))
    with pytest.raises(OverError) as over:
        leg.check()
    assert over.value.status is calls.Status.COMPLETED


async def test_a_key_pressed_while_the_leg_is_busy_waits(leg: Leg) -> None:
    leg.ring()
    leg.signal(Signal(act=Act.PRESS, digits="1"))
    leg.check()
    signal = await leg.wait(None)
    assert signal is not None
    assert signal.digits == "1"


async def test_a_leg_is_at_rest_only_while_it_waits_or_when_it_is_over(leg: Leg) -> None:
    assert [leg.is_at_rest, await leg.wait(0), leg.is_at_rest] == [False, None, False]
    leg.end(calls.Status.COMPLETED)
    leg.end(calls.Status.FAILED)
    assert leg.call.status is calls.Status.COMPLETED, "it ends once"
    assert [leg.is_at_rest] == [True]
