"""The one door to what a child said. Each way in checks, opens, and leaves an audit row.

A lint rule forbids opening sealed words of a conversation anywhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from chat.errors import DifferentTextError
from chat.models import AuthorName
from chat.service import read
from chat.service.call_back import OpenCallBack
from chat.service.phone import Standing
from chat.service.read import ConversationFound, SealedMessage
from helpline import apart, scopes
from helpline.accounts.models import READERS
from helpline.accounts.sessions import SignedIn
from helpline.audit.record import SOFTWARE, Actor
from helpline.hub import Spoken
from helpline.todo import tasks
from integrations.keystore import KeyMissingError
from integrations.sealing import SealBrokenError

log = structlog.get_logger()

if TYPE_CHECKING:
    from helpline.wiring import Adapters


# Stands for words whose key is gone or whose bytes were changed.
UNOPENED = "\N{REPLACEMENT CHARACTER}"


class NotAllowedError(PermissionError):
    """You may not open this. Ask a supervisor if you think that you should."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One message with its words. ``by`` is the member of staff who wrote it, if one did."""

    seq: int
    author: AuthorName
    text: str
    at: datetime
    by: UUID | None


@dataclass(frozen=True)
class OpenedConversation:
    """A conversation as a member of staff sees it."""

    conversation: UUID
    shown_name: str | None
    language: str | None
    last_seq: int
    left_at: datetime | None
    messages: tuple[Shown, ...]


def for_staff(
    session: Session,
    adapters: "Adapters",
    *,
    staff: SignedIn,
    conversation: UUID,
    now: datetime,
    after: int = 0,
) -> OpenedConversation:
    """Open a conversation for somebody on duty. Every opening that shows words is recorded."""
    check_may_read(staff)
    found = read.find(session, conversation=conversation)
    messages = read.messages_after(session, conversation=conversation, after=after)
    shows_words = bool(messages) or after == 0
    if shows_words:
        adapters.audit.record(
            session,
            actor=Actor("staff", staff.id),
            action="conversation.opened",
            subject=conversation,
            now=now,
        )
    return OpenedConversation(
        conversation,
        _shown_name(adapters, found) if shows_words else None,
        found.language,
        found.last_seq,
        found.left_at,
        _opened(adapters, conversation, messages),
    )


def check_may_read(staff: SignedIn) -> None:
    """Refuse whoever may not see a child's words."""
    if staff.role not in READERS:
        raise NotAllowedError


def for_child(
    session: Session,
    adapters: "Adapters",
    *,
    conversation: UUID,
    after: int,
    limit: int = read.MOST_AT_ONCE,
) -> list[Spoken]:
    """What a child's own page or app is shown. Not recorded: it is the child's own."""
    return _spoken(
        adapters,
        conversation,
        read.messages_after(session, conversation=conversation, after=after, limit=limit),
    )


@dataclass(frozen=True, slots=True)
class ToBeSent:
    """A number in E.164 and the words that leave for it. Held no longer than the sending takes."""

    number: str = field(repr=False)
    text: str = field(repr=False)


def for_sending(
    session: Session,
    adapters: "Adapters",
    *,
    conversation: UUID,
    message: UUID,
    body: bytes,
    standing: Standing,
    now: datetime,
) -> ToBeSent:
    """Open a text and its number for the outbox, which has asked the gate. Recorded."""
    adapters.audit.record(
        session, actor=SOFTWARE, action="text.opened_to_send", subject=message, now=now
    )
    return ToBeSent(
        number_of(adapters, standing),
        adapters.sealing.open(
            scopes.of_conversation(conversation), "message", message, "body", body
        ),
    )


def number_of(adapters: "Adapters", standing: Standing) -> str:
    """The number behind a conversation in E.164, for the outbox and for a call alone."""
    return adapters.sealing.open(
        scopes.of_contact(standing.contact), "contact", standing.contact, "number", standing.number
    )


@dataclass(frozen=True, slots=True)
class OpenedCallBack:
    """The number in E.164, and the name to say if somebody else answers."""

    number: str = field(repr=False)
    own_name: str | None = field(repr=False)


def call_back_for_child(adapters: "Adapters", *, call_back: OpenCallBack) -> OpenedCallBack:
    """What a child asked for, shown back on its own page or app. Not recorded: it is its own."""
    opens = partial(
        adapters.sealing.open,
        scopes.of_conversation(call_back.conversation),
        "call_back",
        call_back.id,
    )
    return OpenedCallBack(
        number=opens("number", call_back.number),
        own_name=None if call_back.own_name is None else opens("own_name", call_back.own_name),
    )


def wish_for_child(adapters: "Adapters", *, visit: UUID, sealed: bytes) -> str | None:
    """What a child's browser holds for us while it asks for a call; None when it is not ours."""
    try:
        return adapters.sealing.open(scopes.WISH, "visit", visit, "wish", sealed)
    except SealBrokenError:
        return None


def call_number(
    session: Session, adapters: "Adapters", *, call: UUID, call_back: OpenCallBack, now: datetime
) -> str:
    """The number of a call-back in E.164, to be rung now. The caller has asked the gate. Recorded.

    It is held no longer than it takes to tell the telephone company.
    """
    adapters.audit.record(
        session, actor=SOFTWARE, action="call.number_opened", subject=call, now=now
    )
    return adapters.sealing.open(
        scopes.of_conversation(call_back.conversation),
        "call_back",
        call_back.id,
        "number",
        call_back.number,
    )


def for_triage(
    session: Session, adapters: "Adapters", *, conversation: UUID, most: int
) -> list[Spoken]:
    """The newest messages of a conversation, for triage and nothing else; oldest first.

    It counts back from the newest message and not from now: the job that asks may come late.
    """
    found = read.find(session, conversation=conversation)
    messages = read.messages_after(
        session, conversation=conversation, after=max(0, found.last_seq - most)
    )
    return _spoken(adapters, conversation, messages)


def task_for_staff(
    session: Session, adapters: "Adapters", *, staff: SignedIn, task: UUID, now: datetime
) -> tasks.OpenedTask:
    """Open a task with the raw words it kept, for somebody on duty."""
    check_may_read(staff)

    def opens(row: UUID, sealed: bytes) -> str:
        return adapters.sealing.open(apart.SCOPE, "task", row, "kept", sealed)

    opened = tasks.open_task(session, task=task, opens=opens)
    adapters.audit.record(
        session, actor=Actor("staff", staff.id), action="task.opened", subject=task, now=now
    )
    return opened


def check_same_words(
    adapters: "Adapters", *, conversation: UUID, message: UUID, body: bytes, text: str
) -> None:
    """Refuse other words under a client_id that is used already. Nobody is shown anything.

    Raises :class:`chat.errors.DifferentTextError`.
    """
    scope = scopes.of_conversation(conversation)
    if adapters.sealing.open(scope, "message", message, "body", body) != text:
        raise DifferentTextError


def seal_about(
    adapters: "Adapters", *, conversation: UUID, table: str, row: UUID, column: str, text: str
) -> bytes:
    """Seal what staff write about a conversation, under that conversation's own key."""
    return adapters.sealing.seal(scopes.of_conversation(conversation), table, row, column, text)


def open_about(
    adapters: "Adapters",
    *,
    staff: SignedIn,
    conversation: UUID,
    table: str,
    row: UUID,
    column: str,
    sealed: bytes,
) -> str:
    """Open what staff wrote about a conversation, for somebody who may read it."""
    check_may_read(staff)
    return adapters.sealing.open(scopes.of_conversation(conversation), table, row, column, sealed)


def seal_about_child(
    adapters: "Adapters", *, child: UUID, table: str, row: UUID, column: str, text: str
) -> bytes:
    """Seal what staff write about a child, under the child's own key."""
    return adapters.sealing.seal(scopes.of_child(child), table, row, column, text)


def child_called(adapters: "Adapters", *, staff: SignedIn, child: UUID, sealed: bytes) -> str:
    """What a child is called, for somebody who may read it."""
    check_may_read(staff)
    return adapters.sealing.open(scopes.of_child(child), "child", child, "called", sealed)


def seal_about_institution(
    adapters: "Adapters", *, institution: UUID, table: str, row: UUID, column: str, text: str
) -> bytes:
    """Seal what would tell which place it is, under the institution's own key."""
    return adapters.sealing.seal(scopes.of_institution(institution), table, row, column, text)


def open_about_institution(
    adapters: "Adapters",
    *,
    staff: SignedIn,
    institution: UUID,
    table: str,
    row: UUID,
    column: str,
    sealed: bytes,
) -> str:
    """Open what is sealed about an institution, for somebody who may read it."""
    check_may_read(staff)
    return adapters.sealing.open(scopes.of_institution(institution), table, row, column, sealed)


def unit_called(adapters: "Adapters", *, institution: UUID, unit: UUID, sealed: bytes) -> str:
    """What a unit is called, to compare it with a list that names it. Nobody is shown anything."""
    return adapters.sealing.open(
        scopes.of_institution(institution), "institution_unit", unit, "name", sealed
    )


def _shown_name(adapters: "Adapters", found: ConversationFound) -> str | None:
    if found.shown_name is None:
        return None
    about = found.conversation
    return _open(adapters, about, "conversation", about, "shown_name", found.shown_name)


def _opened(
    adapters: "Adapters", conversation: UUID, messages: Sequence[SealedMessage]
) -> tuple[Shown, ...]:
    return tuple(
        Shown(each.seq, each.author, _words(adapters, conversation, each), each.at, each.said_by)
        for each in messages
    )


def _words(adapters: "Adapters", conversation: UUID, message: SealedMessage) -> str:
    return _open(adapters, conversation, "message", message.message, "body", message.body)


def _open(
    adapters: "Adapters", conversation: UUID, table: str, row: UUID, column: str, sealed: bytes
) -> str:
    scope = scopes.of_conversation(conversation)
    try:
        return adapters.sealing.open(scope, table, row, column, sealed)
    except (KeyMissingError, SealBrokenError) as problem:
        # One message that does not open must not hide the others, nor that there was one.
        log.error("access.not_opened", subject=row, error=type(problem).__name__)
        return UNOPENED


def _spoken(
    adapters: "Adapters", conversation: UUID, messages: Sequence[SealedMessage]
) -> list[Spoken]:
    return [
        Spoken(each.seq, each.author, each.text, each.at)
        for each in _opened(adapters, conversation, messages)
    ]
