"""Somebody answers the call of a page: with their PIN they take the escalation, and only so.

Whatever else happens, a voicemail, a wrong PIN, a hand that lifts the phone and lays it down, the
climb goes on. What is said is content-free (helpline/paging.toml): nobody knows yet who listens.
"""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from helpline import owning, paging, paging_rules
from helpline.accounts import pins
from helpline.accounts.models import READERS, Role, Staff
from helpline.audit.record import Actor
from integrations.twilio import twiml
from triage.models import Escalation
from triage.service import page as pages
from triage.service.page import Answered, Standing

if TYPE_CHECKING:
    from helpline.wiring import Adapters

# A PIN has 4 to 6 digits (helpline/accounts/own_phone.py); whoever has fewer ends it with hash.
MOST_DIGITS = 6
HASH = "#"

_SAID = {Standing.TAKEN: "taken", Standing.OVER: "over"}


def answers(adapters: "Adapters", page: UUID) -> str:
    """The phone was answered, by the person or by whatever: ask for the PIN."""
    with adapters.transactions.reading() as session:
        found = pages.answered(session, page=page)
        has_pin = found is not None and pins.has_pin(session, staff=found.person)
    if found is None:
        return twiml.hang_up()
    if found.standing is not Standing.CALLS:
        return _stands(found, adapters.clock())
    return _ask(adapters, page, "alarm", 1) if has_pin else _say("sign_in")


async def presses(adapters: "Adapters", page: UUID, digits: str, *, tried: int) -> str:
    """Keys were pressed, or none. ``tried`` is how many PINs this makes in this call.

    A wrong one is asked for again, three times in all; each counts like a failed sign-in.
    """
    found = await run_in_threadpool(_look, adapters, page)
    if found is None or not digits:
        return twiml.hang_up()
    if found.standing is not Standing.CALLS:
        return _stands(found, adapters.clock())
    refused = await pins.check(adapters, staff=found.person, pin=digits)
    if refused is None:
        return await run_in_threadpool(partial(_take, adapters, page))
    if refused.wait_seconds or tried >= paging_rules.load().pins_in_a_call:
        return _say("sign_in")
    return _ask(adapters, page, "wrong_pin", tried + 1)


def broken() -> str:
    """We cannot look at anything just now; the person can still be told to."""
    return _say("sign_in")


def _look(adapters: "Adapters", page: UUID) -> Answered | None:
    with adapters.transactions.reading() as session:
        return pages.answered(session, page=page)


def _take(adapters: "Adapters", page: UUID) -> str:
    now = adapters.clock()
    rules = paging_rules.load()
    with adapters.transactions.begin() as session:
        found = pages.answered(session, page=page, to_own=True)
        if found is None or not _may_own(session, found.person):
            return twiml.hang_up()
        if found.standing is not Standing.CALLS:
            return _stands(found, now)
        until = owning.own(
            session,
            adapters,
            staff=found.person,
            escalation=found.escalation,
            conversation=session.get_one(Escalation, found.escalation).entry_id,
            next_step=rules.next_step,
            within=rules.promised,
            now=now,
        )
        adapters.audit.record(
            session,
            actor=Actor("staff", found.person),
            action="page.taken",
            subject=page,
            now=now,
        )
    return _owned(until, now)


def _may_own(session: Session, person: UUID) -> bool:
    found = session.get_one(Staff, person)
    return found.disabled_at is None and Role(found.role) in READERS


def _stands(found: Answered, now: datetime) -> str:
    if found.standing is Standing.YOURS and found.until is not None:
        return _owned(found.until, now)
    return _say(_SAID.get(found.standing, "over"))


def _owned(until: datetime, now: datetime) -> str:
    return twiml.say_and_hang_up(say=paging_rules.load().text_until("owned", until, now=now))


def _ask(adapters: "Adapters", page: UUID, key: str, tried: int) -> str:
    rules = paging_rules.load()
    return twiml.ask(
        say=rules.text(key),
        answer_to=paging.address(adapters, page, f"/pin?tried={tried}"),
        digits=MOST_DIGITS,
        ends_with=HASH,
        seconds=rules.key_within_seconds,
    )


def _say(key: str) -> str:
    return twiml.say_and_hang_up(say=paging_rules.load().text(key))
