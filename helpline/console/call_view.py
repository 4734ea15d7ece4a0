"""Calls as staff see them: the call-back that is open, and how each call stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from chat import calling as rules
from chat import sending, wording
from chat.calling import Outcome, Part, Purpose
from chat.service import call as calls
from chat.service import call_back as chat
from chat.service import phone
from chat.service.call import CallFound
from chat.service.call_back import OpenCallBack
from helpline import access, call_backs, calling
from helpline.accounts.sessions import SignedIn
from helpline.console import spoken
from helpline.console.queue_view import Names
from triage.hours import LONDON
from triage.models import Entry

if TYPE_CHECKING:
    from helpline.wiring import Adapters

# A call-back is written down for one of so many days.
DAYS = 7


@dataclass(frozen=True, slots=True)
class CallShown:
    """One call. ``asks`` says that somebody must still say what came of it."""

    id: UUID
    at: datetime
    is_incoming: bool
    is_taken: bool
    words: str
    who: str | None
    asks: bool


@dataclass(frozen=True, slots=True)
class CallBackShown:
    """The call-back that is open, with all that an advocate must see before they call.

    ``why`` says in words why it may not be made now; ``can_override`` that a written reason opens
    it. ``is_running``: a call is on its way, so no other begins.
    """

    id: UUID
    ending: str
    script: str
    own_name: str | None
    may_leave_voicemail: bool
    is_shared_phone: bool
    window_from: datetime
    window_until: datetime
    tries_left: int
    why: str | None
    can_override: bool
    is_running: bool


@dataclass(frozen=True, slots=True)
class CallsShown:
    """Everything about calls in one conversation.

    ``shows`` is what a called phone shows; the last two are what a voicemail hears.
    """

    call_back: CallBackShown | None
    calls: tuple[CallShown, ...]
    shows: str
    has_own_phone: bool
    has_childs_phone: bool
    outcomes: Sequence[Outcome]
    parts: Sequence[Part]
    scripts: Mapping[str, str]
    days: Sequence[date]
    voicemail_no: str
    voicemail_yes: str


@dataclass(frozen=True, slots=True)
class Row:
    """One open call-back in the list of all, without the number."""

    conversation: UUID
    reference: str
    window_from: datetime
    window_until: datetime
    is_now: bool
    is_past: bool
    tries_left: int
    holder: str | None


def shown(
    session: Session,
    adapters: "Adapters",
    *,
    person: SignedIn,
    conversation: UUID,
    names: Names,
    now: datetime,
) -> CallsShown | None:
    """The calls of a conversation; None where the installation makes none."""
    access.check_may_read(person)
    if adapters.phones is None:
        return None
    lists = rules.load()
    found = calls.list_of(session, conversation=conversation)
    open_one = chat.open_one(session, conversation=conversation)
    today = now.astimezone(LONDON).date()
    return CallsShown(
        call_back=None
        if open_one is None
        else _call_back(session, adapters, person, open_one, found, now),
        calls=tuple(_call(each, names) for each in found),
        shows=adapters.phones.number,
        has_own_phone=calling.number_of_staff(session, adapters, staff=person.id, now=now)
        is not None,
        has_childs_phone=phone.standing(session, conversation=conversation) is not None,
        outcomes=list(lists.outcomes.values()),
        parts=list(lists.parts.values()),
        scripts=lists.scripts,
        days=[today + timedelta(days=each) for each in range(DAYS)],
        voicemail_no=wording.said_to_voicemail(may_leave=False),
        voicemail_yes=wording.said_to_voicemail(may_leave=True),
    )


def listed(session: Session, *, names: Names, now: datetime) -> list[Row]:
    """Every open call-back, the one whose window closes first at the top."""
    lists = rules.load()
    return [
        Row(
            conversation=each.conversation,
            reference=spoken.reference(each.conversation),
            window_from=each.window_from,
            window_until=each.window_until,
            is_now=rules.is_open(each.window_from, each.window_until, now),
            is_past=each.window_until <= now,
            tries_left=lists.tries - each.tries,
            holder=_holder(session, each.conversation, names),
        )
        for each in chat.list_open(session)
    ]


def _call_back(
    session: Session,
    adapters: "Adapters",
    person: SignedIn,
    found: OpenCallBack,
    made: Sequence[CallFound],
    now: datetime,
) -> CallBackShown:
    lists = rules.load()
    verdict = call_backs.verdict(session, adapters, found, reason=None, now=now)

    def opened(column: str, sealed: bytes) -> str:
        return access.open_about(
            adapters,
            staff=person,
            conversation=found.conversation,
            table="call_back",
            row=found.id,
            column=column,
            sealed=sealed,
        )

    return CallBackShown(
        id=found.id,
        ending=opened("number", found.number)[-2:],
        script=lists.scripts[found.if_answered],
        own_name=None if found.own_name is None else opened("own_name", found.own_name),
        may_leave_voicemail=found.may_leave_voicemail,
        is_shared_phone=found.is_shared_phone,
        window_from=found.window_from,
        window_until=found.window_until,
        tries_left=lists.tries - found.tries,
        why=None if verdict.why is None else sending.words(verdict.why),
        can_override=verdict.can_override,
        is_running=any(
            each.call_back == found.id and rules.is_running(each.state, each.made_at, now, lists)
            for each in made
        ),
    )


def _call(found: CallFound, names: Names) -> CallShown:
    is_incoming = found.purpose is Purpose.INCOMING
    asks = found.state is not rules.CallState.JUDGED
    return CallShown(
        id=found.id,
        at=found.made_at,
        is_incoming=is_incoming,
        is_taken=is_incoming and found.staff is not None,
        words=rules.load().states[found.state],
        who=None if found.staff is None else names(found.staff),
        asks=asks and (is_incoming or found.state in rules.MAY_BE_JUDGED),
    )


def _holder(session: Session, conversation: UUID, names: Names) -> str | None:
    entry = session.get(Entry, conversation)
    return None if entry is None or entry.claimed_by is None else names(entry.claimed_by)
