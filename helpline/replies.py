"""An advocate's reply goes to a child: kept first, then shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from chat import conversation as rules
from chat.service import reply as chat
from helpline import access, scopes
from helpline.accounts.sessions import SignedIn
from helpline.audit.record import Actor
from helpline.hub import Notice, Spoken
from helpline.transaction import after_commit
from triage.errors import NotHolderError
from triage.service import answered, holding

if TYPE_CHECKING:
    from helpline.wiring import Adapters


class StaleViewError(Exception):
    """Something new was written before you sent this. Read it, then send again."""

    def __init__(self, latest: int) -> None:
        super().__init__()
        self.latest = latest


@dataclass(frozen=True)
class Sent:
    """A reply that is on its way to the child's page."""

    seq: int
    kept_at: datetime


def send(
    session: Session,
    adapters: "Adapters",
    *,
    staff: SignedIn,
    conversation: UUID,
    client_id: str,
    text: str,
    seen_seq: int,
    now: datetime,
) -> Sent:
    """Keep a reply of the person who holds the conversation, and end the child's wait.

    Raises :class:`triage.errors.NotHolderError`, :class:`StaleViewError` and chat.errors.
    """
    access.check_may_read(staff)
    if holding.holder_of(session, entry=conversation) != staff.id:
        raise NotHolderError
    words = rules.kept_text(text)
    message = uuid7()
    kept = chat.reply(
        session,
        message=message,
        conversation=conversation,
        client_id=rules.checked_client_id(client_id),
        body=adapters.sealing.seal(
            scopes.of_conversation(conversation), "message", message, "body", words
        ),
        said_by=staff.id,
        seen_seq=seen_seq,
        now=now,
    )
    if isinstance(kept, chat.Newer):
        raise StaleViewError(kept.latest)
    if kept.again:
        access.check_same_words(
            adapters, conversation=conversation, message=kept.message, body=kept.body, text=words
        )
    else:
        answered.answered(session, entry=conversation, staff=staff.id, now=now)
        adapters.audit.record(
            session,
            actor=Actor("staff", staff.id),
            action="message.sent",
            subject=kept.message,
            now=now,
        )
        spoken = Spoken(kept.seq, "advocate", words, now)
        after_commit(
            session,
            lambda: adapters.hub.ring(Notice("message", conversation, kept.seq, spoken)),
        )
    return Sent(kept.seq, kept.kept_at)
