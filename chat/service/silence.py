"""Phones that fell silent after we wrote: found by one query, judged again under their locks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat import silence
from chat.calling import CallBackState
from chat.delivery import Delivery
from chat.models import Author, CallBack, Conversation, Message, OutgoingText, Phone
from chat.service import last_word, phone
from chat.service.phone import Moved
from chat.silence import LastWord
from chat.texting import FROM_CLOCK, Input, Table, TextState

_LEFT = (Delivery.SENT, Delivery.DELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A texting whose phone is silent, and what that is to the table."""

    token: bytes
    conversation: UUID
    given: Input
    closes: bool


def list_silent(
    session: Session, *, table: Table, heard_until: datetime, now: datetime
) -> list[Silent]:
    """Every phone that the clock moves by now. A look without a lock: it may be wrong."""
    states = {state for state in TextState for given in FROM_CLOCK if _moves(table, state, given)}
    rows = session.execute(_words().where(Phone.state.in_(sorted(states))))
    found = (_silent(row, table, heard_until=heard_until, now=now) for row in rows)
    return [each for each in found if each is not None]


def with_call_back(session: Session, *, conversations: Sequence[UUID]) -> frozenset[UUID]:
    """Those of the conversations whose child still waits for a call."""
    rows = session.scalars(
        sa.select(CallBack.conversation_id).where(
            CallBack.conversation_id.in_(conversations), CallBack.state == CallBackState.ASKED
        )
    )
    return frozenset(rows)


def hold(session: Session, *, silent: Silent) -> bool:
    """Lock a texting against its phone's next word and ours; False while somebody is at it.

    It never waits: whoever has one of the rows (a text that comes in, a reply that leaves) is
    about to end the silence.
    """
    for one in (
        sa.select(Phone.token).where(Phone.token == silent.token),
        sa.select(Conversation.id).where(Conversation.id == silent.conversation),
    ):
        if session.scalar(one.with_for_update(skip_locked=True)) is None:
            return False
    return True


def judge_again(
    session: Session, *, silent: Silent, table: Table, heard_until: datetime, now: datetime
) -> Silent | None:
    """What the clock says of a texting that :func:`hold` has locked; None when it says nothing."""
    row = session.execute(_words().where(Conversation.id == silent.conversation)).first()
    return None if row is None else _silent(row, table, heard_until=heard_until, now=now)


def fall_silent(session: Session, *, silent: Silent, table: Table, now: datetime) -> Moved:
    """Move a phone that is silent, whose texting :func:`hold` has locked. Nothing is ever sent."""
    return phone.move(
        session, conversation=silent.conversation, given=silent.given, table=table, now=now
    )


def _words() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Conversation.id,
            Phone.token,
            Phone.state,
            Phone.last_heard_at,
            Phone.last_rang_at,
            Message.author,
            Message.kept_at,
            OutgoingText.state.label("delivery"),
            OutgoingText.changed_at,
        )
        .select_from(Phone)
        .join(Conversation, Conversation.id == Phone.conversation_id)
        .join(Message, Message.id == last_word.newest())
        .outerjoin(OutgoingText, OutgoingText.id == Message.id)
        .order_by(Message.kept_at)
    )


def _silent(
    row: sa.Row[Any], table: Table, *, heard_until: datetime, now: datetime
) -> Silent | None:
    heard = [at for at in (row.last_heard_at, row.last_rang_at) if at is not None]
    word = LastWord(
        is_ours=row.author == Author.ADVOCATE,
        said_at=row.kept_at,
        left_at=row.changed_at if row.delivery in _LEFT else None,
        heard_at=max(heard, default=None),
    )
    state = TextState(row.state)
    for given in silence.given(word, heard_until=heard_until, now=now):
        # The first that moves it: after an outage too, a phone is quiet before it is closed.
        if _moves(table, state, given):
            closes = table.cell(state, given).next is TextState.CLOSED
            return Silent(token=row.token, conversation=row.id, given=given, closes=closes)
    return None


def _moves(table: Table, state: TextState, given: Input) -> bool:
    return table.cell(state, given).next is not state
