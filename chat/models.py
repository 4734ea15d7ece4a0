"""The tables of what was said, by which way. A contact is pseudonymous: no name, no urgency."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from integrations.database import Base


class Channel(StrEnum):
    """How a contact reaches us."""

    WEB = "web"
    SMS = "sms"
    CALL = "call"


class Author(StrEnum):
    """Whose words a message holds, in the words of the child's API."""

    CHILD = "child"
    ADVOCATE = "advocate"
    SYSTEM = "system"


AuthorName = Literal["child", "advocate", "system"]


class Contact(Base):
    """A web visit or a number. It is not a child: a phone may be shared by three.

    ``number`` is sealed under the contact's own key; ``phone_token`` finds its :class:`Phone`.
    """

    __tablename__ = "contact"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(sa.String(16))
    first_seen_at: Mapped[datetime]
    phone_token: Mapped[bytes | None] = mapped_column(index=True)
    number: Mapped[bytes | None]


class Phone(Base):
    """What is known of one number, found by its keyed token: may it be texted, and when.

    It outlives its contacts: what its holder said of texts holds for whoever holds it next.
    ``contact_id`` is whom the number means at present, ``conversation_id`` the open one.
    ``last_heard_at`` is its last text and ``last_rang_at`` its last call to us: whoever only rang
    has opened no thread of texts. ``number_kind`` and ``is_drama`` are those of chat/numbers.py.
    ``safe_window`` reads like open hours, in England's local time; empty where the child named
    none.
    """

    __tablename__ = "phone"

    token: Mapped[bytes] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID | None]
    conversation_id: Mapped[UUID | None]
    number_kind: Mapped[str] = mapped_column(sa.String(16))
    is_drama: Mapped[bool]
    state: Mapped[str] = mapped_column(sa.String(16), index=True)
    state_since: Mapped[datetime]
    last_heard_at: Mapped[datetime | None]
    last_rang_at: Mapped[datetime | None]
    last_automatic_at: Mapped[datetime | None]
    safe_window: Mapped[str | None] = mapped_column(sa.String(200))
    may_text: Mapped[bool | None]
    may_ring: Mapped[bool | None]
    own_word_token: Mapped[bytes | None]
    blocked_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]


class Conversation(Base):
    """One conversation with a contact. ``last_seq`` is the number of its newest message."""

    __tablename__ = "conversation"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(sa.ForeignKey("contact.id"), index=True)
    language: Mapped[str | None] = mapped_column(sa.String(35))
    shown_name: Mapped[bytes | None]
    last_seq: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class Message(Base):
    """One message, sealed under its conversation's key. ``client_id`` makes a retry harmless."""

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("conversation_id", "seq"),
        sa.UniqueConstraint("conversation_id", "author", "client_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("conversation.id"))
    seq: Mapped[int]
    author: Mapped[AuthorName] = mapped_column(sa.String(8))
    client_id: Mapped[str] = mapped_column(sa.String(64))
    body: Mapped[bytes]
    said_by: Mapped[UUID | None]
    kept_at: Mapped[datetime]


class InboundText(Base):
    """One text that came in, by the provider's id for it: the same id is never a second message.

    ``given`` is what it was to the table of states (chat/texting.toml), ``says`` the automatic
    answer that follows. ``sent_at`` is the provider's time, ``found_by`` the webhook or the sweep.
    """

    __tablename__ = "inbound_text"

    sid: Mapped[str] = mapped_column(sa.String(34), primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    phone_token: Mapped[bytes] = mapped_column(sa.ForeignKey("phone.token"), index=True)
    conversation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("conversation.id"), index=True)
    given: Mapped[str] = mapped_column(sa.String(16))
    says: Mapped[str | None] = mapped_column(sa.String(32))
    pictures: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    parts: Mapped[int] = mapped_column(sa.SmallInteger, default=1)
    found_by: Mapped[str] = mapped_column(sa.String(8))
    sent_at: Mapped[datetime | None]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class OutgoingText(Base):
    """A text that leaves. Its id is that of the message that it carries.

    ``state`` only rises (chat/delivery.py). ``attempted_at`` is written before each attempt, so
    that one whose end nobody knows is looked up before it is tried again. ``sent_anew`` counts
    the times it was sent once more because it did not arrive. ``ask_at`` is when the provider is
    asked again what became of one that is SENT; None before the first time. ``reason`` is sealed:
    why a person sent it outside the safe window.
    """

    __tablename__ = "outgoing_text"
    __table_args__ = (
        sa.Index(
            "ix_outgoing_text_unreported",
            "changed_at",
            postgresql_where=sa.text("state = 'sent'"),
            sqlite_where=sa.text("state = 'sent'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(sa.ForeignKey("message.id"), primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("conversation.id"), index=True)
    contact_id: Mapped[UUID] = mapped_column(sa.ForeignKey("contact.id"))
    phone_token: Mapped[bytes] = mapped_column(sa.ForeignKey("phone.token"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    state: Mapped[str] = mapped_column(sa.String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    attempted_at: Mapped[datetime | None]
    sent_anew: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    provider_sid: Mapped[str | None] = mapped_column(sa.String(34), unique=True)
    error_code: Mapped[int | None]
    is_maybe_twice: Mapped[bool] = mapped_column(default=False)
    ask_at: Mapped[datetime | None]
    reason: Mapped[bytes | None]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class PastSending(Base):
    """A sending of a text that did not arrive, by the provider's id, after which it is sent anew.

    Whatever is still told of it, late or twice, says nothing about the text any more.
    """

    __tablename__ = "past_sending"

    sid: Mapped[str] = mapped_column(sa.String(34), primary_key=True)
    text_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outgoing_text.id"), index=True)


class CallBack(Base):
    """A child asked to be called: where, when it is safe, and what to say if somebody else answers.

    ``number`` and ``own_name`` are sealed under the conversation's key. The window is two instants;
    ``if_answered`` and ``outcome`` are keys of chat/call_backs.toml. A voicemail is left only where
    the child said yes.
    """

    __tablename__ = "call_back"
    __table_args__ = (
        sa.Index(
            "ix_call_back_open",
            "window_until",
            postgresql_where=sa.text("state = 'asked'"),
            sqlite_where=sa.text("state = 'asked'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("conversation.id"), index=True)
    phone_token: Mapped[bytes] = mapped_column(sa.ForeignKey("phone.token"))
    number: Mapped[bytes]
    asked_by: Mapped[str] = mapped_column(sa.String(8))
    window_from: Mapped[datetime]
    window_until: Mapped[datetime]
    if_answered: Mapped[str] = mapped_column(sa.String(16))
    own_name: Mapped[bytes | None]
    may_leave_voicemail: Mapped[bool] = mapped_column(default=False)
    is_shared_phone: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(sa.String(16))
    tries: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    outcome: Mapped[str | None] = mapped_column(sa.String(16))
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Call(Base):
    """One call, to or from us. Nothing of it is ever recorded.

    ``purpose`` and ``state`` are those of chat/calling.py; ``staff_id`` is who called, or who took
    the call. ``provider_sid`` is the leg that was first: the advocate's
    of a call-back, the caller's of one that came in. ``reason`` is sealed: why a person rang
    outside the safe window.
    """

    __tablename__ = "call"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(sa.String(16))
    conversation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("conversation.id"), index=True)
    call_back_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("call_back.id"), index=True)
    staff_id: Mapped[UUID | None]
    provider_sid: Mapped[str | None] = mapped_column(sa.String(34), unique=True)
    state: Mapped[str] = mapped_column(sa.String(16))
    reason: Mapped[bytes | None]
    made_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
