"""What a member of staff does to a conversation: one transaction each.

Access first, then the verbs, the audit row, and the ring that follows the commit. Rings carry ids.
"""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from chat import conversation as rules
from chat import texting
from chat.service import phone
from chat.texting import Input
from helpline import access, replies, ties
from helpline.accounts.sessions import SignedIn
from helpline.audit.record import Actor
from helpline.casework import drafts, notes
from helpline.casework.models import Box
from helpline.console.refusals import EscalationOpenError
from helpline.hub import Notice
from helpline.replies import Sent, Written
from helpline.todo import tasks
from helpline.transaction import after_commit
from triage.escalation import State
from triage.models import Escalation
from triage.service import holding

if TYPE_CHECKING:
    from helpline.wiring import Adapters

# A "writing" ring with this number was caused by staff, for the child's page; with 0, by a child.
BY_STAFF = 1


def claim(adapters: "Adapters", *, person: SignedIn, conversation: UUID) -> None:
    """Take a conversation that nobody holds; AlreadyClaimedError names who does."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        ties.check(session, staff=person.id, conversation=conversation)
        holding.claim(session, entry=conversation, staff=person.id, now=now)
        _tell_phone(session, conversation, now)
        written_down(session, adapters, person, "entry.claimed", conversation, now)
        ring(session, adapters, Notice("queue", conversation))


def give_back(adapters: "Adapters", *, person: SignedIn, conversation: UUID) -> None:
    """Put a conversation back in the queue. Not while an escalation calls for somebody."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        if is_escalated(session, conversation):
            raise EscalationOpenError
        holding.release(session, entry=conversation, staff=person.id)
        written_down(session, adapters, person, "entry.released", conversation, now)
        ring(session, adapters, Notice("queue", conversation))


def take_over(adapters: "Adapters", *, person: SignedIn, conversation: UUID, reason: str) -> None:
    """Take a conversation from whoever holds it. They are told; the reason becomes a note."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        ties.check(session, staff=person.id, conversation=conversation)
        taken = holding.take_over(session, entry=conversation, staff=person.id, now=now)
        if taken.from_staff is not None:
            before = adapters.names.within(session)(taken.from_staff)
            keep_note(
                session, adapters, person, conversation, f"Took over from {before}: {reason}.", now
            )
            ring(session, adapters, Notice("staff", taken.from_staff))
        _tell_phone(session, conversation, now)
        written_down(session, adapters, person, "entry.taken_over", conversation, now)
        ring(session, adapters, Notice("queue", conversation))


def reply(
    adapters: "Adapters",
    *,
    person: SignedIn,
    conversation: UUID,
    written: Written,
) -> Sent:
    """Say something to the child. What was kept as a draft of it goes in the same commit."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        sent = replies.send(
            session,
            adapters,
            staff=person,
            conversation=conversation,
            written=written,
            now=now,
        )
        drafts.forget(session, conversation=conversation, staff=person.id, box=Box.REPLY)
        ring(session, adapters, Notice("queue", conversation))
    return sent


def note(adapters: "Adapters", *, person: SignedIn, conversation: UUID, text: str) -> None:
    """Write a note that only staff see."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        holding.holder_of(session, entry=conversation)  # there must be such a conversation
        keep_note(session, adapters, person, conversation, rules.kept_text(text), now)
        drafts.forget(session, conversation=conversation, staff=person.id, box=Box.NOTE)
        written_down(session, adapters, person, "note.written", conversation, now)
        ring(session, adapters, Notice("queue", conversation))


def save_draft(
    adapters: "Adapters", *, person: SignedIn, conversation: UUID, box: Box, text: str
) -> datetime:
    """Keep what is typed and not sent; an empty box forgets it. The moment it was kept.

    Nothing is audited: it is a person's own unfinished words. The child is told that somebody
    writes, never what, when it is the holder who writes to them.
    """
    now: datetime = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        holder = holding.holder_of(session, entry=conversation)
        if not text.strip():
            drafts.forget(session, conversation=conversation, staff=person.id, box=box)
            return now
        draft = (
            drafts.row_of(session, conversation=conversation, staff=person.id, box=box) or uuid7()
        )
        body = access.seal_about(
            adapters,
            conversation=conversation,
            table="draft",
            row=draft,
            column="body",
            text=rules.kept_text(text),
        )
        drafts.save(
            session,
            draft=draft,
            conversation=conversation,
            staff=person.id,
            box=box,
            body=body,
            now=now,
        )
        if box is Box.REPLY and holder == person.id:
            ring(session, adapters, Notice("writing", conversation, BY_STAFF, by=person.id))
    return now


def finish_task(adapters: "Adapters", *, person: SignedIn, task: UUID) -> None:
    """Take a human task off the list."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        tasks.done(session, task=task, by=person.id, now=now)
        written_down(session, adapters, person, "task.done", task, now)
        ring(session, adapters, Notice("queue", task))


def keep_note(
    session: Session,
    adapters: "Adapters",
    person: SignedIn,
    conversation: UUID,
    text: str,
    now: datetime,
) -> None:
    """Seal and keep a note in the transaction of a deed."""
    row = uuid7()
    body = access.seal_about(
        adapters, conversation=conversation, table="note", row=row, column="body", text=text
    )
    notes.write_note(
        session, note=row, conversation=conversation, written_by=person.id, body=body, now=now
    )


def written_down(
    session: Session,
    adapters: "Adapters",
    person: SignedIn,
    action: str,
    subject: UUID,
    now: datetime,
) -> None:
    """Write the audit row of a deed, in its transaction."""
    adapters.audit.record(
        session, actor=Actor("staff", person.id), action=action, subject=subject, now=now
    )


def ring(session: Session, adapters: "Adapters", *notices: Notice) -> None:
    """Tell the consoles once the deed is on disk."""
    after_commit(session, lambda: adapters.hub.ring(*notices))


def _tell_phone(session: Session, conversation: UUID, now: datetime) -> None:
    # Somebody answers now. A conversation of the web has no phone to tell, and the phone of an old
    # one may be another contact's.
    standing = phone.standing(session, conversation=conversation)
    if standing is not None and standing.is_present:
        phone.move(
            session,
            conversation=conversation,
            given=Input.CLAIMED,
            table=texting.load(),
            now=now,
        )


def is_escalated(session: Session, conversation: UUID) -> bool:
    """Whether an escalation calls for somebody, or somebody owns one."""
    # A clock that only runs because a child waits does not hold anybody back.
    return (
        session.scalar(
            sa.select(Escalation.id).where(
                Escalation.entry_id == conversation,
                Escalation.state.in_((State.PAGING, State.ACKNOWLEDGED)),
            )
        )
        is not None
    )
