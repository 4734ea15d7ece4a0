"""A text comes in: whose it is, in which conversation it belongs, and what it does to the phone.

Nothing that was said is written here. The words follow through intake, in the conversation that
this names once and for all: see docs/decisions/0012-phones.md.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat import sending, texting
from chat.models import Channel, Contact, Conversation, InboundText, Phone
from chat.texting import Cell, Flag, Input, Table, TextState
from integrations.database import Instant

# What the holder of a phone said of texts holds for whoever holds it next.
_OUTLASTS_SILENCE = frozenset({TextState.STOPPED, TextState.PAUSED, TextState.RECHECK})

# What shuts a phone counts in whatever order it is found. The rest is no later wish than these.
_SHUTS = frozenset({Input.STOP, Input.LATER, Input.OWN_WORD})

# The same words do on both engines.
_FIRST = sa.text(
    """
    INSERT INTO phone (token, number_kind, is_drama, state, state_since)
    VALUES (:token, :number_kind, :is_drama, :state, :now)
    ON CONFLICT (token) DO NOTHING
    """
).bindparams(
    sa.bindparam("token", type_=sa.LargeBinary()),
    sa.bindparam("is_drama", type_=sa.Boolean()),
    sa.bindparam("now", type_=Instant()),
)


class FreshNeededError(LookupError):
    """The text begins a contact or a conversation; their ids, with keys, must be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """Ids whose keys exist already, for a contact or a conversation that may have to begin.

    ``number`` is sealed for the row ``contact``.
    """

    contact: UUID
    number: bytes
    conversation: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text as it comes in, without its words. ``token`` is the keyed token of its number."""

    id: UUID
    sid: str
    token: bytes
    number_kind: str
    is_drama: bool
    given: Input
    pictures: int
    parts: int
    sent_at: datetime | None
    found_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """Where a text belongs. ``again`` says that it was here before: nothing has changed then."""

    conversation: UUID
    says: str | None
    cell: Cell | None
    again: bool


def is_fresh_needed(session: Session, *, sid: str, token: bytes, now: datetime) -> bool:
    """Whether :func:`arrive` will need a :class:`Fresh`. A look without a lock: it may be wrong."""
    if session.get(InboundText, sid) is not None:
        return False
    phone = session.get(Phone, token)
    return phone is None or phone.conversation_id is None or is_somebody_new(phone, now)


def arrive(
    session: Session,
    *,
    text: Text,
    fresh: Fresh | None,
    table: Table,
    is_open: bool,
    now: datetime,
) -> Arrived:
    """Give a text its place, and let it move its phone through the table of states.

    The phone's row is locked, so two deliveries of one text, or two texts of one phone, follow
    each other. A text that was sent before the phone's newest "stop" or "not now" is kept and told
    to staff, and undoes nothing. Raises :class:`FreshNeededError`.
    """
    phone = lock_phone(
        session,
        token=text.token,
        number_kind=text.number_kind,
        is_drama=text.is_drama,
        now=now,
    )
    known = session.get(InboundText, text.sid)
    if known is not None:
        return Arrived(conversation=known.conversation_id, says=None, cell=None, again=True)
    conversation = whose(session, phone, fresh, Channel.SMS, now)
    cell = table.cell(TextState(phone.state), text.given)
    if _is_overtaken(session, phone, text):
        # Nothing was opened, so there is nothing to check.
        cell = Cell(TextState(phone.state), says=None, flags=cell.flags - {Flag.RECHECK})
    elif text.given is Input.START:
        phone.blocked_at = None
    _move(phone, cell.next, now)
    phone.last_heard_at = now
    says = texting.template(cell, is_open=is_open)
    if phone.last_automatic_at and now - phone.last_automatic_at < sending.load().between_automatic:
        says = None
    if says is not None:
        phone.last_automatic_at = now
    session.add(
        InboundText(
            sid=text.sid,
            id=text.id,
            phone_token=text.token,
            conversation_id=conversation,
            given=text.given,
            says=says,
            pictures=text.pictures,
            parts=text.parts,
            found_by=text.found_by,
            sent_at=text.sent_at,
            seen_at=now,
        )
    )
    return Arrived(conversation=conversation, says=says, cell=cell, again=False)


def know_phone(
    session: Session, *, token: bytes, number_kind: str, is_drama: bool, now: datetime
) -> None:
    """Have a row for a phone, if it has none yet."""
    session.execute(
        _FIRST,
        {
            "token": token,
            "number_kind": number_kind,
            "is_drama": is_drama,
            "state": TextState.NEW.value,
            "now": now,
        },
    )


def lock_phone(
    session: Session, *, token: bytes, number_kind: str, is_drama: bool, now: datetime
) -> Phone:
    """The row of a phone, made if there was none, and locked."""
    # The row is made first and locked then: two first texts of a phone must not both begin it.
    know_phone(session, token=token, number_kind=number_kind, is_drama=is_drama, now=now)
    return session.scalars(sa.select(Phone).where(Phone.token == token).with_for_update()).one()


def whose(
    session: Session, phone: Phone, fresh: Fresh | None, channel: Channel, now: datetime
) -> UUID:
    """The open conversation of a locked phone's contact; either may begin here.

    Raises :class:`FreshNeededError`.
    """
    if is_somebody_new(phone, now):
        _begin_contact(session, phone, fresh, channel, now)
    return phone.conversation_id or _begin_conversation(session, phone, fresh, now)


def is_somebody_new(phone: Phone, now: datetime) -> bool:
    """Whether a phone was silent for so long that it may be somebody else's by now."""
    return phone.contact_id is None or sending.is_new(
        phone.last_heard_at, phone.last_rang_at, now=now
    )


def _begin_contact(
    session: Session, phone: Phone, fresh: Fresh | None, channel: Channel, now: datetime
) -> None:
    if fresh is None:
        raise FreshNeededError
    session.add(
        Contact(
            id=fresh.contact,
            channel=channel,
            first_seen_at=now,
            phone_token=phone.token,
            number=fresh.number,
        )
    )
    session.flush()  # the conversation's foreign key needs the contact in place
    phone.contact_id, phone.conversation_id = fresh.contact, None
    # What another child asked for is not this one's. But a no to being rung stays until somebody
    # with this phone says otherwise: to texts, a text of their own does.
    phone.safe_window = phone.may_text = phone.own_word_token = None
    phone.may_ring = False if phone.may_ring is False else None
    if phone.state not in _OUTLASTS_SILENCE:
        _move(phone, TextState.NEW, now)


def _begin_conversation(session: Session, phone: Phone, fresh: Fresh | None, now: datetime) -> UUID:
    if fresh is None or phone.contact_id is None:
        raise FreshNeededError
    session.add(
        Conversation(id=fresh.conversation, contact_id=phone.contact_id, last_seq=0, opened_at=now)
    )
    session.flush()  # the text's foreign key needs the conversation in place
    phone.conversation_id = fresh.conversation
    return fresh.conversation


def _is_overtaken(session: Session, phone: Phone, text: Text) -> bool:
    # Only what the sweep found has a time of its own; a webhook comes at once.
    if text.sent_at is None or text.given in _SHUTS:
        return False
    came = sa.func.coalesce(InboundText.sent_at, InboundText.seen_at)
    shut_at = session.scalar(
        sa.select(sa.type_coerce(sa.func.max(came), Instant())).where(
            InboundText.phone_token == phone.token, InboundText.given.in_(_SHUTS)
        )
    )
    return any(at is not None and at > text.sent_at for at in (shut_at, phone.blocked_at))


def _move(phone: Phone, state: TextState, now: datetime) -> None:
    if phone.state != state:
        phone.state, phone.state_since = state, now
