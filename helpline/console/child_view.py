"""Which child a conversation is with, by a person's word, and what else that child had with us."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from chat.service import contacts
from chat.service.contacts import Had
from helpline import access
from helpline.accounts.sessions import SignedIn
from helpline.children import links
from helpline.console import spoken
from helpline.console.queue_view import Names

if TYPE_CHECKING:
    from helpline.wiring import Adapters


@dataclass(frozen=True, slots=True)
class LinkShown:
    """One child that somebody said this is."""

    link: UUID
    called: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another conversation of the same child; nothing of it is opened here."""

    conversation: UUID
    reference: str
    channel: str
    opened_at: datetime


@dataclass(frozen=True)
class Identity:
    """Who it is, as far as a person has said so. Empty where nobody did."""

    links: tuple[LinkShown, ...]
    earlier: tuple[Earlier, ...]


def identity(
    session: Session,
    adapters: "Adapters",
    *,
    person: SignedIn,
    conversation: UUID,
    names: Names,
) -> Identity:
    """The standing links of a conversation's contact, and the conversations they lead to.

    Without a link there is nothing: a number alone never shows what was said before.
    """
    access.check_may_read(person)
    contact = contacts.contact_of(session, conversation=conversation)
    found = links.links_of(session, contact=contact)
    known = links.contacts_of(session, children=[each.child for each in found]) if found else []
    return Identity(
        links=tuple(
            LinkShown(
                each.link,
                access.child_called(adapters, staff=person, child=each.child, sealed=each.called),
                names(each.linked_by),
                each.linked_at,
            )
            for each in found
        ),
        earlier=tuple(
            _shown(each)
            for each in contacts.conversations_of(session, contacts=known)
            if each.conversation != conversation
        ),
    )


def _shown(had: Had) -> Earlier:
    return Earlier(had.conversation, spoken.reference(had.conversation), had.channel, had.opened_at)
