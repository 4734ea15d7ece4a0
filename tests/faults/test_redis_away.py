"""Redis forgets everything, then stops: messages are kept and shown, a little later at the most."""

import itertools
import time

import pytest

from tests import servers
from tests.faults import checking
from tests.faults.processes import Installation
from tests.faults.readers import Readers
from tests.faults.senders import Senders, wait_for

# Promise: delivery by cursor, for the readers of another process whom no ring reaches.
SHOWN_WITHIN = 5.0
# A lane may wait for the broker, never a child.
LONGEST_SILENCE = 2.0
BEFORE = AFTER = 5.0
HEARS_AGAIN_WITHIN = 8.0


@pytest.mark.timeout(240)
def test_without_redis_nothing_is_lost_and_delivery_goes_on(
    grown: Installation, own_redis: servers.Redis
) -> None:
    _take_redis_away(grown, own_redis, seconds=10)


@pytest.mark.long
def test_a_minute_without_redis_loses_nothing_and_delivery_goes_on(
    grown: Installation, own_redis: servers.Redis
) -> None:
    _take_redis_away(grown, own_redis, seconds=60)


def _take_redis_away(grown: Installation, redis: servers.Redis, *, seconds: float) -> None:
    other = grown.another_web()
    grown.launch()
    senders = Senders(grown.origin)
    readers = Readers(f"http://{servers.LOOPBACK}:{other.port}", senders.ledger)
    senders.start()
    readers.start()
    assert wait_for(readers.are_reading, within=30)
    time.sleep(BEFORE)
    flushed = time.monotonic()
    redis.flush()
    time.sleep(BEFORE)
    gone = time.monotonic()
    redis.pause()
    time.sleep(seconds)
    redis.restart()
    back = time.monotonic()
    time.sleep(HEARS_AGAIN_WITHIN + AFTER)
    over = time.monotonic()
    ledger = senders.finish(within=30)
    time.sleep(SHOWN_WITHIN)
    readers.finish()

    found = checking.check(grown, ledger)

    spans = {
        "with Redis": readers.delays(after=0, before=flushed),
        "flushed": readers.delays(after=flushed, before=gone),
        "without": readers.delays(after=gone, before=back),
        "back": readers.delays(after=back + HEARS_AGAIN_WITHIN, before=over),
    }
    told = "; ".join(
        f"{name}: {len(delays)} shown, p50 {_at(delays, 0.5):.3f} s, p99 {_at(delays, 0.99):.3f} s"
        for name, delays in spans.items()
    )
    silence = _longest_silence(ledger.ticks, gone, back)
    print(f"\nredis away for {seconds} s: {found}; {told}; longest silence {silence:.2f} s")  # noqa: T201 - the figures are what a long run is for
    assert found.faults == []
    assert ledger.statuses.keys() <= {200, 201}
    assert ledger.reconnected == 0
    assert silence < LONGEST_SILENCE
    assert readers.gone_back == 0
    for delays in spans.values():
        assert len(delays) > 20
        assert _at(delays, 0.99) < SHOWN_WITHIN
    assert _at(spans["with Redis"], 0.5) < 1, "the doorbell rings"
    assert _at(spans["back"], 0.5) < 1, "the doorbell rings again by itself"


def _at(delays: list[float], share: float) -> float:
    return delays[int(len(delays) * share)] if delays else float("inf")


def _longest_silence(ticks: list[float], begin: float, end: float) -> float:
    during = [begin, *(tick for tick in ticks if begin < tick < end), end]
    return max(later - earlier for earlier, later in itertools.pairwise(during))
