"""The supervisor's board: figures of this moment. It reads ids, grades and times; no words."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.service import heard, outgoing, unreported
from chat.service.heard import Passing
from helpline import canary, counting
from helpline.accounts import limits, sessions
from helpline.accounts.models import READERS, Staff
from helpline.console import escalations_view, on_duty, spoken, turns_view
from helpline.console.escalations_view import Climb
from helpline.console.queue_view import Names
from helpline.counting import NONE, Counted
from helpline.institutions import standing
from helpline.institutions.standing import Standing
from helpline.queue.models import Lane
from helpline.signals import patterns
from helpline.todo.models import Why
from triage.grades import Grade
from triage.models import Entry

# A canary goes through every lane each half minute; what is older than this says so.
CANARY_WITHIN = timedelta(minutes=2)

# What is left out of a list is said on its page.
MOST_AT_ONCE = 200

# Texts that a person must look at because they did not leave or did not arrive.
FAILED = (Why.TEXT_NOT_SENT, Why.TEXT_NOT_DELIVERED)


@dataclass(frozen=True, slots=True)
class Person:
    """An advocate or a supervisor, with what they hold.

    ``place`` is how soon they are called, from 1; None for whoever is not on. ``seen_at`` is when
    they last used a console that is open. ``waiting`` counts the children they hold who wait for
    an answer, ``since`` the longest of these waits.
    """

    staff: UUID
    name: str
    role: str
    place: int | None
    seen_at: datetime | None
    held: int
    waiting: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Gateway:
    """How the telephone company and we hear of each other."""

    heard_at: datetime | None
    unsent: Counted
    unreported: Counted
    failed: Mapping[Why, Counted]

    @property
    def failed_count(self) -> int:
        """Texts that did not leave or did not arrive, and that no person has looked at."""
        return sum(each.count for each in self.failed.values())


@dataclass(frozen=True, slots=True)
class LaneShown:
    """A lane of work: what is due in it, and when a canary last came out of it."""

    lane: str
    heard_at: datetime | None
    is_late: bool
    due: Counted


@dataclass(frozen=True)
class Board:
    """Everything on the board. ``gateway`` is None where no telephones are set up."""

    waiting: tuple[tuple[Grade, Counted], ...]
    calling: tuple[Climb, ...]
    people: tuple[Person, ...]
    gaps: tuple[str, ...]
    gateway: Gateway | None
    lanes: tuple[LaneShown, ...]
    numbers: Standing
    patterns: int
    patterns_unseen: int

    @property
    def all_waiting(self) -> Counted:
        """The children who wait, of every grade."""
        firsts = [each.since for _, each in self.waiting if each.since is not None]
        return Counted(sum(each.count for _, each in self.waiting), min(firsts, default=None))

    @property
    def late_lanes(self) -> tuple[LaneShown, ...]:
        """The lanes from which no canary came lately."""
        return tuple(lane for lane in self.lanes if lane.is_late)

    @property
    def oldest_canary(self) -> datetime | None:
        """When the lane that is silent for longest was last heard; None before the first."""
        return min((lane.heard_at for lane in self.lanes if lane.heard_at), default=None)

    @property
    def version(self) -> str:
        """Changes whenever a page would show anything differently."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:32]


def board(
    session: Session, *, reader: UUID, names: Names, has_phones: bool, now: datetime
) -> Board:
    """The board of this moment."""
    duty = on_duty.now_on(session, now=now)
    open_patterns, unseen_patterns, _ = patterns.unseen(session)
    return Board(
        waiting=tuple(counting.unread(session).items()),
        calling=escalations_view.climbing(session, reader=reader, names=names, now=now).calling,
        people=_people(session, duty.people, names, now),
        gaps=duty.gaps,
        gateway=_gateway(session) if has_phones else None,
        lanes=lanes(session, now=now),
        numbers=standing.counted(session, today=spoken.local_day(now)),
        patterns=open_patterns,
        patterns_unseen=unseen_patterns,
    )


def _people(
    session: Session, on: tuple[UUID, ...], names: Names, now: datetime
) -> tuple[Person, ...]:
    held = {
        row[0]: row
        for row in session.execute(
            sa.select(
                Entry.claimed_by,
                sa.func.count(),
                sa.func.count(Entry.waiting_since),
                sa.type_coerce(sa.func.min(Entry.waiting_since), Entry.waiting_since.type),
            )
            .where(Entry.claimed_by.is_not(None))
            .group_by(Entry.claimed_by)
        )
    }
    seen = sessions.last_seen(session, since=now - limits.IDLE_LOCK, now=now)
    staff = session.execute(
        sa.select(Staff.id, Staff.role)
        .where(Staff.role.in_(READERS), Staff.disabled_at.is_(None))
        .order_by(Staff.made_at, Staff.id)
    ).all()
    found = [
        Person(
            staff=row.id,
            name=names(row.id),
            role=row.role,
            place=on.index(row.id) + 1 if row.id in on else None,
            seen_at=seen.get(row.id),
            held=held[row.id][1] if row.id in held else 0,
            waiting=held[row.id][2] if row.id in held else 0,
            since=held[row.id][3] if row.id in held else None,
        )
        for row in staff
    ]
    found.sort(key=lambda each: (each.place is None, each.place or 0, -each.held, each.name))
    return tuple(found)


def _gateway(session: Session) -> Gateway:
    tasks = counting.open_tasks(session)
    return Gateway(
        heard_at=heard.last_webhook(session),
        unsent=Counted(*outgoing.unsent(session)),
        unreported=Counted(*unreported.waiting(session)),
        failed={why: tasks.get(why, NONE) for why in FAILED},
    )


def lanes(session: Session, *, now: datetime) -> tuple[LaneShown, ...]:
    """Every lane of work."""
    return tuple(
        _lane(lane, canary.last_heard(session, lane=lane), due, now)
        for lane, due in counting.due_jobs(session, now=now).items()
    )


def _lane(lane: Lane, heard_at: datetime | None, due: Counted, now: datetime) -> LaneShown:
    is_late = heard_at is not None and now - heard_at > CANARY_WITHIN
    return LaneShown(lane.value, heard_at, is_late, due)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list behind a number: a conversation, since when, and what about it."""

    conversation: UUID
    reference: str
    grade: Grade | None
    since: datetime | None
    says: str


def waiting(session: Session, *, grade: Grade | None, names: Names) -> list[Item]:
    """The children who wait, the graver first, then the longest wait; of one grade if named."""
    wanted: sa.ColumnElement[bool] = Entry.waiting_since.is_not(None)
    if grade is not None:
        wanted = sa.and_(wanted, Entry.grade_rank == grade.rank)
    return _entries(session, wanted, names)


def held(session: Session, *, staff: UUID, names: Names) -> list[Item]:
    """What one person holds, those who wait first."""
    return _entries(session, Entry.claimed_by == staff, names)


def _entries(session: Session, wanted: sa.ColumnElement[bool], names: Names) -> list[Item]:
    rows = session.scalars(
        sa.select(Entry)
        .where(wanted)
        .order_by(
            sa.case((Entry.waiting_since.is_(None), 1), else_=0),
            Entry.grade_rank,
            Entry.waiting_since,
            Entry.id,
        )
        .limit(MOST_AT_ONCE)
    )
    return [
        Item(
            conversation=row.id,
            reference=spoken.reference(row.id),
            grade=turns_view.GRADES[row.grade_rank],
            since=row.waiting_since,
            says="nobody is answering"
            if row.claimed_by is None
            else f"{names(row.claimed_by)} is answering",
        )
        for row in rows
    ]


def texts(found: Sequence[Passing]) -> list[Item]:
    """Texts that came in or wait to leave, in the order given."""
    return [
        Item(
            conversation=each.conversation,
            reference=spoken.reference(each.conversation),
            grade=None,
            since=each.at,
            says=each.how,
        )
        for each in found
    ]
