"""What is refused on the console, and the words for it: what happened and what to do."""

from http import HTTPStatus

from chat import errors as chat
from chat import sending
from chat.calling import WindowError
from chat.service.call import CallRunningError, NotJudgedError, UnknownCallError
from chat.service.call_back import UnknownCallBackError
from chat.service.phone import AnotherHolderError, NoPhoneError
from helpline import access, calling, replies
from helpline.accounts import own_phone
from helpline.children.links import UnknownLinkError
from helpline.console import spoken
from helpline.console.queue_view import Names
from helpline.danger.marks import UnknownMarkError
from helpline.institutions.placements import PlacedAlreadyError, UnknownPlacementError
from helpline.institutions.register import UnknownInstitutionError
from helpline.signals.offers import UnknownOfferError
from helpline.signals.patterns import NewerPatternError, UnknownPatternError
from helpline.todo import tasks
from triage import errors as triage
from triage.hours import OpenHoursError


class ConsoleError(Exception):
    """Something on the console cannot be done. The class's docstring is the words."""


class EscalationOpenError(ConsoleError):
    """An escalation is open, so this cannot go back to the queue unseen. Finish the escalation, or let a colleague take the chat over."""  # noqa: E501 - one sentence for the page


class OwnedMeanwhileError(ConsoleError):
    """A colleague took this escalation while you were writing. Look who owns it, then decide."""


class WordTakenError(ConsoleError):
    """Choose another word: that one means something by itself, and cannot be the child's own."""


class TwoWordsError(ConsoleError):
    """You wrote a word and ticked that there is to be none. Do one of the two."""


class StillWaitingError(ConsoleError):
    """The child waits for an answer, so this cannot be closed. Answer first."""


class MissingChoiceError(ConsoleError):
    """Something is missing. Fill every field, choose from each list, and send it again."""


class NobodyToAddError(ConsoleError):
    """Nobody was put on call: this person is not an advocate or a supervisor here."""


REFUSED = (
    ConsoleError,
    chat.ChatError,
    triage.TriageError,
    access.NotAllowedError,
    replies.StaleViewError,
    replies.LockedError,
    NoPhoneError,
    AnotherHolderError,
    WindowError,
    CallRunningError,
    NotJudgedError,
    UnknownCallError,
    UnknownCallBackError,
    calling.NoOwnPhoneError,
    own_phone.OwnPhoneError,
    UnknownLinkError,
    UnknownMarkError,
    UnknownOfferError,
    UnknownPatternError,
    NewerPatternError,
    UnknownPlacementError,
    PlacedAlreadyError,
    UnknownInstitutionError,
    OpenHoursError,
    tasks.TaskNotFoundError,
)

# Of the reasons why a rota was refused, so many are told.
_MOST_REASONS = 5

_NOT_FOUND = (
    chat.UnknownConversationError,
    triage.UnknownEntryError,
    tasks.TaskNotFoundError,
)
_CONFLICT = (
    EscalationOpenError,
    OwnedMeanwhileError,
    StillWaitingError,
    AnotherHolderError,
    chat.DifferentTextError,
    replies.StaleViewError,
    replies.LockedError,
    CallRunningError,
    NotJudgedError,
    UnknownCallError,
    UnknownCallBackError,
    triage.AlreadyClaimedError,
    triage.NotHolderError,
    triage.UnknownEscalationError,
)


# Where the class says it for other callers, and the page can say more.
_INSTEAD: dict[type[Exception], str] = {
    triage.NotHolderError: (
        "You are not answering this chat any more, so nothing was sent. Your words are kept."
    ),
    triage.UnknownEscalationError: "This escalation is finished already.",
    replies.StaleViewError: (
        "Something new was written before you sent this. It is shown above. Nothing was sent; "
        "your words are kept. Read it, then send again."
    ),
}


def words(problem: Exception, names: Names) -> str:
    """What the person is told. Never carries anything that a child wrote."""
    if isinstance(problem, triage.AlreadyClaimedError):
        return f"{names(problem.holder)} is answering already. You can write a note or take over."
    if isinstance(problem, triage.RotaRefusedError):
        return _rota(problem)
    if isinstance(problem, replies.LockedError):
        return f"{sending.words(problem.why)} Nothing was sent; your words are kept."
    if isinstance(problem, own_phone.NotRingableError):
        return f"{sending.words(problem.why)} Nothing was kept."
    said = _INSTEAD.get(type(problem)) or type(problem).__doc__
    return " ".join((said or "That did not work.").split())


def _rota(problem: triage.RotaRefusedError) -> str:
    said = [
        f"{each.why} ({spoken.hour(each.from_)} to {spoken.hour(each.until)})"
        for each in problem.refused[:_MOST_REASONS]
    ]
    more = len(problem.refused) - len(said)
    rest = [f"And {more} more like these."] if more > 0 else []
    return " ".join(["Nothing was saved.", *said, *rest])


def status(problem: Exception) -> HTTPStatus:
    """The HTTP status of a refusal."""
    if isinstance(problem, access.NotAllowedError):
        return HTTPStatus.FORBIDDEN
    if isinstance(problem, _NOT_FOUND):
        return HTTPStatus.NOT_FOUND
    if isinstance(problem, _CONFLICT):
        return HTTPStatus.CONFLICT
    if isinstance(problem, chat.TooLongError):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return HTTPStatus.UNPROCESSABLE_ENTITY
