"""What staff wrote about a conversation: notes, drafts, the next step of an escalation.

It lies sealed until a page shows it; then it is opened through the access door and, once for each
conversation and request, the opening of colleagues' words is recorded.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from helpline import access
from helpline.accounts.sessions import SignedIn
from helpline.audit.record import Actor
from helpline.casework import drafts, notes
from helpline.casework.drafts import SealedDraft
from helpline.casework.models import Box
from helpline.casework.notes import SealedNote
from helpline.console.escalations_view import Climb
from helpline.console.queue_view import Names
from helpline.console.signs_view import SignShown

if TYPE_CHECKING:
    from helpline.wiring import Adapters


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


@dataclass(frozen=True)
class Sealed:
    """What there is, unopened. ``version`` changes whenever a page would show it differently."""

    conversation: UUID
    notes: tuple[SealedNote, ...]
    drafts: tuple[SealedDraft, ...]
    climb: Climb | None
    signs: tuple[SignShown, ...]
    version: str


@dataclass(frozen=True)
class Casework:
    """What there is, opened. The drafts of the reader's own are apart from the others'."""

    notes: tuple[ShownNote, ...] = ()
    reply_draft: str = ""
    note_draft: str = ""
    other_drafts: tuple[ShownDraft, ...] = ()
    next_step: str | None = None


NOTHING = Casework()


def found(
    session: Session,
    *,
    reader: UUID,
    conversation: UUID,
    climb: Climb | None,
    signs: tuple[SignShown, ...],
) -> Sealed:
    """Look what there is, without opening any of it."""
    kept = tuple(notes.notes_of(session, conversation=conversation))
    begun = tuple(drafts.load(session, conversation=conversation))
    seen = (
        [each.note for each in kept],
        [(each.draft, each.saved_at) for each in begun if each.staff != reader],
        climb,
        signs,
    )
    version = hashlib.sha256(repr(seen).encode()).hexdigest()[:32]
    return Sealed(conversation, kept, begun, climb, signs, version)


def opened(
    session: Session,
    adapters: "Adapters",
    *,
    person: SignedIn,
    sealed: Sealed,
    names: Names,
    now: datetime,
) -> Casework:
    """Open all of it, and record that when any of it is a colleague's. Needs a writing session."""
    is_others = any(each.written_by != person.id for each in sealed.notes) or any(
        each.staff != person.id for each in sealed.drafts
    )
    step = next_step(adapters, person, sealed.climb)
    if is_others or step is not None:
        written_down(session, adapters, person, sealed.conversation, now)

    def words(table: str, row: UUID, body: bytes) -> str:
        return access.open_about(
            adapters,
            staff=person,
            conversation=sealed.conversation,
            table=table,
            row=row,
            column="body",
            sealed=body,
        )

    own = {
        each.box: words("draft", each.draft, each.body)
        for each in sealed.drafts
        if each.staff == person.id
    }
    return Casework(
        notes=tuple(
            ShownNote(
                who="You" if each.written_by == person.id else names(each.written_by),
                at=each.at,
                text=words("note", each.note, each.body),
            )
            for each in sealed.notes
        ),
        reply_draft=own.get(Box.REPLY, ""),
        note_draft=own.get(Box.NOTE, ""),
        other_drafts=tuple(
            ShownDraft(
                who=names(each.staff),
                box=each.box,
                at=each.saved_at,
                text=words("draft", each.draft, each.body),
            )
            for each in sealed.drafts
            if each.staff != person.id
        ),
        next_step=step,
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


def written_down(
    session: Session, adapters: "Adapters", person: SignedIn, conversation: UUID, now: datetime
) -> None:
    """Record that colleagues' words about a conversation were opened."""
    adapters.audit.record(
        session,
        actor=Actor("staff", person.id),
        action="casework.opened",
        subject=conversation,
        now=now,
    )
