"""Patterns: raised once for the same evidence, seen, closed with a note, opened again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from helpline.signals import rule
from helpline.signals.models import Pattern, PatternEvidence, PatternSeen
from helpline.signals.rule import Found, Kind
from integrations.database import Instant


class UnknownPatternError(LookupError):
    """There is no such pattern, or somebody has closed it already."""


class NewerPatternError(ValueError):
    """A newer pattern of this kind is open for this place. Look at that one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A pattern that is new, or one that is open and has grown."""

    pattern: UUID
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Who looked at a pattern, and when first."""

    staff: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A pattern as it stands; ``note`` is sealed. ``found`` holds its figures and evidence."""

    pattern: UUID
    found: Found
    raised_at: datetime
    grew_at: datetime | None
    closed_at: datetime | None
    closed_by: UUID | None
    note: bytes | None
    seen: tuple[Seen, ...]


def put(session: Session, *, found: Found, now: datetime) -> Raised | None:
    """Raise a finding, or let the open pattern grow; None when nothing of it is new."""
    same = (Pattern.institution_id == found.institution, Pattern.kind == found.kind.value)
    seen = session.scalars(
        sa.select(PatternEvidence.evidence_id)
        .join(Pattern, Pattern.id == PatternEvidence.pattern_id)
        .where(*same)
    ).all()
    if not rule.is_news(found, seen=seen):
        return None
    row = session.scalar(sa.select(Pattern).where(*same, Pattern.closed_at.is_(None)))
    is_new = row is None
    if row is None:
        row = Pattern(
            id=uuid7(), institution_id=found.institution, kind=found.kind.value, raised_at=now
        )
        session.add(row)
    else:
        row.grew_at = now
    row.here, row.of, row.chance = found.here, found.of, found.chance
    row.elsewhere, row.elsewhere_of = found.elsewhere, found.elsewhere_of
    session.flush()  # the evidence's foreign key needs the pattern in place
    known = set(_evidence(session, row.id))
    session.add_all(
        PatternEvidence(pattern_id=row.id, evidence_id=each)
        for each in sorted(found.evidence - known)
    )
    session.flush()
    return Raised(pattern=row.id, is_new=is_new)


def see(session: Session, *, pattern: UUID, by: UUID, now: datetime) -> None:
    """Write down that somebody looked. Looking twice changes nothing."""
    _row(session, pattern)
    if session.get(PatternSeen, (pattern, by)) is None:
        session.add(PatternSeen(pattern_id=pattern, staff_id=by, seen_at=now))
        session.flush()


def close(session: Session, *, pattern: UUID, note: bytes, by: UUID, now: datetime) -> None:
    """A supervisor has dealt with it; ``note`` says how, sealed. Of two people one is refused."""
    closed = session.scalar(
        sa.update(Pattern)
        .where(Pattern.id == pattern, Pattern.closed_at.is_(None))
        .values(closed_at=now, closed_by=by, note=note)
        .returning(Pattern.id)
        .execution_options(synchronize_session=False)
    )
    if closed is None:
        raise UnknownPatternError


def reopen(session: Session, *, pattern: UUID) -> None:
    """Take a closing back. Its note stays until it is closed anew.

    Raises :class:`UnknownPatternError` or :class:`NewerPatternError`.
    """
    row = _row(session, pattern)
    if row.closed_at is None:
        raise UnknownPatternError
    newer = sa.select(Pattern.id).where(
        Pattern.institution_id == row.institution_id,
        Pattern.kind == row.kind,
        Pattern.closed_at.is_(None),
    )
    if session.scalar(newer) is not None:
        raise NewerPatternError
    row.closed_at, row.closed_by = None, None
    session.flush()


def load(session: Session, *, pattern: UUID) -> Known:
    """One pattern. Raises :class:`UnknownPatternError`."""
    return _known(session, _row(session, pattern))


def list_all(session: Session, *, closed_since: datetime) -> list[Known]:
    """The open patterns, the newest first, then those that were closed since."""
    rows = session.scalars(
        sa.select(Pattern)
        .where(sa.or_(Pattern.closed_at.is_(None), Pattern.closed_at >= closed_since))
        .order_by(
            sa.case((Pattern.closed_at.is_(None), 0), else_=1),
            sa.func.coalesce(Pattern.grew_at, Pattern.raised_at).desc(),
            Pattern.id,
        )
    )
    return [_known(session, row) for row in rows]


def unseen(session: Session) -> tuple[int, int, datetime | None]:
    """How many are open, how many of those nobody has looked at, and since when. For a gauge."""
    is_unseen = ~sa.exists().where(PatternSeen.pattern_id == Pattern.id)
    row = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.case((is_unseen, 1))),
            sa.type_coerce(sa.func.min(sa.case((is_unseen, Pattern.raised_at))), Instant()),
        ).where(Pattern.closed_at.is_(None))
    ).one()
    return row[0], row[1], row[2]


def _row(session: Session, pattern: UUID) -> Pattern:
    row = session.get(Pattern, pattern)
    if row is None:
        raise UnknownPatternError
    return row


def _evidence(session: Session, pattern: UUID) -> list[UUID]:
    rows = sa.select(PatternEvidence.evidence_id).where(PatternEvidence.pattern_id == pattern)
    return list(session.scalars(rows))


def _known(session: Session, row: Pattern) -> Known:
    seen = session.scalars(
        sa.select(PatternSeen)
        .where(PatternSeen.pattern_id == row.id)
        .order_by(PatternSeen.seen_at, PatternSeen.staff_id)
    )
    return Known(
        pattern=row.id,
        found=Found(
            institution=row.institution_id,
            kind=Kind(row.kind),
            evidence=frozenset(_evidence(session, row.id)),
            here=row.here,
            of=row.of,
            elsewhere=row.elsewhere,
            elsewhere_of=row.elsewhere_of,
            chance=row.chance,
        ),
        raised_at=row.raised_at,
        grew_at=row.grew_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        note=row.note,
        seen=tuple(Seen(staff=each.staff_id, at=each.seen_at) for each in seen),
    )
