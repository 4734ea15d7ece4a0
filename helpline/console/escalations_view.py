"""The open escalations: who was called and when, who owns each, and what its clock will do."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.console import queue_view, spoken, turns_view
from helpline.console.queue_view import Names
from triage.escalation import PageState, State
from triage.grades import Grade
from triage.models import Entry, Escalation, Page

MOST_AT_ONCE = 200

# A page leaves within seconds; after this it is said that one has not.
_LEAVES_WITHIN = timedelta(seconds=30)
_NOT_REACHED = {
    ("mail", PageState.DUE): "mail has not left",
    ("sms", PageState.DUE): "text has not left",
    ("voice", PageState.DUE): "call has not left",
    ("sms", PageState.FAILED): "text failed",
    ("voice", PageState.FAILED): "call failed",
    ("voice", PageState.NO_ANSWER): "call not answered",
}


@dataclass(frozen=True, slots=True)
class Called:
    """One person who was called, and when. A call never counts as an answer.

    ``but`` are the ways by which they were not reached, in words.
    """

    name: str
    at: datetime
    but: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Climb:
    """One open escalation.

    ``reached_nobody`` is true only while nobody has taken it. ``clock_at`` is when the next call
    goes out, or when an acknowledgement runs out. ``next_step`` is still sealed:
    the access door opens it.
    """

    escalation: UUID
    conversation: UUID
    reference: str
    grade: Grade
    state: State
    is_unacknowledged: bool
    reached_nobody: bool
    reached_nobody_at: datetime | None
    raised_by: str
    raised_at: datetime
    called: tuple[Called, ...]
    owner: str | None
    owner_id: UUID | None
    is_mine: bool
    acknowledged_at: datetime | None
    next_step: bytes | None
    clock_at: datetime
    clock_says: str
    holder: str | None
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class Climbing:
    """All that is open: those that call for someone, those that are owned, the quiet clocks.

    ``left_out`` are those beyond the most that is shown: never one that calls before one that
    does not.
    """

    calling: tuple[Climb, ...]
    owned: tuple[Climb, ...]
    armed: tuple[Climb, ...]
    left_out: int

    @property
    def version(self) -> str:
        """Changes whenever a page would show anything differently."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:32]


def climbing(
    session: Session,
    *,
    reader: UUID,
    names: Names,
    now: datetime,
    entry: UUID | None = None,
) -> Climbing:
    """The open escalations, of one conversation when ``entry`` names it."""
    wanted = Escalation.state != State.CLOSED
    if entry is not None:
        wanted = sa.and_(wanted, Escalation.entry_id == entry)
    rows = session.execute(
        sa.select(Escalation, Entry)
        .join(Entry, Entry.id == Escalation.entry_id)
        .where(wanted)
        .order_by(
            sa.case((turns_view.unacknowledged(now), 0), else_=1),
            sa.case((Escalation.state == State.ACKNOWLEDGED, 0), else_=1),
            Escalation.due_at,
            Escalation.id,
        )
        .limit(MOST_AT_ONCE)
    ).all()
    left_out = 0
    if len(rows) == MOST_AT_ONCE:
        total = session.scalar(sa.select(sa.func.count()).select_from(Escalation).where(wanted))
        left_out = (total or 0) - len(rows)
    called = _called(session, [row[0] for row in rows], names, now)
    climbs = [
        _climb(row[0], row[1], called=called, reader=reader, names=names, now=now) for row in rows
    ]
    climbs.sort(key=lambda climb: (not climb.reached_nobody, climb.grade.rank, climb.clock_at))
    return Climbing(
        calling=tuple(climb for climb in climbs if climb.is_unacknowledged),
        owned=tuple(climb for climb in climbs if climb.state is State.ACKNOWLEDGED),
        armed=tuple(
            climb for climb in climbs if climb.state is State.ARMED and not climb.is_unacknowledged
        ),
        left_out=left_out,
    )


def only(found: Climbing) -> Climb | None:
    """The one escalation of a conversation: there is at most one that is open."""
    every = (*found.calling, *found.owned, *found.armed)
    return every[0] if every else None


def _called(
    session: Session, escalations: Sequence[Escalation], names: Names, now: datetime
) -> Mapping[UUID, tuple[Called, ...]]:
    rounds = {escalation.id: escalation.round for escalation in escalations}
    pages = session.scalars(
        sa.select(Page)
        .where(Page.escalation_id.in_(rounds))
        .order_by(Page.made_at, Page.step, Page.person_id)
    )
    latest: defaultdict[UUID, dict[UUID, Called]] = defaultdict(dict)
    but: dict[tuple[UUID, UUID], dict[str, str | None]] = defaultdict(dict)
    for page in pages:
        if page.round == rounds[page.escalation_id]:
            ways = but[page.escalation_id, page.person_id]
            # A page that has just begun says nothing yet of what became of the one before.
            if not _is_leaving(page, now):
                ways[page.channel] = _but(page)
            # Each person once, in the order of the climb, with the time of their latest call.
            latest[page.escalation_id][page.person_id] = Called(
                name=names(page.person_id),
                at=page.made_at,
                but=tuple(words for words in ways.values() if words is not None),
            )
    return {escalation: tuple(calls.values()) for escalation, calls in latest.items()}


def _is_leaving(page: Page, now: datetime) -> bool:
    return page.state == PageState.DUE and now - page.made_at <= _LEAVES_WITHIN


def _but(page: Page) -> str | None:
    """Why this page reached nobody, as far as we know; None for one that may have."""
    return _NOT_REACHED.get((page.channel, PageState(page.state)))


def _climb(
    escalation: Escalation,
    entry: Entry,
    *,
    called: Mapping[UUID, tuple[Called, ...]],
    reader: UUID,
    names: Names,
    now: datetime,
) -> Climb:
    calls = called.get(escalation.id, ())

    def name(person: UUID | None) -> str | None:
        return None if person is None else names(person)

    return Climb(
        escalation=escalation.id,
        conversation=entry.id,
        reference=spoken.reference(entry.id),
        grade=turns_view.GRADES[escalation.grade_rank],
        state=State(escalation.state),
        is_unacknowledged=turns_view.is_unacknowledged(escalation, now),
        reached_nobody=queue_view.reached_nobody(escalation, now),
        reached_nobody_at=escalation.reached_nobody_at,
        raised_by=name(escalation.raised_by) or "the software",
        raised_at=escalation.raised_at,
        called=calls,
        owner=name(escalation.acknowledged_by),
        owner_id=escalation.acknowledged_by,
        is_mine=escalation.acknowledged_by == reader,
        acknowledged_at=escalation.acknowledged_at,
        next_step=escalation.next_step,
        clock_at=escalation.due_at,
        clock_says=queue_view.clock_says(escalation, now),
        holder=name(entry.claimed_by),
        waiting_since=entry.waiting_since,
    )
