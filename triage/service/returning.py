"""A child who waits for somebody who is gone goes back to the queue, with their clock as it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from triage import routing
from triage.grades import Grade
from triage.models import Entry
from triage.routing import Figures


@dataclass(frozen=True, slots=True)
class Returned:
    """An entry is everybody's again. ``from_staff`` held it until now."""

    entry: UUID
    from_staff: UUID


def holders(session: Session) -> list[UUID]:
    """Everybody for whom a child waits."""
    rows = session.scalars(
        sa.select(Entry.claimed_by)
        .where(Entry.claimed_by.is_not(None), Entry.waiting_since.is_not(None))
        .distinct()
    )
    return [holder for holder in rows if holder is not None]


def return_to_queue(
    session: Session,
    *,
    seen_at: Mapping[UUID, datetime | None],
    figures: Figures,
    now: datetime,
) -> list[Returned]:
    """Give back what waits for people who are not there; ``seen_at`` says when each last was.

    Whoever is not in ``seen_at`` keeps what they hold. The child's place in the queue is the old
    one, since the first message that nobody answered.
    """
    rows = session.scalars(
        sa.select(Entry)
        .where(Entry.claimed_by.in_([*seen_at]), Entry.waiting_since.is_not(None))
        .order_by(Entry.id)
        .with_for_update(skip_locked=True)
    ).all()
    returned = []
    for row in rows:
        holder, since = row.claimed_by, row.waiting_since
        if holder is None or since is None:
            continue
        if routing.returns(
            list(Grade)[row.grade_rank],
            waiting_since=since,
            seen_at=seen_at[holder],
            now=now,
            figures=figures,
        ):
            row.claimed_by = row.claimed_at = None
            row.returned_from, row.returned_at = holder, now
            returned.append(Returned(row.id, holder))
    session.flush()
    return returned
