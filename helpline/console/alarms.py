"""What staff do about danger: raise a concern, own an escalation, finish it, keep the call list."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline import access, climbing, owning
from helpline.accounts.models import Role, Staff
from helpline.accounts.sessions import SignedIn
from helpline.console import deeds
from helpline.console.choices import Level
from helpline.console.refusals import NobodyToAddError, OwnedMeanwhileError
from helpline.hub import Notice
from triage.errors import UnknownEscalationError
from triage.escalation import OnCallPerson, State
from triage.grades import Grade
from triage.models import Escalation
from triage.service import escalate, on_call, settle

if TYPE_CHECKING:
    from helpline.wiring import Adapters

# Who may be called: the people who may read what a child said.
CALLABLE = frozenset({Role.ADVOCATE, Role.SUPERVISOR})


def raise_concern(
    adapters: "Adapters",
    *,
    person: SignedIn,
    conversation: UUID,
    level: Level,
    seen: str,
    told: str,
) -> None:
    """Call the first person on call now. What was seen becomes a note, in the same commit."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        raised = escalate.escalate(
            session,
            entry=conversation,
            grade=level.grade,
            staff=person.id,
            grades=adapters.grades,
            now=now,
        )
        words = f"Raised a concern: {level.word}.\nSeen: {seen}\nDoes the child know: {told}."
        deeds.keep_note(session, adapters, person, conversation, words, now)
        deeds.written_down(session, adapters, person, "escalation.raised", raised.escalation, now)
        deeds.ring(
            session,
            adapters,
            Notice("escalation", raised.escalation),
            Notice("queue", conversation),
        )
    # The sweep would do it within seconds; danger does not wait for it.
    climbing.climb(adapters)


def acknowledge(
    adapters: "Adapters",
    *,
    person: SignedIn,
    escalation: UUID,
    next_step: str,
    within: timedelta,
    seen_owner: str,
) -> None:
    """Own an escalation, with a next step and a time.

    ``seen_owner`` is the owner that the person's page showed, or nothing: whoever took it
    meanwhile is not pushed aside unseen.
    """
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        row = _open(session, escalation)
        owner = row.acknowledged_by if row.state == State.ACKNOWLEDGED else None
        if owner not in {None, person.id} and str(owner) != seen_owner:
            raise OwnedMeanwhileError
        owning.own(
            session,
            adapters,
            staff=person.id,
            escalation=escalation,
            conversation=row.entry_id,
            next_step=next_step,
            within=within,
            now=now,
        )


def finish(
    adapters: "Adapters",
    *,
    person: SignedIn,
    escalation: UUID,
    outcome: str,
    told: str,
    grade: Grade,
) -> None:
    """End an escalation: what came of it, what the child was told, how grave it is from here."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        conversation = _conversation_of(session, escalation)
        words = f"Outcome: {outcome}\nThe child was told: {told}"
        sealed = access.seal_about(
            adapters,
            conversation=conversation,
            table="escalation",
            row=escalation,
            column="outcome",
            text=words,
        )
        settle.resolve(
            session,
            escalation=escalation,
            staff=person.id,
            outcome=sealed,
            grade=grade,
            grades=adapters.grades,
            hours=adapters.hours,
            now=now,
        )
        deeds.keep_note(
            session, adapters, person, conversation, f"Finished the escalation.\n{words}", now
        )
        deeds.written_down(session, adapters, person, "escalation.finished", escalation, now)
        deeds.ring(
            session, adapters, Notice("escalation", escalation), Notice("queue", conversation)
        )


# From the people on call and the one who is meant, the people on call from now on.
Change = Callable[[list[UUID], UUID], list[UUID]]


def change_on_call(
    adapters: "Adapters", *, person: SignedIn, subject: UUID, change: Change
) -> None:
    """Change who is on call, first to be called first, as the list is at this moment.

    NobodyToAddError when somebody who may not be called would be put on it. Whoever stands on it
    and may no longer be called is taken off, so that a list can always be mended.
    """
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        before = _locked_list(session)
        wanted = list(dict.fromkeys(change(before, subject)))
        roles = _callable(session, wanted)
        if any(each not in roles for each in wanted if each not in before):
            raise NobodyToAddError
        listed = [
            OnCallPerson(each, at, is_supervisor=roles[each] is Role.SUPERVISOR)
            for at, each in enumerate(each for each in wanted if each in roles)
        ]
        on_call.put(session, people=listed)
        deeds.written_down(session, adapters, person, "on_call.changed", person.id, now)
        deeds.ring(session, adapters, Notice("queue", person.id))


def _locked_list(session: Session) -> list[UUID]:
    # Of two changes at once the second starts from what the first made. Everybody's rows are
    # locked, not the list's: a list may be empty, and a change replaces its rows.
    session.execute(sa.select(Staff.id).order_by(Staff.id).with_for_update())
    return [each.person for each in on_call.list_on_call(session)]


def _callable(session: Session, people: Sequence[UUID]) -> dict[UUID, Role]:
    rows = session.execute(
        sa.select(Staff.id, Staff.role).where(
            Staff.id.in_(people), Staff.disabled_at.is_(None), Staff.role.in_(CALLABLE)
        )
    )
    return {row.id: Role(row.role) for row in rows}


def _conversation_of(session: Session, escalation: UUID) -> UUID:
    # Without a lock: whoever locks both locks the entry first, as an incoming message does, and
    # ending an escalation does that by itself.
    conversation = session.scalar(sa.select(Escalation.entry_id).where(Escalation.id == escalation))
    if conversation is None:
        raise UnknownEscalationError
    return conversation


def _open(session: Session, escalation: UUID) -> Escalation:
    # Locked, so that of two people who take it at once the second sees the first.
    row = session.scalar(
        sa.select(Escalation)
        .where(Escalation.id == escalation, Escalation.state != State.CLOSED)
        .with_for_update()
    )
    if row is None:
        raise UnknownEscalationError
    return row
