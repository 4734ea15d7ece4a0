"""What staff say of where a child lives and of who is implicated: one transaction each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from chat.service import contacts
from helpline import access
from helpline.accounts.sessions import SignedIn
from helpline.children import links
from helpline.console import deeds, spoken
from helpline.danger import marks
from helpline.danger.card import Part
from helpline.hub import Notice
from helpline.institutions import placements
from helpline.institutions.models import StatedBy
from helpline.institutions.placements import UnknownPlacementError
from helpline.signals import offers
from helpline.signals.models import Answer, HeardFrom

if TYPE_CHECKING:
    from helpline.wiring import Adapters


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """That a child lives somewhere, and whose word it is."""

    child: UUID
    institution: UUID
    unit: UUID | None
    stated_by: StatedBy


class AboutPlacement(Protocol):
    """A deed about a placement that stands."""

    def __call__(
        self, adapters: "Adapters", *, person: SignedIn, conversation: UUID, placement: UUID
    ) -> None: ...


def place(adapters: "Adapters", *, person: SignedIn, conversation: UUID, stay: Stay) -> None:
    """Write down where a child of this conversation lives, from today."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        if stay.child not in children_of(session, conversation=conversation):
            raise UnknownPlacementError
        placements.place(
            session,
            child=stay.child,
            institution=stay.institution,
            unit=stay.unit,
            from_day=spoken.local_day(now),
            stated_by=stay.stated_by,
            by=person.id,
            now=now,
        )
        deeds.written_down(session, adapters, person, "child.placed", stay.child, now)
        deeds.ring(session, adapters, Notice("queue", conversation))


def end(adapters: "Adapters", *, person: SignedIn, conversation: UUID, placement: UUID) -> None:
    """The child lives there no more, from today."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        _check(session, person, conversation, placement, adapters)
        placements.end(session, placement=placement, until_day=spoken.local_day(now))
        deeds.written_down(session, adapters, person, "placement.ended", placement, now)
        deeds.ring(session, adapters, Notice("queue", conversation))


def undo(adapters: "Adapters", *, person: SignedIn, conversation: UUID, placement: UUID) -> None:
    """It was never so."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        _check(session, person, conversation, placement, adapters)
        placements.undo(session, placement=placement, by=person.id, now=now)
        deeds.written_down(session, adapters, person, "placement.undone", placement, now)
        deeds.ring(session, adapters, Notice("queue", conversation))


def implicate(
    adapters: "Adapters", *, person: SignedIn, conversation: UUID, part: Part, who: str
) -> None:
    """Write down that somebody must not be told what this child says."""
    now = adapters.clock()
    row = uuid7()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        contacts.contact_of(session, conversation=conversation)  # or there is no such one
        marks.mark(
            session,
            row=row,
            conversation=conversation,
            part=part,
            who=access.seal_about(
                adapters,
                conversation=conversation,
                table="implicated",
                row=row,
                column="who",
                text=who,
            ),
            by=person.id,
            now=now,
        )
        deeds.written_down(session, adapters, person, "implicated.marked", conversation, now)
        deeds.ring(session, adapters, Notice("queue", conversation))


def undo_implicate(
    adapters: "Adapters", *, person: SignedIn, conversation: UUID, mark: UUID
) -> None:
    """Take back that somebody is implicated. It stays on record that it was said."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        marks.undo(session, mark=mark, conversation=conversation, by=person.id, now=now)
        deeds.written_down(session, adapters, person, "implicated.undone", mark, now)
        deeds.ring(session, adapters, Notice("queue", conversation))


def keep_offer(
    adapters: "Adapters",
    *,
    person: SignedIn,
    conversation: UUID,
    placement: UUID,
    answer: Answer,
    heard_from: HeardFrom,
) -> None:
    """Write down what was answered when an advocate was offered to a child where it lives."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        standing = placements.of_children(
            session,
            children=list(children_of(session, conversation=conversation)),
            today=spoken.local_day(now),
        )
        at = next((each for each in standing if each.placement == placement), None)
        if at is None:
            raise UnknownPlacementError
        kept = offers.keep(
            session,
            institution=at.institution,
            child=at.child,
            answer=answer,
            heard_from=heard_from,
            by=person.id,
            now=now,
        )
        deeds.written_down(session, adapters, person, "advocate_offer.kept", kept, now)


def undo_offer(adapters: "Adapters", *, person: SignedIn, conversation: UUID, offer: UUID) -> None:
    """It was not so."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        children = list(children_of(session, conversation=conversation))
        offers.undo(session, offer=offer, children=children, by=person.id, now=now)
        deeds.written_down(session, adapters, person, "advocate_offer.undone", offer, now)


def _check(
    session: Session,
    person: SignedIn,
    conversation: UUID,
    placement: UUID,
    adapters: "Adapters",
) -> None:
    """Refuse a placement that is not one of this conversation's children."""
    access.check_may_read(person)
    standing = placements.of_children(
        session,
        children=list(children_of(session, conversation=conversation)),
        today=spoken.local_day(adapters.clock()),
    )
    if placement not in {each.placement for each in standing}:
        raise UnknownPlacementError


def children_of(session: Session, *, conversation: UUID) -> set[UUID]:
    """The children that somebody said this conversation is with."""
    contact = contacts.contact_of(session, conversation=conversation)
    return {each.child for each in links.links_of(session, contact=contact)}
