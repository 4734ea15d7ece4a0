"""Where the children of conversations live, and who of ours has a tie to such a place."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.service import contacts
from helpline.children.models import ContactLink
from helpline.institutions.models import Institution, Kind, Placement
from triage.errors import ConflictOfInterestError
from triage.service import profiles


def has_conflict(session: Session, *, staff: UUID, conversation: UUID) -> bool:
    """Whether somebody must not see a conversation: a tie to the place where the child lives."""
    found = places(session, conversations=[conversation]).get(conversation, {})
    return bool(found) and staff in profiles.with_conflict(session, about=found.keys())


def check(session: Session, *, staff: UUID, conversation: UUID) -> None:
    """Raises :class:`triage.errors.ConflictOfInterestError` for whoever has a tie to the place."""
    if has_conflict(session, staff=staff, conversation=conversation):
        raise ConflictOfInterestError


def places(session: Session, *, conversations: Sequence[UUID]) -> dict[UUID, dict[UUID, Kind]]:
    """The places in which the children of these conversations are said to live now."""
    contact_of = contacts.contacts_of(session, conversations=conversations)
    rows = session.execute(
        sa.select(ContactLink.contact_id, Institution.id, Institution.kind)
        .join(Placement, Placement.child_id == ContactLink.child_id)
        .join(Institution, Institution.id == Placement.institution_id)
        .where(
            ContactLink.contact_id.in_({*contact_of.values()}),
            ContactLink.undone_at.is_(None),
            Placement.undone_at.is_(None),
            Placement.until_day.is_(None),
        )
    )
    found: dict[UUID, dict[UUID, Kind]] = {}
    for contact, institution, kind in rows:
        found.setdefault(contact, {})[institution] = Kind(kind)
    return {
        conversation: found[contact]
        for conversation, contact in contact_of.items()
        if contact in found
    }
