"""A stop under load: what was taken in is answered, open chats come back, nothing is lost."""

import time

import pytest

from tests.faults import checking
from tests.faults.processes import Installation
from tests.faults.senders import Senders

STOPS = 3
STOPPED_WITHIN = 10.0  # seconds
GOING_AWAY = 1001  # docs/protocol.md: come back at once, with your cursor


@pytest.mark.timeout(240)
def test_a_stop_under_load_ends_well_and_loses_nothing(installation: Installation) -> None:
    installation.launch()
    senders = Senders(installation.origin)
    senders.start()
    stops = []
    for _ in range(STOPS):
        time.sleep(2)
        began = time.monotonic()
        code = installation.web.stop()
        stops.append((code, time.monotonic() - began))
        installation.launch()
    time.sleep(1)
    ledger = senders.finish(within=60)

    found = checking.check(installation, ledger)

    print(f"\nstops: {stops}; {found}; closes {dict(ledger.closes)}")  # noqa: T201 - the figures are what a fault test is for
    assert found.faults == []
    assert {code for code, _ in stops} == {0}
    assert max(seconds for _, seconds in stops) < STOPPED_WITHIN
    assert ledger.closes.keys() <= {1000, GOING_AWAY}
    assert ledger.closes[GOING_AWAY] > 0
