"""What routing advises, as staff read it: beside a child in the queue, and on the team's page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpline import routing
from helpline.console import spoken
from triage import routing as rules
from triage.service import handing_on, profiles

Names = Callable[[UUID], str]


@dataclass(frozen=True, slots=True)
class Handed:
    """A chat that a colleague hands on, and the reader may accept."""

    id: UUID
    conversation: UUID
    reference: str
    by: str
    to_me: bool
    until: datetime


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody a chat may be handed on to, with what speaks for and against it."""

    id: UUID
    name: str
    is_present: bool
    reasons: str


def for_reader(session: Session, *, conversations: Sequence[UUID], reader: UUID) -> dict[UUID, str]:
    """Why some of these children are for this reader: known to them, or in a language of theirs."""
    if not conversations:
        return {}
    mine = profiles.known(session, staff=[reader], figures=rules.load())[reader]
    found = {}
    for conversation, need in routing.needs(session, conversations=conversations).items():
        if reader in need.conflicts:
            continue
        reasons = [rules.KNOWS.lower()] if reader in need.known_to[:1] else []
        reasons += [f"speaks {code}" for code in sorted(mine.languages & need.languages)]
        reasons += [rules.load().skills[each] for each in sorted(mine.skills & need.skills)]
        if reasons:
            found[conversation] = ", ".join(reasons)
    return found


def handed_to(session: Session, *, reader: UUID, names: Names, now: datetime) -> tuple[Handed, ...]:
    """What colleagues hand on to this reader, or to anybody."""
    return tuple(
        Handed(
            id=each.id,
            conversation=each.entry,
            reference=spoken.reference(each.entry),
            by=names(each.by),
            to_me=each.to == reader,
            until=each.until,
        )
        for each in handing_on.open_for(session, staff=reader, now=now)
    )


def colleagues(
    session: Session, *, conversation: UUID, reader: UUID, names: Names, now: datetime
) -> list[Colleague]:
    """To whom a chat may be handed on, the best first."""
    return [
        Colleague(fit.person, names(fit.person), fit.is_present, ", ".join(fit.reasons))
        for fit in routing.fits(session, conversation=conversation, now=now)
        if fit.person != reader
    ]
