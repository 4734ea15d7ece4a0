"""Who is on now, and what is missing: the one place where the board learns it.

Today that is the standing list of people on call. Whatever keeps shifts answers :func:`now_on`.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.models import Staff
from triage.service import on_call


@dataclass(frozen=True, slots=True)
class OnDuty:
    """The people who are called now, first to be called first. ``gaps`` says what is missing."""

    people: tuple[UUID, ...]
    gaps: tuple[str, ...]


def now_on(session: Session, *, now: datetime) -> OnDuty:
    """Who is called at this moment, and what is missing."""
    del now  # the standing list is the same at every hour
    listed = on_call.list_on_call(session)
    able = set(session.scalars(sa.select(Staff.id).where(Staff.disabled_at.is_(None))))
    people = tuple(each.person for each in listed if each.person in able)
    gaps = []
    if not people:
        gaps.append("Nobody is on call. An emergency would reach no person.")
    elif not any(each.is_supervisor and each.person in able for each in listed):
        gaps.append("No supervisor is on call.")
    if people and len(people) == 1:
        gaps.append("Nobody is second on call.")
    if len(people) < len(listed):
        gaps.append("Somebody on the list is disabled and cannot answer.")
    return OnDuty(people, tuple(gaps))
