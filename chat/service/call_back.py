"""A child asks to be called, changes it, and what comes of each call."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.calling import CallBackState, CallState, Followed, Outcome, Rules, followed
from chat.models import Call, CallBack, Conversation
from chat.service import arrive


class UnknownCallBackError(LookupError):
    """There is no such call-back, or it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a child asks for. ``number`` and ``own_name`` are sealed for the row ``call_back``."""

    call_back: UUID
    conversation: UUID
    token: bytes
    number: bytes
    number_kind: str
    is_drama: bool
    asked_by: str
    window_from: datetime
    window_until: datetime
    if_answered: str
    own_name: bytes | None
    may_leave_voicemail: bool
    is_shared_phone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCallBack:
    """A call-back that is still to be made, its number and name sealed."""

    id: UUID
    conversation: UUID
    token: bytes
    number: bytes
    window_from: datetime
    window_until: datetime
    if_answered: str
    own_name: bytes | None
    may_leave_voicemail: bool
    is_shared_phone: bool
    tries: int
    made_at: datetime


def hold(session: Session, *, conversation: UUID) -> None:
    """Let nobody else ask or cancel in this conversation until the transaction ends."""
    session.execute(
        sa.select(Conversation.id)
        .where(Conversation.id == conversation)
        .with_for_update(key_share=True)  # messages that refer to it go on
    )


def newest(session: Session, *, conversation: UUID) -> UUID | None:
    """The call-back that was asked for last in a conversation, whatever became of it."""
    return session.scalar(
        sa.select(CallBack.id)
        .where(CallBack.conversation_id == conversation)
        .order_by(CallBack.id.desc())
        .limit(1)
    )


def ask(session: Session, *, asked: Asked, now: datetime) -> None:
    """Write a call-back down. A conversation has one that is open: a new one takes its place."""
    arrive.know_phone(
        session,
        token=asked.token,
        number_kind=asked.number_kind,
        is_drama=asked.is_drama,
        now=now,
    )
    cancel(session, conversation=asked.conversation, now=now)
    session.add(
        CallBack(
            id=asked.call_back,
            conversation_id=asked.conversation,
            phone_token=asked.token,
            number=asked.number,
            asked_by=asked.asked_by,
            window_from=asked.window_from,
            window_until=asked.window_until,
            if_answered=asked.if_answered,
            own_name=asked.own_name,
            may_leave_voicemail=asked.may_leave_voicemail,
            is_shared_phone=asked.is_shared_phone,
            state=CallBackState.ASKED,
            tries=0,
            made_at=now,
            changed_at=now,
        )
    )


def cancel(session: Session, *, conversation: UUID, now: datetime) -> bool:
    """Take back what is open of a conversation; whether anything was."""
    cancelled = session.scalars(
        sa.update(CallBack)
        .where(CallBack.conversation_id == conversation, CallBack.state == CallBackState.ASKED)
        .values(state=CallBackState.CANCELLED, changed_at=now)
        .returning(CallBack.id)
        .execution_options(synchronize_session=False)
    ).all()
    return bool(cancelled)


def open_one(session: Session, *, conversation: UUID) -> OpenCallBack | None:
    """The open call-back of a conversation."""
    row = session.scalar(_open().where(CallBack.conversation_id == conversation))
    return None if row is None else _shown(row)


def find_open(session: Session, *, call_back: UUID) -> OpenCallBack | None:
    """A call-back, if it is open."""
    row = session.scalar(_open().where(CallBack.id == call_back))
    return None if row is None else _shown(row)


def lock_open(session: Session, *, call_back: UUID) -> OpenCallBack | None:
    """An open call-back, locked: one call at a time is begun or judged for it."""
    row = session.scalar(_open().where(CallBack.id == call_back).with_for_update())
    return None if row is None else _shown(row)


def list_closed(session: Session, *, judged_since: datetime, now: datetime) -> list[OpenCallBack]:
    """Open call-backs whose window is over, but for those of which a call may still be judged.

    Such a call was begun after ``judged_since``.
    """
    unjudged = sa.exists().where(
        Call.call_back_id == CallBack.id,
        Call.made_at > judged_since,
        Call.state.not_in((CallState.NOT_MADE, CallState.JUDGED)),
    )
    rows = session.scalars(
        _open().where(CallBack.window_until <= now, ~unjudged).order_by(CallBack.window_until)
    )
    return [_shown(row) for row in rows]


def list_open(session: Session, *, limit: int = 200) -> list[OpenCallBack]:
    """Every call-back that is open, the one whose window closes first at the top."""
    rows = session.scalars(_open().order_by(CallBack.window_until, CallBack.id).limit(limit))
    return [_shown(row) for row in rows]


def called(
    session: Session, *, call_back: UUID, outcome: Outcome, rules: Rules, now: datetime
) -> Followed:
    """Write down what came of a call. Raises :class:`UnknownCallBackError`."""
    row = session.scalar(_open().where(CallBack.id == call_back).with_for_update())
    if row is None:
        raise UnknownCallBackError
    became = followed(rules, outcome, tries=row.tries)
    row.state, row.tries, row.outcome = became.state, became.tries, outcome.key
    row.changed_at = now
    return became


def _open() -> sa.Select[CallBack]:
    return sa.select(CallBack).where(CallBack.state == CallBackState.ASKED)


def _shown(row: CallBack) -> OpenCallBack:
    return OpenCallBack(
        id=row.id,
        conversation=row.conversation_id,
        token=row.phone_token,
        number=row.number,
        window_from=row.window_from,
        window_until=row.window_until,
        if_answered=row.if_answered,
        own_name=row.own_name,
        may_leave_voicemail=row.may_leave_voicemail,
        is_shared_phone=row.is_shared_phone,
        tries=row.tries,
        made_at=row.made_at,
    )
