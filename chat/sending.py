"""The gate: may this leave for this phone now? Pure.

Everything that leaves asks here, whoever sends it: replies of staff, texts that the service sends
by itself, calls, and pages to staff; once when it is written and once when it leaves. STOP wins
over everything. What a written reason can open is said in the answer, and is little.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Protocol

from chat.numbers import NumberKind
from chat.texting import TextState


class Kind(StrEnum):
    """What is about to leave. A page goes to a member of staff, all others to a child's phone."""

    AUTOMATIC = "automatic"
    REPLY = "reply"
    CALL = "call"
    PAGE_TEXT = "page_text"
    PAGE_CALL = "page_call"


class Why(StrEnum):
    """Why the gate is shut. The words for it are in chat/sending.toml."""

    STOPPED = "stopped"
    BLOCKED = "blocked"
    DEAD = "dead"
    PAUSED = "paused"
    RECHECK = "recheck"
    NOT_A_MOBILE = "not_a_mobile"
    NOT_RINGABLE = "not_ringable"
    DRAMA_NUMBER = "drama_number"
    REAL_NUMBER = "real_number"
    CHILD_SAID_NO = "child_said_no"
    OUTSIDE_WINDOW = "outside_window"
    NOT_OPENED_BY_CHILD = "not_opened_by_child"


class Window(Protocol):
    """The times that a child said are safe, in England's local time."""

    def is_open(self, at: datetime) -> bool:
        """Whether this instant is one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Everything that the gate looks at. ``window`` is None where the child named no time.

    ``may_text`` and ``may_ring`` are what the child said, None where nobody asked.
    """

    number_kind: NumberKind
    is_drama: bool
    state: TextState
    window: Window | None = None
    may_text: bool | None = None
    may_ring: bool | None = None
    is_blocked: bool = False
    is_dead: bool = False
    last_heard_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """May it leave? ``can_override`` says that a written reason would open the gate."""

    may: bool
    why: Why | None = None
    can_override: bool = False


_MAY = Verdict(may=True)
_CALLS = frozenset({Kind.CALL, Kind.PAGE_CALL})
_PAGES = frozenset({Kind.PAGE_TEXT, Kind.PAGE_CALL})
_RINGABLE = frozenset({NumberKind.MOBILE, NumberKind.LANDLINE})


def may_send(
    recipient: Recipient, now: datetime, kind: Kind, *, is_demo: bool, reason: str | None = None
) -> Verdict:
    """Whether ``kind`` may leave for ``recipient`` at ``now``.

    ``reason`` is what a member of staff wrote about why it must leave outside the agreed times. It
    opens those times and nothing else.
    """
    shut = _never(recipient, kind, is_demo=is_demo)
    if shut is not None:
        return Verdict(may=False, why=shut)
    if kind in _PAGES:
        return _MAY
    shut = _not_now(recipient, kind, now)
    if shut is None:
        return _MAY
    # Only a person writes a reason; what software sends waits for a safe time, or is not sent.
    can_override = kind is not Kind.AUTOMATIC
    if can_override and reason is not None and reason.strip():
        return _MAY
    return Verdict(may=False, why=shut, can_override=can_override)


def words(why: Why) -> str:
    """What staff read when the gate is shut."""
    return _load().why[why]


def words_of_state(state: TextState) -> str:
    """How things stand with a phone, for staff."""
    return _load().state[state]


def _never(recipient: Recipient, kind: Kind, *, is_demo: bool) -> Why | None:
    """What no reason opens, the gravest first."""
    is_page, is_call = kind in _PAGES, kind in _CALLS
    child_said = recipient.may_ring if is_call else recipient.may_text
    kinds = _RINGABLE if is_call else frozenset({NumberKind.MOBILE})
    checks = (
        (recipient.state is TextState.STOPPED, Why.STOPPED),
        (recipient.is_blocked and not is_call, Why.BLOCKED),
        (recipient.is_dead, Why.DEAD),
        (recipient.state is TextState.PAUSED and not is_page, Why.PAUSED),
        (recipient.state is TextState.RECHECK and not is_page, Why.RECHECK),
        (recipient.number_kind not in kinds, Why.NOT_RINGABLE if is_call else Why.NOT_A_MOBILE),
        (recipient.is_drama and not is_demo, Why.DRAMA_NUMBER),
        (is_demo and not recipient.is_drama, Why.REAL_NUMBER),
        (child_said is False and not is_page, Why.CHILD_SAID_NO),
    )
    return next((why for is_shut, why in checks if is_shut), None)


def _not_now(recipient: Recipient, kind: Kind, now: datetime) -> Why | None:
    """What a written reason opens: the agreed times, and the thread that has gone quiet."""
    if recipient.window is not None:
        return None if recipient.window.is_open(now) else Why.OUTSIDE_WINDOW
    if kind is Kind.CALL and recipient.may_ring:
        return None
    heard = recipient.last_heard_at
    if heard is None or now - heard > _load().reply_within:
        return Why.NOT_OPENED_BY_CHILD
    return None


@dataclass(frozen=True)
class _Data:
    reply_within: timedelta
    why: Mapping[Why, str]
    state: Mapping[TextState, str]


@cache
def _load() -> _Data:
    with resources.files("chat").joinpath("sending.toml").open("rb") as file:
        given = tomllib.load(file)
    return _Data(
        timedelta(hours=given["reply_within_hours"]),
        {why: given["why"][why.value] for why in Why},
        {state: given["state"][state.value] for state in TextState},
    )
