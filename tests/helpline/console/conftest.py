"""The staff's face on real parts, with children who write and people who are signed in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import httpx2
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from helpline import asgi, seeding, wiring
from helpline.accounts import cookies, sessions
from helpline.accounts.models import Role, StaffSession
from helpline.accounts.sessions import SignedIn
from helpline.audit.models import AuditEntry
from helpline.hub import Notice
from helpline.intake import Intake, Kept, Outcome, Said
from helpline.public import conversations
from helpline.queue.models import Lane
from helpline.settings import Settings
from helpline.wiring import Adapters
from helpline.writer import Writer
from tests.clock import Clock
from tests.stores import Stores
from triage.escalation import State
from triage.models import Entry, Escalation

CHILD = "https://home.example"
STAFF = "https://console.example"
DANGER = "i want to die"


class SilentBell:
    """No worker is there to be woken."""

    def ring(self, lane: Lane) -> None:
        del lane


@dataclass
class Desk:
    """One person at one browser."""

    browser: TestClient
    person: SignedIn

    def get(self, path: str) -> httpx2.Response:
        return self.browser.get(path)

    def json(self, path: str) -> httpx2.Response:
        return self.browser.get(path, headers={"Accept": "application/json"})

    def post(self, path: str, *, origin: str = STAFF, **fields: str) -> httpx2.Response:
        """Send a form as a page without scripts does."""
        fields.setdefault("csrf", self.person.csrf)
        return self.browser.post(path, data=fields, headers={"Origin": origin})

    def fetch(self, path: str, **fields: str) -> httpx2.Response:
        """Send it as the page's script does."""
        headers = {
            "Origin": STAFF,
            "Accept": "application/json",
            "X-CSRF-Token": self.person.csrf,
        }
        return self.browser.post(path, data=fields, headers=headers)


@dataclass
class House:
    """The service of one test."""

    adapters: Adapters
    intake: Intake
    clock: Clock
    rung: list[Notice] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def begin(self, *texts: str, name: str | None = None) -> UUID:
        """A child begins to write."""
        conversation = conversations.start(self.adapters, display_name=name).conversation
        for text in texts:
            self.say(conversation, text)
        return conversation

    def say(self, conversation: UUID, text: str) -> int:
        """A child writes; the number of the message."""
        [kept] = self.intake._write([Said(conversation, f"c{next(self.numbers)}", text)])
        assert isinstance(kept, Kept)
        return kept.seq

    def desk(self, key: str) -> Desk:
        """Somebody of the demo's staff signs in."""
        staff = seeding.id_of(self.adapters, key)
        assert staff is not None
        role = next(each.role for each in seeding.people() if each.key == key)
        with self.adapters.transactions.begin() as session:
            begun = sessions.begin(
                session, staff_id=staff, second_factor_done=True, now=self.clock.now()
            )
        browser = TestClient(asgi.staff_app(self.adapters), base_url=STAFF, follow_redirects=False)
        browser.cookies.set(cookies.name(self.adapters.settings), begun.token)
        person = SignedIn(
            id=staff,
            role=Role(role),
            session=begun.token_hash,
            csrf=begun.csrf,
            name=self.adapters.names.of(staff),
        )
        return Desk(browser, person)

    def entry(self, conversation: UUID) -> Entry:
        with self.adapters.transactions.reading() as session:
            return session.get_one(Entry, conversation)

    def escalation(self, conversation: UUID) -> Escalation:
        with self.adapters.transactions.reading() as session:
            found = session.scalars(
                sa.select(Escalation).where(
                    Escalation.entry_id == conversation, Escalation.state != State.CLOSED
                )
            ).one()
            session.expunge(found)
            return found

    def actions(self) -> list[str]:
        with self.adapters.transactions.reading() as session:
            return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))

    def end_session(self, desk: Desk, at: datetime) -> None:
        with self.adapters.transactions.begin() as session:
            session.execute(
                sa.update(StaffSession)
                .where(StaffSession.token_hash == desk.person.session)
                .values(ended_at=at)
            )

    def wait(self, **duration: float) -> datetime:
        return self.clock.advance(timedelta(**duration))


@pytest.fixture
def house(stores: Stores, clock: Clock) -> Iterator[House]:
    settings = Settings(
        database_url=stores.database_url,
        keystore_url=stores.keystore_url,
        redis_url=None,
        child_origin=CHILD,
        staff_origin=STAFF,
        kek=b"k" * 32,
    )
    intakes: list[Intake] = []

    def remembering(intake: Intake) -> Writer[Said, Outcome]:
        intakes.append(intake)
        return intake.writer()

    adapters = wiring.build(settings, bell=SilentBell(), clock=clock.now, writes=remembering)
    seeding.seed(adapters)
    made = House(adapters=adapters, intake=intakes[0], clock=clock)
    original = adapters.hub.ring

    def ring(*notices: Notice) -> None:
        made.rung.extend(notices)
        original(*notices)

    adapters.hub.ring = ring  # type: ignore[method-assign] # remembers what was rung, and rings
    yield made
    adapters.close()


@pytest.fixture
def sam(house: House) -> Desk:
    """An advocate, first on call."""
    return house.desk("advocate")


@pytest.fixture
def jo(house: House) -> Desk:
    """Another advocate."""
    return house.desk("second advocate")


@pytest.fixture
def priya(house: House) -> Desk:
    """A supervisor."""
    return house.desk("supervisor")


def chat(conversation: UUID, deed: str = "") -> str:
    """The address of a conversation, or of a deed on it."""
    return f"/console/conversations/{conversation}{'/' if deed else ''}{deed}"


def order_on(page: str) -> list[str]:
    """The conversations in the queue of a page, from the top."""
    return re.findall(r'data-conversation="([0-9a-f-]{36})"', page.partition('id="middle"')[0])
