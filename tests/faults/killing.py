"""Kills a process again and again: at random moments, or exactly at a named point."""

import random
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from helpline.failpoints import POINTS
from tests.faults.processes import Process

# Points that every batch passes come by many times a second, the others seldom. The process dies
# at a visit between the first and this one.
LATEST_VISIT = {
    "intake.before_commit": 60,
    "intake.after_commit": 60,
    "deliver.before_send": 60,
    "start.between_keystore_and_data": 4,
    "job.running": 3,
    "text.before_sending": 2,
    "text.after_sending": 2,
}
JOB = "job.running"
AT_RANDOM = "at random"
# A point that is not passed in this time is given up for this once, and tried again at the end.
REACHED_WITHIN = 40.0


@dataclass
class Killed:
    """What was killed, and how quickly it was back."""

    at: Counter[str] = field(default_factory=Counter)
    ready_after: list[float] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """How many there were."""
        return self.at.total()


def plan(*, points: Sequence[str], each: int, at_random: int, rng: random.Random) -> list[str]:
    """So many kills at each point and so many at random, shuffled."""
    kills = [*points] * each + [AT_RANDOM] * at_random
    rng.shuffle(kills)
    return kills


def kill_and_restart(process: Process, kills: Iterable[str], rng: random.Random) -> Killed:
    """Kill a running process so often, and start it again at once after each.

    Returns with the process running and nothing armed.
    """
    killed = Killed()
    waiting = [*kills]
    missed = 0
    process.kill()  # it was not armed; this one is not counted
    while waiting:
        where = waiting.pop(0)
        hits = process.hit()
        began = time.monotonic()
        process.launch(_armed(where, rng))
        if where == AT_RANDOM:
            _at_random(process, rng, killed, began)
        elif _at_point(process, killed, began):
            assert process.hit() - hits == {where: 1}
        else:
            # Nobody came by. The process was killed all the same, at some moment.
            missed += 1
            assert missed <= len(POINTS), f"{where} is not passed"
            waiting.append(where)
            where = AT_RANDOM
        killed.at[where] += 1
    process.launch()
    assert process.wait_until_ready()
    return killed


def _armed(where: str, rng: random.Random) -> str | None:
    return None if where == AT_RANDOM else f"{where}:{rng.randint(1, LATEST_VISIT[where])}"


def _at_random(process: Process, rng: random.Random, killed: Killed, began: float) -> None:
    # One time in eight it may not even be ready yet.
    if rng.random() < 1 / 8:
        process.dies_within(rng.uniform(0.1, process.up_for))
    else:
        process.wait_until_ready()
        killed.ready_after.append(time.monotonic() - began)
        process.dies_within(rng.uniform(0, process.up_for))
    assert process.ended() is None, process.log()
    process.kill()


def _at_point(process: Process, killed: Killed, began: float) -> bool:
    if process.wait_until_ready():
        killed.ready_after.append(time.monotonic() - began)
    died = process.dies_within(REACHED_WITHIN)
    process.kill()
    return died
