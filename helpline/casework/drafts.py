"""What somebody has typed and not sent. It outlives a crash, a locked screen and a take-over.

One draft a conversation, a person and a box. Saving never touches another person's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.casework.models import Box, Draft


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft that is kept."""

    draft: UUID
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class SealedDraft:
    """A draft whose words are sealed under the conversation's key."""

    draft: UUID
    staff: UUID
    box: Box
    body: bytes
    saved_at: datetime


def row_of(session: Session, *, conversation: UUID, staff: UUID, box: Box) -> UUID | None:
    """The id of the draft that :func:`save` will write over: seal the words for that row."""
    return session.scalar(sa.select(Draft.id).where(*_mine(conversation, staff, box)))


def save(
    session: Session,
    *,
    draft: UUID,
    conversation: UUID,
    staff: UUID,
    box: Box,
    body: bytes,
    now: datetime,
) -> Saved:
    """Keep a draft in place of the earlier one in the same box.

    ``draft`` is the id that ``body`` was sealed for.
    """
    session.execute(sa.delete(Draft).where(*_mine(conversation, staff, box), Draft.id != draft))
    row = session.get(Draft, draft)
    if row is None:
        session.add(
            Draft(
                id=draft,
                conversation_id=conversation,
                staff_id=staff,
                box=box.value,
                body=body,
                saved_at=now,
            )
        )
    else:
        row.body, row.saved_at = body, now
    session.flush()
    return Saved(draft=draft, saved_at=now)


def load(session: Session, *, conversation: UUID) -> list[SealedDraft]:
    """Everybody's drafts in a conversation, so that who takes over finds what was begun."""
    rows = session.scalars(
        sa.select(Draft).where(Draft.conversation_id == conversation).order_by(Draft.saved_at)
    )
    return [SealedDraft(row.id, row.staff_id, Box(row.box), row.body, row.saved_at) for row in rows]


def forget(session: Session, *, conversation: UUID, staff: UUID, box: Box) -> None:
    """Drop a draft, because it was sent or its box was emptied."""
    session.execute(sa.delete(Draft).where(*_mine(conversation, staff, box)))


def begun_in(session: Session, *, conversations: Sequence[UUID], staff: UUID) -> set[UUID]:
    """Those of the conversations in which this person has begun to write."""
    return set(
        session.scalars(
            sa.select(Draft.conversation_id).where(
                Draft.staff_id == staff, Draft.conversation_id.in_(conversations)
            )
        )
    )


def _mine(conversation: UUID, staff: UUID, box: Box) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Draft.conversation_id == conversation,
        Draft.staff_id == staff,
        Draft.box == box.value,
    )
