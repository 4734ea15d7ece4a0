"""The web process is killed under twenty senders, at random and at every named point."""

import random

import pytest

from tests.faults import checking, killing
from tests.faults.killing import JOB, Killed
from tests.faults.processes import Installation
from tests.faults.senders import Senders

EVERYWHERE = [
    "intake.before_commit",
    "intake.after_commit",
    "deliver.before_send",
    "start.between_keystore_and_data",
]
# The order of a run is its seed's; the moments in it are the machine's.
SEED = 20
LET_GO_WITHIN = 60.0


@pytest.mark.timeout(240)
def test_web_killed_at_every_point_loses_and_doubles_nothing(
    installation: Installation, engine_name: str
) -> None:
    _kill_under_senders(installation, engine_name, each=1, at_random=2)


@pytest.mark.long
def test_two_hundred_kills_of_the_web_lose_and_double_nothing(
    installation: Installation, engine_name: str
) -> None:
    _kill_under_senders(installation, engine_name, each=14, at_random=130)


def _kill_under_senders(
    installation: Installation, engine_name: str, *, each: int, at_random: int
) -> None:
    rng = random.Random(SEED)  # noqa: S311 - a plan that can be repeated, not a secret
    senders = Senders(installation.origin)
    installation.web.launch()
    installation.web.wait_until_ready()
    senders.start()
    # First while a job runs: the lease of a killed process lasts 30 s, which the rest takes anyway.
    # The grown set-up has no worker yet, so that the web process itself does the jobs.
    runs = [killing.kill_and_restart(installation.web, [JOB] * each, rng)]
    installation.launch()
    kills = killing.plan(points=EVERYWHERE, each=each, at_random=at_random, rng=rng)
    runs.append(killing.kill_and_restart(installation.web, kills, rng))
    ledger = senders.finish(within=LET_GO_WITHIN)

    found = checking.check(installation, ledger)

    _tell(engine_name, runs, found)
    assert found.faults == []
    hits = installation.web.hit()
    assert {point: hits[point] for point in (JOB, *EVERYWHERE)} == dict.fromkeys(
        (JOB, *EVERYWHERE), each
    )
    assert sum(run.kills for run in runs) >= 5 * each + at_random


def _tell(engine_name: str, runs: list[Killed], found: checking.Findings) -> None:
    at = runs[0].at + runs[1].at
    ready = sorted(runs[0].ready_after + runs[1].ready_after)
    print(  # noqa: T201 - the figures are what a long run is for
        f"\nweb, {engine_name}: {at.total()} kills ({dict(at)}); {found}; ready again after "
        f"{ready[len(ready) // 2]:.1f} s (median), {ready[-1]:.1f} s (longest)"
    )
