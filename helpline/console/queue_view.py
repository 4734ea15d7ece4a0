"""The queue as a list of rows to show. It reads ids, grades and times; never a child's word."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.casework import drafts
from helpline.console import routing_view, signs_view, spoken, turns_view
from helpline.console.routing_view import Handed
from helpline.console.turns_view import GRADES, InTurn
from helpline.todo.models import Task
from triage.escalation import State
from triage.grades import Grade
from triage.models import Entry, Escalation, Page, SignSeen

# One screen of work is far below this; what is left out is said on the page, never hidden.
MOST_AT_ONCE = 300

# Tells the name of a member of staff.
Names = Callable[[UUID], str]


class Show(StrEnum):
    """Which part of the queue is asked for."""

    ALL = "all"
    UNCLAIMED = "unclaimed"
    MINE = "mine"


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation that waits or that somebody holds.

    ``holder`` is a name, ``None`` when nobody holds it. ``clock_at`` is when the next page goes
    out or an acknowledgement runs out; ``clock_says`` names which of the two.
    ``gone_quiet_since`` is when a grave silence was noticed that still lasts; ``asks_again`` says
    that a child came or asked again and again, and no person has answered since. ``crowd`` is the
    crowd for whose ``many`` members the row stands; ``is_put_last``: a person said it is a hoax.
    """

    conversation: UUID
    reference: str
    grade: Grade
    waiting_since: datetime | None
    waited: str | None
    holder: str | None
    is_mine: bool
    gone_quiet_since: datetime | None
    asks_again: bool
    has_draft: bool
    left_quickly: bool
    escalation: UUID | None
    is_unacknowledged: bool
    reached_nobody: bool
    clock_at: datetime | None
    clock_says: str | None
    for_me: str | None
    returned_from: str | None
    is_put_last: bool
    crowd: UUID | None
    many: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What sound and title follow. Numbers only, so that a locked console may be told them too.

    ``unclaimed`` counts the children who wait and whom nobody holds. ``calling_me`` counts the
    escalations that called the reader, or that reached nobody. ``quiet_mine`` counts the children
    in danger who have gone quiet on the reader.
    """

    unclaimed: int
    unacknowledged: int
    calling_me: int
    quiet_mine: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Listed:
    """The queue in its one order.

    ``unclaimed_waiting`` counts the children who wait and whom nobody holds, whatever is shown:
    the sound and the title follow it. ``calling_me`` counts the escalations that called the reader
    or that reached nobody. ``quiet_mine`` counts the children in danger who have gone quiet on the
    reader. ``left_out`` are conversations beyond the most that is shown. ``is_busy``: turns are
    shared, so many unknown senders wait.
    """

    rows: tuple[Row, ...]
    show: Show
    left_out: int
    is_busy: bool
    handed: tuple[Handed, ...]
    unclaimed_waiting: int
    unacknowledged: int
    calling_me: int
    quiet_mine: int
    tasks: int
    longest: str | None


def listed(session: Session, *, reader: UUID, names: Names, show: Show, now: datetime) -> Listed:
    """The queue for one reader. Everybody sees the same order; only the filter differs."""
    wanted = sa.and_(_is_open(), _filter(show, reader))
    total = session.scalar(_count(wanted)) or 0
    in_turn = turns_view.in_turn(session, wanted, most=MOST_AT_ONCE, now=now)
    found = in_turn.places
    fitting = routing_view.for_reader(
        session,
        conversations=[
            each.entry.id for each in found if each.entry.claimed_by is None and each.crowd is None
        ],
        reader=reader,
    )
    begun = drafts.begun_in(session, conversations=[each.entry.id for each in found], staff=reader)
    asking = signs_view.asking_again(session, entries=[each.entry.id for each in found])
    longest = session.scalar(sa.select(sa.func.min(Entry.waiting_since)).where(_unclaimed()))
    counts = counted(session, reader=reader, now=now)
    return Listed(
        rows=tuple(
            _row(
                each,
                reader=reader,
                names=names,
                begun=each.entry.id in begun,
                asks=each.entry.id in asking,
                for_me=fitting.get(each.entry.id),
                now=now,
            )
            for each in found
        ),
        show=show,
        left_out=total - sum(each.many for each in found),
        is_busy=in_turn.is_busy,
        handed=routing_view.handed_to(session, reader=reader, names=names, now=now),
        unclaimed_waiting=counts.unclaimed,
        unacknowledged=counts.unacknowledged,
        calling_me=counts.calling_me,
        quiet_mine=counts.quiet_mine,
        tasks=counts.tasks,
        longest=None if longest is None else spoken.wait(longest, now),
    )


def counted(session: Session, *, reader: UUID, now: datetime) -> Counts:
    """The figures of one reader's alarms."""
    tasks = sa.select(sa.func.count()).select_from(Task).where(Task.done_at.is_(None))
    return Counts(
        unclaimed=session.scalar(_count(_unclaimed())) or 0,
        unacknowledged=session.scalar(_escalations(turns_view.unacknowledged(now))) or 0,
        calling_me=session.scalar(_escalations(turns_view.unacknowledged(now), _calls(reader)))
        or 0,
        quiet_mine=session.scalar(_quiet(reader)) or 0,
        tasks=session.scalar(tasks) or 0,
    )


def reached_nobody(escalation: Escalation, now: datetime) -> bool:
    """Whether everybody was called in vain, and still nobody has taken it."""
    return escalation.reached_nobody_at is not None and turns_view.is_unacknowledged(
        escalation, now
    )


def clock_says(escalation: Escalation, now: datetime) -> str:
    """What happens when the escalation's clock has run down."""
    if escalation.state == State.ACKNOWLEDGED:
        return "opens again"
    return "next call" if turns_view.is_unacknowledged(escalation, now) else "calls someone"


def _is_open() -> sa.ColumnElement[bool]:
    return sa.or_(
        Entry.waiting_since.is_not(None), Entry.claimed_by.is_not(None), Escalation.id.is_not(None)
    )


def _unclaimed() -> sa.ColumnElement[bool]:
    return sa.and_(Entry.waiting_since.is_not(None), Entry.claimed_by.is_(None))


def _filter(show: Show, reader: UUID) -> sa.ColumnElement[bool]:
    if show is Show.MINE:
        return Entry.claimed_by == reader
    if show is Show.UNCLAIMED:
        return Entry.claimed_by.is_(None)
    return sa.true()


def _count(wanted: sa.ColumnElement[bool]) -> sa.Select[int]:
    return (
        sa.select(sa.func.count(Entry.id))
        .outerjoin(Escalation, turns_view.open_escalation())
        .where(wanted)
    )


def _escalations(*wanted: sa.ColumnElement[bool]) -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(Escalation).where(*wanted)


def _quiet(reader: UUID) -> sa.Select[int]:
    return (
        sa.select(sa.func.count(Entry.id))
        .join(SignSeen, signs_view.gone_quiet())
        .where(Entry.claimed_by == reader)
    )


def _calls(reader: UUID) -> sa.ColumnElement[bool]:
    called = sa.exists().where(
        Page.escalation_id == Escalation.id,
        Page.round == Escalation.round,
        Page.person_id == reader,
    )
    return sa.or_(called, Escalation.reached_nobody_at.is_not(None))


def _row(
    found: InTurn,
    *,
    reader: UUID,
    names: Names,
    begun: bool,
    asks: bool,
    for_me: str | None,
    now: datetime,
) -> Row:
    entry, escalation = found.entry, found.escalation
    return Row(
        conversation=entry.id,
        reference=spoken.reference(entry.id),
        grade=GRADES[entry.grade_rank],
        waiting_since=entry.waiting_since,
        waited=None if entry.waiting_since is None else spoken.wait(entry.waiting_since, now),
        holder=None if entry.claimed_by is None else names(entry.claimed_by),
        is_mine=entry.claimed_by == reader,
        gone_quiet_since=found.gone_quiet_since,
        asks_again=asks,
        has_draft=begun,
        left_quickly=found.left_at is not None,
        escalation=None if escalation is None else escalation.id,
        is_unacknowledged=found.unacknowledged(now),
        reached_nobody=escalation is not None and reached_nobody(escalation, now),
        clock_at=None if escalation is None else escalation.due_at,
        clock_says=None if escalation is None else clock_says(escalation, now),
        for_me=for_me,
        returned_from=None
        if entry.returned_from is None or entry.claimed_by is not None
        else names(entry.returned_from),
        is_put_last=found.is_put_last,
        crowd=found.crowd,
        many=found.many,
    )
