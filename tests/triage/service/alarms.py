"""What a test of an alarm says over and over: a child writes, people are on call, time passes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from helpline import wiring
from helpline.wiring import Adapters
from triage.escalation import OnCallPerson, State
from triage.grades import Grade
from triage.models import Entry, Escalation, Page
from triage.service import answered, climb, escalate, holding, on_call, place, settle
from triage.service.climb import ClimbedOne
from triage.service.escalate import Raised
from triage.service.holding import Claimed
from triage.service.settle import Acknowledged, Resolved

FIRST, SECOND, SUPERVISOR, FOURTH = (uuid4() for _ in range(4))


@dataclass(frozen=True)
class Alarms:
    """The verbs of triage, each in a transaction of its own, at the clock's time."""

    adapters: Adapters

    @property
    def now(self) -> datetime:
        return self.adapters.clock()

    def put_on_call(self, *persons: UUID) -> None:
        """Put people on call in this order; only SUPERVISOR is one."""
        people = [OnCallPerson(each, at, each == SUPERVISOR) for at, each in enumerate(persons)]
        with self.adapters.transactions.begin() as session:
            on_call.put(session, people=people)

    def place(self, *assessed: tuple[UUID, Grade, float]) -> None:
        """Let messages of children come in as one batch, in the statement of this engine."""
        unread = place.together((entry, grade.rank, score) for entry, grade, score in assessed)
        clocks = place.clocks_at(self.adapters.grades, self.adapters.hours, now=self.now)
        statements = wiring.statements_for(self.adapters.transactions.store.engine_name).triage
        with self.adapters.transactions.batch() as connection:
            statements.place(connection, unread, clocks, now=self.now)

    def waits(self, grade: Grade = Grade.HIGH, *, entry: UUID | None = None) -> UUID:
        """Let one child write one message."""
        entry = entry or uuid4()
        self.place((entry, grade, 0.5))
        return entry

    def entry(self, entry: UUID) -> Entry:
        with self.adapters.transactions.reading() as session:
            return session.get_one(Entry, entry)

    def escalations(self, entry: UUID) -> Sequence[Escalation]:
        """Every escalation of an entry, the oldest first."""
        with self.adapters.transactions.reading() as session:
            return session.scalars(
                sa.select(Escalation)
                .where(Escalation.entry_id == entry)
                .order_by(Escalation.raised_at, Escalation.id)
            ).all()

    def open(self, entry: UUID) -> Escalation:
        """Its one escalation that is not closed."""
        [found] = [each for each in self.escalations(entry) if each.state != State.CLOSED]
        return found

    def climb(self) -> list[ClimbedOne]:
        with self.adapters.transactions.begin() as session:
            return climb.climb(session, grades=self.adapters.grades, now=self.now)

    def paged(self) -> list[UUID]:
        """Climb, and say who was paged, in order."""
        return [page.person for one in self.climb() for page in one.paged if page.channel == "mail"]

    def pages(self) -> list[Page]:
        with self.adapters.transactions.reading() as session:
            found = session.scalars(sa.select(Page).order_by(Page.made_at, Page.id))
            return list(found)

    def acknowledge(self, escalation: UUID, *, within: timedelta, by: UUID = FIRST) -> Acknowledged:
        with self.adapters.transactions.begin() as session:
            return settle.acknowledge(
                session,
                escalation=escalation,
                staff=by,
                next_step=b"sealed step",
                until=self.now + within,
                now=self.now,
            )

    def resolve(
        self, escalation: UUID, *, grade: Grade = Grade.STANDARD, by: UUID = FIRST
    ) -> Resolved:
        with self.adapters.transactions.begin() as session:
            return settle.resolve(
                session,
                escalation=escalation,
                staff=by,
                outcome=b"sealed outcome",
                grade=grade,
                grades=self.adapters.grades,
                hours=self.adapters.hours,
                now=self.now,
            )

    def escalate(self, entry: UUID, grade: Grade, *, by: UUID = FIRST) -> Raised:
        with self.adapters.transactions.begin() as session:
            return escalate.escalate(
                session,
                entry=entry,
                grade=grade,
                staff=by,
                grades=self.adapters.grades,
                now=self.now,
            )

    def raise_grade(self, entry: UUID, grade: Grade, *, score: float = 0.5) -> Raised | None:
        with self.adapters.transactions.begin() as session:
            return escalate.raise_grade(
                session,
                entry=entry,
                grade=grade,
                score=score,
                grades=self.adapters.grades,
                hours=self.adapters.hours,
                now=self.now,
            )

    def answered(self, entry: UUID, *, by: UUID = FIRST) -> None:
        with self.adapters.transactions.begin() as session:
            answered.answered(session, entry=entry, staff=by, now=self.now)

    def claim(self, entry: UUID, *, by: UUID = FIRST) -> Claimed:
        with self.adapters.transactions.begin() as session:
            return holding.claim(session, entry=entry, staff=by, now=self.now)
