"""One conversation as staff see it, opened through the access door."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from chat.service import read
from helpline import access, ties
from helpline.access import Shown
from helpline.accounts.sessions import SignedIn
from helpline.console import (
    call_view,
    casework_view,
    child_view,
    escalations_view,
    messages_view,
    phone_view,
    signs_view,
    spoken,
    turns_view,
)
from helpline.console.call_view import CallsShown
from helpline.console.casework_view import Casework, Sealed
from helpline.console.child_view import Identity
from helpline.console.escalations_view import Climb
from helpline.console.messages_view import ShownMessage
from helpline.console.phone_view import PhoneShown
from helpline.console.queue_view import Names
from helpline.console.signs_view import SignShown
from triage.grades import Grade
from triage.models import Entry
from triage.service import put_last

if TYPE_CHECKING:
    from helpline.wiring import Adapters

Holding = Literal["mine", "other", "nobody"]

# The newest messages of a conversation that a page shows at first.
MOST_AT_FIRST = 300


@dataclass(frozen=True, slots=True)
class Chat:
    """The facts of a conversation.

    ``last_seq`` is the newest message that is shown; ``more`` says that newer ones are kept.
    ``earlier`` is the number of the oldest that is shown, when older ones are kept.
    """

    conversation: UUID
    reference: str
    grade: Grade
    holding: Holding
    holder: str | None
    waiting_since: datetime | None
    waited: str | None
    opened_at: datetime
    left_at: datetime | None
    language: str | None
    shown_name: str | None
    last_seq: int
    more: bool
    earlier: int | None
    crowd: UUID | None
    is_put_last: bool = False


@dataclass(frozen=True)
class Opened:
    """Everything that a page about one conversation shows."""

    chat: Chat
    messages: tuple[ShownMessage, ...]
    climb: Climb | None
    casework: Casework
    version: str
    phone: PhoneShown | None
    texts: Mapping[int, str]
    calls: CallsShown | None
    identity: Identity
    signs: tuple[SignShown, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a conversation is asked for; by default the newest of it, and everything.

    ``after`` asks for newer messages alone, ``before`` for older ones. Opening ``words`` or
    ``casework`` leaves an audit row, so whoever asks for either brings a session that writes.
    """

    after: int | None = None
    before: int | None = None
    words: bool = True
    casework: bool = True


@dataclass(frozen=True, slots=True)
class Glance:
    """What is there now, with nothing opened."""

    last_seq: int
    version: str


def glance(
    session: Session,
    adapters: "Adapters",
    *,
    person: SignedIn,
    conversation: UUID,
    now: datetime,
) -> Glance:
    """Look whether there is anything new, without opening any of it."""
    access.check_may_read(person)
    found = read.find(session, conversation=conversation)
    sealed = _sealed(session, person, conversation, adapters.names.within(session), now)
    return Glance(last_seq=found.last_seq, version=sealed.version)


def opened(
    session: Session,
    adapters: "Adapters",
    *,
    person: SignedIn,
    conversation: UUID,
    wanted: Wanted,
    now: datetime,
) -> Opened:
    """Open a conversation. Every opening that shows words is recorded."""
    access.check_may_read(person)
    ties.check(session, staff=person.id, conversation=conversation)
    names = adapters.names.within(session)
    found = read.find(session, conversation=conversation)
    entry = session.get(Entry, conversation)
    start, end = _window(wanted, found.last_seq)
    name, words = None, tuple[Shown, ...]()
    if wanted.words:
        # Some earlier messages come along, so that a new day is seen as one and fragments are read
        # with those before and after them.
        door = access.for_staff(
            session,
            adapters,
            staff=person,
            conversation=conversation,
            now=now,
            after=max(0, start - messages_view.CONTEXT),
        )
        name = door.shown_name
        words = tuple(each for each in door.messages if each.seq < end + messages_view.CONTEXT)
    is_first = wanted.after is None and wanted.before is None
    shown = messages_view.messages(
        words,
        between=(start, end),
        is_waiting=is_first and entry is not None and entry.waiting_since is not None,
        reader=person.id,
        child=name or "Child",
        names=names,
    )
    # Never further than what was shown: one answer of the door may be cut.
    last_seq = shown[-1].seq if shown else found.last_seq if is_first else start
    sealed = _sealed(session, person, conversation, names, now)
    chat = _chat(
        found,
        entry,
        person,
        names,
        name,
        last_seq,
        start + 1 if shown and start > 0 else None,
        now,
    )
    is_last = put_last.standing_of(session, entries=[conversation], crowd=chat.crowd, now=now)
    return Opened(
        chat=replace(chat, is_put_last=bool(is_last)),
        messages=shown,
        climb=sealed.climb,
        casework=casework_view.opened(
            session, adapters, person=person, sealed=sealed, names=names, now=now
        )
        if wanted.casework
        else casework_view.NOTHING,
        version=sealed.version,
        phone=phone_view.shown(
            session, adapters, person=person, conversation=conversation, now=now
        ),
        texts=phone_view.states(session, conversation=conversation),
        calls=call_view.shown(
            session, adapters, person=person, conversation=conversation, names=names, now=now
        ),
        identity=child_view.identity(
            session, adapters, person=person, conversation=conversation, names=names
        ),
        signs=sealed.signs,
    )


def _window(wanted: Wanted, last_seq: int) -> tuple[int, int]:
    # The messages above the first number and below the second.
    if wanted.after is not None:
        return wanted.after, last_seq + MOST_AT_FIRST + 1
    end = last_seq + MOST_AT_FIRST + 1 if wanted.before is None else wanted.before
    return max(0, min(end - 1, last_seq) - MOST_AT_FIRST), end


def _sealed(
    session: Session, person: SignedIn, conversation: UUID, names: Names, now: datetime
) -> Sealed:
    climb = escalations_view.only(
        escalations_view.climbing(
            session, reader=person.id, names=names, now=now, entry=conversation
        )
    )
    return casework_view.found(
        session,
        reader=person.id,
        conversation=conversation,
        climb=climb,
        signs=signs_view.shown(session, conversation_id=conversation),
    )


def _chat(
    found: read.ConversationFound,
    entry: Entry | None,
    person: SignedIn,
    names: Names,
    shown_name: str | None,
    last_seq: int,
    earlier: int | None,
    now: datetime,
) -> Chat:
    holder = None if entry is None else entry.claimed_by
    since = None if entry is None else entry.waiting_since
    return Chat(
        conversation=found.conversation,
        reference=spoken.reference(found.conversation),
        grade=Grade.HIGH if entry is None else turns_view.GRADES[entry.grade_rank],
        holding="nobody" if holder is None else "mine" if holder == person.id else "other",
        holder=None if holder is None else names(holder),
        waiting_since=since,
        waited=None if since is None else spoken.wait(since, now),
        opened_at=found.opened_at,
        left_at=found.left_at,
        language=found.language,
        shown_name=shown_name,
        last_seq=last_seq,
        more=last_seq < found.last_seq,
        earlier=earlier,
        crowd=None if entry is None else entry.crowd_id,
    )
