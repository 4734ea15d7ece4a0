"""The entries that are shown, in the order of their turns: read by lanes, put in order by the rule.

The database cuts each lane where the rule would, so that ten thousand who wait are read as few.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.models import Conversation
from helpline.children.models import ContactLink
from helpline.console import signs_view
from triage import crowd, queue, turns
from triage.escalation import State
from triage.grades import Grade
from triage.models import Entry, Escalation, SignSeen
from triage.service import put_last
from triage.turns import Candidate

GRADES = tuple(Grade)


@dataclass(frozen=True, slots=True)
class InTurn:
    """One place in the queue: an entry, or the first of a crowd of ``many``."""

    entry: Entry
    left_at: datetime | None
    escalation: Escalation | None
    gone_quiet_since: datetime | None
    is_put_last: bool
    crowd: UUID | None = None
    many: int = 1

    def unacknowledged(self, now: datetime) -> bool:
        """Whether an alarm about it calls for somebody."""
        return self.escalation is not None and is_unacknowledged(self.escalation, now)


@dataclass(frozen=True, slots=True)
class Turns:
    """The places that are shown. ``is_busy``: lanes share the turns now."""

    places: tuple[InTurn, ...]
    is_busy: bool


@dataclass(frozen=True, slots=True)
class _Read:
    in_turn: InTurn
    candidate: Candidate


def in_turn(session: Session, wanted: sa.ColumnElement[bool], *, most: int, now: datetime) -> Turns:
    """The first ``most`` places of those that are wanted."""
    figures = crowd.load()
    unknown = _unknown_waiting(session, most=figures.busy_from)
    lanes: list[sa.ColumnElement[bool]] = [sa.true()]
    if turns.is_busy(unknown_waiting=unknown, figures=figures):
        # Each lane by itself: a full one must not push another out of what is read.
        lanes = [_is_known(), ~_is_known()]
    alone = sa.or_(Entry.crowd_id.is_(None), _is_known())
    read = [
        each for lane in lanes for each in _read(session, sa.and_(wanted, alone, lane), most, now)
    ]
    crowds = [*_read_crowds(session, sa.and_(wanted, ~alone), most, now)]
    found = {each.in_turn.entry.id: each.in_turn for each in (*read, *crowds)}
    ordered = turns.in_order(
        (each.candidate for each in (*read, *crowds)), unknown_waiting=unknown, figures=figures
    )
    places = (found[turn.first.waiting.entry] for turn in ordered)
    return Turns(
        places=tuple(places)[:most],
        is_busy=turns.is_busy(unknown_waiting=unknown, figures=figures),
    )


def members(session: Session, *, crowd_id: UUID, most: int, now: datetime) -> list[InTurn]:
    """The first ``most`` who stand in a crowd and wait, in the order of the queue."""
    wanted = sa.and_(Entry.crowd_id == crowd_id, Entry.waiting_since.is_not(None))
    read = [*_read(session, wanted, most, now)]
    read.sort(key=lambda each: queue.order_key(each.candidate.waiting))
    return [each.in_turn for each in read]


def many_in(session: Session, *, crowd_id: UUID) -> int:
    """How many stand in a crowd and wait."""
    wanted = sa.and_(Entry.crowd_id == crowd_id, Entry.waiting_since.is_not(None))
    return session.scalar(sa.select(sa.func.count()).select_from(Entry).where(wanted)) or 0


def open_escalation() -> sa.ColumnElement[bool]:
    """Joins an entry with its escalation that is not closed."""
    return sa.and_(Escalation.entry_id == Entry.id, Escalation.state != State.CLOSED)


def unacknowledged(now: datetime) -> sa.ColumnElement[bool]:
    """:func:`is_unacknowledged`, for the database."""
    return sa.or_(
        Escalation.state == State.PAGING,
        sa.and_(Escalation.state == State.ARMED, Escalation.due_at <= now),
    )


def is_unacknowledged(escalation: Escalation, now: datetime) -> bool:
    """Whether somebody is being called and no person has taken it. The same rule as in SQL."""
    return escalation.state == State.PAGING or (
        escalation.state == State.ARMED and escalation.due_at <= now
    )


def _is_known() -> sa.ColumnElement[bool]:
    linked = (
        sa.select(ContactLink.id)
        .join(Conversation, Conversation.contact_id == ContactLink.contact_id)
        .where(Conversation.id == Entry.id, ContactLink.undone_at.is_(None))
        .correlate(Entry)
    )
    return sa.or_(Entry.claimed_by.is_not(None), linked.exists())


def _unknown_waiting(session: Session, *, most: int) -> int:
    some = (
        sa.select(Entry.id)
        .where(Entry.waiting_since.is_not(None), ~_is_known())
        .limit(most)
        .subquery()
    )
    return session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def _order(now: datetime) -> tuple[Any, ...]:
    quiet = SignSeen.seen_at
    return (
        sa.case((put_last.stands(now), 1), else_=0),
        sa.case((unacknowledged(now), 0), else_=1),
        sa.case((sa.and_(Entry.waiting_since.is_(None), quiet.is_(None)), 1), else_=0),
        Entry.grade_rank,
        sa.case((quiet.is_(None), 1), else_=0),
        sa.func.coalesce(quiet, Entry.waiting_since),
        Entry.id,
    )


def _selected(now: datetime) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Entry,
            Conversation.left_at,
            Escalation,
            SignSeen.seen_at.label("quiet"),
            _is_known().label("is_known"),
            put_last.stands(now).label("is_last"),
        )
        .outerjoin(Escalation, open_escalation())
        .outerjoin(SignSeen, signs_view.gone_quiet())
        .outerjoin(Conversation, Conversation.id == Entry.id)
    )


def _read(
    session: Session, wanted: sa.ColumnElement[bool], most: int, now: datetime
) -> Iterator[_Read]:
    rows = session.execute(_selected(now).where(wanted).order_by(*_order(now)).limit(most))
    for row in rows:
        yield _taken(row, now)


def _read_crowds(
    session: Session, wanted: sa.ColumnElement[bool], most: int, now: datetime
) -> Iterator[_Read]:
    group = (Entry.crowd_id, put_last.stands(now))
    ranked = (
        sa.select(
            Entry.id,
            sa.func.row_number().over(partition_by=group, order_by=_order(now)).label("place"),
            sa.func.count().over(partition_by=group).label("many"),
        )
        .outerjoin(Escalation, open_escalation())
        .outerjoin(SignSeen, signs_view.gone_quiet())
        .where(wanted)
        .subquery()
    )
    rows = session.execute(
        _selected(now)
        .add_columns(ranked.c.many)
        .join(ranked, ranked.c.id == Entry.id)
        .where(ranked.c.place == 1)
        .order_by(*_order(now))
        .limit(most)
    )
    for row in rows:
        yield _taken(row, now, crowd_id=row.Entry.crowd_id, many=row.many)


def _taken(
    row: sa.Row[Any], now: datetime, *, crowd_id: UUID | None = None, many: int = 1
) -> _Read:
    in_turn = InTurn(
        entry=row.Entry,
        left_at=row.left_at,
        escalation=row.Escalation,
        gone_quiet_since=row.quiet,
        is_put_last=bool(row.is_last),
        crowd=crowd_id,
        many=many,
    )
    waiting = queue.Waiting(
        entry=row.Entry.id,
        grade=GRADES[row.Entry.grade_rank],
        score=row.Entry.score,
        unacknowledged_escalation=in_turn.unacknowledged(now),
        present=row.left_at is None,
        waiting_since=row.Entry.waiting_since,
        gone_quiet_since=row.quiet,
    )
    candidate = Candidate(
        waiting=waiting,
        is_known=bool(row.is_known),
        crowd=crowd_id,
        put_last=bool(row.is_last),
    )
    return _Read(in_turn, candidate)
