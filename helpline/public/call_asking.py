"""A child asks to be called, changes that, or takes it back: what its pages and its API share.

The wish is kept twice. First as words in the conversation, through intake like any other message,
so that the conversation stands in the queue and its clocks run; then as the row that a call is
made from (helpline/call_backs.py). Whoever fails between the two can ask again: the words are kept
once.

Nothing here says whether we know a number. Whoever types a child's number into the page must not
learn that a text ever came from it, so a phone that said STOP is asked for like any other, the
page tells everybody what STOP means for calls, and the gate refuses the call itself.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from chat import calling, numbers
from chat import conversation as rules
from chat.calling import Slot
from chat.errors import EmptyTextError, TooLongError
from chat.numbers import Number
from chat.service import call_back as chat
from chat.service.phone import NoPhoneError
from helpline import access, call_backs, intake
from helpline.accounts import own_phone
from helpline.audit.record import Actor
from helpline.call_backs import Wanted
from helpline.hub import Notice
from helpline.intake import NotKeptError
from helpline.transaction import after_commit
from triage.hours import LONDON

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()

OWN_NAME = "own_name"
_IF_LEFT_OUT = "nothing"
LONGEST_NAME = 80


class NotOfferedError(ValueError):
    """Nobody is here to ring at that time. Choose one that is offered."""


class UnknownAnswerError(ValueError):
    """What to do if somebody else answers is not one of the answers there are."""


class NoNameError(ValueError):
    """A name of the child's own choice was to be said, and there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a child chose, as it came.

    Without ``if_answered``, or without the ``own_name`` that it asks for, what was chosen for the
    call-back that is open stays.
    """

    number: str = field(repr=False)
    day: date
    part: str
    if_answered: str | None
    own_name: str | None = field(default=None, repr=False)
    may_leave_voicemail: bool = False
    is_shared_phone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A call-back as it stands. ``again`` says that it was asked for just so before."""

    number: str = field(repr=False)
    slot: Slot
    window_from: datetime
    window_until: datetime
    if_answered: str
    own_name: str | None = field(repr=False)
    may_leave_voicemail: bool
    is_shared_phone: bool
    tries: int
    again: bool = False


def offered(adapters: "Adapters", now: datetime) -> tuple[Slot, ...]:
    """The times that a child can choose from: those in which somebody is here to ring."""
    return tuple(
        slot
        for slot in calling.offered(calling.load(), now, LONDON)
        if _is_staffed(adapters, slot, now)
    )


def chosen(adapters: "Adapters", *, day: date, part: str, now: datetime) -> Slot:
    """The time that was chosen. Raises :class:`chat.calling.WindowError` and NotOfferedError."""
    lists = calling.load()
    if part not in lists.parts:
        raise NotOfferedError
    slot = Slot(day, lists.parts[part])
    if slot in offered(adapters, now):
        return slot
    calling.window(slot.part, slot.day, now, LONDON)  # says so when it is over
    raise NotOfferedError


def number(adapters: "Adapters", text: str, now: datetime) -> Number:
    """The number that was written, if it can be rung at all.

    Raises :class:`chat.errors.NotANumberError` and
    :class:`helpline.accounts.own_phone.NotRingableError`. It looks at the number alone and at
    nothing that we know of it.
    """
    read = numbers.read(text)
    own_phone.check_ringable(read, is_demo=adapters.settings.demo, now=now)
    return read


def own_name(if_answered: str, name: str | None) -> str | None:
    """The name to say, where one is to be said. Raises UnknownAnswerError and NoNameError."""
    if if_answered not in calling.load().scripts:
        raise UnknownAnswerError
    if if_answered != OWN_NAME:
        return None
    try:
        return " ".join(rules.kept_text(name or "").split())[:LONGEST_NAME]
    except (EmptyTextError, TooLongError):
        raise NoNameError from None


async def ask(adapters: "Adapters", *, conversation: UUID, choice: Choice, said: str) -> Planned:
    """Plan a call-back; the one that was open gives way. Asked for again, it changes nothing.

    ``said`` is how the conversation tells it in words. Raises what :func:`number`, :func:`chosen`
    and :func:`own_name` raise, and :class:`NotKeptError`.
    """
    now = adapters.clock()
    before = await run_in_threadpool(partial(planned, adapters, conversation=conversation))
    wanted = _wanted(adapters, _completed(choice, before), now)
    standing, client_id = await run_in_threadpool(_looked, adapters, conversation, wanted)
    if standing is not None:
        return standing
    await intake.keep(adapters.writer, conversation_id=conversation, client_id=client_id, text=said)
    return await run_in_threadpool(_written, adapters, conversation, wanted, now)


async def cancel(adapters: "Adapters", *, conversation: UUID, said: str) -> bool:
    """Take back what is open; whether anything was. ``said`` tells it in the conversation."""
    call_back = await run_in_threadpool(_cancelled, adapters, conversation)
    if call_back is None:
        return False
    try:
        await intake.keep(
            adapters.writer,
            conversation_id=conversation,
            client_id=f"no-call-{call_back}",
            text=said,
        )
    except NotKeptError:
        # No call is made: that is what was asked for. Staff see it on their list, without words.
        log.warning("call_back.cancelled_without_words", conversation=conversation)
    return True


def planned(adapters: "Adapters", *, conversation: UUID) -> Planned | None:
    """The call-back that is open, with its number and name, for the child who asked for it."""
    with adapters.transactions.reading() as session:
        row = chat.open_one(session, conversation=conversation)
    return None if row is None else _opened(adapters, row)


def when(session: Session, *, conversation: UUID, now: datetime) -> Slot | None:
    """When a call is planned, without opening anything. None when it is over or there is none."""
    row = chat.open_one(session, conversation=conversation)
    if row is None or row.window_until <= now:
        return None
    return calling.slot_of(calling.load(), row.window_from, row.window_until, LONDON)


def _completed(choice: Choice, before: Planned | None) -> Choice:
    """A choice with what was left out of it, from the call-back that is open."""
    if before is None:
        return replace(
            choice, if_answered=_IF_LEFT_OUT if choice.if_answered is None else choice.if_answered
        )
    if_answered = before.if_answered if choice.if_answered is None else choice.if_answered
    name = choice.own_name if (choice.own_name or "").strip() else before.own_name
    return replace(choice, if_answered=if_answered, own_name=name)


def _wanted(adapters: "Adapters", choice: Choice, now: datetime) -> Wanted:
    if_answered = choice.if_answered or ""
    name = own_name(if_answered, choice.own_name)
    time = chosen(adapters, day=choice.day, part=choice.part, now=now)
    starts, ends = calling.window(time.part, time.day, now, LONDON)
    return Wanted(
        number=number(adapters, choice.number, now),
        window_from=starts.astimezone(UTC),
        window_until=ends.astimezone(UTC),
        if_answered=if_answered,
        own_name=name,
        may_leave_voicemail=choice.may_leave_voicemail,
        is_shared_phone=choice.is_shared_phone,
    )


def _looked(adapters: "Adapters", conversation: UUID, wanted: Wanted) -> tuple[Planned | None, str]:
    """What is planned just so already; else the client_id under which the wish is told."""
    with adapters.transactions.reading() as session:
        same = _same(session, adapters, conversation, wanted)
        newest = chat.newest(session, conversation=conversation)
    # The same wish, tried again, is told once; asked for anew after another one, it is told anew.
    before = newest.hex if newest else "first"
    return same, f"call-{before}-{wanted.window_until:%Y%m%d%H%M}"


def _written(adapters: "Adapters", conversation: UUID, wanted: Wanted, now: datetime) -> Planned:
    with adapters.transactions.begin() as session:
        chat.hold(session, conversation=conversation)
        same = _same(session, adapters, conversation, wanted)
        if same is not None:
            return same  # the button was pressed twice
        call_back = call_backs.ask(
            session,
            adapters,
            conversation=conversation,
            asked_by="child",
            wanted=wanted,
            now=now,
        )
        _record(session, adapters, conversation, "call_back.asked", call_back, now)
        row = chat.open_one(session, conversation=conversation)
    if row is None:
        raise NotKeptError
    return _opened(adapters, row)


def _cancelled(adapters: "Adapters", conversation: UUID) -> UUID | None:
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        chat.hold(session, conversation=conversation)
        row = chat.open_one(session, conversation=conversation)
        if row is None or not chat.cancel(session, conversation=conversation, now=now):
            return None
        _record(session, adapters, conversation, "call_back.cancelled", row.id, now)
        after_commit(session, lambda: adapters.hub.ring(Notice("queue", conversation)))
    return row.id


def _record(
    session: Session,
    adapters: "Adapters",
    conversation: UUID,
    action: str,
    call_back: UUID,
    now: datetime,
) -> None:
    adapters.audit.record(
        session, actor=Actor("child", conversation), action=action, subject=call_back, now=now
    )


def _same(
    session: Session, adapters: "Adapters", conversation: UUID, wanted: Wanted
) -> Planned | None:
    """The open call-back, if this is it."""
    if adapters.phones is None:
        raise NoPhoneError
    row = chat.open_one(session, conversation=conversation)
    if row is None:
        return None
    standing = _opened(adapters, row, again=True)
    is_same = (
        row.token == adapters.phones.lookup.token(wanted.number.e164)
        and standing.window_until == wanted.window_until
        and standing.if_answered == wanted.if_answered
        and standing.own_name == wanted.own_name
        and standing.may_leave_voicemail == wanted.may_leave_voicemail
        and standing.is_shared_phone == wanted.is_shared_phone
    )
    return standing if is_same else None


def _opened(adapters: "Adapters", row: chat.OpenCallBack, *, again: bool = False) -> Planned:
    opened = access.call_back_for_child(adapters, call_back=row)
    return Planned(
        number=opened.number,
        slot=calling.slot_of(calling.load(), row.window_from, row.window_until, LONDON),
        window_from=row.window_from,
        window_until=row.window_until,
        if_answered=row.if_answered,
        own_name=opened.own_name,
        may_leave_voicemail=row.may_leave_voicemail,
        is_shared_phone=row.is_shared_phone,
        tries=row.tries,
        again=again,
    )


def _is_staffed(adapters: "Adapters", slot: Slot, now: datetime) -> bool:
    starts, ends = calling.window(slot.part, slot.day, now, LONDON)
    return adapters.hours.opens_next(starts) < ends
