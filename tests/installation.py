"""A whole installation for a test: real stores, real keys, a clock that the test moves."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from helpline import wiring
from helpline.queue.models import Lane
from helpline.settings import Settings
from helpline.wiring import Adapters
from tests.clock import Clock
from tests.stores import Stores

CHILD_ORIGIN = "http://127.0.0.1:8000"
STAFF_ORIGIN = "http://127.0.0.1:8001"


@dataclass
class RecordingBell:
    """Remembers which lanes were rung."""

    rung: list[Lane] = field(default_factory=list)

    def ring(self, lane: Lane) -> None:
        self.rung.append(lane)


def settings_for(stores: Stores, **changed: object) -> Settings:
    """Settings of a demo on these stores; the clocks run at their real speed."""
    given: dict[str, object] = {
        "database_url": stores.database_url,
        "keystore_url": stores.keystore_url,
        "redis_url": None,
        "child_origin": CHILD_ORIGIN,
        "staff_origin": STAFF_ORIGIN,
        "kek": secrets.token_bytes(32),
        "demo": True,
        **changed,
    }
    return Settings(**given)  # type: ignore[arg-type]  # the test names the fields


@contextmanager
def installed(stores: Stores, clock: Clock, **changed: object) -> Iterator[Adapters]:
    """The adapters of an installation, closed afterwards."""
    adapters = wiring.build(settings_for(stores, **changed), bell=RecordingBell(), clock=clock.now)
    try:
        yield adapters
    finally:
        adapters.close()
