"""A child begins a conversation: its key first, then the conversation itself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from chat.service import start as chat
from helpline import failpoints, scopes
from helpline.audit.record import Actor
from helpline.public import visits
from helpline.public.models import Visit

if TYPE_CHECKING:
    from helpline.wiring import Adapters


@dataclass(frozen=True)
class Begun:
    """A conversation to write in. ``token`` is for an app; a page has its session."""

    conversation: UUID
    token: str | None


class _AlreadyTalkingError(Exception):
    """The page was sent twice; the visit has its conversation."""

    def __init__(self, conversation: UUID) -> None:
        super().__init__()
        self.conversation = conversation


def start(
    adapters: "Adapters",
    *,
    language: str | None = None,
    display_name: str | None = None,
    visit: Visit | None = None,
) -> Begun:
    """Begin a conversation, tied to a page's ``visit`` or to a new token. Off the event loop.

    A page that was sent twice gets the conversation it began with.
    """
    now = adapters.clock()
    conversation, contact = uuid7(), uuid7()
    scope = scopes.of_conversation(conversation)
    adapters.keystore.make([scope], now=now)
    failpoints.reach("start.between_keystore_and_data")
    shown_name = (
        adapters.sealing.seal(scope, "conversation", conversation, "shown_name", display_name)
        if display_name
        else None
    )
    try:
        with adapters.transactions.begin() as session:
            chat.start(
                session,
                conversation=conversation,
                contact=contact,
                language=language,
                shown_name=shown_name,
                now=now,
            )
            session.flush()  # the visit's foreign key needs the conversation in place
            adapters.audit.record(
                session,
                actor=Actor("child", conversation),
                action="conversation.begun",
                subject=conversation,
                now=now,
            )
            token = _tie(session, adapters, visit, conversation)
    except _AlreadyTalkingError as already:
        return Begun(already.conversation, None)
    return Begun(conversation, token)


def _tie(
    session: Session, adapters: "Adapters", visit: Visit | None, conversation: UUID
) -> str | None:
    if visit is None:
        return visits.begin_for_app(session, conversation=conversation, now=adapters.clock()).token
    held = visits.attach(session, visit=visit, conversation=conversation)
    if held != conversation:
        raise _AlreadyTalkingError(held)
    return None
