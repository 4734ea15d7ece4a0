"""Who is paged next and when, until a person acknowledges: it climbs and never ends by itself.

What a row stores: the grade, the state, `step` (how many steps were climbed), `started_at` (what
the steps count from), `due_at` (when the next one is due) and the round. A new round begins each
time the steps start again, because it was re-opened or its grade was raised; so a page is one
escalation, round, step and person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from triage import holidays
from triage.grades import Clock, Grade, GradeTable, Target
from triage.hours import OpenHours, after_working_days


class State(StrEnum):
    """Where an escalation stands. Only a person moves it to acknowledged or closed."""

    ARMED = "armed"
    PAGING = "paging"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class PageState(StrEnum):
    """What became of one page. None of these is an answer.

    SHOWN: on the console. SENT: handed over, or ringing. NOT_NEEDED: somebody owned the escalation
    before it left. COVERED: another page called the same person by the same way a moment before.
    """

    DUE = "due"
    SHOWN = "shown"
    SENT = "sent"
    ARRIVED = "arrived"
    NO_ANSWER = "no answer"
    FAILED = "failed"
    NOT_NEEDED = "not needed"
    COVERED = "covered"


@dataclass(frozen=True, slots=True)
class Due:
    """An escalation's clock at its start.

    `due_at` is when somebody is paged first; None when this grade pages nobody. `limit_at` is
    when a person must have read. `started_at` is what the steps count from: store it and hand it
    to `next_step`. All UTC.
    """

    step: int
    started_at: datetime
    due_at: datetime | None
    limit_at: datetime


@dataclass(frozen=True, slots=True)
class Climbed:
    """Who is paged now, and when to climb again.

    `targets` are in the order of the table. `step` and `due_at` are what the row stores next;
    `due_at` is None only for a grade that pages nobody. `everyone_paged`: the last target of the
    chain has been paged. `reached_nobody`: the chain ended, a repeat came, and still no person
    acknowledged; or there was nobody to page. Then the page must say so.
    """

    targets: tuple[Target, ...]
    step: int
    due_at: datetime | None
    everyone_paged: bool
    reached_nobody: bool


@dataclass(frozen=True, slots=True)
class OnCallPerson:
    """A person on call. The smallest position is first on call, whatever their role."""

    person: UUID
    position: int
    is_supervisor: bool


def armed(table: GradeTable, grade: Grade, received_at: datetime, hours: OpenHours) -> Due:
    """The clock of a message that came at `received_at` and is not read yet."""
    clock = table.of(grade)
    since = received_at.astimezone(UTC)
    limit_at = _limit(clock, since, hours)
    started_at = limit_at if clock.steps_from == "limit" else since
    return Due(step=0, started_at=started_at, due_at=_due(clock, started_at, 0), limit_at=limit_at)


def raised(
    table: GradeTable,
    grade: Grade,
    *,
    raised_at: datetime,
    hours: OpenHours,
    due_at: datetime | None,
    limit_at: datetime,
) -> Due:
    """The clock of an escalation whose grade became worse: a new round, never a later page.

    `due_at` and `limit_at` are what the row held until now. A page that was nearly due stays due.
    """
    fresh = armed(table, grade, raised_at, hours)
    return Due(
        step=0,
        started_at=fresh.started_at,
        due_at=min((at for at in (due_at, fresh.due_at) if at is not None), default=None),
        limit_at=min(limit_at, fresh.limit_at),
    )


def reopened(table: GradeTable, grade: Grade, *, at: datetime) -> Due:
    """The clock of an escalation whose acknowledgement ran out: the first step is due at once."""
    steps = table.of(grade).steps
    if not steps:
        return Due(step=0, started_at=at, due_at=None, limit_at=at)
    return Due(step=0, started_at=at - steps[0].after, due_at=at, limit_at=at)


def next_step(
    table: GradeTable,
    grade: Grade,
    *,
    started_at: datetime,
    step: int,
    now: datetime,
    nobody_on_call: bool = False,
) -> Climbed:
    """Climb the step that is due, with every step that was missed while nobody swept.

    Call it when `due_at` has come; called early, it climbs one step early rather than none.
    After the last step its target is paged again at every repeat, for ever.
    """
    clock = table.of(grade)
    if not clock.steps:
        return Climbed(
            targets=(), step=step, due_at=None, everyone_paged=False, reached_nobody=False
        )
    reached = max(step, _latest_due(clock, started_at, now))
    last = len(clock.steps) - 1
    missed = clock.steps[min(step, last) : min(reached, last) + 1]
    return Climbed(
        targets=tuple(dict.fromkeys(each.page for each in missed)),
        step=reached + 1,
        due_at=_due(clock, started_at, reached + 1),
        everyone_paged=reached >= last,
        reached_nobody=nobody_on_call or reached > last,
    )


def people(target: Target, on_call: Sequence[OnCallPerson]) -> tuple[UUID, ...]:
    """The persons behind a target, each once; empty only when nobody at all is on call.

    A target that nobody fills falls to everyone: a page is never dropped for a gap in the list.
    """
    ranked = sorted(on_call, key=lambda each: (each.position, each.person))
    chosen = {
        Target.FIRST: ranked[:1],
        Target.SECOND: ranked[1:2],
        Target.SUPERVISOR: [each for each in ranked if each.is_supervisor],
        Target.EVERYONE: ranked,
    }[target]
    return tuple(dict.fromkeys(each.person for each in chosen or ranked))


def reopens(acknowledged_until: datetime, now: datetime) -> bool:
    """Whether the time for the promised next step has passed."""
    return now >= acknowledged_until


def _limit(clock: Clock, received_at: datetime, hours: OpenHours) -> datetime:
    if clock.counts == "wall":
        return received_at + clock.read_within
    if clock.counts == "working days":
        return after_working_days(received_at, clock.read_within.days, holidays.england().days)
    limit_at = hours.after_open_time(received_at, clock.read_within)
    closed_at = hours.closes_next(received_at)
    if clock.read_within_out_of_hours is None or closed_at is None:
        return limit_at
    # A message still unread at closing time becomes the person on call's, on their clock.
    return min(limit_at, closed_at + clock.read_within_out_of_hours)


def _due(clock: Clock, started_at: datetime, step: int) -> datetime | None:
    if not clock.steps or clock.repeat_every is None:
        return None
    last = len(clock.steps) - 1
    if step <= last:
        return started_at + clock.steps[step].after
    return started_at + clock.steps[last].after + clock.repeat_every * (step - last)


def _latest_due(clock: Clock, started_at: datetime, now: datetime) -> int:
    since = now - started_at
    last = len(clock.steps) - 1
    over = since - clock.steps[last].after
    if clock.repeat_every is not None and over >= clock.repeat_every:
        return last + over // clock.repeat_every
    return sum(each.after <= since for each in clock.steps) - 1
