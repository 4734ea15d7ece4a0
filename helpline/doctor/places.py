"""Whether the numbers on a danger card can be leaned on."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from helpline.doctor.finding import Finding, Level
from helpline.doctor.stores import Opened
from helpline.institutions import standing

MEND = "Ring or read each at its source, put the day into the list, and run `helpline places FILE`."


def inspect(stores: Opened, *, today: date) -> list[Finding]:
    """What is wrong with the numbers of authorities and police forces."""
    with Session(stores.data.read) as session:
        return list(_found(standing.counted(session, today=today)))


def _found(found: standing.Standing) -> Iterator[Finding]:
    if found.stale:
        yield Finding(
            Level.STALE,
            "places.stale",
            f"The numbers of {found.stale} authorities and police forces were last checked over "
            "90 days ago: a danger card warns of them.",
            MEND,
        )
    if found.never:
        yield Finding(
            Level.STALE,
            "places.never",
            f"Nobody has checked the numbers of {found.never} authorities and police forces that "
            "danger cards show.",
            MEND,
        )
    if found.without:
        yield Finding(
            Level.MISSING,
            "places.without",
            f"{found.without} institutions have no number of the police or of the emergency duty "
            "team that answers there.",
            "Complete the list of places and run `helpline places FILE`.",
        )
