"""Texts of unknown senders are compared, so that a flood of copies shares one turn in the queue.

It is part of the job that reads a conversation as a whole (helpline/reading.py). A child whom
somebody knows is never compared; neither is anybody on a calm night. The rules are pure:
triage/crowd.py and triage/turns.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from chat.service import contacts
from helpline.audit.record import SOFTWARE
from helpline.children import links
from helpline.hub import Notice, Spoken
from helpline.intake import READ_TOGETHER
from helpline.queue import add as queue
from helpline.queue.models import Lane
from helpline.transaction import after_commit
from triage import assessment, crowd
from triage.grades import Grade
from triage.service import crowds, put_last

if TYPE_CHECKING:
    from helpline.wiring import Adapters

# Under this name the keystore keeps the key of the prints.
KEY_SCOPE = "crowd:prints"


@dataclass(frozen=True, slots=True)
class Compared:
    """The prints of what an unknown sender said and nobody answered, the newest last.

    ``texts`` is None where nothing is compared. ``ends``: what a person had put last, and grave
    words of another kind end.
    """

    texts: tuple[tuple[int, ...], ...] | None
    sends_many: bool
    ends: tuple[UUID, ...]


def compare(
    session: Session,
    adapters: "Adapters",
    *,
    conversation: UUID,
    spoken: Sequence[Spoken],
    now: datetime,
) -> Compared | None:
    """What is to be compared; None on a calm night, and for a child whom somebody knows."""
    figures = crowd.load()
    ends = _ended_by_words(session, adapters, conversation, spoken, now)
    calm = crowds.unclaimed(session, most=figures.compared_from) < figures.compared_from
    if calm or is_known(session, conversation=conversation):
        return Compared(None, sends_many=False, ends=ends) if ends else None
    answered = max((each.seq for each in spoken if each.author == "advocate"), default=0)
    said = [each for each in spoken if each.author == "child" and each.seq > answered]
    many = contacts.unanswered(session, conversation=conversation, since=now - figures.many_within)
    return Compared(
        texts=tuple(_prints(adapters, each.text) for each in said),
        sends_many=many >= figures.many_texts,
        ends=ends,
    )


def find_place(
    session: Session,
    adapters: "Adapters",
    *,
    conversation: UUID,
    compared: Compared,
    now: datetime,
) -> None:
    """Put the conversation where its texts belong, and look at those that were like it before."""
    for row in compared.ends:
        if put_last.undo(session, row=row, staff=None, now=now):
            adapters.audit.record(
                session, actor=SOFTWARE, action="put_last.words_changed", subject=row, now=now
            )
            after_commit(session, lambda: adapters.hub.ring(Notice("queue", conversation)))
    if compared.texts is None:
        return
    found = crowds.find_place(
        session,
        entry=conversation,
        texts=compared.texts,
        sends_many=compared.sends_many,
        figures=crowd.load(),
        now=now,
    )
    for other in found.others:
        queue.add(
            session,
            kind=READ_TOGETHER,
            subject=other,
            lane=Lane.NORMAL,
            dedupe_key=f"{READ_TOGETHER}:{other}",
            due_at=now,
            now=now,
        )
    if found.moved:
        action = "entry.left_crowd" if found.crowd is None else "entry.joined_crowd"
        adapters.audit.record(session, actor=SOFTWARE, action=action, subject=conversation, now=now)
        after_commit(session, lambda: adapters.hub.ring(Notice("queue", conversation)))


def _ended_by_words(
    session: Session,
    adapters: "Adapters",
    conversation: UUID,
    spoken: Sequence[Spoken],
    now: datetime,
) -> tuple[UUID, ...]:
    standing = put_last.standing_of(session, entries=[conversation], now=now)
    if not standing:
        return ()
    said = [each for each in spoken if each.author == "child"]
    grave = {Grade.EMERGENCY, Grade.URGENT}
    prints = [_prints(adapters, each.text) for each in said]
    figures = crowd.load()
    return tuple(
        each.row
        for each in standing
        if any(
            one.at > each.put_at
            and assessment.assess(one.text).grade in grave
            and not any(
                crowd.are_alike(prints[at], earlier, figures=figures) for earlier in prints[:at]
            )
            for at, one in enumerate(said)
        )
    )


def _prints(adapters: "Adapters", text: str) -> tuple[int, ...]:
    words = assessment.plain(text).words.split()
    return crowd.prints(words, key=adapters.crowd_key, figures=crowd.load())


def is_known(session: Session, *, conversation: UUID) -> bool:
    """Whether a person said who this is, or ever wrote to them."""
    contact = contacts.contact_of(session, conversation=conversation)
    return links.is_linked(session, contact=contact) or contacts.is_answered(
        session, conversation=conversation
    )
