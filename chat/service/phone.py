"""What is known of the phone behind a conversation, and what staff do to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.models import Channel, Contact, Conversation, Phone
from chat.texting import FROM_CLOCK, Cell, Input, Table, TextState


class NoPhoneError(LookupError):
    """There is no phone in this conversation: nothing can be texted or rung."""


class AnotherHolderError(LookupError):
    """Another contact has this number now. Nothing was changed about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """How things stand with a phone: everything that the gate (chat/sending.py) looks at.

    ``is_present``: the number still means whom it is looked at for. It is false in a conversation
    whose number has become another contact's since.
    """

    token: bytes
    number_kind: str
    is_drama: bool
    state: TextState
    state_since: datetime
    last_heard_at: datetime | None
    last_rang_at: datetime | None
    safe_window: str | None
    may_text: bool | None
    may_ring: bool | None
    has_own_word: bool
    blocked_at: datetime | None
    dead_at: datetime | None
    is_present: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Known):
    """How things stand with the phone of a conversation, and its number, sealed.

    ``is_caller``: its contact began by ringing us.
    """

    contact: UUID
    number: bytes
    is_caller: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A phone that a deed of staff, or the clock, moved through the table of states."""

    conversation: UUID
    cell: Cell


def standing(session: Session, *, conversation: UUID) -> Standing | None:
    """How things stand with the phone of a conversation; None when it is not one of a phone."""
    found = session.execute(
        sa.select(Contact, Phone)
        .join(Conversation, Conversation.contact_id == Contact.id)
        .join(Phone, Phone.token == Contact.phone_token)
        .where(Conversation.id == conversation)
    ).first()
    if found is None or found.Contact.number is None:
        return None
    contact, phone = found.Contact, found.Phone
    return Standing(
        contact=contact.id,
        number=contact.number,
        is_caller=contact.channel == Channel.CALL,
        is_present=phone.contact_id == contact.id,
        **_known(phone),
    )


def known(session: Session, *, token: bytes) -> Known | None:
    """How things stand with a phone, whoever's it is; None when nothing is known of it."""
    phone = session.get(Phone, token)
    return None if phone is None else Known(**_known(phone))


def conversation_of(session: Session, *, token: bytes) -> UUID | None:
    """The conversation that a phone is in now; None when nothing is known of it."""
    return session.scalar(sa.select(Phone.conversation_id).where(Phone.token == token))


def is_hidden(session: Session, *, conversation: UUID) -> bool:
    """Whether somebody rang us with a hidden number: there is nothing to text, ring or write to."""
    found = sa.select(Contact.id).join(Conversation, Conversation.contact_id == Contact.id)
    hidden = found.where(
        Conversation.id == conversation,
        Contact.channel == Channel.CALL,
        Contact.phone_token.is_(None),
    )
    return session.scalar(hidden) is not None


def own_word_of(session: Session, *, token: bytes) -> bytes | None:
    """The keyed token of the word that a child chose for "not now"."""
    return session.scalar(sa.select(Phone.own_word_token).where(Phone.token == token))


def move(
    session: Session, *, conversation: UUID, given: Input, table: Table, now: datetime
) -> Moved:
    """Move the phone of a conversation through the table.

    A conversation that is closed lets its phone go: what comes next begins another. Raises
    :class:`NoPhoneError`, and :class:`AnotherHolderError` but for what the network says: that
    closes a number to whoever has it.
    """
    phone = _locked(session, conversation, whoever=given is Input.BLOCKED)
    cell = table.cell(TextState(phone.state), given)
    if phone.state != cell.next:
        phone.state, phone.state_since = cell.next, now
    if given is Input.BLOCKED:
        phone.blocked_at = now
    is_over = given in FROM_CLOCK and cell.next is TextState.CLOSED
    if given is Input.CLOSED_KINDLY or is_over:
        if phone.conversation_id == conversation:
            phone.conversation_id = None
        session.execute(
            sa.update(Conversation).where(Conversation.id == conversation).values(closed_at=now)
        )
    return Moved(conversation=conversation, cell=cell)


def close(session: Session, *, conversation: UUID, now: datetime) -> None:
    """End a conversation whose number is another contact's now, and leave the phone as it is."""
    session.execute(
        sa.update(Conversation).where(Conversation.id == conversation).values(closed_at=now)
    )


def agree(
    session: Session,
    *,
    conversation: UUID,
    safe_window: str | None,
    may_text: bool | None,
    may_ring: bool | None,
    own_word: bytes | None,
    ends_own_word: bool,
) -> None:
    """Write down what the child agreed about this phone.

    ``safe_window`` reads like open hours; ``own_word`` is a keyed token. Without one the word that
    was chosen before stays, unless ``ends_own_word``: nobody can read it back to write it again.
    Raises :class:`NoPhoneError` and :class:`AnotherHolderError`.
    """
    phone = _locked(session, conversation)
    phone.safe_window, phone.may_text, phone.may_ring = safe_window, may_text, may_ring
    if own_word is not None or ends_own_word:
        phone.own_word_token = own_word


def mark_dead(session: Session, *, conversation: UUID, now: datetime) -> None:
    """The network says that this number is no phone: nothing is sent to it any more."""
    _locked(session, conversation, whoever=True).dead_at = now


def ring_no_more(session: Session, *, conversation: UUID) -> None:
    """The child said that it is not safe to ring this phone.

    Raises :class:`NoPhoneError` and :class:`AnotherHolderError`.
    """
    _locked(session, conversation).may_ring = False


def _known(phone: Phone) -> dict[str, Any]:
    return {
        "token": phone.token,
        "number_kind": phone.number_kind,
        "is_drama": phone.is_drama,
        "state": TextState(phone.state),
        "state_since": phone.state_since,
        "last_heard_at": phone.last_heard_at,
        "last_rang_at": phone.last_rang_at,
        "safe_window": phone.safe_window,
        "may_text": phone.may_text,
        "may_ring": phone.may_ring,
        "has_own_word": phone.own_word_token is not None,
        "blocked_at": phone.blocked_at,
        "dead_at": phone.dead_at,
    }


def _locked(session: Session, conversation: UUID, *, whoever: bool = False) -> Phone:
    found = session.execute(
        sa.select(Phone, Contact.id)
        .join(Contact, Contact.phone_token == Phone.token)
        .join(Conversation, Conversation.contact_id == Contact.id)
        .where(Conversation.id == conversation)
        .with_for_update(of=Phone)
    ).first()
    if found is None:
        raise NoPhoneError
    phone: Phone = found.Phone
    if phone.contact_id != found.id and not whoever:
        raise AnotherHolderError
    return phone
