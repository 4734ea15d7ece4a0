"""An advocate's reply goes to a child: kept first, then shown, or sent to a phone.

What goes to a phone passes the one gate here, when it is written, and once more in
helpline/outbox.py, when it leaves.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from chat import conversation as rules
from chat.sending import Kind, Why
from chat.service import outgoing, phone
from chat.service import reply as chat
from chat.service.phone import NoPhoneError, Standing
from helpline import access, phones, scopes, texting
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


class LockedError(Exception):
    """Nothing may be sent to this phone now."""

    def __init__(self, why: Why) -> None:
        super().__init__()
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A reply as it was written, and the newest message that its writer saw.

    ``reason`` is why it goes to a phone outside the child's safe times; it is kept, sealed.
    """

    client_id: str
    text: str = field(repr=False)
    seen_seq: int
    reason: str | None = field(default=None, repr=False)


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
    written: Written,
    now: datetime,
) -> Sent:
    """Keep a reply of the person who holds the conversation, and end the child's wait.

    Raises :class:`triage.errors.NotHolderError`, :class:`StaleViewError`, :class:`LockedError` and
    chat.errors.
    """
    access.check_may_read(staff)
    if holding.holder_of(session, entry=conversation) != staff.id:
        raise NotHolderError
    standing = phone.standing(session, conversation=conversation)
    if standing is None and phone.is_hidden(session, conversation=conversation):
        raise NoPhoneError
    if standing is not None:
        check_gate(adapters, standing, kind=Kind.REPLY, reason=written.reason, now=now)
    words = rules.kept_text(written.text)
    message = uuid7()
    kept = chat.reply(
        session,
        message=message,
        conversation=conversation,
        client_id=rules.checked_client_id(written.client_id),
        body=adapters.sealing.seal(
            scopes.of_conversation(conversation), "message", message, "body", words
        ),
        said_by=staff.id,
        seen_seq=written.seen_seq,
        now=now,
    )
    if isinstance(kept, chat.Newer):
        raise StaleViewError(kept.latest)
    if kept.again:
        access.check_same_words(
            adapters, conversation=conversation, message=kept.message, body=kept.body, text=words
        )
    else:
        if standing is not None:
            _plan(session, adapters, standing, conversation, kept.message, written.reason, now)
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


def check_gate(
    adapters: "Adapters", standing: Standing, *, kind: Kind, reason: str | None, now: datetime
) -> None:
    """Ask the gate; :class:`LockedError` says why something may not leave."""
    verdict = phones.verdict(adapters, standing, kind=kind, reason=reason, now=now)
    if not verdict.may and verdict.why is not None:
        raise LockedError(verdict.why)


def _plan(
    session: Session,
    adapters: "Adapters",
    standing: Standing,
    conversation: UUID,
    message: UUID,
    reason: str | None,
    now: datetime,
) -> None:
    session.flush()  # the text's foreign key needs the message in place
    outgoing.plan(
        session,
        text=message,
        conversation=conversation,
        standing=standing,
        kind=Kind.REPLY,
        reason=None
        if reason is None
        else access.seal_about(
            adapters,
            conversation=conversation,
            table="outgoing_text",
            row=message,
            column="reason",
            text=reason,
        ),
        now=now,
    )
    texting.send_soon(session, adapters, text=message, now=now)
