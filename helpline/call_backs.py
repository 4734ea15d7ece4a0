"""Call-backs: one is written down, a call's outcome follows, a window closes unused."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from chat import calling as rules
from chat.calling import AskedWindow, CallBackState, Followed, Outcome
from chat.numbers import Number
from chat.sending import Kind, Verdict
from chat.service import call_back as chat
from chat.service import phone
from chat.service.call_back import Asked, OpenCallBack
from chat.service.phone import NoPhoneError
from helpline import access, phones
from helpline.hub import Notice
from helpline.todo import tasks
from helpline.todo.models import Why
from helpline.transaction import after_commit

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody asks for: which phone, when, and what to say if somebody else answers."""

    number: Number
    window_from: datetime
    window_until: datetime
    if_answered: str
    own_name: str | None = field(default=None, repr=False)
    may_leave_voicemail: bool = False
    is_shared_phone: bool = False


def ask(
    session: Session,
    adapters: "Adapters",
    *,
    conversation: UUID,
    asked_by: str,
    wanted: Wanted,
    now: datetime,
) -> UUID:
    """Write a call-back down, sealed; it takes the place of one that is open."""
    if adapters.phones is None:
        raise NoPhoneError
    row = uuid7()

    def seal(column: str, text: str) -> bytes:
        return access.seal_about(
            adapters,
            conversation=conversation,
            table="call_back",
            row=row,
            column=column,
            text=text,
        )

    chat.ask(
        session,
        asked=Asked(
            call_back=row,
            conversation=conversation,
            token=adapters.phones.lookup.token(wanted.number.e164),
            number=seal("number", wanted.number.e164),
            number_kind=wanted.number.kind,
            is_drama=wanted.number.is_drama,
            asked_by=asked_by,
            window_from=wanted.window_from,
            window_until=wanted.window_until,
            if_answered=wanted.if_answered,
            own_name=seal("own_name", wanted.own_name) if wanted.own_name else None,
            may_leave_voicemail=wanted.may_leave_voicemail,
            is_shared_phone=wanted.is_shared_phone,
        ),
        now=now,
    )
    after_commit(session, lambda: adapters.hub.ring(Notice("queue", conversation)))
    return row


def own_name(session: Session, adapters: "Adapters", *, conversation: UUID) -> str | None:
    """The name that the child chose for the call-back that is open, to be kept in the next one."""
    row = chat.open_one(session, conversation=conversation)
    return None if row is None else access.call_back_for_child(adapters, call_back=row).own_name


def verdict(
    session: Session,
    adapters: "Adapters",
    call_back: OpenCallBack,
    *,
    reason: str | None,
    now: datetime,
) -> Verdict:
    """May this child be rung now: by its window, by the phone's own, and by everything else."""
    # The conversation's own phone is known better: whose it is now.
    own = phone.standing(session, conversation=call_back.conversation)
    is_own = own is not None and own.token == call_back.token
    known = own if is_own else phone.known(session, token=call_back.token)
    if known is None:
        raise NoPhoneError
    within = AskedWindow(call_back.window_from, call_back.window_until)
    return phones.verdict(adapters, known, kind=Kind.CALL, reason=reason, now=now, within=within)


def called(
    session: Session,
    *,
    call_back: OpenCallBack,
    outcome: Outcome,
    now: datetime,
) -> Followed:
    """Write down what came of a call. Where the child was not reached for good, a task says so."""
    followed = chat.called(
        session, call_back=call_back.id, outcome=outcome, rules=rules.load(), now=now
    )
    if followed.state is not CallBackState.ASKED and not outcome.is_answer:
        tasks.raise_task(
            session,
            why=Why.CALL_BACK_MISSED,
            subject=call_back.conversation,
            dedupe_key=f"{CallBackState.MISSED}:{call_back.id}",
            now=now,
        )
    return followed


def close_windows(adapters: "Adapters") -> int:
    """Tell people of each call-back whose time went by unused; how many were new.

    It stays open: a person calls outside its window with a written reason, agrees on another, or
    takes it off the list. The worker does this beside the canary, and the sweep when no worker is.
    """
    now = adapters.clock()
    with adapters.transactions.reading() as session:
        closed = chat.list_closed(session, judged_since=now - rules.load().judged_within, now=now)
        keys = [_closed(each.id) for each in closed]
        told = tasks.raised_among(session, dedupe_keys=keys) if keys else frozenset[str]()
    new = [each for each in closed if _closed(each.id) not in told]
    if not new:
        return 0
    with adapters.transactions.begin() as session:
        for each in new:
            tasks.raise_task(
                session,
                why=Why.CALL_BACK_CLOSED,
                subject=each.conversation,
                dedupe_key=_closed(each.id),
                now=now,
            )
            after_commit(session, _ringing(adapters, each.conversation))
    log.warning("call_backs.closed", number=len(new))
    return len(new)


def _ringing(adapters: "Adapters", conversation: UUID) -> Callable[[], None]:
    return lambda: adapters.hub.ring(Notice("queue", conversation))


def _closed(call_back: UUID) -> str:
    return f"call_back_closed:{call_back}"
