"""Somebody rings us: in the queue first, then a person on call, or a call-back by keypad.

The caller is a conversation that waits before a word is said to them, whatever key is pressed. The
people on call are rung in turn and each must press a key, so that nobody's voicemail takes a child.
There is no voicemail of ours, and nothing is recorded.
"""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeGuard
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from uuid_utils.compat import uuid7

from chat import calling as rules
from chat.calling import AskedWindow, CallState, Purpose
from chat.sending import Kind
from chat.service import call as calls
from chat.service import phone
from chat.service import ring as chat
from chat.service.arrive import Fresh, FreshNeededError
from chat.service.call import CallFound
from chat.service.ring import Caller, Rang
from helpline import access, call_backs, calling, failpoints, intake, phones, scopes
from helpline.audit.record import Actor
from helpline.call_backs import Wanted
from helpline.transaction import after_commit
from integrations.twilio import twiml
from integrations.twilio.webhooks import CallEvent
from triage.errors import AlreadyClaimedError
from triage.service import holding, on_call

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()

# What staff read in the conversation. The caller has said nothing yet.
RANG_US = "(Rang us)"

TALK = "1"
CALL_BACK = "2"
YES = "1"
NO = "2"

# Nothing is to be said if somebody else answers: whoever asks by keypad chose no words.
_IF_ANSWERED = "nothing"


async def comes(adapters: "Adapters", event: CallEvent) -> str:
    """Put a caller into the queue, then say what can be chosen.

    Raises :class:`helpline.intake.NotKeptError` when they are not in it.
    """
    rang = await run_in_threadpool(place, adapters, event)
    failpoints.reach("call.before_keeping")
    await intake.keep(
        adapters.writer, conversation_id=rang.conversation, client_id=event.sid, text=RANG_US
    )
    return twiml.ask(
        say=calling.words("menu"),
        answer_to=calling.address(adapters, "in/key", rang.call),
        seconds=rules.load().menu_within_seconds,
    )


def place(adapters: "Adapters", event: CallEvent) -> Rang:
    """Give a call its conversation. Safe to do again."""
    own = calling.of(adapters)
    now = adapters.clock()
    number = None if event.is_hidden else phones.number_from(event.sender)
    caller = (
        None
        if number is None
        else Caller(
            token=own.lookup.token(number.e164),
            number_kind=number.kind,
            is_drama=number.is_drama,
        )
    )
    e164 = None if number is None else number.e164
    with adapters.transactions.reading() as session:
        is_fresh = chat.is_fresh_needed(session, sid=event.sid, caller=caller, now=now)
    try:
        return _placed(adapters, event, caller, _fresh(adapters, e164, now) if is_fresh else None)
    except FreshNeededError:
        # Its conversation was closed between the look and the lock.
        return _placed(adapters, event, caller, _fresh(adapters, e164, now))
    except sa.exc.IntegrityError:
        # The same call, told twice at the same moment: the other one was first.
        return _placed(adapters, event, caller, None)


def chooses(adapters: "Adapters", call: UUID, event: CallEvent) -> str:
    """What the caller pressed: to talk now, to be called back, or nothing."""
    found = _found(adapters, call, event)
    if found is None:
        return twiml.hang_up()
    if event.digits == TALK:
        return next_person(adapters, call, event, turn=0)
    if event.digits == CALL_BACK:
        return _offer(adapters, found)
    return twiml.say_and_hang_up(say=calling.words("rang"))


def next_person(adapters: "Adapters", call: UUID, event: CallEvent, *, turn: int) -> str:
    """Ring the next person on call; after the last, say truthfully that nobody can talk."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        found = calls.find(session, call=call)
        if not _is_its(found, event):
            return twiml.hang_up()
        if event.was_joined or found.state not in {CallState.CAME, CallState.RINGING_US}:
            state = rules.ended(found.state, found.purpose)
            calling.become(session, adapters, found, state, now)
            return twiml.hang_up()
        people = _people(session, adapters, now)
        if turn < len(people):
            calling.become(session, adapters, found, CallState.RINGING_US, now)
    if turn >= len(people):
        log.warning("call.nobody_took_it", call=call, rung=len(people))
        return _offer(adapters, found, "nobody")
    person, number = people[turn]
    return twiml.dial(
        number=number,
        shown=calling.of(adapters).number,
        first_at=calling.address(adapters, "staff", call, person=person),
        then_to=calling.address(adapters, "in/next", call, turn=turn + 1),
        seconds=rules.load().staff_rings_for_seconds,
        say=calling.words("ringing") if turn == 0 else None,
    )


def staff_answers(adapters: "Adapters", call: UUID, person: UUID) -> str:
    """Somebody on call answered, or their voicemail did."""
    with adapters.transactions.reading() as session:
        found = calls.look(session, call=call)
    if found is None or found.state is not CallState.RINGING_US:
        return twiml.hang_up()
    return twiml.ask(
        say=calling.words("take"),
        answer_to=calling.address(adapters, "staff/key", call, person=person),
        seconds=rules.load().key_within_seconds,
    )


def staff_presses(adapters: "Adapters", call: UUID, person: UUID, event: CallEvent) -> str:
    """A person on call takes the call: it is written down, and the conversation is theirs."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        found = calls.find(session, call=call)
        is_rung = found is not None and found.state is CallState.RINGING_US
        may_take = person in {each for each, _ in _people(session, adapters, now)}
        if found is None or not is_rung or not may_take or event.digits != TALK:
            return twiml.hang_up()
        calls.take(session, call=call, staff=person, now=now)
        _claim(session, adapters, found.conversation, person, now)
        adapters.audit.record(
            session, actor=Actor("staff", person), action="call.taken", subject=call, now=now
        )
        after_commit(session, partial(calling.ring, adapters, found.conversation))
    return twiml.nothing()


def answers_offer(adapters: "Adapters", call: UUID, event: CallEvent) -> str:
    """Whether we may ring this phone: yes, no, or no key."""
    found = _found(adapters, call, event)
    if found is None:
        return twiml.hang_up()
    if event.digits == NO:
        _ring_no_more(adapters, found)
        return twiml.say_and_hang_up(say=calling.words("will_not_ring"))
    if event.digits != YES:
        return twiml.say_and_hang_up(say=calling.words("rang"))
    is_open = _ask_call_back(adapters, found)
    return twiml.say_and_hang_up(say=calling.words("will_ring" if is_open else "cannot_ring"))


def _offer(adapters: "Adapters", found: CallFound, *first: str) -> str:
    with adapters.transactions.reading() as session:
        is_hidden = phone.is_hidden(session, conversation=found.conversation)
    if is_hidden:
        return twiml.say_and_hang_up(say=calling.words(*first, "cannot_ring"))
    return twiml.ask(
        say=calling.words(*first, "may_we"),
        answer_to=calling.address(adapters, "in/back", found.id),
        seconds=rules.load().menu_within_seconds,
    )


def _ask_call_back(adapters: "Adapters", found: CallFound) -> bool:
    """Write the call-back down, if this phone may be rung at all; whether it may."""
    now = adapters.clock()
    opens = adapters.hours.opens_next(now)
    window = AskedWindow(opens, opens + rules.load().keypad_within)
    with adapters.transactions.begin() as session:
        standing = phone.standing(session, conversation=found.conversation)
        if standing is None:
            return False
        verdict = phones.verdict(
            adapters, standing, kind=Kind.CALL, reason=None, now=opens, within=window
        )
        if not verdict.may and not verdict.can_override:
            return False
        call_back = call_backs.ask(
            session,
            adapters,
            conversation=found.conversation,
            asked_by="child",
            wanted=Wanted(
                number=phones.number_from(access.number_of(adapters, standing)),
                window_from=window.window_from,
                window_until=window.window_until,
                if_answered=_IF_ANSWERED,
            ),
            now=now,
        )
        adapters.audit.record(
            session,
            actor=Actor("child", found.conversation),
            action="call_back.asked",
            subject=call_back,
            now=now,
        )
    return True


def _ring_no_more(adapters: "Adapters", found: CallFound) -> None:
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        standing = phone.standing(session, conversation=found.conversation)
        if standing is None or not standing.is_present:
            return
        phone.ring_no_more(session, conversation=found.conversation)
        adapters.audit.record(
            session,
            actor=Actor("child", found.conversation),
            action="phone.ring_no_more",
            subject=found.conversation,
            now=now,
        )


def _claim(
    session: Session, adapters: "Adapters", conversation: UUID, person: UUID, now: datetime
) -> None:
    try:
        claimed = holding.claim(session, entry=conversation, staff=person, now=now)
    except AlreadyClaimedError:
        return  # a colleague answers in writing; the call is another way of the same child
    if not claimed.again:
        adapters.audit.record(
            session,
            actor=Actor("staff", person),
            action="entry.claimed",
            subject=conversation,
            now=now,
        )


def _people(session: Session, adapters: "Adapters", now: datetime) -> list[tuple[UUID, str]]:
    """Who is on call and can be rung, in their order."""
    listed = [each.person for each in on_call.on_duty(session, now=now)]
    return [
        (person, number)
        for person in listed
        if (number := calling.number_of_staff(session, adapters, staff=person, now=now))
    ]


def _found(adapters: "Adapters", call: UUID, event: CallEvent) -> CallFound | None:
    with adapters.transactions.reading() as session:
        found = calls.look(session, call=call)
    return found if _is_its(found, event) else None


def _is_its(found: CallFound | None, event: CallEvent) -> TypeGuard[CallFound]:
    """Whether this is the caller's own leg of a call that came in."""
    return found is not None and found.purpose is Purpose.INCOMING and found.sid == event.sid


def _placed(
    adapters: "Adapters", event: CallEvent, caller: Caller | None, fresh: Fresh | None
) -> Rang:
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        rang = chat.rang(session, call=uuid7(), sid=event.sid, caller=caller, fresh=fresh, now=now)
        if not rang.again:
            adapters.audit.record(
                session,
                actor=Actor("child", rang.conversation),
                action="call.came",
                subject=rang.call,
                now=now,
            )
    return rang


def _fresh(adapters: "Adapters", e164: str | None, now: datetime) -> Fresh:
    contact, conversation = uuid7(), uuid7()
    scope = scopes.of_contact(contact)
    adapters.keystore.make([scope, scopes.of_conversation(conversation)], now=now)
    failpoints.reach("start.between_keystore_and_data")
    return Fresh(
        contact=contact,
        number=adapters.sealing.seal(scope, "contact", contact, "number", e164 or ""),
        conversation=conversation,
    )
