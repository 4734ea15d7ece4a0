"""How grave an entry is held to be, without waiting for whoever is changing it."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from triage.grades import Grade
from triage.models import Entry


@dataclass(frozen=True, slots=True)
class Graded:
    """The grade and the score of an entry at the moment of reading."""

    grade: Grade
    score: float


def graded(session: Session, *, entry: UUID) -> Graded | None:
    """What an entry is graded; None when there is no such entry. It locks nothing."""
    found = session.execute(
        sa.select(Entry.grade_rank, Entry.score).where(Entry.id == entry)
    ).first()
    return None if found is None else Graded(list(Grade)[found.grade_rank], found.score)
