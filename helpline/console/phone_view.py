"""The phone of a conversation as staff see it: may a text leave now, and where each one is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from chat import delivery, sending, texting
from chat.sending import Kind, Why
from chat.service import outgoing, phone
from chat.texting import TextState
from helpline import access, phones
from helpline.accounts.sessions import SignedIn

if TYPE_CHECKING:
    from helpline.wiring import Adapters


@dataclass(frozen=True, slots=True)
class PhoneShown:
    """What a page shows of a phone: its last two digits, and whether a text may leave.

    ``why`` says in words why the composer is locked; ``can_override`` that a written reason opens
    it. ``can_recheck`` asks a person whether it is safe again. ``is_call``: its holder rang us
    first; ``is_hidden``: with a hidden number. What was agreed is shown as far as it still counts,
    and nothing of a number that is another contact's by now (``is_present`` is false).
    """

    ending: str
    state: TextState
    state_words: str
    why: str | None
    can_override: bool
    can_recheck: bool
    safe_window: str | None
    may_text: bool | None
    may_ring: bool | None
    has_own_word: bool = False
    is_call: bool = False
    is_hidden: bool = False
    is_present: bool = True

    @property
    def is_locked(self) -> bool:
        """Whether nothing at all can be sent, whatever is written beside it."""
        return self.why is not None and not self.can_override


_HIDDEN = PhoneShown(
    ending="",
    state=TextState.NEW,
    state_words="",
    why="Somebody rang and hid the number, so nobody can write or ring back.",
    can_override=False,
    can_recheck=False,
    safe_window=None,
    may_text=None,
    may_ring=None,
    is_call=True,
    is_hidden=True,
)


def shown(
    session: Session,
    adapters: "Adapters",
    *,
    person: SignedIn,
    conversation: UUID,
    now: datetime,
) -> PhoneShown | None:
    """The phone of a conversation; None when it is not one of a phone."""
    access.check_may_read(person)
    standing = phone.standing(session, conversation=conversation)
    if standing is None:
        return _HIDDEN if phone.is_hidden(session, conversation=conversation) else None
    verdict = phones.verdict(adapters, standing, kind=Kind.REPLY, reason=None, now=now)
    ending = access.number_of(adapters, standing)[-2:]
    if not standing.is_present:
        return _of_another(ending, is_call=standing.is_caller)
    counts = sending.believed(phones.recipient(standing), now)
    return PhoneShown(
        ending=ending,
        state=standing.state,
        state_words=texting.load().states[standing.state],
        why=None if verdict.why is None else sending.words(verdict.why),
        can_override=verdict.can_override,
        can_recheck=verdict.why in {Why.PAUSED, Why.RECHECK},
        safe_window=None if counts.window is None else standing.safe_window,
        may_text=counts.may_text,
        may_ring=counts.may_ring,
        has_own_word=standing.has_own_word,
        is_call=standing.is_caller,
    )


def _of_another(ending: str, *, is_call: bool) -> PhoneShown:
    words = sending.words(Why.ANOTHER_HOLDER)
    return replace(
        _HIDDEN,
        ending=ending,
        why=words,
        state_words=words,
        is_call=is_call,
        is_hidden=False,
        is_present=False,
    )


def states(session: Session, *, conversation: UUID) -> Mapping[int, str]:
    """Where each text of a conversation is, in words, by the number of its message."""
    rules = delivery.load()
    return {
        seq: delivery.words(
            rules,
            each.state,
            is_tried=each.error_code is not None,
            is_maybe_twice=each.is_maybe_twice,
        )
        for seq, each in outgoing.states(session, conversation=conversation).items()
    }
