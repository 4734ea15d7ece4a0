"""Saying which child a conversation is with, and taking it back."""

from typing import TYPE_CHECKING
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from uuid_utils.compat import uuid7

from chat import keywords
from chat.service import contacts
from helpline import access, scopes
from helpline.accounts.sessions import SignedIn
from helpline.children import links
from helpline.children.links import NewChild
from helpline.console import asking, conversation_forms, conversation_pages, deeds
from helpline.console.conversation_pages import subject
from helpline.hub import Notice
from integrations.sealing import KeyedLookup
from triage.service import crowds

if TYPE_CHECKING:
    from helpline.wiring import Adapters

LONGEST_NAME = 80


async def link(request: Request) -> Response:
    """Say which child a contact is, and how that is known."""
    asked = await asking.posted(request)

    def deed() -> None:
        link_to_child(
            asked.adapters,
            person=asked.person,
            conversation=subject(request),
            called=asked.words("called", most=LONGEST_NAME),
            how_known=asked.words("how_known", most=conversation_forms.ONE_LINE),
        )

    return await asking.answer(
        request,
        asked,
        deed,
        back=conversation_forms.back(request),
        again=conversation_forms.again(request, asked),
    )


async def undo(request: Request) -> Response:
    """It was another child."""
    asked = await asking.posted(request)

    def deed() -> None:
        undo_link(
            asked.adapters,
            person=asked.person,
            conversation=subject(request),
            link=request.path_params["link"],
        )

    return await asking.answer(
        request,
        asked,
        deed,
        back=conversation_forms.back(request),
        again=conversation_forms.again(request, asked),
    )


def link_to_child(
    adapters: "Adapters", *, person: SignedIn, conversation: UUID, called: str, how_known: str
) -> None:
    """Link the contact of a conversation to the child that staff call so; a new one if need be."""
    now = adapters.clock()
    lookup = KeyedLookup(adapters.keystore, "child.called_token", now=now)
    token = lookup.token(keywords.plain(called))
    with adapters.transactions.reading() as session:
        child = links.child_called(session, token=token)
    new: NewChild | None = None
    if child is None:
        child = uuid7()
        adapters.keystore.make([scopes.of_child(child)], now=now)
        words = access.seal_about_child(
            adapters, child=child, table="child", row=child, column="called", text=called
        )
        new = NewChild(child=child, called=words, token=token)
    row = uuid7()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        contact = contacts.contact_of(session, conversation=conversation)
        if new is not None:
            links.make_child(session, new=new, by=person.id, now=now)
        links.link(
            session,
            row=row,
            contact=contact,
            child=child,
            how_known=access.seal_about_child(
                adapters,
                child=child,
                table="contact_link",
                row=row,
                column="how_known",
                text=how_known,
            ),
            by=person.id,
            now=now,
        )
        # A child whom somebody knows stands in no crowd.
        theirs = contacts.conversations_of(session, contacts=[contact])
        crowds.stand_alone(session, entries=[each.conversation for each in theirs], now=now)
        deeds.written_down(session, adapters, person, "contact.linked", contact, now)
        deeds.ring(session, adapters, Notice("queue", conversation))


def undo_link(adapters: "Adapters", *, person: SignedIn, conversation: UUID, link: UUID) -> None:
    """Take a link back. It stays on record that it stood."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        links.undo(session, link=link, by=person.id, now=now)
        deeds.written_down(session, adapters, person, "contact.unlinked", link, now)
        deeds.ring(session, adapters, Notice("queue", conversation))


routes: list[BaseRoute] = [
    Route(f"{conversation_pages.ONE}/child", link, methods=["POST"]),
    Route(f"{conversation_pages.ONE}/child/{{link:uuid}}/undo", undo, methods=["POST"]),
]
