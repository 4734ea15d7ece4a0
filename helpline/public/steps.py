"""Which page a press of a button leads to. Pure: the step itself lives in the visit's row."""

from enum import StrEnum


class Step(StrEnum):
    """Where a child is. Stored in the visit, never in an address."""

    LANDING = "landing"
    DEVICE = "device"
    TOLD = "told"
    DANGER = "danger"
    CHAT = "chat"
    CALL_NUMBER = "call_number"
    CALL_WHEN = "call_when"
    CALL_ANSWER = "call_answer"
    CALL_VOICEMAIL = "call_voicemail"
    CALL_REVIEW = "call_review"
    CALL_ASKED = "call_asked"


class Ask(StrEnum):
    """What a form asks for by its field ``step``."""

    BACK = "back"
    DEVICE = "device"
    TOLD = "told"
    DANGER = "danger"
    TALK = "talk"
    SEND = "send"
    LOOK = "look"
    START = "start"
    FIRST = "first"
    CALL = "call"
    CALL_NUMBER = "call_number"
    CALL_WHEN = "call_when"
    CALL_ANSWER = "call_answer"
    CALL_VOICEMAIL = "call_voicemail"
    GIVE_NUMBER = "give_number"
    GIVE_WHEN = "give_when"
    GIVE_ANSWER = "give_answer"
    GIVE_VOICEMAIL = "give_voicemail"
    ASK_CALL = "ask_call"
    CHANGE_CALL = "change_call"
    DROP_CALL = "drop_call"
    CANCEL_CALL = "cancel_call"


_PAGES = {
    Ask.DEVICE: Step.DEVICE,
    Ask.TOLD: Step.TOLD,
    Ask.DANGER: Step.DANGER,
    Ask.FIRST: Step.LANDING,
}

# The pages that ask for a call, in order, and what each one's form keeps.
CALL_PAGES = (
    Step.CALL_NUMBER,
    Step.CALL_WHEN,
    Step.CALL_ANSWER,
    Step.CALL_VOICEMAIL,
    Step.CALL_REVIEW,
)
CALLING = frozenset({*CALL_PAGES, Step.CALL_ASKED})
# What is about a call, and so only offered where there are telephones.
ABOUT_CALLS = frozenset({
    Ask.CALL, Ask.CALL_NUMBER, Ask.CALL_WHEN, Ask.CALL_ANSWER, Ask.CALL_VOICEMAIL,
    Ask.GIVE_NUMBER, Ask.GIVE_WHEN, Ask.GIVE_ANSWER, Ask.GIVE_VOICEMAIL,
    Ask.ASK_CALL, Ask.CHANGE_CALL, Ask.DROP_CALL, Ask.CANCEL_CALL,
})  # fmt: skip
# From these, going back leads to where the child was with asking for a call.
_ASIDES = frozenset({Step.DEVICE, Step.TOLD, Step.DANGER})


def asked(word: str) -> Ask | None:
    """The question a form put; None when no form of ours puts it."""
    try:
        return Ask(word)
    except ValueError:
        return None


def after(ask: Ask, *, now_at: Step, is_talking: bool, asking_at: Step | None = None) -> Step:
    """The page that follows. Going back leads to the conversation when there is one.

    ``asking_at`` is how far the child has come with asking for a call, if it has begun.
    """
    if ask in _PAGES:
        return _PAGES[ask]
    if ask in {Ask.TALK, Ask.SEND}:
        return Step.CHAT
    if ask is Ask.BACK:
        if now_at in _ASIDES and asking_at is not None:
            return asking_at
        if now_at in CALL_PAGES[1:]:
            return CALL_PAGES[CALL_PAGES.index(now_at) - 1]
        return Step.CHAT if is_talking else Step.LANDING
    return now_at


def stored(word: str, *, is_talking: bool) -> Step:
    """The step of a stored visit; an unknown one, from an older release, is a fresh start."""
    try:
        step = Step(word)
    except ValueError:
        step = Step.LANDING
    if step is Step.CHAT and not is_talking:
        return Step.LANDING
    return step
