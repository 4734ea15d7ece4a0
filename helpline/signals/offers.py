"""Writing down that an advocate was offered to a child, and taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline.signals.models import AdvocateOffer, Answer, HeardFrom


class UnknownOfferError(LookupError):
    """There is no such offer of this child, or it was taken back already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """An offer that stands."""

    offer: UUID
    child: UUID
    institution: UUID
    answer: Answer
    heard_from: HeardFrom
    kept_by: UUID
    kept_at: datetime


def keep(
    session: Session,
    *,
    institution: UUID,
    child: UUID,
    answer: Answer,
    heard_from: HeardFrom,
    by: UUID,
    now: datetime,
) -> UUID:
    """Write down what was answered, and whose word it is; the id of the row."""
    row = uuid7()
    session.add(
        AdvocateOffer(
            id=row,
            institution_id=institution,
            child_id=child,
            answer=answer.value,
            heard_from=heard_from.value,
            kept_by=by,
            kept_at=now,
        )
    )
    session.flush()
    return row


def undo(
    session: Session, *, offer: UUID, children: Sequence[UUID], by: UUID, now: datetime
) -> None:
    """It was not so. Raises :class:`UnknownOfferError` also for an offer to another child."""
    undone = session.scalar(
        sa.update(AdvocateOffer)
        .where(
            AdvocateOffer.id == offer,
            AdvocateOffer.child_id.in_(children),
            AdvocateOffer.undone_at.is_(None),
        )
        .values(undone_at=now, undone_by=by)
        .returning(AdvocateOffer.id)
        .execution_options(synchronize_session=False)
    )
    if undone is None:
        raise UnknownOfferError


def of_children(session: Session, *, children: Sequence[UUID]) -> list[Offered]:
    """What was offered to these children, the newest first."""
    rows = session.scalars(
        sa.select(AdvocateOffer)
        .where(AdvocateOffer.child_id.in_(children), AdvocateOffer.undone_at.is_(None))
        .order_by(AdvocateOffer.kept_at.desc(), AdvocateOffer.id.desc())
    )
    return [
        Offered(
            offer=row.id,
            child=row.child_id,
            institution=row.institution_id,
            answer=Answer(row.answer),
            heard_from=HeardFrom(row.heard_from),
            kept_by=row.kept_by,
            kept_at=row.kept_at,
        )
        for row in rows
    ]
