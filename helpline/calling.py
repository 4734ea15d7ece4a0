"""An advocate calls a child back: the advocate's own phone first, then the child's.

What happens, in order: the call is a row and a job in one transaction; the job writes down that it
begins and then asks for the advocate's phone to be rung; the advocate presses a key; the child's
phone rings; whoever answers presses a key; only then are the two joined. The gate is asked when
the call is written, when it begins, and once more before the child's phone rings. Whatever ends us
between the writing down and the answer of the telephone company leaves a call of which nobody
knows whether it rang: it is never rung again by itself, and the advocate decides.
"""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from chat import calling as rules
from chat import wording
from chat.calling import CallState, Purpose
from chat.sending import Kind
from chat.service import call as chat
from chat.service import call_back as asked
from chat.service.call import CallFound
from chat.service.call_back import OpenCallBack, UnknownCallBackError
from chat.service.phone import NoPhoneError
from helpline import access, call_backs, failpoints, phones
from helpline.accounts import own_phone
from helpline.accounts.sessions import SignedIn
from helpline.audit.record import SOFTWARE, Actor
from helpline.hub import Notice
from helpline.phones import Phones
from helpline.queue import add as queue
from helpline.queue.models import Lane
from helpline.replies import LockedError
from helpline.transaction import after_commit
from integrations.twilio import twiml
from integrations.twilio.errors import TwilioError
from integrations.twilio.webhooks import CallEvent
from triage.errors import NotHolderError
from triage.service import holding

if TYPE_CHECKING:
    from helpline.jobs import Handler, Outside
    from helpline.wiring import Adapters

log = structlog.get_logger()

START_CALL = "start_call"
KEY = "1"

# The reason itself is for people; the gate only asks whether one was given in writing.
_GIVEN = "given"


class NoOwnPhoneError(Exception):
    """Your own phone rings first, and you have set none that can be rung. Set it under My phone, then call."""  # noqa: E501 - one sentence for the page


def plan(
    session: Session,
    adapters: "Adapters",
    *,
    staff: SignedIn,
    call_back: UUID,
    reason: str | None,
    now: datetime,
) -> UUID:
    """Write down that the person who holds the conversation calls, with the job that begins it.

    Raises NotHolderError, LockedError, NoOwnPhoneError, UnknownCallBackError and the errors of
    chat/service/call.py.
    """
    access.check_may_read(staff)
    wanted = asked.lock_open(session, call_back=call_back)
    if wanted is None:
        raise UnknownCallBackError
    if holding.holder_of(session, entry=wanted.conversation) != staff.id:
        raise NotHolderError
    verdict = call_backs.verdict(session, adapters, wanted, reason=reason, now=now)
    if verdict.why is not None:
        raise LockedError(verdict.why)
    if number_of_staff(session, adapters, staff=staff.id, now=now) is None:
        raise NoOwnPhoneError
    call = uuid7()
    chat.plan(
        session,
        call=call,
        call_back=call_back,
        conversation=wanted.conversation,
        staff=staff.id,
        reason=_sealed(adapters, wanted, call, reason),
        rules=rules.load(),
        now=now,
    )
    queue.add(
        session,
        kind=START_CALL,
        subject=call,
        lane=Lane.RINGING,
        dedupe_key=f"{START_CALL}:{call}",
        due_at=now,
        now=now,
    )
    adapters.audit.record(
        session, actor=Actor("staff", staff.id), action="call.asked", subject=call, now=now
    )
    after_commit(session, lambda: adapters.bell.ring(Lane.RINGING))
    return call


def prepare(
    session: Session, adapters: "Adapters", subject: UUID, now: datetime
) -> "Outside | None":
    """Ask the gate, write down that the call begins, and say how. None when it does not."""
    call = chat.find(session, call=subject)
    if call is None or call.staff is None:
        return None
    if call.state is CallState.RINGING_US:
        if call.sid is None:
            # Somebody ended us while we asked. It may ring: a second ring is worse than none.
            _unknown(session, adapters, subject, now)
        return None
    if call.state is not CallState.PLANNED:
        return None
    number = number_of_staff(session, adapters, staff=call.staff, now=now)
    is_late = now - call.made_at > rules.load().starts_within
    if is_late or number is None or to_be_rung(session, adapters, call, now) is None:
        _not_made(session, adapters, subject, now)
        return None
    become(session, adapters, call, CallState.RINGING_US, now)
    return partial(_ring, adapters, subject, number)


def advocate_answers(adapters: "Adapters", call: UUID, event: CallEvent) -> str:
    """The advocate's own phone was answered, by them or by whoever: a key proves a person."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        found = _own(session, call, event)
        if found is None or not rules.may_ring_child(found.state):
            return twiml.hang_up()
        after_commit(session, partial(ring, adapters, found.conversation))
    log.info("call.answered_by_us", call=call, seconds=(now - found.made_at).total_seconds())
    return twiml.ask(
        say=words("advocate"),
        answer_to=address(adapters, "advocate/key", call),
        seconds=rules.load().key_within_seconds,
    )


def advocate_presses(adapters: "Adapters", call: UUID, event: CallEvent) -> str:
    """The advocate pressed a key, so the child's phone rings; or none, and nothing does."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        found = _own(session, call, event)
        if found is None or not rules.may_ring_child(found.state):
            return twiml.hang_up()
        if event.digits != KEY:
            become(session, adapters, found, rules.ended(found.state, found.purpose), now)
            return twiml.hang_up()
        wanted = to_be_rung(session, adapters, found, now)
        if wanted is None:
            become(session, adapters, found, rules.ended(found.state, found.purpose), now)
            return twiml.say_and_hang_up(say=words("not_now"))
        number = access.call_number(session, adapters, call=call, call_back=wanted, now=now)
        become(session, adapters, found, CallState.RINGING_CHILD, now)
    return twiml.dial(
        number=number,
        shown=of(adapters).number,
        first_at=address(adapters, "child", call),
        then_to=address(adapters, "over", call),
        seconds=rules.load().rings_for_seconds,
        say=words("connecting"),
    )


def child_answers(adapters: "Adapters", call: UUID) -> str:
    """Somebody, or something, answered the child's phone. It hears a few words, and no more."""
    with adapters.transactions.reading() as session:
        found = chat.look(session, call=call)
    if found is None or found.state is not CallState.RINGING_CHILD:
        return twiml.hang_up()
    return twiml.ask(
        say=words(wording.CALLED),
        answer_to=address(adapters, "child/key", call),
        seconds=rules.load().key_within_seconds,
    )


def child_presses(adapters: "Adapters", call: UUID, event: CallEvent) -> str:
    """A key joins the two. Without one it was nobody, or a voicemail: we hang up.

    Not a word is said before that, but for what the child said yes to.
    """
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        found = chat.find(session, call=call)
        is_rung = found is not None and found.state in {
            CallState.RINGING_CHILD,
            CallState.JOINED,
        }
        if found is None or not is_rung:
            return twiml.hang_up()
        if not event.digits:
            return _left_alone(session, found)
        become(session, adapters, found, CallState.JOINED, now)
    return twiml.nothing()


def _left_alone(session: Session, call: CallFound) -> str:
    """The end of a call in which no key was pressed at the child's phone."""
    wanted = None if call.call_back is None else asked.find_open(session, call_back=call.call_back)
    if call.state is not CallState.RINGING_CHILD or not (wanted and wanted.may_leave_voicemail):
        return twiml.hang_up()
    return twiml.say_and_hang_up(say=words(wording.LATER))


def over(adapters: "Adapters", call: UUID, event: CallEvent) -> str:
    """The child's phone has stopped ringing, or the two have spoken. The advocate still listens."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        found = chat.find(session, call=call)
        if found is None:
            return twiml.hang_up()
        become(session, adapters, found, rules.ended(found.state, found.purpose), now)
    return twiml.hang_up() if event.was_joined else twiml.say_and_hang_up(say=words("no_answer"))


def number_of_staff(
    session: Session, adapters: "Adapters", *, staff: UUID, now: datetime
) -> str | None:
    """Where a member of staff is rung, in E.164; None where they cannot be."""
    number = own_phone.number_of(session, adapters, staff=staff)
    if number is None:
        return None
    verdict = phones.verdict_on_page(session, adapters, number, kind=Kind.PAGE_CALL, now=now)
    return number.e164 if verdict.may else None


def to_be_rung(
    session: Session, adapters: "Adapters", call: CallFound, now: datetime
) -> OpenCallBack | None:
    """The call-back of a call, if its child may still be rung by whoever asked for the call."""
    if call.call_back is None:
        return None
    wanted = asked.find_open(session, call_back=call.call_back)
    if wanted is None or holding.holder_of(session, entry=wanted.conversation) != call.staff:
        return None
    reason = None if call.reason is None else _GIVEN
    verdict = call_backs.verdict(session, adapters, wanted, reason=reason, now=now)
    return wanted if verdict.may else None


def become(
    session: Session, adapters: "Adapters", call: CallFound, state: CallState, now: datetime
) -> None:
    """Write down how a call stands now, and show it."""
    if state is call.state:
        return
    chat.become(session, call=call.id, state=state, now=now)
    adapters.audit.record(session, actor=SOFTWARE, action=f"call.{state}", subject=call.id, now=now)
    after_commit(session, partial(ring, adapters, call.conversation))


def line_down(adapters: "Adapters", call: UUID | None, event: CallEvent) -> None:
    """The first leg of a call has ended, whoever hung up."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        subject = call or chat.of_sid(session, sid=event.sid)
        found = None if subject is None else chat.find(session, call=subject)
        if found is None or not chat.bind(session, call=found.id, sid=event.sid):
            return
        become(session, adapters, found, rules.ended(found.state, found.purpose), now)


def ring(adapters: "Adapters", conversation: UUID) -> None:
    """Let the consoles look again."""
    adapters.hub.ring(Notice("queue", conversation))


def address(adapters: "Adapters", step: str, call: UUID, **more: object) -> str:
    """Where the telephone company asks what comes next. The ids in it are opaque."""
    given = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{adapters.settings.staff_origin}/twilio/voice/{step}?call={call}{given}"


def words(*keys: str) -> str:
    """What is said, from the catalogue."""
    spoken = wording.load_spoken()
    return " ".join(spoken.text(key) for key in keys)


def of(adapters: "Adapters") -> Phones:
    """The telephone company of this installation."""
    if adapters.phones is None:
        raise NoPhoneError
    return adapters.phones


def _own(session: Session, call: UUID, event: CallEvent) -> CallFound | None:
    """The call of a call-back whose first leg this is; a report may come before our own end."""
    found = chat.find(session, call=call)
    if found is None or found.purpose is not Purpose.CALL_BACK:
        return None
    return found if chat.bind(session, call=call, sid=event.sid) else None


def _ring(adapters: "Adapters", call: UUID, number: str) -> "Handler":
    try:
        failpoints.reach("call.before_ringing")
        rung = of(adapters).calls.ring(
            to=number,
            answer_at=address(adapters, "advocate", call),
            status_to=address(adapters, "status", call),
            rings_for_seconds=rules.load().staff_rings_for_seconds,
        )
        failpoints.reach("call.after_ringing")
    except TwilioError as problem:
        log.warning("call.not_begun", call=call, code=problem.code)
        return _unknown if problem.maybe_sent else _not_made
    return partial(_rung, rung.sid)


def _rung(sid: str, session: Session, adapters: "Adapters", subject: UUID, now: datetime) -> None:
    chat.bind(session, call=subject, sid=sid)
    adapters.audit.record(session, actor=SOFTWARE, action="call.rung", subject=subject, now=now)


def _unknown(session: Session, adapters: "Adapters", subject: UUID, now: datetime) -> None:
    # Unless its phone was answered meanwhile: then it is known after all.
    found = chat.find(session, call=subject)
    if found is not None and found.state is CallState.RINGING_US and found.sid is None:
        become(session, adapters, found, CallState.UNKNOWN, now)


def _not_made(session: Session, adapters: "Adapters", subject: UUID, now: datetime) -> None:
    found = chat.find(session, call=subject)
    if found is not None:
        become(session, adapters, found, rules.ended(found.state, found.purpose), now)


def _sealed(
    adapters: "Adapters", wanted: OpenCallBack, call: UUID, reason: str | None
) -> bytes | None:
    if reason is None or not reason.strip():
        return None
    return access.seal_about(
        adapters,
        conversation=wanted.conversation,
        table="call",
        row=call,
        column="reason",
        text=reason,
    )
