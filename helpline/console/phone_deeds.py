"""What a member of staff does about the phone of a conversation: one transaction each."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from chat import keywords
from chat import texting as table
from chat.service import phone
from chat.service.phone import Moved, NoPhoneError
from chat.texting import Input
from helpline import access, texting
from helpline.accounts.sessions import SignedIn
from helpline.console import deeds
from helpline.console.refusals import (
    EscalationOpenError,
    StillWaitingError,
    TwoWordsError,
    WordTakenError,
)
from helpline.hub import Notice
from triage import hours
from triage.errors import NotHolderError
from triage.models import Entry
from triage.service import holding

if TYPE_CHECKING:
    from helpline.wiring import Adapters


def pause(adapters: "Adapters", *, person: SignedIn, conversation: UUID) -> None:
    """It is not safe to text now: nothing leaves until the child writes and a person has looked."""
    _deed(adapters, person, conversation, Input.MARKED_UNSAFE, "phone.paused")


def is_safe(adapters: "Adapters", *, person: SignedIn, conversation: UUID) -> None:
    """A person has looked and finds it safe to text again."""
    _deed(adapters, person, conversation, Input.CHECKED_SAFE, "phone.found_safe")


def close(adapters: "Adapters", *, person: SignedIn, conversation: UUID) -> None:
    """End a conversation kindly: what this phone writes next begins another.

    Where the number is another contact's by now, it ends in silence. Raises
    :class:`StillWaitingError` and :class:`EscalationOpenError`.
    """
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        if holding.holder_of(session, entry=conversation) != person.id:
            raise NotHolderError
        if deeds.is_escalated(session, conversation):
            raise EscalationOpenError
        if session.get_one(Entry, conversation).waiting_since is not None:
            raise StillWaitingError
        _end(session, adapters, conversation, now)
        holding.release(session, entry=conversation, staff=person.id)
        deeds.written_down(session, adapters, person, "conversation.closed", conversation, now)
        deeds.ring(session, adapters, Notice("queue", conversation))


def agree(
    adapters: "Adapters",
    *,
    person: SignedIn,
    conversation: UUID,
    safe_window: str,
    may_text: bool | None,
    may_ring: bool | None,
    own_word: str,
    ends_own_word: bool,
) -> None:
    """Write down what the child agreed: when is safe, by which way, and a word for "not now".

    An empty ``own_word`` keeps the one that was chosen; ``ends_own_word`` alone removes it. Raises
    :class:`triage.hours.OpenHoursError` for a time that cannot be read, :class:`WordTakenError`,
    and :class:`TwoWordsError` for a word that is to be chosen and removed.
    """
    own = adapters.phones
    if own is None:
        raise NoPhoneError
    if safe_window:
        hours.parse(safe_window)
    if own_word.strip() and keywords.family(own_word) is not None:
        # It would hide what the word means in every other text: "help" would never be a cry.
        raise WordTakenError
    if own_word.strip() and ends_own_word:
        raise TwoWordsError
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        phone.agree(
            session,
            conversation=conversation,
            safe_window=safe_window or None,
            may_text=may_text,
            may_ring=may_ring,
            own_word=own.own_words.token(keywords.plain(own_word)) if own_word.strip() else None,
            ends_own_word=ends_own_word,
        )
        deeds.written_down(session, adapters, person, "phone.agreed", conversation, now)
        deeds.ring(session, adapters, Notice("queue", conversation))


def _deed(
    adapters: "Adapters", person: SignedIn, conversation: UUID, given: Input, action: str
) -> None:
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        _move(session, conversation, given, now)
        deeds.written_down(session, adapters, person, action, conversation, now)
        deeds.ring(session, adapters, Notice("queue", conversation))


def _end(session: Session, adapters: "Adapters", conversation: UUID, now: datetime) -> None:
    standing = phone.standing(session, conversation=conversation)
    if standing is not None and not standing.is_present:
        phone.close(session, conversation=conversation, now=now)
        return
    moved = _move(session, conversation, Input.CLOSED_KINDLY, now)
    if moved.cell.says is not None:
        texting.say(
            session,
            adapters,
            conversation=conversation,
            template=moved.cell.says,
            client_id=f"closed-{uuid7()}",
            now=now,
        )


def _move(session: Session, conversation: UUID, given: Input, now: datetime) -> Moved:
    return phone.move(session, conversation=conversation, given=given, table=table.load(), now=now)
