"""What a member of staff does about calls: one transaction each."""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from chat import calling as rules
from chat import numbers
from chat.calling import CallBackState, Followed, Outcome, Purpose
from chat.numbers import Number
from chat.service import call as calls
from chat.service import call_back as chat
from chat.service import phone
from chat.service.call import UnknownCallError
from chat.service.phone import NoPhoneError
from helpline import access, call_backs, calling, phones
from helpline.accounts import own_phone
from helpline.accounts.sessions import SignedIn
from helpline.call_backs import Wanted
from helpline.console import deeds
from helpline.console.refusals import MissingChoiceError, TwoWordsError
from helpline.hub import Notice
from triage.errors import NotHolderError
from triage.hours import LONDON
from triage.service import answered, holding

if TYPE_CHECKING:
    from helpline.wiring import Adapters


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What an advocate writes down of a call-back. An empty ``number`` is the phone that wrote.

    An empty ``own_name`` keeps the one that was agreed before; ``ends_own_name`` alone removes it.
    """

    number: str = field(repr=False)
    day: str
    part: str
    if_answered: str
    own_name: str = field(repr=False)
    ends_own_name: bool
    may_leave_voicemail: bool
    is_shared_phone: bool


def write_down(
    adapters: "Adapters", *, person: SignedIn, conversation: UUID, agreed: Agreed
) -> None:
    """Write down that a child wants to be called, in the place of what was agreed before.

    Raises MissingChoiceError, TwoWordsError, chat.calling.WindowError, and the errors of a number
    that is none or cannot be rung.
    """
    now = adapters.clock()
    lists = rules.load()
    part = lists.parts.get(agreed.part)
    if part is None or agreed.if_answered not in lists.scripts:
        raise MissingChoiceError
    if agreed.own_name and agreed.ends_own_name:
        raise TwoWordsError
    window = rules.window(part, _day(agreed.day), now, LONDON)
    with adapters.transactions.begin() as session:
        _check_holder(session, person, conversation)
        number = _number(session, adapters, conversation, agreed.number)
        own_phone.check_ringable(number, is_demo=adapters.settings.demo, now=now)
        call_back = call_backs.ask(
            session,
            adapters,
            conversation=conversation,
            asked_by="staff",
            wanted=Wanted(
                number=number,
                window_from=window[0],
                window_until=window[1],
                if_answered=agreed.if_answered,
                own_name=_own_name(session, adapters, conversation, agreed),
                may_leave_voicemail=agreed.may_leave_voicemail,
                is_shared_phone=agreed.is_shared_phone,
            ),
            now=now,
        )
        deeds.written_down(session, adapters, person, "call_back.written_down", call_back, now)


def cancel(adapters: "Adapters", *, person: SignedIn, conversation: UUID) -> None:
    """Take a call-back off the list: it is not wanted any more."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        _check_holder(session, person, conversation)
        chat.cancel(session, conversation=conversation, now=now)
        deeds.written_down(session, adapters, person, "call_back.cancelled", conversation, now)
        deeds.ring(session, adapters, Notice("queue", conversation))


def call(adapters: "Adapters", *, person: SignedIn, call_back: UUID, reason: str | None) -> None:
    """Ring the advocate, and then the child. See :func:`helpline.calling.plan`."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        begun = calling.plan(
            session, adapters, staff=person, call_back=call_back, reason=reason, now=now
        )
        planned = calls.look(session, call=begun)
        if planned is not None:
            deeds.ring(session, adapters, Notice("queue", planned.conversation))


def judge(adapters: "Adapters", *, person: SignedIn, call: UUID, outcome: str) -> None:
    """Say what came of a call. Only "we spoke" ends the child's wait, and only by this word.

    Raises :class:`chat.service.call.UnknownCallError`, for a second word too.
    """
    now = adapters.clock()
    chosen = rules.load().outcomes.get(outcome)
    if chosen is None:
        raise MissingChoiceError
    with adapters.transactions.begin() as session:
        about = calls.look(session, call=call)
        if about is None:
            raise UnknownCallError
        _check_holder(session, person, about.conversation)
        if about.purpose is Purpose.INCOMING and not chosen.is_answer:
            raise MissingChoiceError
        wanted = (
            None if about.call_back is None else chat.lock_open(session, call_back=about.call_back)
        )
        calls.judge(session, call=call, now=now)
        followed = (
            None
            if wanted is None
            else call_backs.called(session, call_back=wanted, outcome=chosen, now=now)
        )
        if chosen.is_answer:
            answered.answered(session, entry=about.conversation, staff=person.id, now=now)
        said = _said(chosen, followed)
        deeds.keep_note(session, adapters, person, about.conversation, said, now)
        deeds.written_down(session, adapters, person, f"call.{chosen.key}", call, now)
        deeds.ring(session, adapters, Notice("queue", about.conversation))


def seen(adapters: "Adapters", *, person: SignedIn, call: UUID) -> None:
    """A call came in that nobody can answer any more: a person has seen it, and the wait ends."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        about = calls.look(session, call=call)
        if about is None or about.purpose is not Purpose.INCOMING:
            raise UnknownCallError
        _check_holder(session, person, about.conversation)
        calls.judge(session, call=call, now=now)
        answered.answered(session, entry=about.conversation, staff=person.id, now=now)
        said = "Saw that somebody rang. There was nobody to answer any more."
        deeds.keep_note(session, adapters, person, about.conversation, said, now)
        deeds.written_down(session, adapters, person, "call.seen", call, now)
        deeds.ring(session, adapters, Notice("queue", about.conversation))


def _check_holder(session: Session, person: SignedIn, conversation: UUID) -> None:
    access.check_may_read(person)
    if holding.holder_of(session, entry=conversation) != person.id:
        raise NotHolderError


def _number(session: Session, adapters: "Adapters", conversation: UUID, typed: str) -> Number:
    if typed:
        return numbers.read(typed)
    standing = phone.standing(session, conversation=conversation)
    if standing is None:
        raise NoPhoneError
    return phones.number_from(access.number_of(adapters, standing))


def _own_name(
    session: Session, adapters: "Adapters", conversation: UUID, agreed: Agreed
) -> str | None:
    if agreed.own_name or agreed.ends_own_name:
        return agreed.own_name or None
    return call_backs.own_name(session, adapters, conversation=conversation)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MissingChoiceError from None


def _said(outcome: Outcome, followed: Followed | None) -> str:
    said = f"Called: {outcome.words}."
    if followed is None or outcome.is_answer:
        return said
    if followed.state is CallBackState.ASKED:
        return f"{said} Tries left: {followed.tries_left}."
    return f"{said} {rules.load().fallback}"
