"""Which child a contact is: a person's word, for as long as it stands.

A number is not a child. Nothing here is ever concluded from a number, and undoing a link leaves it
on record.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.children.models import Child, ContactLink


class UnknownLinkError(LookupError):
    """There is no such link, or it was undone already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedLink:
    """A link that stands, with what the child is called, sealed."""

    link: UUID
    child: UUID
    called: bytes
    linked_by: UUID
    linked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChild:
    """A child that is not known yet. ``called`` is sealed for the row ``child``."""

    child: UUID
    called: bytes
    token: bytes


def child_called(session: Session, *, token: bytes) -> UUID | None:
    """The child that staff call so, by the keyed token of those words."""
    return session.scalar(sa.select(Child.id).where(Child.called_token == token))


def make_child(session: Session, *, new: NewChild, by: UUID, now: datetime) -> None:
    """Begin the record of a child."""
    session.add(
        Child(id=new.child, called=new.called, called_token=new.token, made_by=by, made_at=now)
    )
    session.flush()  # the link's foreign key needs the child in place


def link(
    session: Session,
    *,
    row: UUID,
    contact: UUID,
    child: UUID,
    how_known: bytes,
    by: UUID,
    now: datetime,
) -> bool:
    """Say that a contact is this child; whether it was news. ``how_known`` is sealed."""
    stands = sa.select(ContactLink.id).where(
        ContactLink.contact_id == contact,
        ContactLink.child_id == child,
        ContactLink.undone_at.is_(None),
    )
    if session.scalar(stands) is not None:
        return False
    session.add(
        ContactLink(
            id=row,
            contact_id=contact,
            child_id=child,
            how_known=how_known,
            linked_by=by,
            linked_at=now,
        )
    )
    session.flush()
    return True


def is_linked(session: Session, *, contact: UUID) -> bool:
    """Whether a person said of this contact which child it is, and that stands."""
    stands = sa.select(ContactLink.id).where(
        ContactLink.contact_id == contact, ContactLink.undone_at.is_(None)
    )
    return session.scalar(stands.limit(1)) is not None


def undo(session: Session, *, link: UUID, by: UUID, now: datetime) -> None:
    """Take a link back. Of two people who do so at once one gets :class:`UnknownLinkError`."""
    undone = session.scalar(
        sa.update(ContactLink)
        .where(ContactLink.id == link, ContactLink.undone_at.is_(None))
        .values(undone_at=now, undone_by=by)
        .returning(ContactLink.id)
        .execution_options(synchronize_session=False)
    )
    if undone is None:
        raise UnknownLinkError


def links_of(session: Session, *, contact: UUID) -> list[SealedLink]:
    """The links of a contact that stand, the oldest first."""
    rows = session.execute(
        sa.select(ContactLink, Child.called)
        .join(Child, Child.id == ContactLink.child_id)
        .where(ContactLink.contact_id == contact, ContactLink.undone_at.is_(None))
        .order_by(ContactLink.linked_at, ContactLink.id)
    )
    return [
        SealedLink(
            link=row.ContactLink.id,
            child=row.ContactLink.child_id,
            called=row.called,
            linked_by=row.ContactLink.linked_by,
            linked_at=row.ContactLink.linked_at,
        )
        for row in rows
    ]


def contacts_of(session: Session, *, children: list[UUID]) -> list[UUID]:
    """Every contact that a person linked to one of these children."""
    return list(
        session.scalars(
            sa.select(ContactLink.contact_id)
            .where(ContactLink.child_id.in_(children), ContactLink.undone_at.is_(None))
            .distinct()
        )
    )
