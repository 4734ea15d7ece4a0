"""What tests of the service's spine say over and over: a child writes, a person is on duty."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from helpline import access
from helpline.accounts.models import Role
from helpline.accounts.sessions import SignedIn
from helpline.audit.models import AuditEntry
from helpline.intake import Kept, Outcome, Said
from helpline.public import conversations
from helpline.wiring import Adapters
from tests import clock as clocks
from tests import installation
from tests import stores as stores_of_tests
from tests.clock import Clock


def person(role: Role = Role.ADVOCATE) -> SignedIn:
    """Somebody who is signed in, in a role."""
    return SignedIn(id=uuid4(), role=role, session=b"session", csrf="csrf", name="Sam Demo")


@dataclass
class House:
    """One installation on one engine. Its tests share it: each begins conversations of its own."""

    adapters: Adapters
    clock: Clock
    client_ids: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))

    def begin(self, name: str | None = None) -> UUID:
        """Let a child begin a conversation."""
        return conversations.start(self.adapters, language="en", display_name=name).conversation

    def write(self, *said: Said) -> list[Outcome]:
        return list(self.adapters.writer._write(said))

    def say(self, conversation: UUID, *texts: str) -> list[int]:
        """Let the child write; the numbers of its messages."""
        outcomes = self.write(
            *(Said(conversation, f"c{next(self.client_ids)}", text) for text in texts)
        )
        assert all(isinstance(each, Kept) for each in outcomes)
        return [each.seq for each in outcomes if isinstance(each, Kept)]

    def texts(self, conversation: UUID) -> list[str]:
        with self.adapters.transactions.reading() as session:
            found = access.for_child(session, self.adapters, conversation=conversation, after=0)
        return [each.text for each in found]

    def audited(self, subject: UUID) -> list[tuple[str, UUID | None]]:
        """The audit rows about something: what was done, and by whom."""
        with self.adapters.transactions.reading() as session:
            rows = session.scalars(
                sa.select(AuditEntry)
                .where(AuditEntry.subject_id == subject)
                .order_by(AuditEntry.id)
            )
            return [(row.action, row.actor_id) for row in rows]


@contextmanager
def opened(request: pytest.FixtureRequest, engine: str, **changed: object) -> Iterator[House]:
    """A house on an engine, for a module or for one test."""
    template: stores_of_tests.Template = request.getfixturevalue(f"_{engine}_template")
    clock = Clock(at=clocks.START)
    with template.fresh() as stores, installation.installed(stores, clock, **changed) as adapters:
        yield House(adapters, clock)
