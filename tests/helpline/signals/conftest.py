"""An installation with places, and children who live in them and write."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest

from helpline import seeding
from helpline.console import child_forms, place_deeds
from helpline.console.place_deeds import Stay
from helpline.institutions import loading, register
from helpline.institutions.models import StatedBy
from helpline.signals import looking
from tests import installation
from tests.clock import Clock
from tests.helpline.house import House, person
from tests.stores import Stores

SAM = person()
DANGER = "i want to die"
CALM = "hello, are you there"


@dataclass
class Homes:
    """The places of one test, and the children in them."""

    house: House
    named: dict[str, UUID] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        return self.house.clock

    def wait(self, **duration: float) -> None:
        self.clock.advance(timedelta(**duration))

    def writes(self, text: str, *, child: str, institution: UUID) -> UUID:
        """A child of a place writes, and staff say who it is and where it lives."""
        conversation = self.house.begin()
        self.house.say(conversation, text)
        child_forms.link_to_child(
            self.house.adapters,
            person=SAM,
            conversation=conversation,
            called=child,
            how_known="She said so.",
        )
        if child not in self.named:
            self.lives(child, conversation, institution)
        return conversation

    def lives(self, child: str, conversation: UUID, institution: UUID) -> None:
        with self.house.adapters.transactions.reading() as session:
            [of] = place_deeds.children_of(session, conversation=conversation)
        self.named[child] = of
        place_deeds.place(
            self.house.adapters,
            person=SAM,
            conversation=conversation,
            stay=Stay(child=of, institution=institution, unit=None, stated_by=StatedBy.CHILD),
        )

    def institutions(self) -> list[UUID]:
        with self.house.adapters.transactions.reading() as session:
            return [each.institution for each in register.every(session)]

    def look(self) -> int:
        """Look for patterns now, whenever the last look was."""
        self.wait(minutes=11)
        return looking.look(self.house.adapters, owner="a")


@pytest.fixture
def homes(stores: Stores, clock: Clock) -> Iterator[Homes]:
    with installation.installed(stores, clock) as adapters:
        loading.load(adapters, listed=seeding.places(checked=clock.now().date()))
        yield Homes(House(adapters, clock))
