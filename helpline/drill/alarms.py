"""Alarms: how soon somebody is paged, whether steps are on time, who hears that nobody came."""

import time
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from helpline.audit.models import AuditEntry
from helpline.drill import figures
from helpline.drill.figures import Figure
from helpline.drill.night import Night
from helpline.drill.people import Child
from integrations.database import Instant
from triage.grades import Grade
from triage.models import Escalation, Page

_WORDS = "i took all my tablets and i feel sick number {}"
# The demo's clocks: steps of an emergency at 0, 12, 30 and 60 seconds, then every 30.
_WATCH_SECONDS = 100.0


def play(night: Night, *, emergencies: int) -> Iterator[Figure]:
    """Children are in danger and nobody acknowledges."""
    begun: dict[UUID, datetime] = {}
    for number in range(emergencies):
        child = Child(night)
        child.say(_WORDS.format(number))
        begun[child.conversation] = night.adapters.clock()
        time.sleep(0.2)
    time.sleep(_WATCH_SECONDS)
    first = [_first_page(night, each, at) for each, at in begun.items()]
    seen = [each for each in first if each is not None]
    yield Figure(
        "alarms",
        f"first page, p99 of {len(begun)}",
        figures.p99(seen) if len(seen) == len(begun) else None,
        figures.bound("first_page_p99_seconds"),
        "s",
    )
    late = [lateness for each in begun for lateness in _lateness(night, each)]
    yield Figure(
        "alarms",
        f"the latest of {len(late)} steps",
        max(late, default=None),
        figures.bound("step_late_seconds"),
        "s",
        "steps of the demo's clocks",
    )
    told = [_told_after(night, each) for each in begun]
    known = [each for each in told if each is not None]
    speed = night.settings.clock_speed
    yield Figure(
        "alarms",
        f"nobody reached, told outside ({len(known)} of {len(begun)})",
        max(known) * speed / 60 if len(known) == len(begun) else None,
        figures.bound("nobody_told_minutes"),
        "min",
        f"on the night's clock, {speed} times as fast",
    )


def _escalation(night: Night, entry: UUID) -> Escalation | None:
    with night.adapters.transactions.reading() as session:
        return session.scalar(
            sa.select(Escalation).where(Escalation.entry_id == entry).order_by(Escalation.raised_at)
        )


def _first_page(night: Night, entry: UUID, said_at: datetime) -> float | None:
    with night.adapters.transactions.reading() as session:
        at = session.scalar(
            sa.select(sa.type_coerce(sa.func.min(Page.made_at), Instant()))
            .join(Escalation, Escalation.id == Page.escalation_id)
            .where(Escalation.entry_id == entry)
        )
    return None if at is None else max(0.0, (at - said_at).total_seconds())


def _lateness(night: Night, entry: UUID) -> Iterator[float]:
    escalation = _escalation(night, entry)
    if escalation is None:
        return
    clock = night.adapters.grades.of(Grade.EMERGENCY)
    with night.adapters.transactions.reading() as session:
        rows = session.execute(
            sa.select(Page.step, sa.type_coerce(sa.func.min(Page.made_at), Instant()))
            .where(Page.escalation_id == escalation.id, Page.round == escalation.round)
            .group_by(Page.step)
            .order_by(Page.step)
        ).all()
    # A page's step counts from one: the row stores what comes next.
    for step, made_at in rows:
        number = step - 1
        if number < len(clock.steps):
            due = escalation.started_at + clock.steps[number].after
        elif clock.repeat_every is not None:
            more = number - len(clock.steps) + 1
            due = escalation.started_at + clock.steps[-1].after + clock.repeat_every * more
        else:
            continue
        yield (made_at - due).total_seconds()


def _told_after(night: Night, entry: UUID) -> float | None:
    escalation = _escalation(night, entry)
    if escalation is None:
        return None
    with night.adapters.transactions.reading() as session:
        at = session.scalar(
            sa.select(AuditEntry.at).where(
                AuditEntry.action == "escalation.told_outside",
                AuditEntry.subject_id == escalation.id,
            )
        )
    return None if at is None else (at - escalation.raised_at).total_seconds()
