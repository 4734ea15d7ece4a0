"""The danger card: one tap, no second person, always recorded."""

from typing import TYPE_CHECKING
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from chat.errors import UnknownConversationError
from helpline import access
from helpline.console import (
    asking,
    conversation_forms,
    conversation_pages,
    danger_view,
    deeds,
    rendering,
    spoken,
)
from helpline.console.asking import Asked
from helpline.console.conversation_pages import subject
from helpline.danger import marks
from helpline.danger.card import Card

if TYPE_CHECKING:
    from helpline.accounts.sessions import SignedIn
    from helpline.wiring import Adapters


async def danger_card(request: Request) -> Response:
    """Everything that somebody who rings for help must have in front of them.

    A form and not an address: who opens it leaves a row, and no history leads to it.
    """
    asked = await asking.posted(request)
    return await run_in_threadpool(_page, request, asked, subject(request))


def opened(adapters: "Adapters", *, person: "SignedIn", conversation: UUID) -> Card:
    """Open a card. That it was opened, and why, is kept before anybody sees it.

    Raises :class:`chat.errors.UnknownConversationError`, :class:`helpline.access.NotAllowedError`.
    """
    access.check_may_read(person)
    now = adapters.clock()
    # Reading many words takes a while, and in the embedded default an open transaction that
    # writes would hold up every child's message.
    with adapters.transactions.reading() as session:
        card = danger_view.card(
            session,
            adapters,
            person=person,
            conversation=conversation,
            today=spoken.local_day(now),
        )
        reason = danger_view.reason(session, conversation=conversation)
    with adapters.transactions.begin() as session:
        marks.opened(session, conversation=conversation, reason=reason, by=person.id, now=now)
        deeds.written_down(session, adapters, person, "danger_card.opened", conversation, now)
    return card


def _page(request: Request, asked: Asked, conversation: UUID) -> Response:
    try:
        card = opened(asked.adapters, person=asked.person, conversation=conversation)
    except UnknownConversationError as problem:
        return conversation_pages.not_there(asked, problem)
    return rendering.page(
        asked.adapters,
        "danger_card.html",
        person=asked.person,
        card=card,
        reference=spoken.reference(conversation),
        back=conversation_forms.back(request),
    )


routes: list[BaseRoute] = [
    Route(f"{conversation_pages.ONE}/danger-card", danger_card, methods=["POST"]),
]
