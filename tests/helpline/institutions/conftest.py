"""An installation with the demo's places, and a child in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from uuid_utils.compat import uuid7

from helpline import scopes, seeding
from helpline.children import links
from helpline.children.links import NewChild
from helpline.institutions import loading, register
from helpline.wiring import Adapters
from tests import installation
from tests.clock import Clock
from tests.helpline.house import person
from tests.stores import Stores

SAM = person()


@dataclass
class Places:
    """The places of one test."""

    adapters: Adapters
    clock: Clock

    def load(self) -> loading.Loaded:
        return loading.load(self.adapters, listed=seeding.places(checked=self.clock.now().date()))

    def institutions(self) -> list[UUID]:
        with self.adapters.transactions.reading() as session:
            return [each.institution for each in register.every(session)]

    def child(self) -> UUID:
        """Begin the record of a child."""
        child = uuid7()
        self.adapters.keystore.make([scopes.of_child(child)], now=self.clock.now())
        with self.adapters.transactions.begin() as session:
            links.make_child(
                session,
                new=NewChild(child=child, called=b"sealed", token=uuid4().bytes),
                by=SAM.id,
                now=self.clock.now(),
            )
        return child


@pytest.fixture
def places(stores: Stores, clock: Clock) -> Iterator[Places]:
    with installation.installed(stores, clock) as adapters:
        yield Places(adapters, clock)
