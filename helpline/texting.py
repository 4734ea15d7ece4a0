"""A text comes in: from a webhook, or found by the sweep.

First the text gets its place and moves its phone through the table of states, in one transaction;
then intake keeps the words. Whoever does it again, in whatever order, changes nothing: the
provider's id for the text decides. See docs/decisions/0012-phones.md.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import structlog
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from uuid_utils.compat import uuid7

from chat import conversation as rules
from chat import keywords, texting, wording
from chat.errors import DifferentTextError
from chat.sending import Kind
from chat.service import arrive as chat
from chat.service import outgoing, phone, too_late
from chat.service.arrive import Arrived, Fresh, FreshNeededError, Text
from chat.texting import Flag
from helpline import failpoints, intake, phones, scopes
from helpline.audit.record import Actor
from helpline.hub import Notice
from helpline.intake import NotKeptError, Refused, Said
from helpline.phones import Phones
from helpline.queue import add as queue
from helpline.queue.models import Lane
from helpline.todo import tasks
from helpline.todo.models import Why
from helpline.transaction import after_commit
from integrations.twilio.webhooks import InboundSms
from triage.grades import Grade
from triage.service import escalate as triage

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()

ANSWER_TEXT = "answer_text"
# The words are kept a moment after the text has its place.
ANSWER_REST = timedelta(seconds=1)

FoundBy = Literal["webhook", "sweep"]

# What staff read where there were no words. Nobody else sees it.
ONLY_PICTURE = "(A picture was sent. It was not opened and not kept.)"
NO_WORDS = "(A text without words)"

# Every flag but the cry, which is in the message's own grade.
CRY_AT_LEAST = Grade.URGENT
_WHY = {
    Flag.STOPPED: Why.PHONE_STOPPED,
    Flag.PICTURE: Why.PICTURE_SENT,
    Flag.CANNOT_TEXT: Why.CANNOT_TEXT,
    Flag.CALL_WANTED: Why.CALL_WANTED,
    Flag.RECHECK: Why.PHONE_RECHECK,
}


async def receive(adapters: "Adapters", sms: InboundSms) -> None:
    """Keep a text that a webhook brought. Raises :class:`NotKeptError` when it is not on disk."""
    said = await run_in_threadpool(place, adapters, sms, found_by="webhook")
    failpoints.reach("text.before_keeping")
    try:
        await intake.keep(
            adapters.writer,
            conversation_id=said.conversation,
            client_id=said.client_id,
            text=said.text,
            at_least=said.at_least,
        )
    except DifferentTextError:
        # Signed, and known with other words: the first to come are the child's.
        log.warning("text.other_words", conversation=said.conversation)


def receive_found(adapters: "Adapters", sms: InboundSms) -> bool:
    """Keep a text that the sweep found; whether it was missing. Raises like :func:`receive`."""
    said = place(adapters, sms, found_by="sweep")
    with adapters.transactions.reading() as session:
        if outgoing.is_kept(session, conversation=said.conversation, client_id=said.client_id):
            return False
    kept = adapters.intake.keep_now(said)
    if isinstance(kept, Refused) and kept.why is not DifferentTextError:
        raise NotKeptError
    return True


def place(adapters: "Adapters", sms: InboundSms, *, found_by: FoundBy) -> Said:
    """Give a text its place; what intake is to keep. Safe to do again, from any thread."""
    own = _phones(adapters)
    number = phones.number_from(sms.sender)
    token = own.lookup.token(number.e164)
    now = adapters.clock()
    with adapters.transactions.reading() as session:
        is_own_word = _is_own_word(session, own, token, sms.text)
        is_fresh = chat.is_fresh_needed(session, sid=sms.sid, token=token, now=now)
    text = Text(
        id=uuid7(),
        sid=sms.sid,
        token=token,
        number_kind=number.kind,
        is_drama=number.is_drama,
        given=texting.read_input(sms.text, pictures=sms.pictures, is_own_word=is_own_word),
        pictures=sms.pictures,
        parts=sms.segments,
        sent_at=sms.sent_at,
        found_by=found_by,
    )
    fresh = _fresh(adapters, number.e164, now) if is_fresh else None
    try:
        arrived = _arrive(adapters, text, fresh, now)
    except FreshNeededError:
        # Its conversation was closed between the look and the lock.
        arrived = _arrive(adapters, text, _fresh(adapters, number.e164, now), now)
    # From every state, and also of a text that has its place already and was not kept.
    is_cry = Flag.CRY in texting.load().told(text.given)
    return Said(
        arrived.conversation, sms.sid, _words(sms), at_least=CRY_AT_LEAST if is_cry else None
    )


def answer(session: Session, adapters: "Adapters", subject: UUID, now: datetime) -> None:
    """Answer a text by itself, once it is kept, if the gate lets the answer through.

    Raises :class:`NotKeptError` while it is not kept: the job comes back.
    """
    found = outgoing.answering(session, inbound=subject)
    if found is None:
        return
    if not outgoing.is_kept(session, conversation=found.conversation, client_id=found.sid):
        raise NotKeptError
    say(
        session,
        adapters,
        conversation=found.conversation,
        template=found.says,
        client_id=too_late.answer_id(found.sid),
        now=now,
    )


def say(
    session: Session,
    adapters: "Adapters",
    *,
    conversation: UUID,
    template: str,
    client_id: str,
    now: datetime,
) -> None:
    """Text something by itself, in words of the catalogue, if the gate lets it through.

    ``client_id`` makes it harmless to try again.
    """
    standing = phone.standing(session, conversation=conversation)
    if (
        standing is None
        or not phones.verdict(adapters, standing, kind=Kind.AUTOMATIC, reason=None, now=now).may
    ):
        return
    message = uuid7()
    seq = outgoing.say(
        session,
        message=message,
        conversation=conversation,
        client_id=client_id,
        body=adapters.sealing.seal(
            scopes.of_conversation(conversation),
            "message",
            message,
            "body",
            wording.load().text(template, opens=_opens(adapters, now)),
        ),
        now=now,
    )
    if seq is None:
        return
    outgoing.plan(
        session,
        text=message,
        conversation=conversation,
        standing=standing,
        kind=Kind.AUTOMATIC,
        reason=None,
        now=now,
    )
    send_soon(session, adapters, text=message, now=now)
    after_commit(session, lambda: adapters.hub.ring(Notice("message", conversation, seq)))


def _opens(adapters: "Adapters", now: datetime) -> str:
    """When a person reads next, as a text says it: ``9am``."""
    return wording.opens_at(adapters.hours.opens_next(now), now=now)


SEND_TEXT = "send_text"


def send_soon(
    session: Session,
    adapters: "Adapters",
    *,
    text: UUID,
    now: datetime,
    after: timedelta = timedelta(),
) -> None:
    """Write the job that sends a text, and ring its lane after the commit."""
    queue.add(
        session,
        kind=SEND_TEXT,
        subject=text,
        lane=Lane.OUTSIDE,
        dedupe_key=f"{SEND_TEXT}:{text}",
        due_at=now + after,
        now=now,
    )
    after_commit(session, lambda: adapters.bell.ring(Lane.OUTSIDE))


def _arrive(adapters: "Adapters", text: Text, fresh: Fresh | None, now: datetime) -> Arrived:
    with adapters.transactions.begin() as session:
        arrived = chat.arrive(
            session,
            text=text,
            fresh=fresh,
            table=texting.load(),
            is_open=adapters.hours.is_open(now),
            now=now,
        )
        if not arrived.again:
            adapters.audit.record(
                session,
                actor=Actor("child", arrived.conversation),
                action="text.arrived",
                subject=text.id,
                now=now,
            )
            _tell_staff(session, adapters, arrived, text, now)
            if arrived.says is not None:
                _answer_soon(session, text.id, now)
    return arrived


def _tell_staff(
    session: Session, adapters: "Adapters", arrived: Arrived, text: Text, now: datetime
) -> None:
    flags = arrived.cell.flags if arrived.cell is not None else frozenset[Flag]()
    if text.pictures:
        flags |= {Flag.PICTURE}  # also one that came with words
    for flag in sorted(flags & _WHY.keys()):
        tasks.raise_task(
            session,
            why=_WHY[flag],
            subject=arrived.conversation,
            dedupe_key=f"{flag}:{text.id}",
            now=now,
        )
    if Flag.STOPPED in flags and triage.alarm_again(
        session, entry=arrived.conversation, grades=adapters.grades, now=now
    ):
        # Somebody stopped the texts of a child in danger. It may not have been the child.
        after_commit(session, lambda: adapters.bell.ring(Lane.URGENT))


def _answer_soon(session: Session, text: UUID, now: datetime) -> None:
    queue.add(
        session,
        kind=ANSWER_TEXT,
        subject=text,
        lane=Lane.NORMAL,
        dedupe_key=f"{ANSWER_TEXT}:{text}",
        due_at=now + ANSWER_REST,
        now=now,
    )


def _fresh(adapters: "Adapters", e164: str, now: datetime) -> Fresh:
    contact, conversation = uuid7(), uuid7()
    scope = scopes.of_contact(contact)
    adapters.keystore.make([scope, scopes.of_conversation(conversation)], now=now)
    failpoints.reach("start.between_keystore_and_data")
    return Fresh(
        contact=contact,
        number=adapters.sealing.seal(scope, "contact", contact, "number", e164),
        conversation=conversation,
    )


def _is_own_word(session: Session, own: Phones, token: bytes, text: str) -> bool:
    chosen = phone.own_word_of(session, token=token)
    return chosen is not None and chosen == own.own_words.token(keywords.plain(text))


def _words(sms: InboundSms) -> str:
    if sms.text.strip():
        return sms.text[: rules.MOST_CHARACTERS]
    return ONLY_PICTURE if sms.pictures else NO_WORDS


def _phones(adapters: "Adapters") -> Phones:
    if adapters.phones is None:
        raise phone.NoPhoneError
    return adapters.phones
