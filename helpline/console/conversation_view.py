"""One conversation as staff see it, opened through the access door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from chat.service import read
from helpline import access
from helpline.access import Shown
from helpline.accounts.sessions import SignedIn
from helpline.casework import drafts, notes
from helpline.casework.models import Box
from helpline.console import escalations_view, queue_view, reasons, spoken
from helpline.console.escalations_view import Climb
from helpline.console.queue_view import Names
from helpline.console.reasons import Marked
from triage import assessment
from triage.grades import Grade
from triage.hours import LONDON
from triage.models import Entry

if TYPE_CHECKING:
    from helpline.wiring import Adapters

Holding = Literal["mine", "other", "nobody"]

# The newest messages of a conversation that a page shows at first.
MOST_AT_FIRST = 300


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message with its reasons marked. ``new_day`` asks for a line with the date above it."""

    seq: int
    author: str
    who: str
    at: datetime
    marked: Marked
    new_day: bool
    is_first_unanswered: bool


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A note with its words."""

    who: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class ShownDraft:
    """What a colleague has begun and not sent."""

    who: str
    box: Box
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Chat:
    """The facts of a conversation. ``earlier`` says that older messages are not shown."""

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
    earlier: bool


@dataclass(frozen=True)
class Opened:
    """Everything that a page about one conversation shows."""

    chat: Chat
    messages: tuple[ShownMessage, ...]
    climb: Climb | None
    next_step: str | None
    notes: tuple[ShownNote, ...]
    reply_draft: str
    note_draft: str
    other_drafts: tuple[ShownDraft, ...]


def opened(
    session: Session,
    adapters: "Adapters",
    *,
    person: SignedIn,
    conversation: UUID,
    after: int | None = None,
    now: datetime,
) -> Opened:
    """Open a conversation; with ``after``, only the messages that are newer.

    The messages are opened, and their opening recorded, only when there are any to show.
    """
    access.check_may_read(person)
    found = read.find(session, conversation=conversation)
    entry = session.get(Entry, conversation)
    first = after is None
    start = max(0, found.last_seq - MOST_AT_FIRST) if after is None else max(0, after)
    if first or found.last_seq > start:
        # One earlier message comes along, so that a new day is seen as one.
        door = access.for_staff(
            session,
            adapters,
            staff=person,
            conversation=conversation,
            now=now,
            after=max(0, start - 1),
        )
        name, words = door.shown_name, door.messages
    else:
        name, words = None, ()
    last_seq = max((found.last_seq, *(each.seq for each in words)))
    climb = escalations_view.only(
        escalations_view.climbing(
            session, reader=person.id, names=adapters.names.of, now=now, entry=conversation
        )
    )
    begun = _drafts(session, adapters, person, conversation)
    return Opened(
        chat=_chat(found, entry, person, adapters.names.of, name, last_seq, start > 0, now),
        messages=_messages(
            words,
            start=start,
            is_waiting=first and entry is not None and entry.waiting_since is not None,
            reader=person.id,
            child=name or "Child",
            names=adapters.names.of,
        ),
        climb=climb,
        next_step=next_step(adapters, person, climb),
        notes=_notes(session, adapters, person, conversation),
        reply_draft=begun.get((person.id, Box.REPLY), _NOTHING).text,
        note_draft=begun.get((person.id, Box.NOTE), _NOTHING).text,
        other_drafts=tuple(draft for (staff, _), draft in begun.items() if staff != person.id),
    )


def next_step(adapters: "Adapters", person: SignedIn, climb: Climb | None) -> str | None:
    """What the owner of an escalation will do, opened; None when nobody has said."""
    if climb is None or climb.next_step is None:
        return None
    return access.open_about(
        adapters,
        staff=person,
        conversation=climb.conversation,
        table="escalation",
        row=climb.escalation,
        column="next_step",
        sealed=climb.next_step,
    )


_NOTHING = ShownDraft(who="", box=Box.REPLY, at=datetime.min, text="")  # noqa: DTZ901 - never shown


def _chat(
    found: read.ConversationFound,
    entry: Entry | None,
    person: SignedIn,
    names: Names,
    shown_name: str | None,
    last_seq: int,
    earlier: bool,  # noqa: FBT001 - private, and named at its only call's target
    now: datetime,
) -> Chat:
    holder = None if entry is None else entry.claimed_by
    since = None if entry is None else entry.waiting_since
    return Chat(
        conversation=found.conversation,
        reference=spoken.reference(found.conversation),
        grade=Grade.HIGH if entry is None else queue_view.GRADES[entry.grade_rank],
        holding="nobody" if holder is None else "mine" if holder == person.id else "other",
        holder=None if holder is None else names(holder),
        waiting_since=since,
        waited=None if since is None else spoken.wait(since, now),
        opened_at=found.opened_at,
        left_at=found.left_at,
        language=found.language,
        shown_name=shown_name,
        last_seq=last_seq,
        earlier=earlier,
    )


def _messages(
    words: Sequence[Shown],
    *,
    start: int,
    is_waiting: bool,
    reader: UUID,
    child: str,
    names: Names,
) -> tuple[ShownMessage, ...]:
    answered = max((each.seq for each in words if each.author == "advocate"), default=0)
    unanswered = min(
        (each.seq for each in words if each.author == "child" and each.seq > answered),
        default=None,
    )
    shown = []
    day: date | None = None
    for each in words:
        before, day = day, each.at.astimezone(LONDON).date()
        if each.seq <= start:
            continue
        found = assessment.assess(each.text).reasons if each.author == "child" else ()
        shown.append(
            ShownMessage(
                seq=each.seq,
                author=each.author,
                who=_who(each, reader=reader, child=child, names=names),
                at=each.at,
                marked=reasons.mark(each.text, found),
                new_day=day != before,
                is_first_unanswered=is_waiting and each.seq == unanswered,
            )
        )
    return tuple(shown)


def _who(message: Shown, *, reader: UUID, child: str, names: Names) -> str:
    if message.author == "child":
        return child
    if message.by is None:
        return "Sent by itself"
    return "You" if message.by == reader else names(message.by)


def _notes(
    session: Session, adapters: "Adapters", person: SignedIn, conversation: UUID
) -> tuple[ShownNote, ...]:
    return tuple(
        ShownNote(
            who="You" if each.written_by == person.id else adapters.names.of(each.written_by),
            at=each.at,
            text=access.open_about(
                adapters,
                staff=person,
                conversation=conversation,
                table="note",
                row=each.note,
                column="body",
                sealed=each.body,
            ),
        )
        for each in notes.notes_of(session, conversation=conversation)
    )


def _drafts(
    session: Session, adapters: "Adapters", person: SignedIn, conversation: UUID
) -> dict[tuple[UUID, Box], ShownDraft]:
    return {
        (each.staff, each.box): ShownDraft(
            who=adapters.names.of(each.staff),
            box=each.box,
            at=each.saved_at,
            text=access.open_about(
                adapters,
                staff=person,
                conversation=conversation,
                table="draft",
                row=each.draft,
                column="body",
                sealed=each.body,
            ),
        )
        for each in drafts.load(session, conversation=conversation)
    }
