"""Call-backs: when one is open, what follows from its outcome. Pure; the lists are data."""

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
    """What came of a call, in words for staff; ``is_try`` when it is tried again."""

    key: str
    words: str
    is_try: bool


@dataclass(frozen=True)
class Rules:
    """The lists of chat/call_backs.toml."""

    tries: int
    rings_for_seconds: int
    days_ahead: int
    voicemail_says: str
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
    return timedelta(seconds=rules.rings_for_seconds)


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
        voicemail_says=given["voicemail_says"],
        parts={
            key: Part(key, time.fromisoformat(row["from"]), time.fromisoformat(row["until"]))
            for key, row in given["parts"].items()
        },
        scripts={key: row["script"] for key, row in given["if_answered"].items()},
        outcomes={
            key: Outcome(key, row["words"], row["then"] == "try")
            for key, row in given["outcomes"].items()
        },
    )
