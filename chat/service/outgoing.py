"""Texts on their way out: written down before they leave, and after each thing that becomes of one.

The gate (chat/sending.py) is asked by helpline/outbox.py, which also does the sending.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from chat.delivery import Delivery, Follows, Rules, follows, of_provider, risen
from chat.errors import UnknownConversationError
from chat.models import Conversation, InboundText, Message, OutgoingText, PastSending
from chat.service.phone import Standing
from integrations.database import Instant

_WAITING = (Delivery.PLANNED, Delivery.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A text that is written down and not sent yet. ``seq`` is its number in the conversation."""

    text: UUID
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A text that an attempt may be made for, still sealed.

    ``attempted_at`` is set when an earlier attempt never ended: it may have been sent already.
    """

    text: UUID
    conversation: UUID
    kind: str
    body: bytes
    reason: bytes | None
    attempts: int
    attempted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a report of the provider, or the end of an attempt, changed about a text."""

    text: UUID
    conversation: UUID
    state: Delivery
    follows: Follows | None


@dataclass(frozen=True, slots=True)
class OutgoingState:
    """Where a text is, for whoever looks at the conversation."""

    state: Delivery
    error_code: int | None
    is_maybe_twice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """A text that came in and is to be answered by itself: with which template, and where."""

    conversation: UUID
    says: str
    sid: str


def plan(
    session: Session,
    *,
    text: UUID,
    conversation: UUID,
    standing: Standing,
    kind: str,
    reason: bytes | None,
    now: datetime,
) -> None:
    """Write down that the message ``text`` leaves as a text. Its job is the caller's."""
    session.add(
        OutgoingText(
            id=text,
            conversation_id=conversation,
            contact_id=standing.contact,
            phone_token=standing.token,
            kind=kind,
            state=Delivery.PLANNED,
            reason=reason,
            made_at=now,
            changed_at=now,
        )
    )


def say(
    session: Session,
    *,
    message: UUID,
    conversation: UUID,
    client_id: str,
    body: bytes,
    now: datetime,
) -> int | None:
    """Add what the service says by itself to a conversation; its number, or None when it is there.

    ``client_id`` makes it harmless to try again.
    """
    locked = session.scalar(
        sa.select(Conversation)
        .where(Conversation.id == conversation)
        .with_for_update(key_share=True)
    )
    if locked is None:
        raise UnknownConversationError
    said = session.scalar(
        sa.select(Message.id).where(
            Message.conversation_id == conversation,
            Message.author == "system",
            Message.client_id == client_id,
        )
    )
    if said is not None:
        return None
    locked.last_seq += 1
    session.add(
        Message(
            id=message,
            conversation_id=conversation,
            seq=locked.last_seq,
            author="system",
            client_id=client_id,
            body=body,
            said_by=None,
            kept_at=now,
        )
    )
    session.flush()  # the text's foreign key needs the message in place
    return locked.last_seq


def answering(session: Session, *, inbound: UUID) -> Answering | None:
    """The text that an automatic answer is for; None while it is not kept, or needs none."""
    row = session.scalar(sa.select(InboundText).where(InboundText.id == inbound))
    if row is None or row.says is None:
        return None
    return Answering(conversation=row.conversation_id, says=row.says, sid=row.sid)


def is_kept(session: Session, *, conversation: UUID, client_id: str) -> bool:
    """Whether a child's message with this id is in the conversation."""
    found = sa.select(Message.id).where(
        Message.conversation_id == conversation,
        Message.author == "child",
        Message.client_id == client_id,
    )
    return session.scalar(found) is not None


def leaving(session: Session, *, text: UUID) -> Leaving | None:
    """A text that may be tried now, locked; None when it needs no attempt any more."""
    row = session.scalar(sa.select(OutgoingText).where(OutgoingText.id == text).with_for_update())
    if row is None or row.state not in _WAITING:
        return None
    message = session.get_one(Message, text)
    return Leaving(
        text=row.id,
        conversation=row.conversation_id,
        kind=row.kind,
        body=message.body,
        reason=row.reason,
        attempts=row.attempts,
        attempted_at=row.attempted_at if row.state == Delivery.SENDING else None,
    )


def earlier(session: Session, *, text: UUID) -> frozenset[UUID]:
    """The texts to the same phone that were written before this one and have not ended."""
    this, other = aliased(OutgoingText), aliased(OutgoingText)
    found = session.scalars(
        sa.select(other.id)
        .join(this, sa.and_(this.id == text, other.phone_token == this.phone_token))
        .where(other.state.in_(_WAITING), _is_before(other, this))
    )
    return frozenset(found)


def next_to_leave(session: Session, *, text: UUID) -> UUID | None:
    """The first text to the same phone that was written after this one and has not ended."""
    this, other = aliased(OutgoingText), aliased(OutgoingText)
    return session.scalar(
        sa.select(other.id)
        .join(this, sa.and_(this.id == text, other.phone_token == this.phone_token))
        .where(other.state.in_(_WAITING), _is_before(this, other))
        .order_by(other.made_at, other.id)
        .limit(1)
    )


def _is_before(one: type[OutgoingText], other: type[OutgoingText]) -> sa.ColumnElement[bool]:
    # Ids begin with the time they were made, so they decide within one instant.
    return sa.or_(
        one.made_at < other.made_at,
        sa.and_(one.made_at == other.made_at, one.id < other.id),
    )


def attempt(session: Session, *, text: UUID, now: datetime) -> None:
    """Write an attempt down, before it is made.

    The time of the first whose end nobody knows stays: from then on it may be out.
    """
    row = session.get_one(OutgoingText, text)
    if row.state != Delivery.SENDING or row.attempted_at is None:
        row.attempted_at = now
    row.state, row.changed_at = Delivery.SENDING, now
    row.attempts += 1


def not_sent(session: Session, *, text: UUID, code: int | None, now: datetime) -> None:
    """An attempt ended and the text was surely not sent: the next one need not look for it."""
    row = session.get_one(OutgoingText, text)
    if row.state == Delivery.SENDING:
        row.state, row.error_code, row.changed_at = Delivery.PLANNED, code, now


def sent(session: Session, *, text: UUID, sid: str, is_maybe_twice: bool, now: datetime) -> UUID:
    """The provider took the text, under this id; its conversation.

    A report that came first is not undone; when it said that this sending failed, the text waits
    to be sent anew, and goes on waiting.
    """
    row = session.get_one(OutgoingText, text, with_for_update=True)
    row.is_maybe_twice = row.is_maybe_twice or is_maybe_twice
    if session.get(PastSending, sid) is not None:
        return row.conversation_id
    row.provider_sid = sid
    if row.state in _WAITING:
        row.state, row.error_code, row.changed_at = Delivery.SENT, None, now
    return row.conversation_id


def ids_of_others(session: Session, *, text: UUID) -> frozenset[str]:
    """The provider's ids that are not this text's attempt: a search by words finds twins.

    They are those of all other texts to the same phone, and of the sendings that are past.
    """
    phone = sa.select(OutgoingText.phone_token).where(OutgoingText.id == text).scalar_subquery()
    others = session.scalars(
        sa.select(OutgoingText.provider_sid).where(
            OutgoingText.phone_token == phone,
            OutgoingText.id != text,
            OutgoingText.provider_sid.is_not(None),
        )
    )
    past = session.scalars(
        sa.select(PastSending.sid)
        .join(OutgoingText, OutgoingText.id == PastSending.text_id)
        .where(OutgoingText.phone_token == phone)
    )
    return frozenset(sid for sid in (*others, *past) if sid is not None)


def given_up(session: Session, *, text: UUID, now: datetime) -> Reported:
    """The text was tried for as long as it is worth. Whether it is out, nobody may know."""
    row = session.get_one(OutgoingText, text)
    row.state, row.changed_at = Delivery.FAILED, now
    return Reported(
        text=row.id, conversation=row.conversation_id, state=Delivery.FAILED, follows=Follows.TASK
    )


def refused(
    session: Session, *, text: UUID, code: int | None, rules: Rules, now: datetime
) -> Reported:
    """The text will not leave: the gate is closed, or the provider refused it for good."""
    row = session.get_one(OutgoingText, text)
    row.state, row.error_code, row.changed_at = Delivery.REFUSED, code, now
    return Reported(
        text=row.id,
        conversation=row.conversation_id,
        state=Delivery.REFUSED,
        follows=follows(rules, code),
    )


def report(
    session: Session,
    *,
    text: UUID,
    sid: str,
    status: str,
    code: int | None,
    rules: Rules,
    now: datetime,
) -> Reported | None:
    """Take in a report of the provider. None when it changes nothing: late, repeated, unknown.

    A report may come before the sending itself has ended, and then brings the provider's id. A
    report about an earlier sending of a text that was sent anew is past.
    """
    row = session.scalar(sa.select(OutgoingText).where(OutgoingText.id == text).with_for_update())
    told = of_provider(rules, status)
    if row is None or told is None or (row.provider_sid or sid) != sid:
        return None
    if session.get(PastSending, sid) is not None:
        return None
    row.provider_sid = sid
    state = risen(rules, Delivery(row.state), told)
    if state == row.state:
        return None
    row.state, row.error_code, row.changed_at = state, code, now
    failed = state in {Delivery.UNDELIVERED, Delivery.FAILED}
    what = follows(rules, code) if failed else None
    if what is Follows.THRICE and row.sent_anew >= rules.sent_anew_at_most:
        what = Follows.TASK
    if what in {Follows.THRICE, Follows.AGAIN}:
        # Sent anew under another id of the provider's; what still comes of this one is past.
        session.add(PastSending(sid=sid, text_id=row.id))
        row.state, row.provider_sid, row.attempted_at = Delivery.PLANNED, None, None
        row.ask_at = None
        row.sent_anew += 1
    return Reported(
        text=row.id, conversation=row.conversation_id, state=Delivery(row.state), follows=what
    )


def unsent(session: Session) -> tuple[int, datetime | None]:
    """How many texts wait to leave, and since when the oldest does. For a gauge."""
    row = session.execute(
        sa.select(
            sa.func.count(), sa.type_coerce(sa.func.min(OutgoingText.made_at), Instant())
        ).where(OutgoingText.state.in_(_WAITING))
    ).one()
    return row[0], row[1]


def trail(session: Session, *, message: UUID) -> list[tuple[str, datetime, str]]:
    """What became of the text that a message came as, or left as: a step, its time, a few words.

    States and times for whoever runs the machines; no words and no number.
    """
    left = session.get(OutgoingText, message)
    if left is not None:
        words = f"{left.state}, {left.attempts} attempts"
        if left.error_code is not None:
            words += f", code {left.error_code}"
        return [("planned", left.made_at, left.kind), ("now", left.changed_at, words)]
    came = session.scalar(
        sa.select(InboundText)
        .join(Message, Message.client_id == InboundText.sid)
        .where(Message.id == message, Message.author == "child")
    )
    if came is None:
        return []
    found = [("seen", came.seen_at, f"by the {came.found_by}, as {came.given}")]
    return [("sent", came.sent_at, "by the phone"), *found] if came.sent_at else found


def states(session: Session, *, conversation: UUID) -> dict[int, OutgoingState]:
    """Where each text of a conversation is, by the number of its message."""
    rows = session.execute(
        sa.select(
            Message.seq, OutgoingText.state, OutgoingText.error_code, OutgoingText.is_maybe_twice
        )
        .join(OutgoingText, OutgoingText.id == Message.id)
        .where(OutgoingText.conversation_id == conversation)
    )
    return {
        row.seq: OutgoingState(Delivery(row.state), row.error_code, row.is_maybe_twice)
        for row in rows
    }
