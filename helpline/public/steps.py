"""Which page a press of a button leads to. Pure: the step itself lives in the visit's row."""

from enum import StrEnum


class Step(StrEnum):
    """Where a child is. Stored in the visit, never in an address."""

    LANDING = "landing"
    DEVICE = "device"
    TOLD = "told"
    DANGER = "danger"
    CHAT = "chat"


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


_PAGES = {Ask.DEVICE: Step.DEVICE, Ask.TOLD: Step.TOLD, Ask.DANGER: Step.DANGER}


def asked(word: str) -> Ask | None:
    """The question a form put; None when no form of ours puts it."""
    try:
        return Ask(word)
    except ValueError:
        return None


def after(ask: Ask, *, now_at: Step, is_talking: bool) -> Step:
    """The page that follows. Going back leads to the conversation when there is one."""
    if ask in _PAGES:
        return _PAGES[ask]
    if ask in {Ask.TALK, Ask.SEND}:
        return Step.CHAT
    if ask is Ask.BACK:
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
