"""What the rules across children look at: ids, places and times, read from many tables. No words.

Who lives where is taken from placements that were not undone. A placement is often written down
after the concern that made somebody ask, so the day from which it counts is not looked at.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from chat.models import Conversation
from helpline.children.models import ContactLink
from helpline.danger.card import Part
from helpline.danger.models import Mark
from helpline.institutions.models import Placement
from helpline.signals.models import AdvocateOffer, Answer, HeardFrom
from helpline.signals.rule import Concern, Contact, Offer
from triage.grades import Grade
from triage.models import Entry, Escalation


def concerns(session: Session, *, since: datetime) -> list[Concern]:
    """Urgent or graver escalations of children who live somewhere, and marks against staff."""
    escalations = _of_places(Escalation.id, Escalation.raised_at).join(
        Escalation, Escalation.entry_id == Conversation.id
    )
    marks = _of_places(Mark.id, Mark.marked_at).join(Mark, Mark.conversation_id == Conversation.id)
    rows = [
        *session.execute(
            escalations.where(
                Escalation.raised_at > since,
                Escalation.grade_rank <= Grade.URGENT.rank,
                _lived_there(Escalation.raised_at),
            )
        ),
        *session.execute(
            marks.where(
                Mark.marked_at > since,
                Mark.undone_at.is_(None),
                Mark.part == Part.STAFF,
                _lived_there(Mark.marked_at),
            )
        ),
    ]
    return [Concern(institution=row[0], child=row[1], evidence=row[2], at=row[3]) for row in rows]


def offers(session: Session, *, since: datetime) -> list[Offer]:
    """The offers of an advocate that stand."""
    rows = session.scalars(
        sa.select(AdvocateOffer).where(
            AdvocateOffer.kept_at > since, AdvocateOffer.undone_at.is_(None)
        )
    )
    return [
        Offer(
            institution=row.institution_id,
            evidence=row.id,
            at=row.kept_at,
            is_refused=row.answer == Answer.NO,
            is_reported=row.heard_from != HeardFrom.CHILD,
        )
        for row in rows
    ]


def contacts(session: Session, *, since: datetime) -> list[Contact]:
    """When children who still live somewhere began a conversation, or last wrote in one."""
    rows = session.execute(
        _of_places(Conversation.id, Conversation.opened_at, Entry.last_child_at)
        .outerjoin(Entry, Entry.id == Conversation.id)
        .where(
            sa.or_(Conversation.opened_at > since, Entry.last_child_at > since),
            Placement.until_day.is_(None),
        )
    )
    return [
        Contact(institution=row[0], child=row[1], evidence=row[2], at=at)
        for row in rows
        for at in {row[3], row[4]}
        if at is not None
    ]


def conversations_of(session: Session, *, evidence: list[UUID]) -> list[UUID]:
    """The conversations that evidence leads to, the newest first. An offer leads to none."""
    found = sa.select(Conversation.id).where(
        sa.or_(
            Conversation.id.in_(evidence),
            Conversation.id.in_(sa.select(Escalation.entry_id).where(Escalation.id.in_(evidence))),
            Conversation.id.in_(sa.select(Mark.conversation_id).where(Mark.id.in_(evidence))),
        )
    )
    return list(session.scalars(found.order_by(Conversation.opened_at.desc(), Conversation.id)))


def _of_places(*columns: Any) -> sa.Select[Any]:
    """Each conversation of each child in each place where somebody said that it lives."""
    return (
        sa.select(Placement.institution_id, Placement.child_id, *columns)
        .select_from(Placement)
        .join(
            ContactLink,
            sa.and_(ContactLink.child_id == Placement.child_id, ContactLink.undone_at.is_(None)),
        )
        .join(Conversation, Conversation.contact_id == ContactLink.contact_id)
        .where(Placement.undone_at.is_(None))
    )


def _lived_there(at: InstrumentedAttribute[datetime]) -> sa.ColumnElement[bool]:
    # The day is England's and the instant is UTC: at worst it counts a day too long.
    return sa.or_(Placement.until_day.is_(None), Placement.until_day >= sa.func.date(at))
