"""What can be refused about an entry or an escalation, each with its words."""

from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from triage.rota import Refused


class TriageError(Exception):
    """Something about this entry cannot be done."""


class UnknownEntryError(TriageError):
    """There is no such entry."""


class UnknownEscalationError(TriageError):
    """There is no such escalation, or it is closed already."""


class AlreadyClaimedError(TriageError):
    """Somebody else is answering. Ask to take over."""

    def __init__(self, holder: UUID) -> None:
        super().__init__()
        self.holder = holder


class NotHolderError(TriageError):
    """Only the person who claimed this may do that."""


class UntilNotAheadError(TriageError):
    """Say a time for the next step that is ahead, and at most a day away."""


class UnusableFiguresError(ValueError):
    """The figures of a conversation's state are not usable."""


class UnknownShiftError(TriageError):
    """There is no such shift or offer, or its time is over. Look at the rota as it is now."""


class NotYourShiftError(TriageError):
    """That shift, or that offer, is somebody else's."""


class OnTwiceError(TriageError):
    """You are on at that time already."""


class RotaRefusedError(TriageError):
    """These shifts cannot be saved. Nothing was changed."""

    def __init__(self, refused: "Sequence[Refused]") -> None:
        super().__init__()
        self.refused = tuple(refused)


class UnknownSkillError(TriageError):
    """Choose from the list of skills, and write languages by their codes, such as: ti, ps."""


class TooMuchToCarryError(TriageError):
    """That is more, or less, than anybody can carry. Choose a smaller number."""


class UnknownHandingOnError(TriageError):
    """It is not being handed on any more: somebody took it, or its time is over."""


class NotForYouError(TriageError):
    """It was handed on to somebody else."""


class ConflictOfInterestError(TriageError):
    """You have a tie to the place where this child lives, so somebody else answers them."""
