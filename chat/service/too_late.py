"""What software wrote by itself and what has happened since: it leaves in time, or not at all.

The rule is `chat.delivery.is_too_late`; helpline/outbox.py asks just before a text leaves.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat import delivery
from chat.delivery import Delivery, Follows, Rules, Written
from chat.models import InboundText, Message, OutgoingText
from chat.sending import Kind
from chat.service.outgoing import Reported
from chat.texting import Table

_ANSWER = "answer-"


def answer_id(sid: str) -> str:
    """The ``client_id`` of the automatic answer to the text with this id of the provider's."""
    return f"{_ANSWER}{sid}"


def is_so(session: Session, *, text: UUID, rules: Rules, table: Table, now: datetime) -> bool:
    """Whether a text that may leave now is too late for what it says."""
    return delivery.is_too_late(rules, _written(session, text, table), now)


def drop(session: Session, *, text: UUID, now: datetime) -> Reported | None:
    """The text was too late and does not leave; None when it has ended otherwise meanwhile.

    One that had left before and did not arrive is only not sent anew.
    """
    row = session.get_one(OutgoingText, text, with_for_update=True)
    if row.state not in {Delivery.PLANNED, Delivery.SENDING}:
        return None
    has_left = row.sent_anew > 0
    state = Delivery.UNDELIVERED if has_left else Delivery.LATE
    row.state, row.changed_at = state, now
    return Reported(
        text=row.id,
        conversation=row.conversation_id,
        state=state,
        follows=Follows.TASK if has_left else None,
    )


def _written(session: Session, text: UUID, table: Table) -> Written:
    row = session.get_one(OutgoingText, text)
    answered = _answered(session, text)
    return Written(
        kind=Kind(row.kind),
        follows_at=row.made_at if answered is None else answered.seen_at,
        has_newer=_has_newer(session, row, answered),
        though_newer=answered is not None
        and table.leaves_though_newer(answered.says or "")
        and _is_first(session, answered),
    )


def _answered(session: Session, text: UUID) -> InboundText | None:
    message = session.get_one(Message, text)
    if message.author != "system" or not message.client_id.startswith(_ANSWER):
        return None
    return session.get(InboundText, message.client_id.removeprefix(_ANSWER))


def _has_newer(session: Session, row: OutgoingText, answered: InboundText | None) -> bool:
    # Ids begin with the time they were made, so they decide within one instant.
    at, id_ = (row.made_at, row.id) if answered is None else (_came(answered), answered.id)
    came = sa.func.coalesce(InboundText.sent_at, InboundText.seen_at)
    is_newer = sa.or_(came > at, sa.and_(came == at, InboundText.id > id_))
    newer = sa.exists().where(InboundText.phone_token == row.phone_token, is_newer)
    return bool(session.scalar(sa.select(newer)))


def _is_first(session: Session, answered: InboundText) -> bool:
    before = sa.exists().where(
        InboundText.conversation_id == answered.conversation_id, InboundText.id < answered.id
    )
    return not session.scalar(sa.select(before))


def _came(text: InboundText) -> datetime:
    # Only what the sweep found has a time of its own; a webhook comes at once.
    return text.sent_at or text.seen_at
