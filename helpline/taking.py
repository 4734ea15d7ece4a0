"""Somebody answers the call of a page: with their PIN they take the escalation, and only so.

Whatever else happens, a voicemail, a wrong PIN, a hand that lifts the phone and lays it down, the
climb goes on. What is said is content-free (helpline/paging.toml): nobody knows yet who listens.
"""

from datetime import datetime
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
        if found is None:
            return twiml.hang_up()
        if found.standing is not Standing.CALLS:
            return _stands(session, adapters, found, tried=0)
        return _calls(session, adapters, page, found.person, tried=0)


async def presses(adapters: "Adapters", page: UUID, digits: str, *, tried: int) -> str:
    """Keys were pressed, or none. ``tried`` is how many PINs this makes in this call.

    A wrong one is asked for again, three times in all; each counts like a failed sign-in.
    """
    if not digits:
        return twiml.hang_up()
    person = await run_in_threadpool(_whose, adapters, page, tried)
    if isinstance(person, str):
        return person
    refused = await pins.check(adapters, staff=person, pin=digits)
    if refused is None:
        return await run_in_threadpool(_take, adapters, page, tried)
    if refused.wait_seconds or tried >= paging_rules.load().pins_in_a_call:
        return _say("sign_in")
    return _ask(adapters, page, "wrong_pin", tried + 1)


def broken() -> str:
    """We cannot look at anything just now; the person can still be told to."""
    return _say("sign_in")


def _whose(adapters: "Adapters", page: UUID, tried: int) -> UUID | str:
    """Whose PIN it has to be, or what is said because there is nothing to take."""
    with adapters.transactions.reading() as session:
        found = pages.answered(session, page=page)
        if found is None:
            return twiml.hang_up()
        if found.standing is not Standing.CALLS:
            # What was pressed was not looked at: it was meant for an alarm that is gone.
            return _stands(session, adapters, found, tried=tried - 1)
        return found.person


def _take(adapters: "Adapters", page: UUID, tried: int) -> str:
    now = adapters.clock()
    rules = paging_rules.load()
    with adapters.transactions.begin() as session:
        found = pages.answered(session, page=page, to_own=True)
        if found is None or not _may_own(session, found.person):
            return twiml.hang_up()
        if found.standing is not Standing.CALLS:
            return _stands(session, adapters, found, tried=tried - 1)
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
        is_called_too = pages.calls_too(session, page=page) is not None
    return _owned(until, now, is_called_too=is_called_too)


def _may_own(session: Session, person: UUID) -> bool:
    found = session.get_one(Staff, person)
    return found.disabled_at is None and Role(found.role) in READERS


def _stands(session: Session, adapters: "Adapters", found: Answered, *, tried: int) -> str:
    """What is said to somebody whose own alarm is no longer to be taken.

    Another may lean on the same ring. Then that one is asked about, and nobody hears that there is
    nothing to do.
    """
    also = pages.calls_too(session, page=found.page)
    if found.standing is Standing.YOURS and found.until is not None:
        return _owned(found.until, adapters.clock(), is_called_too=also is not None)
    if also is not None:
        return _calls(session, adapters, also, found.person, tried=tried)
    return _say(_SAID.get(found.standing, "over"))


def _calls(session: Session, adapters: "Adapters", page: UUID, person: UUID, *, tried: int) -> str:
    has_pin = pins.has_pin(session, staff=person)
    return _ask(adapters, page, "alarm", tried + 1) if has_pin else _say("sign_in")


def _owned(until: datetime, now: datetime, *, is_called_too: bool) -> str:
    rules = paging_rules.load()
    said = rules.text_until("owned", until, now=now)
    if is_called_too:
        said = f"{said} {rules.text('another')}"
    return twiml.say_and_hang_up(say=said)


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
