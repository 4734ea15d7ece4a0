"""Somebody rings us: whose call it is, and in which conversation it belongs.

As with a text (chat/service/arrive.py) the words follow through intake, in the conversation that
this names. A caller who hides the number is a contact of their own each time.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.calling import CallState, Purpose
from chat.models import Call, Channel, Contact, Conversation, Phone
from chat.service import arrive
from chat.service.arrive import Fresh, FreshNeededError


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A phone that rings us. ``token`` is the keyed token of its number."""

    token: bytes
    number_kind: str
    is_drama: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    """Where a call belongs. ``again`` says that it was here before: nothing has changed then."""

    call: UUID
    conversation: UUID
    again: bool


def is_fresh_needed(session: Session, *, sid: str, caller: Caller | None, now: datetime) -> bool:
    """Whether :func:`rang` will need a Fresh. A look without a lock: it may be wrong."""
    if _known(session, sid) is not None:
        return False
    phone = None if caller is None else session.get(Phone, caller.token)
    return phone is None or phone.conversation_id is None or arrive.is_somebody_new(phone, now)


def rang(
    session: Session,
    *,
    call: UUID,
    sid: str,
    caller: Caller | None,
    fresh: Fresh | None,
    now: datetime,
) -> Rang:
    """Give a call its place. The same sid is never a second call. Raises FreshNeededError.

    ``caller`` is None where the number is hidden. What the phone may be texted is left as it is: a
    call opens no thread of texts.
    """
    phone = None
    if caller is not None:
        phone = arrive.lock_phone(
            session,
            token=caller.token,
            number_kind=caller.number_kind,
            is_drama=caller.is_drama,
            now=now,
        )
    known = _known(session, sid)
    if known is not None:
        return Rang(call=known.id, conversation=known.conversation_id, again=True)
    if phone is None:
        conversation = _hidden(session, fresh, now)
    else:
        conversation = arrive.whose(session, phone, fresh, Channel.CALL, now)
        phone.last_rang_at = now
    session.add(
        Call(
            id=call,
            purpose=Purpose.INCOMING,
            conversation_id=conversation,
            provider_sid=sid,
            state=CallState.CAME,
            made_at=now,
        )
    )
    return Rang(call=call, conversation=conversation, again=False)


def _known(session: Session, sid: str) -> Call | None:
    return session.scalar(sa.select(Call).where(Call.provider_sid == sid))


def _hidden(session: Session, fresh: Fresh | None, now: datetime) -> UUID:
    if fresh is None:
        raise FreshNeededError
    session.add(Contact(id=fresh.contact, channel=Channel.CALL, first_seen_at=now))
    session.flush()  # the conversation's foreign key needs the contact in place
    session.add(
        Conversation(id=fresh.conversation, contact_id=fresh.contact, last_seq=0, opened_at=now)
    )
    session.flush()  # the call's foreign key needs the conversation in place
    return fresh.conversation
