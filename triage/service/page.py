"""A page on its way to one person, and how its escalation stands when that person answers.

Nothing here acknowledges: whatever a page brings back, the climb goes on until a person owns it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from triage.escalation import PageState, State
from triage.models import Escalation, Page

# The channel that is over when nobody listens any more; a text stays on the screen.
_RING = "voice"
_RINGS = (PageState.DUE, PageState.SENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A page that is about to leave. Only one that is DUE may.

    ``attempted_at`` is set when it was tried before and nobody knows whether it left;
    ``first_tried_at`` when it was tried at all. FAILED: a newer page to the same person by the same
    way has overtaken it.
    """

    page: UUID
    escalation: UUID
    person: UUID
    channel: str
    state: PageState
    attempted_at: datetime | None
    first_tried_at: datetime | None


class Standing(StrEnum):
    """How an escalation stands for whoever answers a page of it."""

    CALLS = "calls"
    YOURS = "yours"
    TAKEN = "taken"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What somebody who answers a page finds. ``until`` is when what they own opens again.

    OVER: a person ended the escalation, or it began anew since and pages again by itself.
    """

    page: UUID
    escalation: UUID
    person: UUID
    standing: Standing
    until: datetime | None


def leaving(
    session: Session, *, page: UUID, covered_within: timedelta, now: datetime
) -> Leaving | None:
    """A page that is due, with what is known now; None for one that is settled already.

    It is settled here as NOT_NEEDED when nobody is paged any more, and as COVERED when another
    escalation paged the same person by the same way within ``covered_within``, and, if by a ring,
    it still rings: whoever is called looks at everything. Both are written; a FAILED one is left
    to the caller, who tells a person.
    """
    row, escalation = _found(session, page)
    if row.state != PageState.DUE:
        return None
    if escalation.state != State.PAGING or escalation.round != row.round:
        row.state = PageState.NOT_NEEDED
        return _leaving(row, PageState.NOT_NEEDED)
    if _is_overtaken(session, row):
        return _leaving(row, PageState.FAILED)
    if row.attempted_at is None and _is_covered(session, row, now - covered_within):
        row.state = PageState.COVERED
        return _leaving(row, PageState.COVERED)
    return _leaving(row, PageState.DUE)


def attempt(session: Session, *, page: UUID, now: datetime) -> None:
    """Write down that a page leaves now. The first attempt whose end nobody knows stays."""
    row = session.get_one(Page, page)
    row.attempted_at = row.attempted_at or now
    row.first_tried_at = row.first_tried_at or now


def not_sent(session: Session, *, page: UUID) -> None:
    """It certainly did not leave: nothing needs to be looked for before it is tried again."""
    session.get_one(Page, page).attempted_at = None


def sent(session: Session, *, page: UUID, sid: str) -> None:
    """The telephone company has it. It may have reported already what became of it."""
    row = session.get_one(Page, page)
    row.provider_sid = sid
    if row.state == PageState.DUE:
        row.state = PageState.SENT


def settle(session: Session, *, page: UUID, state: PageState) -> Leaving | None:
    """Write down what became of a page, once: None when that is known, or there is no such page."""
    row = session.scalar(sa.select(Page).where(Page.id == page).with_for_update())
    if row is None or row.state not in {PageState.DUE, PageState.SENT}:
        return None
    row.state = state
    return _leaving(row, state)


def over(session: Session, *, page: UUID, now: datetime) -> None:
    """A ring that was answered, by whatever, has ended. Its state stays: that is no answer."""
    row = session.get(Page, page)
    if row is not None and row.over_at is None:
        row.over_at = now


def ids_of_others(session: Session, *, page: UUID) -> Collection[str]:
    """The company's ids of this person's other pages: the same words to the same number."""
    row = session.get_one(Page, page)
    others = sa.select(Page.provider_sid).where(
        Page.person_id == row.person_id, Page.id != page, Page.provider_sid.is_not(None)
    )
    return {sid for sid in session.scalars(others) if sid is not None}


def answered(session: Session, *, page: UUID, to_own: bool = False) -> Answered | None:
    """How things stand for whoever answers this page; None when there is no such page.

    ``to_own`` locks the escalation, so that of two people who take it the second sees the first.
    """
    row = session.get(Page, page)
    if row is None:
        return None
    escalation = session.get_one(Escalation, row.escalation_id, with_for_update=to_own or None)
    standing = _standing(row, escalation)
    return Answered(
        page=page,
        escalation=row.escalation_id,
        person=row.person_id,
        standing=standing,
        until=escalation.promised_until if standing is Standing.YOURS else None,
    )


def calls_too(session: Session, *, page: UUID) -> UUID | None:
    """The newest page of another escalation that still calls whoever this page is for.

    It may be covered by this very page, and then nobody rings for it again.
    """
    this, other = aliased(Page), aliased(Page)
    return session.scalar(
        sa.select(other.id)
        .join(this, sa.and_(this.id == page, other.person_id == this.person_id))
        .join(Escalation, Escalation.id == other.escalation_id)
        .where(
            other.escalation_id != this.escalation_id,
            other.round == Escalation.round,
            Escalation.state == State.PAGING,
        )
        .order_by(other.made_at.desc(), other.id.desc())
        .limit(1)
    )


def _standing(row: Page, escalation: Escalation) -> Standing:
    if escalation.state == State.CLOSED or escalation.round != row.round:
        return Standing.OVER
    if escalation.state != State.ACKNOWLEDGED:
        return Standing.CALLS
    is_own = escalation.acknowledged_by == row.person_id
    return Standing.YOURS if is_own else Standing.TAKEN


def _found(session: Session, page: UUID) -> tuple[Page, Escalation]:
    row = session.get_one(Page, page)
    return row, session.get_one(Escalation, row.escalation_id)


def _is_overtaken(session: Session, row: Page) -> bool:
    newer = sa.select(Page.id).where(
        Page.escalation_id == row.escalation_id,
        Page.round == row.round,
        Page.step > row.step,
        Page.person_id == row.person_id,
        Page.channel == row.channel,
    )
    return session.execute(newer.limit(1)).first() is not None


def _is_covered(session: Session, row: Page, since: datetime) -> bool:
    # Not by its own escalation: one that began anew calls again, whoever was called before.
    other = sa.select(Page.id).where(
        Page.person_id == row.person_id,
        Page.channel == row.channel,
        Page.escalation_id != row.escalation_id,
        Page.attempted_at > since,
        Page.state != PageState.FAILED,
        sa.or_(Page.channel != _RING, sa.and_(Page.state.in_(_RINGS), Page.over_at.is_(None))),
    )
    return session.execute(other.limit(1)).first() is not None


def _leaving(row: Page, state: PageState) -> Leaving:
    return Leaving(
        page=row.id,
        escalation=row.escalation_id,
        person=row.person_id,
        channel=row.channel,
        state=state,
        attempted_at=row.attempted_at,
        first_tried_at=row.first_tried_at,
    )
