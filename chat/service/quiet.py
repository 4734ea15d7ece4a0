"""Since when a child has said nothing after our last word, by whichever way they came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat import silence
from chat.delivery import Delivery
from chat.models import Author, Call, Conversation, Message, OutgoingText, Phone
from chat.service import last_word
from chat.silence import LastWord

_LEFT = (Delivery.SENT, Delivery.DELIVERED)


@dataclass(frozen=True, slots=True)
class SilentSince:
    """A conversation in which our word stands unanswered. ``by_text``: it went to a phone."""

    conversation: UUID
    since: datetime
    by_text: bool


def silent_among(session: Session, *, conversations: Sequence[UUID]) -> list[SilentSince]:
    """Those of the conversations in which a person of ours had the last word, and since when.

    What software said by itself is nobody's word, and a text that did not arrive is none. A call
    is a word of the child. A conversation that was closed is over and is not among them.
    """
    rows = session.execute(
        sa.select(
            Conversation.id,
            Message.author,
            Message.kept_at,
            OutgoingText.id.label("text"),
            OutgoingText.state.label("delivery"),
            OutgoingText.changed_at,
            Phone.last_heard_at,
            Phone.last_rang_at,
        )
        .select_from(Conversation)
        .join(Message, Message.id == last_word.newest())
        .outerjoin(OutgoingText, OutgoingText.id == Message.id)
        .outerjoin(Phone, Phone.conversation_id == Conversation.id)
        .where(Conversation.id.in_(conversations), Conversation.closed_at.is_(None))
    ).all()
    joined = _joined(session, conversations)
    found = []
    for row in rows:
        by_text = row.text is not None
        heard = (row.last_heard_at, row.last_rang_at, joined.get(row.id))
        word = LastWord(
            is_ours=row.author == Author.ADVOCATE,
            said_at=row.kept_at,
            left_at=row.kept_at
            if not by_text
            else row.changed_at
            if row.delivery in _LEFT
            else None,
            heard_at=max((at for at in heard if at is not None), default=None),
        )
        since = silence.since(word)
        if since is not None:
            found.append(SilentSince(row.id, since, by_text))
    return found


def _joined(session: Session, conversations: Sequence[UUID]) -> dict[UUID, datetime]:
    rows = session.execute(
        sa.select(Call.conversation_id, Call.joined_at, Call.ended_at).where(
            Call.conversation_id.in_(conversations), Call.joined_at.is_not(None)
        )
    )
    latest: dict[UUID, datetime] = {}
    for row in rows:
        at = row.ended_at or row.joined_at
        latest[row.conversation_id] = max(at, latest.get(row.conversation_id, at))
    return latest
