"""A conversation is read as a whole after its newest message; what it shows can only raise.

What a child sent close together is read as one text ("i want" / "to" / "die"), and whether it asks
or comes back again and again is looked at. The rules are pure: triage/fragments.py and
triage/conversation.py. Silence is no message and has a sweep: helpline/quiet.py.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from chat.service import contacts
from helpline import access, crowding
from helpline.audit.record import SOFTWARE
from helpline.crowding import Compared
from helpline.hub import Notice, Spoken
from helpline.transaction import after_commit
from triage import assessment, conversation, fragments
from triage.conversation import Begun, Figures, Said, Sign
from triage.fragments import Fragment, Joined
from triage.service import escalate, graded, signs

if TYPE_CHECKING:
    from helpline.jobs import Handler
    from helpline.wiring import Adapters


@dataclass(frozen=True, slots=True)
class _Read:
    joined: Joined
    signs: tuple[Sign, ...]
    compared: Compared | None


def read_together(
    session: Session, adapters: "Adapters", subject: UUID, now: datetime
) -> "Handler | None":
    """Read the last messages of a conversation as a whole; how to raise its grade, or None.

    What comes in meanwhile has a job of its own, and the grade is looked at again under its lock.
    """
    figures = conversation.load()
    spoken = access.for_triage(session, adapters, conversation=subject, most=figures.most_messages)
    joined = fragments.read_together(_fragments(spoken), figures.together)
    held = graded.graded(session, entry=subject)
    is_graver = joined.grade is not None and (
        held is None or joined.grade.rank < held.grade.rank or (joined.score or 0) > held.score
    )
    seen = tuple(
        sign
        for sign in _signs(session, subject, spoken, figures)
        if not signs.is_open(session, entry=subject, rule=sign.rule)
    )
    compared = crowding.compare(session, adapters, conversation=subject, spoken=spoken, now=now)
    found = _Read(joined, seen, compared)
    return partial(_raise, found) if is_graver or seen or compared is not None else None


def _fragments(spoken: list[Spoken]) -> list[Fragment]:
    return [
        Fragment(each.at, each.text, assessment.assess(each.text))
        for each in spoken
        if each.author == "child"
    ]


def _signs(session: Session, subject: UUID, spoken: list[Spoken], figures: Figures) -> list[Sign]:
    answered = max((each.seq for each in spoken if each.author == "advocate"), default=0)
    unanswered = [
        Said(each.at, len(each.text))
        for each in spoken
        if each.author == "child" and each.seq > answered
    ]
    if not unanswered:
        return []
    found = []
    if conversation.asks_again(unanswered, figures.asking_again):
        found.append(figures.asking_again.sign)
    begun = contacts.begun_lately(session, conversation=subject, within=figures.coming_back.within)
    if conversation.comes_back(
        [Begun(each.opened_at, each.messages) for each in begun], figures.coming_back
    ):
        found.append(figures.coming_back.sign)
    return found


def _raise(
    found: _Read, session: Session, adapters: "Adapters", subject: UUID, now: datetime
) -> None:
    held = graded.graded(session, entry=subject)
    for sign in found.signs:
        if signs.notice(
            session,
            entry=subject,
            sign=sign,
            score=0.0 if held is None else held.score,
            grades=adapters.grades,
            hours=adapters.hours,
            now=now,
        ):
            adapters.audit.record(
                session,
                actor=SOFTWARE,
                action=f"entry.{sign.rule.replace('-', '_')}",
                subject=subject,
                now=now,
            )
    raised = None
    if found.joined.grade is not None and found.joined.score is not None:
        raised = escalate.raise_grade(
            session,
            entry=subject,
            grade=found.joined.grade,
            score=found.joined.score,
            grades=adapters.grades,
            hours=adapters.hours,
            now=now,
        )
    if found.compared is not None:
        crowding.find_place(
            session, adapters, conversation=subject, compared=found.compared, now=now
        )
    if raised is not None or found.signs:
        after_commit(session, lambda: adapters.hub.ring(Notice("queue", subject)))
