"""Calls: how each one stands, when a call-back is open, what follows from it. Pure.

The lists and figures are data (chat/call_backs.toml).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any


class CallBackState(StrEnum):
    """How a call-back stands. MISSED: every try was used, and the agreed fallback follows."""

    ASKED = "asked"
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Purpose(StrEnum):
    """Why there is a call."""

    CALL_BACK = "call_back"
    INCOMING = "incoming"


class CallState(StrEnum):
    """How a call stands. RINGING_US: a phone of ours rings; RINGING_CHILD: we ring the child's.

    UNKNOWN: we were ended while we asked for a ring, so nobody knows whether it rang. NOT_MADE: no
    phone of a child's rang. OVER: a person must still say what came of it; JUDGED: one has.
    """

    CAME = "came"
    PLANNED = "planned"
    RINGING_US = "ringing_us"
    UNKNOWN = "unknown"
    RINGING_CHILD = "ringing_child"
    JOINED = "joined"
    OVER = "over"
    NOT_MADE = "not_made"
    JUDGED = "judged"


_BEFORE_A_CHILD = frozenset({CallState.PLANNED, CallState.RINGING_US, CallState.UNKNOWN})
_ENDED = frozenset({CallState.OVER, CallState.NOT_MADE, CallState.JUDGED})
# The child's phone rang, so a person must say what came of it before it is rung again.
TO_BE_JUDGED = frozenset({CallState.RINGING_CHILD, CallState.JOINED, CallState.OVER})
# A person may also judge a call of which we do not know whether it rang.
MAY_BE_JUDGED = TO_BE_JUDGED | {CallState.UNKNOWN}


class WindowError(ValueError):
    """That time is over. Choose one that is still to come."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a day, in local time."""

    key: str
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of one day: what a child chooses from."""

    day: date
    part: Part


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call, in words for staff; ``is_try`` when it is tried again.

    ``is_answer``: the child was spoken to.
    """

    key: str
    words: str
    is_try: bool
    is_answer: bool = False


@dataclass(frozen=True)
class Rules:
    """The lists of chat/call_backs.toml."""

    tries: int
    rings_for_seconds: int
    days_ahead: int
    staff_rings_for_seconds: int
    key_within_seconds: int
    menu_within_seconds: int
    starts_within: timedelta
    judged_within: timedelta
    keypad_within: timedelta
    fallback: str
    states: Mapping[CallState, str]
    parts: Mapping[str, Part]
    scripts: Mapping[str, str]
    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of a call-back after a call: its state and how many tries are left."""

    state: CallBackState
    tries: int
    tries_left: int


def window(part: Part, day: date, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The instants of a part of a day; :class:`WindowError` when it is over."""
    starts = datetime.combine(day, part.starts, zone)
    ends = datetime.combine(day, part.ends, zone)
    if ends <= now:
        raise WindowError
    return max(starts, now), ends


def offered(rules: Rules, now: datetime, zone: tzinfo) -> tuple[Slot, ...]:
    """What can be chosen now: today and the days after it, without the parts that are over."""
    today = now.astimezone(zone).date()
    return tuple(
        Slot(day, part)
        for day in (today + timedelta(days=ahead) for ahead in range(rules.days_ahead + 1))
        for part in rules.parts.values()
        if datetime.combine(day, part.ends, zone) > now
    )


def slot_of(rules: Rules, window_from: datetime, window_until: datetime, zone: tzinfo) -> Slot:
    """What was chosen for this window. Where the parts are others by now, its own times."""
    starts, ends = window_from.astimezone(zone), window_until.astimezone(zone)
    own = Part("other", starts.time(), ends.time())
    return Slot(
        ends.date(), next((each for each in rules.parts.values() if each.ends == own.ends), own)
    )


@dataclass(frozen=True, slots=True)
class AskedWindow:
    """When a call-back may be made, as the child asked."""

    window_from: datetime
    window_until: datetime

    def is_open(self, at: datetime) -> bool:
        """Whether this instant is one of them."""
        return is_open(self.window_from, self.window_until, at)


def is_running(state: CallState, made_at: datetime, now: datetime, rules: Rules) -> bool:
    """Whether a call goes on, as far as we know: no other may begin beside it.

    A report that a phone of ours stopped ringing may be lost, so that is not waited for for ever.
    """
    if state in {CallState.RINGING_CHILD, CallState.JOINED}:
        return True
    begins = state in {CallState.PLANNED, CallState.RINGING_US}
    return begins and now - made_at <= rules.starts_within + longest_ring(rules)


def ended(state: CallState, purpose: Purpose) -> CallState:
    """What a call is once its line is down."""
    if state in _ENDED:
        return state
    if purpose is Purpose.CALL_BACK and state in _BEFORE_A_CHILD:
        return CallState.NOT_MADE
    return CallState.OVER


def may_ring_child(state: CallState) -> bool:
    """Whether a key of the advocate's may still ring the child, or ask for that once more."""
    return state in {CallState.RINGING_US, CallState.UNKNOWN, CallState.RINGING_CHILD}


def is_open(window_from: datetime, window_until: datetime, at: datetime) -> bool:
    """Whether a call may be made at this instant, as far as the window goes."""
    return window_from <= at < window_until


def followed(rules: Rules, outcome: Outcome, *, tries: int) -> Followed:
    """What follows from a call. ``tries`` counts the ones before it."""
    made = tries + 1
    left = max(0, rules.tries - made)
    if not outcome.is_try:
        return Followed(CallBackState.DONE, made, left)
    return Followed(CallBackState.ASKED if left else CallBackState.MISSED, made, left)


def longest_ring(rules: Rules) -> timedelta:
    """How long a call rings."""
    return timedelta(seconds=max(rules.rings_for_seconds, rules.staff_rings_for_seconds))


@cache
def load() -> Rules:
    """The lists as they stand in chat/call_backs.toml."""
    with resources.files("chat").joinpath("call_backs.toml").open("rb") as file:
        return read(tomllib.load(file))


def read(given: Mapping[str, Any]) -> Rules:
    """The lists in a mapping of that form."""
    return Rules(
        tries=given["tries"],
        rings_for_seconds=given["rings_for_seconds"],
        days_ahead=given["days_ahead"],
        staff_rings_for_seconds=given["staff_rings_for_seconds"],
        key_within_seconds=given["key_within_seconds"],
        menu_within_seconds=given["menu_within_seconds"],
        starts_within=timedelta(seconds=given["starts_within_seconds"]),
        judged_within=timedelta(minutes=given["judged_within_minutes"]),
        keypad_within=timedelta(hours=given["keypad_within_hours"]),
        fallback=given["fallback"],
        states={state: given["states"][state.value] for state in CallState},
        parts={
            key: Part(key, time.fromisoformat(row["from"]), time.fromisoformat(row["until"]))
            for key, row in given["parts"].items()
        },
        scripts={key: row["script"] for key, row in given["if_answered"].items()},
        outcomes={
            key: Outcome(
                key, row["words"], row["then"] == "try", is_answer=row.get("is_answer", False)
            )
            for key, row in given["outcomes"].items()
        },
    )
