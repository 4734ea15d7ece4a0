"""Pages by phone wait behind no text, and each is tried once before it is given up."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline import climbing, jobs, paging_rules, sweep, texting
from helpline.jobs import Errand, Outside
from helpline.queue import add
from helpline.queue.models import Lane
from helpline.todo.models import Why
from helpline.wiring import Adapters
from integrations.twilio.errors import TwilioError
from tests.helpline import paging_house
from tests.helpline.paging_house import OnCall
from tests.helpline.ringing_house import SAM_PHONE as SAM

TEXTS = 60
# A request may take this long (integrations/twilio/client.py).
A_TEXT = timedelta(seconds=13)
DOWN = TwilioError(can_retry=True)


@pytest.fixture
def on_call(request: pytest.FixtureRequest, engine_name: str) -> Iterator[OnCall]:
    with paging_house.opened(request, engine_name) as on_call:
        yield on_call


@pytest.fixture
def slow_texts(on_call: OnCall, monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Sixty texts wait, and the company takes its time over each; when each was over."""
    over: list[datetime] = []

    def prepare(session: Session, adapters: Adapters, subject: UUID, now: datetime) -> Outside:
        del session, adapters, subject, now
        return leave

    def leave() -> None:
        on_call.clock.advance(A_TEXT)
        over.append(on_call.clock.now())

    monkeypatch.setitem(jobs.HANDLERS, texting.SEND_TEXT, Errand(prepare))
    now = on_call.clock.now()
    with on_call.house.adapters.transactions.begin() as session:
        for _ in range(TEXTS):
            text = uuid7()
            add.add(
                session,
                kind=texting.SEND_TEXT,
                subject=text,
                lane=Lane.OUTSIDE,
                dedupe_key=str(text),
                due_at=now,
                now=now,
            )
    on_call.clock.advance(timedelta(seconds=1))
    return over


def test_a_page_waits_behind_no_text(on_call: OnCall, slow_texts: list[datetime]) -> None:
    on_call.danger()
    climbing.climb(on_call.house.adapters)
    on_call.work(lanes=tuple(lane for lane in Lane if lane is not Lane.OUTSIDE))
    assert slow_texts == []
    assert (on_call.rung(), on_call.texted()) == ([SAM], [SAM])


def test_without_a_worker_an_alarm_among_the_texts_rings_after_the_one_that_leaves(
    on_call: OnCall, slow_texts: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    climb = climbing.climb

    def climbed(adapters: Adapters) -> object:
        if len(slow_texts) == 3:
            on_call.danger()
        found = climb(adapters)
        if len(slow_texts) == 4:
            assert on_call.rung() == [SAM]
        return found

    monkeypatch.setattr(climbing, "climb", climbed)
    assert sweep.sweep(on_call.house.adapters, owner="web")
    assert len(slow_texts) == TEXTS


def test_a_page_that_waited_long_is_tried_all_the_same(on_call: OnCall) -> None:
    on_call.danger()
    climbing.climb(on_call.house.adapters)
    on_call.work(after=paging_rules.load().tries_for + timedelta(minutes=3))
    assert (on_call.rung(), on_call.texted()) == ([SAM], [SAM])
    assert on_call.tasks() == []


def test_a_page_is_given_up_some_time_after_its_first_attempt(on_call: OnCall) -> None:
    on_call.rings.fails = [DOWN] * 500
    on_call.danger()
    climbing.climb(on_call.house.adapters)
    on_call.work(after=timedelta(minutes=5))
    on_call.work(after=paging_rules.load().tries_for)
    assert on_call.states(SAM, "voice") == ["due"]
    on_call.work(after=timedelta(minutes=1))
    assert on_call.states(SAM, "voice") == ["failed"]
    assert on_call.tasks() == [(Why.PAGE_NOT_SENT, on_call.person(SAM))]
