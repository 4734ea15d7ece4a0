"""A missed check-in reaches a supervisor, and takes nobody off the rota."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from helpline import check_ins, jobs, seeding
from helpline.queue.models import Lane
from helpline.todo import tasks
from helpline.todo.models import Why
from helpline.wiring import Adapters
from integrations.standins import mail
from tests import installation
from tests.clock import Clock
from tests.stores import Stores
from triage import rota
from triage.rota import Line, Shift
from triage.service import on_call, shifts

FIGURES = rota.load()


@pytest.fixture
def adapters(stores: Stores, clock: Clock, tmp_path: Path) -> Iterator[Adapters]:
    with installation.installed(stores, clock, mail_url=f"folder:{tmp_path}") as adapters:
        seeding.seed(adapters)
        yield adapters


def test_a_missed_check_in_is_a_task_and_a_mail_to_the_supervisor_once(
    adapters: Adapters, clock: Clock, tmp_path: Path
) -> None:
    sam, priya = (seeding.id_of(adapters, key) for key in ("advocate", "supervisor"))
    assert sam is not None
    assert priya is not None
    now = clock.now()
    with adapters.transactions.begin() as session:
        shifts.save_week(
            session,
            week_from=now - timedelta(days=1),
            week_until=now + timedelta(hours=8),
            shifts=[Shift(Line.FIRST, sam, now, now + timedelta(hours=8))],
            staff=priya,
            figures=FIGURES,
            now=now,
        )
    assert check_ins.notice_missed(adapters) == 0
    clock.advance(FIGURES.check_in_missed)
    assert check_ins.notice_missed(adapters) == 1
    assert check_ins.notice_missed(adapters) == 0
    with adapters.transactions.reading() as session:
        [task] = tasks.list_open(session)
        assert (task.why, task.subject) == (Why.CHECK_IN_MISSED, sam)
        assert on_call.on_duty(session, now=clock.now())[0].person == sam
    jobs.drain(adapters, lane=Lane.URGENT, owner="test")
    [sent] = mail.sent(tmp_path)
    assert sent.to == "priya@example.org"
    assert "Sam" not in sent.text
    assert "/console/rota" in sent.text
