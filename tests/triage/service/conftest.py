"""A real installation on each engine for the verbs of triage, emptied before each test."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from helpline.wiring import Adapters
from tests import clock as clocks
from tests import installation
from tests import stores as stores_of_tests
from tests.clock import Clock
from tests.triage.service.alarms import Alarms
from triage.models import (
    ConflictOfInterest,
    Crowd,
    CrowdPrint,
    Entry,
    Escalation,
    HandingOn,
    OnCall,
    Page,
    PrintSeen,
    Profile,
    PutLast,
    RotaSave,
    Shift,
    ShiftSwap,
    SignSeen,
    SkillOf,
)


@pytest.fixture(scope="module")
def _clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module", params=stores_of_tests.ENGINES)
def _adapters(request: pytest.FixtureRequest, _clock: Clock) -> Iterator[Adapters]:
    template: stores_of_tests.Template = request.getfixturevalue(f"_{request.param}_template")
    with template.fresh() as stores, installation.installed(stores, _clock) as adapters:
        yield adapters


@pytest.fixture
def clock(_clock: Clock) -> Clock:
    _clock.set(clocks.START)
    return _clock


@pytest.fixture
def alarms(_adapters: Adapters, clock: Clock) -> Alarms:
    assert _adapters.clock() == clock.now()
    with _adapters.transactions.begin() as session:
        for table in (
            HandingOn,
            ConflictOfInterest,
            SkillOf,
            Profile,
            ShiftSwap,
            Shift,
            RotaSave,
            PutLast,
            PrintSeen,
            CrowdPrint,
            Crowd,
            SignSeen,
            Page,
            Escalation,
            Entry,
            OnCall,
        ):
            session.execute(sa.delete(table))
    return Alarms(_adapters)
