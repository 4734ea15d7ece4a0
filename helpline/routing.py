"""Who should answer whom, from what the service knows; and who must not.

The rule is pure (triage/routing.py); this reads for it who answered a child before, what a chat
needs, who is at a console, and who has a tie to the place where a child lives.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from chat.service import contacts
from helpline import ties
from helpline.accounts.models import READERS, Staff, StaffSession
from helpline.audit.record import SOFTWARE
from helpline.hub import Notice
from helpline.institutions.models import Kind
from helpline.transaction import after_commit
from integrations.database import Instant
from triage import routing
from triage.grades import Grade
from triage.models import Entry
from triage.routing import Advocate, Fit, Need
from triage.service import handing_on, profiles, returning

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()

# What a child needs who lives in a place of this kind: ids of triage/routing.toml.
_SKILL_OF_KIND = {
    Kind.SECURE_HOME: "secure",
    Kind.TRAINING_CENTRE: "secure",
    Kind.SECURE_SCHOOL: "secure",
    Kind.YOUNG_OFFENDER: "secure",
    Kind.SPECIAL_SCHOOL: "send",
}


def seen_at(session: Session, *, staff: Sequence[UUID]) -> dict[UUID, datetime | None]:
    """When each was last at a console that is signed in; None for whoever is at none."""
    last = sa.type_coerce(sa.func.max(StaffSession.seen_at), Instant())
    rows = session.execute(
        sa.select(StaffSession.staff_id, last)
        .where(StaffSession.staff_id.in_(staff), StaffSession.ended_at.is_(None))
        .group_by(StaffSession.staff_id)
    )
    found: dict[UUID, datetime | None] = dict.fromkeys(staff)
    found.update((row[0], row[1]) for row in rows)
    return found


def advocates(session: Session, *, now: datetime) -> list[Advocate]:
    """Everybody who may answer children, with what they can do and carry."""
    figures = routing.load()
    staff = list(
        session.scalars(
            sa.select(Staff.id)
            .where(Staff.disabled_at.is_(None), Staff.role.in_([role.value for role in READERS]))
            .order_by(Staff.id)
        )
    )
    known = profiles.known(session, staff=staff, figures=figures)
    seen = seen_at(session, staff=staff)
    return [
        Advocate(
            person=person,
            is_present=routing.is_present(
                seen[person],
                away=known[person].away_since is not None,
                now=now,
                figures=figures,
            ),
            languages=known[person].languages,
            skills=known[person].skills,
            capacity=known[person].capacity,
            load=routing.load_of(known[person].load, figures=figures),
        )
        for person in staff
    ]


def needs(session: Session, *, conversations: Sequence[UUID]) -> dict[UUID, Need]:
    """What answering each of these asks for."""
    grades = {
        row.id: row.grade_rank
        for row in session.execute(
            sa.select(Entry.id, Entry.grade_rank).where(Entry.id.in_(conversations))
        )
    }
    languages = contacts.languages_of(session, conversations=conversations)
    known = contacts.answered_by(session, conversations=conversations)
    places = ties.places(session, conversations=conversations)
    tied = profiles.with_conflict(
        session, about={place for each in places.values() for place in each}
    )
    return {
        conversation: _need(
            list(Grade)[grades.get(conversation, Grade.HIGH.rank)],
            known.get(conversation, ()),
            languages.get(conversation),
            places.get(conversation, {}),
            tied,
        )
        for conversation in conversations
    }


def _need(
    grade: Grade,
    known_to: tuple[UUID, ...],
    language: str | None,
    places: Mapping[UUID, Kind],
    tied: Mapping[UUID, frozenset[UUID]],
) -> Need:
    skills = {_SKILL_OF_KIND[kind] for kind in places.values() if kind in _SKILL_OF_KIND}
    return Need(
        grade=grade,
        known_to=known_to,
        languages=frozenset({language} if language else ()),
        skills=frozenset(skills),
        conflicts=frozenset(staff for staff, about in tied.items() if about & places.keys()),
    )


def fits(session: Session, *, conversation: UUID, now: datetime) -> tuple[Fit, ...]:
    """Everybody who may answer a conversation, the best first."""
    need = needs(session, conversations=[conversation])[conversation]
    return routing.fits(need, advocates(session, now=now), figures=routing.load())


def return_silent(adapters: "Adapters") -> int:
    """Give children who wait for somebody who is gone back to the queue; say how many.

    It also ends what was handed on and nobody accepted. Whoever is away is told by their page.
    """
    now, figures = adapters.clock(), routing.load()
    with adapters.transactions.reading() as session:
        holders = returning.holders(session)
        seen = seen_at(session, staff=holders)
        is_over = handing_on.is_any_over(session, now=now)
        gone = {
            staff: at
            for staff, at in seen.items()
            if at is None or now - at >= figures.returns_after[Grade.EMERGENCY]
        }
    if not gone and not is_over:
        return 0
    with adapters.transactions.begin() as session:
        returned = returning.return_to_queue(session, seen_at=gone, figures=figures, now=now)
        for each in returned:
            adapters.audit.record(
                session, actor=SOFTWARE, action="entry.returned", subject=each.entry, now=now
            )
            _ring(session, adapters, each.entry, each.from_staff)
        for offered in handing_on.expire(session, now=now):
            adapters.audit.record(
                session, actor=SOFTWARE, action="entry.handing_on_over", subject=offered.id, now=now
            )
            _ring(session, adapters, offered.entry, offered.by)
    if returned:
        log.info("routing.returned", entries=len(returned))
    return len(returned)


def _ring(session: Session, adapters: "Adapters", entry: UUID, staff: UUID) -> None:
    after_commit(session, lambda: adapters.hub.ring(Notice("queue", entry), Notice("staff", staff)))
