"""A person says that a sender or a crowd is a hoax, takes it back, or lets one stand alone."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from uuid_utils.compat import uuid7

from helpline import access
from helpline.accounts.sessions import SignedIn
from helpline.console import choices, deeds
from helpline.console.refusals import MissingChoiceError
from helpline.hub import Notice
from triage import crowd
from triage.service import crowds, put_last

if TYPE_CHECKING:
    from helpline.wiring import Adapters


def put_conversation_last(
    adapters: "Adapters", *, person: SignedIn, conversation: UUID, why: str, hours: str
) -> None:
    """Put one sender last for some hours."""
    _put_last(adapters, person, "entry.put_last", conversation, why, hours, crowd_id=None)


def put_crowd_last(
    adapters: "Adapters", *, person: SignedIn, crowd_id: UUID, why: str, hours: str
) -> None:
    """Put everybody last who stands in a crowd, or will while it lasts."""
    _put_last(adapters, person, "crowd.put_last", crowd_id, why, hours, crowd_id=crowd_id)


def undo(adapters: "Adapters", *, person: SignedIn, row: UUID) -> None:
    """End it before its time. Of two who do so at once, the second finds it done."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        if put_last.undo(session, row=row, staff=person.id, now=now):
            deeds.written_down(session, adapters, person, "put_last.undone", row, now)
            deeds.ring(session, adapters, Notice("queue", row))


def stand_alone(adapters: "Adapters", *, person: SignedIn, conversation: UUID) -> None:
    """Take one out of its crowd. New copies of the same text would put it back."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        crowds.stand_alone(session, entries=[conversation], now=now)
        deeds.written_down(session, adapters, person, "entry.left_crowd", conversation, now)
        deeds.ring(session, adapters, Notice("queue", conversation))


def _put_last(
    adapters: "Adapters",
    person: SignedIn,
    action: str,
    subject: UUID,
    why: str,
    hours: str,
    *,
    crowd_id: UUID | None,
) -> None:
    now = adapters.clock()
    for_ = _chosen(hours)
    if for_ is None or why not in choices.offered().hoax_reasons:
        raise MissingChoiceError
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        put_last.put_last(
            session,
            row=uuid7(),
            entry=subject if crowd_id is None else None,
            crowd=crowd_id,
            staff=person.id,
            why=why,
            until=now + for_,
            now=now,
        )
        deeds.written_down(session, adapters, person, action, subject, now)
        deeds.ring(session, adapters, Notice("queue", subject))


def _chosen(hours: str) -> timedelta | None:
    offered = {str(int(each / timedelta(hours=1))): each for each in crowd.load().put_last_for}
    return offered.get(hours)
