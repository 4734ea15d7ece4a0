"""Staff are paged by text and by a call, beside the console and mail.

A page by phone is a job in the lane of pages and calls, and a mail is another job in another lane
by another provider: when the one is away, the other goes out all the same. An attempt is written
down before it leaves. After an attempt that never ended a text is looked for in the company's list
before it is sent again; a ring is simply made again, because an alarm that rings twice is better
than one that never rang. Nothing that a phone does by itself, a delivery, an answer
or a voicemail, counts as an answer: only a PIN does (helpline/taking.py).
"""

from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from chat import delivery
from chat.delivery import Follows
from chat.errors import NotANumberError
from chat.numbers import NumberKind
from chat.sending import Kind
from chat.service.phone import NoPhoneError
from helpline import paging_rules, phones
from helpline.accounts import own_phone
from helpline.accounts.models import Staff
from helpline.audit.record import SOFTWARE
from helpline.errands import Onward
from helpline.hub import Notice
from helpline.phones import Phones
from helpline.queue import add as queue
from helpline.queue.models import Lane
from helpline.todo import tasks
from helpline.todo.models import Why
from helpline.transaction import after_commit
from integrations.keystore import KeyMissingError
from integrations.sealing import SealBrokenError
from integrations.twilio.errors import TwilioError
from integrations.twilio.webhooks import CallEvent, TextStatus
from triage.escalation import PageState
from triage.service import on_call
from triage.service import page as pages
from triage.service.climb import Paged
from triage.service.page import Leaving

if TYPE_CHECKING:
    from helpline.jobs import Handler, Outside
    from helpline.wiring import Adapters

log = structlog.get_logger()

PAGE_TEXT = "page_text"
PAGE_CALL = "page_call"
# The job lives longer than the attempts, so that it is the page's row that ends them.
JOB_ATTEMPTS = 50


class Way(StrEnum):
    """A way to page somebody by phone."""

    TEXT = "sms"
    CALL = "voice"


_JOB = {Way.TEXT: PAGE_TEXT, Way.CALL: PAGE_CALL}
_KIND = {Way.TEXT: Kind.PAGE_TEXT, Way.CALL: Kind.PAGE_CALL}
# The phone itself takes none, until its owner does something about it.
_TAKES_NONE = frozenset({Follows.BLOCKED, Follows.DEAD})
# What a call that nobody took is, in the company's words.
_NO_ANSWER = frozenset({"busy", "no-answer", "canceled"})
_NOT_OPENED = (KeyMissingError, SealBrokenError, NotANumberError)


def ways(session: Session, adapters: "Adapters") -> dict[UUID, tuple[Way, ...]]:
    """By which of these ways each person on call can be paged. Never an error: the climb goes on.

    A landline takes no texts. A number that cannot be opened counts as one that takes both, so
    that its page fails where people see it.
    """
    if adapters.phones is None:
        return {}
    people = [each.person for each in on_call.on_duty(session, now=adapters.clock())]
    have_one = sa.select(Staff.id).where(
        Staff.id.in_(people), Staff.phone.is_not(None), Staff.disabled_at.is_(None)
    )
    return {person: _ways_of(session, adapters, person) for person in session.scalars(have_one)}


def send_soon(session: Session, adapters: "Adapters", paged: Paged, now: datetime) -> None:
    """Write the job that sends a page by phone, and ring its lane after the commit."""
    kind = _JOB[Way(paged.channel)]
    queue.add(
        session,
        kind=kind,
        subject=paged.page,
        lane=Lane.RINGING,
        dedupe_key=f"{kind}:{paged.page}",
        due_at=now,
        now=now,
    )
    after_commit(session, lambda: adapters.bell.ring(Lane.RINGING))


def prepare(
    session: Session, adapters: "Adapters", subject: UUID, now: datetime
) -> "Outside | None":
    """Ask the gate, write the attempt down, and say how. None when nothing is to leave."""
    rules = paging_rules.load()
    leaving = pages.leaving(session, page=subject, covered_within=rules.covers_for, now=now)
    if leaving is None:
        return None
    tried_at = leaving.first_tried_at
    is_tried_out = tried_at is not None and now - tried_at > rules.tries_for
    if leaving.state is PageState.FAILED or is_tried_out:
        _fail(session, adapters, subject, Why.PAGE_NOT_SENT, now)
        return None
    if leaving.state is not PageState.DUE:
        return None
    if session.get_one(Staff, leaving.person).disabled_at is not None:
        pages.settle(session, page=subject, state=PageState.NOT_NEEDED)
        return None
    number = _number(session, adapters, leaving, now)
    if number is None:
        _fail(session, adapters, subject, Why.PAGE_REFUSED, now)
        return None
    pages.attempt(session, page=subject, now=now)
    leave = _leave if leaving.channel == Way.TEXT else _ring
    return partial(leave, adapters, leaving, number)


def take_text_report(adapters: "Adapters", page: UUID, told: TextStatus) -> None:
    """Take in what became of a text to somebody on call. Delivered is not read."""
    became = delivery.of_provider(delivery.load(), told.status)
    if became is delivery.Delivery.DELIVERED:
        with adapters.transactions.begin() as session:
            pages.settle(session, page=page, state=PageState.ARRIVED)
    elif became in {delivery.Delivery.UNDELIVERED, delivery.Delivery.FAILED}:
        with adapters.transactions.begin() as session:
            _fail(session, adapters, page, _why(told.error_code), adapters.clock())


def take_call_report(adapters: "Adapters", page: UUID, event: CallEvent) -> None:
    """Take in what became of a ring. One that was answered, by whatever, stays a ring."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        if event.status == "failed":
            _fail(session, adapters, page, Why.PAGE_REFUSED, now)
        elif event.status in _NO_ANSWER:
            told = pages.settle(session, page=page, state=PageState.NO_ANSWER)
            if told is not None:
                _show(session, adapters, told)
        else:
            pages.over(session, page=page, now=now)


def address(adapters: "Adapters", page: UUID, step: str = "") -> str:
    """Where the telephone company asks what comes next in a page's call. The id is opaque."""
    return f"{adapters.settings.staff_origin}/twilio/voice/page/{page}{step}"


def _leave(adapters: "Adapters", leaving: Leaving, number: str) -> "Handler | Onward":
    if leaving.attempted_at is None:
        return _text(adapters, leaving, number)
    # Whatever goes wrong here, the text stays one that may be out: it is looked for again.
    since = leaving.attempted_at - delivery.load().searched_before
    with adapters.transactions.reading() as session:
        known = pages.ids_of_others(session, page=leaving.page)
    found = _own(adapters).texts.find_sent(to=number, text=_words(), since=since, known=known)
    if found is not None:
        return partial(_sent, found.sid)
    return Onward(partial(_text, adapters, leaving, number))


def _words() -> str:
    return paging_rules.load().text("text")


def _text(adapters: "Adapters", leaving: Leaving, number: str) -> "Handler":
    try:
        taken = _own(adapters).texts.send(
            to=number,
            text=_words(),
            status_to=f"{adapters.settings.staff_origin}/twilio/page/{leaving.page}/status",
        )
    except TwilioError as problem:
        return _not_taken(adapters, leaving, problem)
    return partial(_sent, taken.sid)


def _ring(adapters: "Adapters", leaving: Leaving, number: str) -> "Handler":
    try:
        rung = _own(adapters).calls.ring(
            to=number,
            answer_at=address(adapters, leaving.page),
            status_to=address(adapters, leaving.page, "/status"),
            rings_for_seconds=paging_rules.load().rings_for_seconds,
        )
    except TwilioError as problem:
        return _not_taken(adapters, leaving, problem)
    return partial(_sent, rung.sid)


def _not_taken(adapters: "Adapters", leaving: Leaving, problem: TwilioError) -> "Handler":
    log.warning("page.not_taken", page=leaving.page, way=leaving.channel, code=problem.code)
    if not problem.can_retry:
        return partial(_refused, problem.code)
    if not problem.maybe_sent:
        with adapters.transactions.begin() as session:
            pages.not_sent(session, page=leaving.page)
    raise problem


def _sent(sid: str, session: Session, adapters: "Adapters", subject: UUID, now: datetime) -> None:
    pages.sent(session, page=subject, sid=sid)
    adapters.audit.record(session, actor=SOFTWARE, action="page.sent", subject=subject, now=now)


def _refused(
    code: int | None, session: Session, adapters: "Adapters", subject: UUID, now: datetime
) -> None:
    _fail(session, adapters, subject, _why(code), now)


def _fail(session: Session, adapters: "Adapters", page: UUID, why: Why, now: datetime) -> None:
    """Say so on the escalation, and raise one task for each person and way that it failed by."""
    told = pages.settle(session, page=page, state=PageState.FAILED)
    if told is None:
        return
    tasks.raise_task(
        session,
        why=why,
        subject=told.person,
        dedupe_key=f"page:{told.channel}:{told.escalation}:{told.person}",
        now=now,
    )
    adapters.audit.record(session, actor=SOFTWARE, action="page.failed", subject=page, now=now)
    _show(session, adapters, told)


def _show(session: Session, adapters: "Adapters", told: Leaving) -> None:
    after_commit(session, lambda: adapters.hub.ring(Notice("escalation", told.escalation)))


def _number(session: Session, adapters: "Adapters", leaving: Leaving, now: datetime) -> str | None:
    """The number to page somebody at, if there is one and the gate lets this through."""
    try:
        number = own_phone.number_of(session, adapters, staff=leaving.person)
    except _NOT_OPENED as problem:
        log.error("page.no_number", page=leaving.page, error=type(problem).__name__)
        return None
    if number is None:
        return None
    kind = _KIND[Way(leaving.channel)]
    verdict = phones.verdict_on_page(session, adapters, number, kind=kind, now=now)
    return number.e164 if verdict.may else None


def _ways_of(session: Session, adapters: "Adapters", person: UUID) -> tuple[Way, ...]:
    try:
        number = own_phone.number_of(session, adapters, staff=person)
    except _NOT_OPENED:
        return tuple(Way)
    is_landline = number is not None and number.kind is not NumberKind.MOBILE
    return (Way.CALL,) if is_landline else tuple(Way)


def _why(code: int | None) -> Why:
    is_phones = delivery.follows(delivery.load(), code) in _TAKES_NONE
    return Why.PAGE_REFUSED if is_phones else Why.PAGE_NOT_SENT


def _own(adapters: "Adapters") -> Phones:
    if adapters.phones is None:
        raise NoPhoneError
    return adapters.phones
