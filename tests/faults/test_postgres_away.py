"""PostgreSQL is killed, or stopped: senders are told so, nothing is lost, and it comes back."""

import time

import pytest

from tests import servers
from tests.faults import checking
from tests.faults.processes import Installation
from tests.faults.senders import Senders, wait_for

AWAY_FOR = 5.0  # seconds
BACK_WITHIN = 10.0
BEFORE = AFTER = 3.0


@pytest.mark.timeout(240)
def test_without_postgresql_senders_are_told_and_nothing_is_lost_or_doubled(
    grown: Installation, own_postgres: servers.Postgres
) -> None:
    grown.launch()
    senders = Senders(grown.origin)
    ledger = senders.ledger
    senders.start()
    time.sleep(BEFORE)

    own_postgres.pause()
    time.sleep(AWAY_FOR)
    assert not grown.web.is_ready()
    own_postgres.restart()
    stopped_for = _until_ticking(senders)
    time.sleep(AFTER)
    assert own_postgres.process is not None
    own_postgres.process.kill()
    own_postgres.process.wait()
    time.sleep(AWAY_FOR)
    own_postgres.restart()
    killed_for = _until_ticking(senders)
    time.sleep(AFTER)
    senders.finish(within=60)

    found = checking.check(grown, ledger)

    print(  # noqa: T201 - the figures are what a fault test is for
        f"\npostgresql away: {found}; back after {stopped_for:.1f} s and {killed_for:.1f} s; "
        f"answers {dict(ledger.statuses)}, refusals {dict(ledger.refusals)}, "
        f"closes {dict(ledger.closes)}"
    )
    assert found.faults == []
    assert ledger.statuses[503] > 0
    assert ledger.refusals["not_kept"] > 0
    assert max(stopped_for, killed_for) < BACK_WITHIN
    assert grown.web.ended() is None


def _until_ticking(senders: Senders) -> float:
    """How long after this moment the next message is acknowledged."""
    began, so_far = time.monotonic(), senders.ledger.acknowledged
    assert wait_for(lambda: senders.ledger.acknowledged > so_far, within=60)
    return time.monotonic() - began
