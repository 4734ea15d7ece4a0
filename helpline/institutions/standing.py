"""How the numbers stand that a danger card would show: confirmed lately, long ago, or never."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from helpline import checked
from helpline.checked import Check
from helpline.institutions import register


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Counts of the authorities and police forces that answer for some institution.

    ``without`` counts the institutions of whose police or authority we have no number at all.
    """

    fresh: int
    stale: int
    never: int
    without: int

    @property
    def doubtful(self) -> int:
        """How many offices have numbers that nobody has confirmed lately."""
        return self.stale + self.never


def counted(session: Session, *, today: date) -> Standing:
    """Look at every office that some institution's card would name."""
    answering = register.answering(session)
    authorities = {
        each.code: each for each in register.authorities(session) if each.duty_number is not None
    }
    forces = {
        each.code: each for each in register.forces(session) if each.control_room_number is not None
    }
    named_authorities = {authority for authority, _, _ in answering} & set(authorities)
    named_forces = {force for _, force, _ in answering} & set(forces)
    days = [authorities[code].checked for code in named_authorities if code is not None]
    days += [forces[code].checked for code in named_forces if code is not None]
    found = [checked.of(day, today=today) for day in days]
    return Standing(
        fresh=found.count(Check.FRESH),
        stale=found.count(Check.STALE),
        never=found.count(Check.NEVER),
        without=sum(
            count
            for authority, force, count in answering
            if authority not in authorities or force not in forces
        ),
    )
