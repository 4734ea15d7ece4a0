"""The doctor and the figures tell of a gap in the rota before it comes."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from helpline import measures
from helpline.doctor import on_shift
from helpline.doctor.finding import Level
from helpline.wiring import Adapters
from tests import installation
from tests.clock import Clock
from tests.stores import Stores
from triage import rota
from triage.rota import Line, Shift
from triage.service import shifts

FIGURES = rota.load()
HOUR = timedelta(hours=1)


@pytest.fixture
def adapters(stores: Stores, clock: Clock) -> Iterator[Adapters]:
    with installation.installed(stores, clock) as adapters:
        yield adapters


def save(adapters: Adapters, days: int) -> None:
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        shifts.save_week(
            session,
            week_from=now,
            week_until=now + timedelta(days=days),
            shifts=[
                Shift(Line.FIRST, uuid4(), now + 12 * half * HOUR, now + 12 * (half + 1) * HOUR)
                for half in range(2 * days)
            ],
            staff=uuid4(),
            figures=FIGURES,
            now=now,
        )


def found(adapters: Adapters) -> list[tuple[str, Level]]:
    with adapters.transactions.reading() as session:
        return [(each.name, each.level) for each in on_shift.inspect(session, now=adapters.clock())]


def gap_in(adapters: Adapters) -> float:
    for line in measures.exposed(adapters).decode().splitlines():
        if line.startswith("helpline_rota_gap_in_seconds "):
            return float(line.split()[1])
    raise AssertionError


def test_without_a_rota_it_is_a_note_and_no_alarm(adapters: Adapters) -> None:
    assert found(adapters) == [("rota", Level.NOTE)]
    assert gap_in(adapters) == FIGURES.looks_ahead.total_seconds()


def test_a_gap_in_the_days_to_come_is_missing_and_told_by_its_distance(
    adapters: Adapters, clock: Clock
) -> None:
    save(adapters, 8)
    assert found(adapters) == []
    clock.advance(timedelta(days=7))
    assert found(adapters) == [("rota.gap", Level.MISSING)]
    assert gap_in(adapters) == timedelta(days=1).total_seconds()
