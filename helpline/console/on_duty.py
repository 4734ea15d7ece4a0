"""Who is on now, and what is missing: the one place where the board learns it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.models import Staff
from helpline.console import spoken
from triage import rota
from triage.rota import Line
from triage.service import on_call, shifts


@dataclass(frozen=True, slots=True)
class OnDuty:
    """The people who are called now, first to be called first. ``gaps`` says what is missing."""

    people: tuple[UUID, ...]
    gaps: tuple[str, ...]


def now_on(session: Session, *, now: datetime) -> OnDuty:
    """Who is called at this moment, by shift and by the list behind it, and what is missing."""
    listed = on_call.on_duty(session, now=now)
    able = set(session.scalars(sa.select(Staff.id).where(Staff.disabled_at.is_(None))))
    people = tuple(each.person for each in listed if each.person in able)
    gaps = []
    if not people:
        gaps.append("Nobody is on call. An emergency would reach no person.")
    elif not any(each.is_supervisor and each.person in able for each in listed):
        gaps.append("No supervisor is on call.")
    if len(people) == 1:
        gaps.append("Nobody is second on call.")
    if len(people) < len(listed):
        gaps.append("Somebody on the list is disabled and cannot answer.")
    return OnDuty(people, (*gaps, *_of_the_rota(session, now)))


def _of_the_rota(session: Session, now: datetime) -> tuple[str, ...]:
    until = now + rota.load().looks_ahead
    standing = shifts.standing(session, from_=now, until=until)
    if not standing:
        return ()
    missed = any(each.missed_at is not None and each.checked_in_at is None for each in standing)
    gaps = rota.gaps([each.shift for each in standing], line=Line.FIRST, from_=now, until=until)
    return (
        *(("Somebody on shift has not checked in.",) if missed else ()),
        *(
            f"Nobody is first on call from {spoken.hour(gap.from_)} to {spoken.hour(gap.until)}."
            for gap in gaps[:1]
        ),
    )
