"""The alarms of one grade in a crowd climb as one: one leads, the others wait for what it comes to.

Each keeps its own grade and row. When the leader is closed another leads, so that the last of a
crowd that nobody looked at still rings. What a person raised follows nobody.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from triage.escalation import State
from triage.models import Entry, Escalation

# A follower whose leader is climbing elsewhere at this moment is looked at again after this.
LOOK_AGAIN = timedelta(seconds=30)


def leaders_of(session: Session, *, escalations: Sequence[UUID]) -> dict[UUID, UUID]:
    """For each escalation that software raised in a crowd, the one that leads those of its grade.

    Somebody's own leads before one that rings, that before one that is only armed; then the older.
    An escalation that is not in the answer climbs by itself.
    """
    group = (Entry.crowd_id, Escalation.grade_rank)
    in_crowds = (
        sa.select(Escalation.id, *group)
        .join(Entry, Entry.id == Escalation.entry_id)
        .where(Entry.crowd_id.is_not(None), Escalation.raised_by.is_(None))
    )
    group_of = {
        row.id: (row.crowd_id, row.grade_rank)
        for row in session.execute(in_crowds.where(Escalation.id.in_(escalations)))
    }
    if not group_of:
        return {}
    place = sa.func.row_number().over(
        partition_by=group,
        order_by=(
            sa.case(
                (Escalation.state == State.ACKNOWLEDGED, 0),
                (Escalation.state == State.PAGING, 1),
                else_=2,
            ),
            Escalation.raised_at,
            Escalation.id,
        ),
    )
    crowds = {crowd for crowd, _ in group_of.values()}
    ranked = (
        in_crowds.add_columns(place.label("place"))
        .where(Escalation.state != State.CLOSED, Entry.crowd_id.in_(crowds))
        .subquery()
    )
    first = sa.select(ranked.c.crowd_id, ranked.c.grade_rank, ranked.c.id).where(
        ranked.c.place == 1
    )
    leader = {(row.crowd_id, row.grade_rank): row.id for row in session.execute(first)}
    return {row: leader[of] for row, of in group_of.items() if of in leader}


def ring_alone(session: Session, *, entries: Sequence[UUID], now: datetime) -> None:
    """Let the alarms of entries that left a crowd climb now: they have waited for others so far."""
    session.execute(
        sa.update(Escalation)
        .where(
            Escalation.entry_id.in_(entries),
            Escalation.state.in_((State.ARMED, State.PAGING)),
            Escalation.due_at > now,
        )
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )


def follow(session: Session, *, followers: Mapping[UUID, UUID], now: datetime) -> None:
    """Let each follower wait until its leader's next moment; call it after leaders have climbed."""
    if not followers:
        return
    due = {
        row.id: row.due_at
        for row in session.execute(
            sa.select(Escalation.id, Escalation.due_at).where(
                Escalation.id.in_({*followers.values()})
            )
        )
    }
    by_leader: dict[UUID, list[UUID]] = {}
    for follower, leader in followers.items():
        by_leader.setdefault(leader, []).append(follower)
    for leader, waiting in by_leader.items():
        until = due.get(leader)
        session.execute(
            sa.update(Escalation)
            .where(Escalation.id.in_(waiting))
            .values(due_at=until if until is not None and until > now else now + LOOK_AGAIN)
            .execution_options(synchronize_session=False)
        )
