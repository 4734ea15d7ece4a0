"""A text goes out: the gate is asked once more, the attempt written down, then it is sent.

Texts to one phone leave in the order in which they were written. While an earlier one is on its way
or is tried again, the later ones wait; when it has ended, however it ended, the next one is let go.

An attempt that never ended may have reached the provider all the same. So before a text is tried
again, the provider's own list is searched for it; only when the list does not know it is it sent.

What the service wrote by itself leaves in time or not at all: a text that is too late for what it
says is dropped. A person's text never is.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from chat import delivery
from chat import texting as table
from chat.delivery import Delivery, Follows
from chat.sending import Kind
from chat.service import outgoing, phone, too_late, unreported
from chat.service.outgoing import Leaving, Reported
from chat.service.phone import Standing
from chat.service.unreported import Due
from chat.texting import Input
from helpline import access, failpoints, phones, texting
from helpline.access import ToBeSent
from helpline.audit.record import SOFTWARE
from helpline.errands import Onward
from helpline.hub import Notice
from helpline.phones import Phones
from helpline.queue import pending
from helpline.todo import tasks
from helpline.todo.models import Why
from helpline.transaction import after_commit
from integrations.keystore import KeyMissingError
from integrations.sealing import SealBrokenError
from integrations.twilio.errors import TwilioError
from triage.service import holding, resting

if TYPE_CHECKING:
    from helpline.jobs import Handler, Outside
    from helpline.wiring import Adapters

log = structlog.get_logger()

# With pauses that grow to a quarter of an hour: about a day. From the service's promises.
MOST_ATTEMPTS = 110
# The job lives longer than the attempts, so that it is the text's row that ends them.
JOB_ATTEMPTS = 2 * MOST_ATTEMPTS

# How long a text that is sent anew waits, so that a phone that was off may be on again.
ANEW_AFTER = timedelta(minutes=5)

_WHY = {
    Follows.BLOCKED: Why.CANNOT_TEXT,
    Follows.DEAD: Why.CANNOT_TEXT,
    Follows.TASK: Why.TEXT_NOT_DELIVERED,
}


def prepare(
    session: Session, adapters: "Adapters", subject: UUID, now: datetime
) -> "Outside | None":
    """Ask the gate, open the words, write the attempt down. None when nothing is to be sent now."""
    leaving = outgoing.leaving(session, text=subject)
    if leaving is None or _waits_for_earlier(session, adapters, subject, now):
        return None
    standing = phone.standing(session, conversation=leaving.conversation)
    if standing is None:
        return None
    is_late = too_late.is_so(
        session, text=subject, rules=delivery.load(), table=table.load(), now=now
    )
    if _ends_here(session, adapters, leaving, standing, now, is_late=is_late):
        return None
    try:
        words = access.for_sending(
            session,
            adapters,
            conversation=leaving.conversation,
            message=subject,
            body=leaving.body,
            standing=standing,
            now=now,
        )
    except (KeyMissingError, SealBrokenError) as problem:
        # Trying for days does not open it, and what was written after it would wait as long.
        log.error("text.not_opened", text=subject, error=type(problem).__name__)
        refused = outgoing.refused(session, text=subject, code=None, rules=delivery.load(), now=now)
        _tell(session, adapters, refused, Why.TEXT_NOT_SENT, now)
        return None
    outgoing.attempt(session, text=subject, now=now)
    return partial(_leave, adapters, subject, words, leaving.attempted_at, is_late=is_late)


def take_report(
    session: Session,
    adapters: "Adapters",
    *,
    text: UUID,
    sid: str,
    status: str,
    code: int | None,
    now: datetime,
) -> bool:
    """Take in what the provider reports of a text, and do what follows; whether it was new."""
    told = outgoing.report(
        session, text=text, sid=sid, status=status, code=code, rules=delivery.load(), now=now
    )
    if told is not None:
        _follow(session, adapters, told, now)
    return told is not None


def give_up_unreported(session: Session, adapters: "Adapters", *, due: Due, now: datetime) -> bool:
    """Tell a person of a text without a report, if its time is over; whether it was."""
    told = unreported.give_up(session, due=due, figures=delivery.load().unreported, now=now)
    if told is not None:
        _tell(session, adapters, told, Why.TEXT_NOT_DELIVERED, now)
    return told is not None


def _ends_here(
    session: Session,
    adapters: "Adapters",
    leaving: Leaving,
    standing: Standing,
    now: datetime,
    *,
    is_late: bool,
) -> bool:
    """Whether a text is not tried any more: it was often enough, may not leave, or is too late."""
    text = leaving.text
    if leaving.attempts >= MOST_ATTEMPTS:
        given_up = outgoing.given_up(session, text=text, now=now)
        _tell(session, adapters, given_up, Why.TEXT_NOT_SENT, now)
        return True
    # The reason itself is for people; the gate only asks whether one was given in writing.
    reason = None if leaving.reason is None else "given"
    verdict = phones.verdict(adapters, standing, kind=Kind(leaving.kind), reason=reason, now=now)
    if not verdict.may:
        refused = outgoing.refused(session, text=text, code=None, rules=delivery.load(), now=now)
        _tell(session, adapters, refused, Why.TEXT_NOT_SENT, now)
        return True
    # One that may be out already is looked for first, and dropped where it is not.
    if is_late and leaving.attempted_at is None:
        _drop(session, adapters, text, now)
        return True
    return False


def _waits_for_earlier(session: Session, adapters: "Adapters", text: UUID, now: datetime) -> bool:
    """Whether a text has to wait for an earlier one; it then looks again by itself."""
    earlier = outgoing.earlier(session, text=text)
    # A text whose job has given up, or is done, is never tried again: nobody waits for that one.
    if not pending.is_any_pending(session, kind=texting.SEND_TEXT, subjects=earlier):
        return False
    pause = delivery.load().waits_for_earlier
    texting.send_soon(session, adapters, text=text, now=now, after=pause)
    return True


def _let_next_go(session: Session, adapters: "Adapters", text: UUID, now: datetime) -> None:
    following = outgoing.next_to_leave(session, text=text)
    if following is not None:
        texting.send_soon(session, adapters, text=following, now=now)


def _leave(
    adapters: "Adapters",
    text: UUID,
    words: ToBeSent,
    attempted_at: datetime | None,
    *,
    is_late: bool,
) -> "Handler | Onward":
    if attempted_at is None:
        return _send(adapters, text, words, is_maybe_twice=False)
    # Whatever goes wrong here, the text stays one that may be out: it is looked for again.
    found = _found(adapters, _own(adapters), text, words, attempted_at)
    if found is not None:
        return partial(_sent, found, is_maybe_twice=False)
    if is_late:
        return _drop
    return Onward(partial(_send, adapters, text, words, is_maybe_twice=True))


def _own(adapters: "Adapters") -> Phones:
    if adapters.phones is None:
        raise phone.NoPhoneError
    return adapters.phones


def _send(adapters: "Adapters", text: UUID, words: ToBeSent, *, is_maybe_twice: bool) -> "Handler":
    own = _own(adapters)
    try:
        failpoints.reach("text.before_sending")
        taken = own.texts.send(
            to=words.number, text=words.text, status_to=status_address(adapters, text)
        )
        failpoints.reach("text.after_sending")
    except TwilioError as problem:
        if not problem.can_retry:
            return partial(_refused, problem.code)
        if not problem.maybe_sent:
            with adapters.transactions.begin() as session:
                outgoing.not_sent(session, text=text, code=problem.code, now=adapters.clock())
        raise
    return partial(_sent, taken.sid, is_maybe_twice=is_maybe_twice)


def _found(
    adapters: "Adapters", own: Phones, text: UUID, words: ToBeSent, attempted_at: datetime
) -> str | None:
    """The provider's id of a text whose attempt never ended, if its list has it."""
    with adapters.transactions.reading() as session:
        known = outgoing.ids_of_others(session, text=text)
    since = attempted_at - delivery.load().searched_before
    found = own.texts.find_sent(to=words.number, text=words.text, since=since, known=known)
    return None if found is None else found.sid


def status_address(adapters: "Adapters", text: UUID) -> str:
    """Where the provider reports what becomes of a text. The id in it is opaque."""
    return f"{adapters.settings.staff_origin}/twilio/status?text={text}"


def _sent(
    sid: str,
    session: Session,
    adapters: "Adapters",
    subject: UUID,
    now: datetime,
    *,
    is_maybe_twice: bool,
) -> None:
    conversation = outgoing.sent(
        session, text=subject, sid=sid, is_maybe_twice=is_maybe_twice, now=now
    )
    adapters.audit.record(session, actor=SOFTWARE, action="text.sent", subject=subject, now=now)
    _let_next_go(session, adapters, subject, now)
    after_commit(session, lambda: adapters.hub.ring(Notice("queue", conversation)))


def _refused(
    code: int | None, session: Session, adapters: "Adapters", subject: UUID, now: datetime
) -> None:
    refused = outgoing.refused(session, text=subject, code=code, rules=delivery.load(), now=now)
    _follow(session, adapters, refused, now)


def _drop(session: Session, adapters: "Adapters", subject: UUID, now: datetime) -> None:
    dropped = too_late.drop(session, text=subject, now=now)
    if dropped is None:
        return
    why = None if _is_looked_at(session, dropped.conversation) else Why.TEXT_NOT_SENT
    if dropped.follows is not None:
        why = _WHY[dropped.follows]
    _tell(session, adapters, dropped, why, now)


def _is_looked_at(session: Session, conversation: UUID) -> bool:
    """Whether a person will see what stands in it: a child waits there, or somebody has it."""
    is_waiting = conversation in resting.waiting_among(session, entries=[conversation])
    return is_waiting or holding.holder_of(session, entry=conversation) is not None


def _follow(session: Session, adapters: "Adapters", told: Reported, now: datetime) -> None:
    if told.follows in {Follows.THRICE, Follows.AGAIN}:
        texting.send_soon(session, adapters, text=told.text, now=now, after=ANEW_AFTER)
    if told.follows is Follows.BLOCKED:
        phone.move(
            session,
            conversation=told.conversation,
            given=Input.BLOCKED,
            table=table.load(),
            now=now,
        )
    if told.follows is Follows.DEAD:
        phone.mark_dead(session, conversation=told.conversation, now=now)
    why = None if told.follows is None else _WHY.get(told.follows)
    _tell(session, adapters, told, why, now)


def _tell(
    session: Session, adapters: "Adapters", told: Reported, why: Why | None, now: datetime
) -> None:
    if why is not None:
        tasks.raise_task(
            session,
            why=why,
            subject=told.conversation,
            dedupe_key=f"{told.state}:{told.text}",
            now=now,
        )
    adapters.audit.record(
        session, actor=SOFTWARE, action=f"text.{told.state}", subject=told.text, now=now
    )
    if told.state is not Delivery.PLANNED:
        _let_next_go(session, adapters, told.text, now)
    after_commit(session, lambda: adapters.hub.ring(Notice("queue", told.conversation)))
