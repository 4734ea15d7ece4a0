"""What the danger card of a conversation is made of. It opens words, so its caller records that.

It joins who the child is, where it lives and who is implicated; it reads, and writes nothing.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.models import Conversation
from chat.service import contacts, read
from helpline import access
from helpline.accounts.sessions import SignedIn
from helpline.children import links
from helpline.children.models import ContactLink
from helpline.console import turns_view
from helpline.danger import card as rules
from helpline.danger import marks
from helpline.danger.card import Card, Ground, Implicated, Office, Part, Place, Words
from helpline.danger.models import Mark
from helpline.institutions import placements, register
from helpline.institutions.models import Placement
from helpline.institutions.placements import Placed
from helpline.institutions.register import Authority, Force
from triage import assessment
from triage.escalation import State
from triage.models import Entry, Escalation

if TYPE_CHECKING:
    from helpline.wiring import Adapters

# As many of the newest messages are read for concerns; a card must be there at once.
MOST_READ = 200


def card(
    session: Session,
    adapters: "Adapters",
    *,
    person: SignedIn,
    conversation: UUID,
    today: date,
) -> Card:
    """The card of a conversation.

    Raises :class:`chat.errors.UnknownConversationError` or, for whoever may not read,
    :class:`helpline.access.NotAllowedError`.
    """
    access.check_may_read(person)
    read.find(session, conversation=conversation)
    words = rules.load()
    contact = contacts.contact_of(session, conversation=conversation)
    children = links.links_of(session, contact=contact)
    called = {
        each.child: access.child_called(
            adapters, staff=person, child=each.child, sealed=each.called
        )
        for each in children
    }
    placed = placements.of_children(session, children=list(called), today=today)
    return rules.card(
        places=[
            _place(session, adapters, person, each, called[each.child], words) for each in placed
        ],
        implicated=[
            *_marked(session, adapters, person, conversation, list(called)),
            *_named_elsewhere(
                session, conversation, [each.institution for each in placed], list(called)
            ),
            *_in_words(session, adapters, conversation, words),
        ],
        today=today,
        words=words,
    )


def reason(session: Session, *, conversation: UUID) -> str:
    """Why the card is opened, in our own few words: how grave, and whether somebody is called."""
    entry = session.get(Entry, conversation)
    grade = "not graded" if entry is None else turns_view.GRADES[entry.grade_rank].value
    state = session.scalar(
        sa.select(Escalation.state).where(
            Escalation.entry_id == conversation, Escalation.state != State.CLOSED
        )
    )
    return f"{grade}, {'no escalation' if state is None else f'escalation {state}'}"


def _place(
    session: Session,
    adapters: "Adapters",
    person: SignedIn,
    placed: Placed,
    child: str,
    words: Words,
) -> Place:
    found = register.place(session, institution=placed.institution)

    def opens(table: str, row: UUID, column: str, sealed: bytes) -> str:
        return access.open_about_institution(
            adapters,
            staff=person,
            institution=placed.institution,
            table=table,
            row=row,
            column=column,
            sealed=sealed,
        )

    at = found.institution.institution
    unit = None if placed.unit is None else register.unit_named(session, unit=placed.unit)
    return Place(
        child=child,
        name=opens("institution", at, "name", found.institution.name),
        kind=found.institution.kind.value,
        unit=None if unit is None else opens("institution_unit", unit.unit, "name", unit.name),
        address=opens("institution", at, "address", found.institution.address),
        stated_by=placed.stated_by.value,
        from_day=placed.from_day,
        authority=None if found.authority is None else _authority(found.authority, words),
        force=None if found.force is None else _force(found.force, words),
    )


def _authority(authority: Authority, words: Words) -> Office:
    return Office(
        name=authority.name,
        numbers=(
            (words.authority["night"], authority.duty_number),
            (words.authority["day"], authority.social_care_number),
        ),
        checked=authority.checked,
    )


def _force(force: Force, words: Words) -> Office:
    return Office(
        name=force.name,
        numbers=((words.authority["control_room"], force.control_room_number),),
        checked=force.checked,
    )


def _marked(
    session: Session,
    adapters: "Adapters",
    person: SignedIn,
    conversation: UUID,
    children: Sequence[UUID],
) -> list[Implicated]:
    """Whom colleagues wrote down, in this conversation and in the others of the same child."""
    others = links.contacts_of(session, children=list(children)) if children else []
    known = [each.conversation for each in contacts.conversations_of(session, contacts=others)]
    found = marks.of_conversations(session, conversations=list({conversation, *known}))
    return [
        Implicated(
            part=each.part,
            ground=Ground.CASEWORK,
            who=access.open_about(
                adapters,
                staff=person,
                conversation=each.conversation,
                table="implicated",
                row=each.mark,
                column="who",
                sealed=each.who,
            ),
        )
        for each in found
    ]


def _named_elsewhere(
    session: Session,
    conversation: UUID,
    institutions: Sequence[UUID],
    children: Sequence[UUID],
) -> list[Implicated]:
    """Whether another child's conversation speaks against somebody who works there.

    That it is so is all that is told: the name belongs to the other child's conversation.
    """
    if not institutions:
        return []
    spoken = (
        sa.select(Mark.id)
        .join(Conversation, Conversation.id == Mark.conversation_id)
        .join(ContactLink, ContactLink.contact_id == Conversation.contact_id)
        .join(Placement, Placement.child_id == ContactLink.child_id)
        .where(
            Mark.part == Part.STAFF,
            Mark.undone_at.is_(None),
            Mark.conversation_id != conversation,
            ContactLink.undone_at.is_(None),
            ContactLink.child_id.not_in(children),
            Placement.undone_at.is_(None),
            Placement.institution_id.in_(institutions),
        )
        .limit(1)
    )
    is_so = session.scalar(spoken) is not None
    return [Implicated(part=Part.STAFF, ground=Ground.ELSEWHERE)] if is_so else []


def _in_words(
    session: Session, adapters: "Adapters", conversation: UUID, words: Words
) -> list[Implicated]:
    """Against whom the child's own words speak, as far as software reads them."""
    said = access.for_triage(session, adapters, conversation=conversation, most=MOST_READ)
    concerns = {
        concern
        for each in said
        if each.author == "child"
        for concern in assessment.assess(each.text).concerns
    }
    found = rules.parts_of(concerns, words)
    return [Implicated(part=part, ground=Ground.WORDS) for part in Part if part in found]
