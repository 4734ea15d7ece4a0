"""The worker is killed under twenty senders: no job is lost, given up or done by half."""

import random

import pytest

from tests.faults import checking, killing
from tests.faults.killing import AT_RANDOM, JOB
from tests.faults.processes import Installation
from tests.faults.senders import Senders

SEED = 50
LET_GO_WITHIN = 60.0


@pytest.mark.timeout(240)
def test_a_killed_worker_leaves_no_job_undone(grown: Installation) -> None:
    _kill_under_senders(grown, at_job=2, at_random=1)


@pytest.mark.long
def test_fifty_kills_of_the_worker_leave_no_job_undone(grown: Installation) -> None:
    _kill_under_senders(grown, at_job=25, at_random=25)


def _kill_under_senders(grown: Installation, *, at_job: int, at_random: int) -> None:
    assert grown.worker is not None
    rng = random.Random(SEED)  # noqa: S311 - a plan that can be repeated, not a secret
    senders = Senders(grown.origin)
    grown.launch()
    senders.start()
    kills = [JOB] * at_job + [AT_RANDOM] * at_random
    rng.shuffle(kills)
    killed = killing.kill_and_restart(grown.worker, kills, rng)
    ledger = senders.finish(within=LET_GO_WITHIN)

    found = checking.check(grown, ledger)

    print(f"\nworker: {killed.kills} kills ({dict(killed.at)}); {found}")  # noqa: T201 - the figures are what a long run is for
    assert found.faults == []
    assert grown.worker.hit() == {JOB: at_job}
    assert ledger.statuses.keys() <= {200, 201}
    assert ledger.reconnected == 0, "a dead worker is no reason for a child to notice anything"
