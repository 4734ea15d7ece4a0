"""What can be refused about an entry or an escalation, each with its words."""

from uuid import UUID


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
