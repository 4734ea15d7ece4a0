"""Calls: one row each, written before anything rings and after each thing that becomes of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat import calling
from chat.calling import CallState, Purpose, Rules
from chat.models import Call


class CallRunningError(Exception):
    """A call is going on already. Nothing was rung."""


class NotJudgedError(Exception):
    """Say first what came of the last call. Nothing was rung."""


class UnknownCallError(LookupError):
    """There is no such call, or what came of it is written down already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFound:
    """How a call stands. ``reason`` is sealed."""

    id: UUID
    purpose: Purpose
    conversation: UUID
    call_back: UUID | None
    staff: UUID | None
    sid: str | None
    state: CallState
    reason: bytes | None
    made_at: datetime
    joined_at: datetime | None


def plan(
    session: Session,
    *,
    call: UUID,
    call_back: UUID,
    conversation: UUID,
    staff: UUID,
    reason: bytes | None,
    rules: Rules,
    now: datetime,
) -> None:
    """Write down that a call is to begin. The caller has locked the call-back.

    An earlier one of which nobody knows whether it rang is given up by this. Raises
    :class:`CallRunningError` and :class:`NotJudgedError`.
    """
    for earlier in _rows(session, Call.call_back_id == call_back):
        state = CallState(earlier.state)
        if calling.is_running(state, earlier.made_at, now, rules):
            raise CallRunningError
        if state in calling.TO_BE_JUDGED:
            raise NotJudgedError
        if state is not CallState.JUDGED:
            earlier.state, earlier.ended_at = CallState.NOT_MADE, earlier.ended_at or now
    session.add(
        Call(
            id=call,
            purpose=Purpose.CALL_BACK,
            conversation_id=conversation,
            call_back_id=call_back,
            staff_id=staff,
            state=CallState.PLANNED,
            reason=reason,
            made_at=now,
        )
    )


def look(session: Session, *, call: UUID) -> CallFound | None:
    """A call as it stands; None when there is none."""
    row = session.get(Call, call)
    return None if row is None else _found(row)


def find(session: Session, *, call: UUID) -> CallFound | None:
    """A call as it stands, locked; None when there is none. Its call-back is locked before it."""
    row = session.scalar(sa.select(Call).where(Call.id == call).with_for_update())
    return None if row is None else _found(row)


def of_sid(session: Session, *, sid: str) -> UUID | None:
    """The call that the provider knows by this id."""
    return session.scalar(sa.select(Call.id).where(Call.provider_sid == sid))


def list_of(session: Session, *, conversation: UUID, limit: int = 5) -> list[CallFound]:
    """The newest calls of a conversation, the newest first."""
    rows = session.scalars(
        sa.select(Call)
        .where(Call.conversation_id == conversation)
        .order_by(Call.made_at.desc(), Call.id.desc())
        .limit(limit)
    )
    return [_found(row) for row in rows]


def bind(session: Session, *, call: UUID, sid: str) -> bool:
    """Remember the provider's id of a call; whether it is the one that we know."""
    row = session.get_one(Call, call)
    row.provider_sid = row.provider_sid or sid
    return row.provider_sid == sid


def become(session: Session, *, call: UUID, state: CallState, now: datetime) -> None:
    """Write down how a call stands now."""
    row = session.get_one(Call, call)
    row.state = state
    if state is CallState.JOINED and row.joined_at is None:
        row.joined_at = now
    if state in {CallState.OVER, CallState.NOT_MADE, CallState.JUDGED} and row.ended_at is None:
        row.ended_at = now


def take(session: Session, *, call: UUID, staff: UUID, now: datetime) -> None:
    """Write down who took a call that came in."""
    session.get_one(Call, call).staff_id = staff
    become(session, call=call, state=CallState.JOINED, now=now)


def judge(session: Session, *, call: UUID, now: datetime) -> CallFound:
    """A person has said what came of a call, once. Raises :class:`UnknownCallError`."""
    found = find(session, call=call)
    if found is None or found.state is CallState.JUDGED:
        raise UnknownCallError
    if found.purpose is Purpose.CALL_BACK and found.state not in calling.MAY_BE_JUDGED:
        raise UnknownCallError
    become(session, call=call, state=CallState.JUDGED, now=now)
    return found


def _rows(session: Session, wanted: sa.ColumnElement[bool]) -> list[Call]:
    return list(session.scalars(sa.select(Call).where(wanted).with_for_update()))


def _found(row: Call) -> CallFound:
    return CallFound(
        id=row.id,
        purpose=Purpose(row.purpose),
        conversation=row.conversation_id,
        call_back=row.call_back_id,
        staff=row.staff_id,
        sid=row.provider_sid,
        state=CallState(row.state),
        reason=row.reason,
        made_at=row.made_at,
        joined_at=row.joined_at,
    )
