"""Whether somebody is first on call in the days to come."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from helpline.doctor.finding import Finding, Level
from triage import rota
from triage.service import shifts


def inspect(session: Session, *, now: datetime) -> Iterator[Finding]:
    """What is missing from the rota of the next days."""
    figures = rota.load()
    until = now + figures.looks_ahead
    standing = [each.shift for each in shifts.standing(session, from_=now, until=until)]
    if not standing:
        yield Finding(
            Level.NOTE,
            "rota",
            "There is no rota: the list of page On call is called at every hour.",
            "Put shifts in: console, Rota.",
        )
        return
    gaps = rota.gaps(standing, line=rota.Line.FIRST, from_=now, until=until)
    if gaps:
        yield Finding(
            Level.MISSING,
            "rota.gap",
            f"Nobody is first on call at {len(gaps)} times in the next {figures.looks_ahead.days} "
            "days; the list of page On call is called then.",
            "Fill the gaps: console, Rota.",
        )
