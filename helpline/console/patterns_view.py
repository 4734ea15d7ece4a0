"""Patterns as a supervisor sees them: which place, what stands out, in words with its figures."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from helpline import access
from helpline.accounts.models import Role
from helpline.accounts.sessions import SignedIn
from helpline.console import spoken
from helpline.console.queue_view import Names
from helpline.institutions import register
from helpline.signals import events, patterns, rule
from helpline.signals.patterns import Known
from helpline.signals.rule import Figures, Found, Kind

if TYPE_CHECKING:
    from helpline.wiring import Adapters


@dataclass(frozen=True, slots=True)
class PatternShown:
    """One pattern. ``seen`` are the people who looked, with when; ``note`` is why it was closed."""

    pattern: UUID
    place: str
    kind: Kind
    why: str
    raised_at: datetime
    grew_at: datetime | None
    seen: tuple[tuple[str, datetime], ...]
    is_seen_by_me: bool
    closed_at: datetime | None
    closed_by: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A pattern with the conversations that its evidence leads to: ids and references, no words."""

    shown: PatternShown
    conversations: tuple[tuple[UUID, str], ...]


def check_may_see(person: SignedIn) -> None:
    """Refuse whoever is no supervisor: a pattern joins what several children said."""
    if person.role is not Role.SUPERVISOR:
        raise access.NotAllowedError


def listed(
    session: Session,
    adapters: "Adapters",
    *,
    person: SignedIn,
    names: Names,
    closed_since: datetime,
) -> list[PatternShown]:
    """The open patterns, then those that were closed lately."""
    check_may_see(person)
    found = patterns.list_all(session, closed_since=closed_since)
    return [_shown(session, adapters, person, each, names) for each in found]


def opened(
    session: Session, adapters: "Adapters", *, person: SignedIn, pattern: UUID, names: Names
) -> Opened:
    """One pattern. Raises :class:`helpline.signals.patterns.UnknownPatternError`."""
    check_may_see(person)
    known = patterns.load(session, pattern=pattern)
    found = events.conversations_of(session, evidence=sorted(known.found.evidence))
    return Opened(
        shown=_shown(session, adapters, person, known, names),
        conversations=tuple((each, spoken.reference(each)) for each in found),
    )


def _shown(
    session: Session, adapters: "Adapters", person: SignedIn, known: Known, names: Names
) -> PatternShown:
    institution = known.found.institution

    def opens(table: str, row: UUID, column: str, sealed: bytes) -> str:
        return access.open_about_institution(
            adapters,
            staff=person,
            institution=institution,
            table=table,
            row=row,
            column=column,
            sealed=sealed,
        )

    place = register.place(session, institution=institution)
    return PatternShown(
        pattern=known.pattern,
        place=opens("institution", institution, "name", place.institution.name),
        kind=known.found.kind,
        why=why(known.found, rule.load()),
        raised_at=known.raised_at,
        grew_at=known.grew_at,
        seen=tuple((names(each.staff), each.at) for each in known.seen),
        is_seen_by_me=person.id in {each.staff for each in known.seen},
        closed_at=known.closed_at,
        closed_by=None if known.closed_by is None else names(known.closed_by),
        note=None if known.note is None else opens("pattern", known.pattern, "note", known.note),
    )


def why(found: Found, figures: Figures) -> str:
    """What stands out, in one or two sentences with the figures."""
    if found.kind is Kind.CONCERNS:
        return (
            f"{found.here} urgent or graver concerns of {found.of} children "
            f"within {figures.concerns_within.days} days."
        )
    if found.kind is Kind.SILENCE:
        return (
            f"{found.of} children here wrote in {found.elsewhere} of their weeks during the "
            f"{figures.before.days // 7} weeks before, and in {found.here} during the last "
            f"{figures.recent.days // 7}. {_chance(found)} Holidays, a lost telephone or a new "
            "filter may be the reason; so may fear."
        )
    reported = " by somebody other than the child" if found.kind is Kind.REPORTED_REFUSALS else ""
    return (
        f"{found.here} of {found.of} offers of an advocate were refused here{reported}; elsewhere "
        f"{found.elsewhere} of {found.elsewhere_of}. {_chance(found)} Hear it from each child."
    )


def _chance(found: Found) -> str:
    if found.chance is None:
        return ""
    one_in = int(1 / found.chance) if found.chance > 1e-6 else 1_000_000  # noqa: PLR2004 - what a reader can take in
    return f"Chance alone brings that in fewer than 1 of {one_in:,} such places."
