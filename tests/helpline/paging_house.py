"""A demo's people on call, with phones and PINs, and every way to reach them remembered."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from helpline import climbing, jobs, seeding
from helpline.accounts.models import Staff
from helpline.queue.models import Lane
from helpline.todo import tasks
from helpline.todo.models import Why
from integrations.mail import MailError
from tests.clock import Clock
from tests.helpline import house as houses
from tests.helpline import phone_house
from tests.helpline.house import House
from tests.helpline.phone_house import SETTINGS, Company
from tests.helpline.ringing_house import JO_PHONE as JO
from tests.helpline.ringing_house import PRIYA_PHONE as PRIYA
from tests.helpline.ringing_house import SAM_PHONE as SAM
from tests.helpline.ringing_house import RecordingCalls, Rung
from triage.models import Escalation, Page

DANGER = "i took all my tablets"
MINUTE = timedelta(minutes=1)
MAILS = {SAM: "sam@example.org", JO: "jo@example.org", PRIYA: "priya@example.org"}
KEYS = {SAM: "advocate", JO: "second advocate", PRIYA: "supervisor"}


@dataclass
class Post:
    """A mail server that remembers, or that is away."""

    sent: list[str] = field(default_factory=list)
    is_away: bool = False

    def send(self, *, to: str, subject: str, text: str) -> None:
        del subject, text
        if self.is_away:
            raise MailError(can_retry=True)
        self.sent.append(to)


@dataclass
class OnCall:
    """One installation with its people on call."""

    house: House
    post: Post
    company: Company
    rings: RecordingCalls

    @property
    def clock(self) -> Clock:
        return self.house.clock

    def danger(self) -> UUID:
        """A child is in danger, in a conversation of its own."""
        conversation = self.house.begin("Blue Fox")
        self.house.say(conversation, DANGER)
        return conversation

    def climb(self, *, after: timedelta = timedelta()) -> None:
        """Let time pass, climb, and do all that is due by then."""
        self.clock.advance(after)
        climbing.climb(self.house.adapters)
        self.work()

    def work(
        self, *, after: timedelta = timedelta(), lanes: tuple[Lane, ...] = tuple(Lane)
    ) -> None:
        self.clock.advance(after)
        for lane in lanes:
            jobs.drain(self.house.adapters, lane=lane, owner="tests")

    def texted(self) -> list[str]:
        return [to for to, _ in self.company.sent]

    def rung(self) -> list[str]:
        return [each.to for each in self.rings.rung]

    def ring(self) -> Rung:
        return self.rings.rung[-1]

    def pages(self, number: str, channel: str) -> list[Page]:
        """The pages to somebody by one way, the oldest first."""
        with self.house.adapters.transactions.reading() as session:
            found = session.scalars(
                sa.select(Page)
                .where(Page.person_id == self.person(number), Page.channel == channel)
                .order_by(Page.made_at, Page.id)
            )
            return list(found)

    def states(self, number: str, channel: str) -> list[str]:
        return [each.state for each in self.pages(number, channel)]

    def person(self, number: str) -> UUID:
        found = seeding.id_of(self.house.adapters, KEYS[number])
        assert found is not None
        return found

    def set_staff(self, number: str, **values: object) -> None:
        with self.house.adapters.transactions.begin() as session:
            session.execute(
                sa.update(Staff).where(Staff.id == self.person(number)).values(**values)
            )

    def escalation(self, conversation: UUID) -> Escalation:
        with self.house.adapters.transactions.reading() as session:
            return session.scalars(
                sa.select(Escalation).where(Escalation.entry_id == conversation)
            ).one()

    def tasks(self) -> list[tuple[Why, UUID]]:
        with self.house.adapters.transactions.reading() as session:
            return [(each.why, each.subject) for each in tasks.list_open(session)]


@contextmanager
def opened(request: pytest.FixtureRequest, engine: str) -> Iterator[OnCall]:
    """A house whose people have phones, on an engine."""
    settings = {**SETTINGS, "outside_contact": "outside@example.org"}
    with houses.opened(request, engine, **settings) as house:
        seeding.seed(house.adapters)
        adapters, company = phone_house.with_company(house.adapters, house.clock)
        assert adapters.phones is not None
        rings, post = RecordingCalls(), Post()
        phones = replace(adapters.phones, calls=rings)
        house.adapters = replace(adapters, phones=phones, mail=post)
        yield OnCall(house, post, company, rings)
