"""What becomes of a text on its way, when it is too late, what the provider's codes mean. Pure.

Delivered is not read: nothing here ever counts as an answer.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from chat.sending import Kind


class Delivery(StrEnum):
    """Where a text is, or how it ended.

    REFUSED means that the gate was closed when it was about to leave, LATE that it was too late
    then for what software had written by itself.
    """

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    REFUSED = "refused"
    LATE = "late"


_TRYING, _MAYBE_TWICE = "trying", "maybe_twice"


class Follows(StrEnum):
    """What is done about a text that did not arrive."""

    AGAIN = "again"
    THRICE = "thrice"
    BLOCKED = "blocked"
    DEAD = "dead"
    TASK = "task"


@dataclass(frozen=True, kw_only=True)
class Unreported:
    """When the provider is asked what became of a text, and when nobody can know any more."""

    asked_after: timedelta
    asked_at_least_every: timedelta
    given_up_after: timedelta
    asked_in_a_run: int
    run_takes_at_most: timedelta
    unanswered_in_a_row: int


@dataclass(frozen=True)
class Rules:
    """The table of chat/delivery.toml."""

    rank: Mapping[Delivery, int]
    provider: Mapping[str, Delivery]
    code: Mapping[int, Follows]
    sent_anew_at_most: int
    searched_before: timedelta
    waits_for_earlier: timedelta
    automatic_leaves_within: timedelta
    words: Mapping[str, str]
    unreported: Unreported


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A text at the moment when it may leave.

    ``follows_at`` is when that happened which made it be written: the child's text that it answers,
    or else its own beginning. ``has_newer``: the phone has texted since. ``though_newer``: it is
    one that leaves all the same then.
    """

    kind: Kind
    follows_at: datetime
    has_newer: bool
    though_newer: bool


def is_too_late(rules: Rules, text: Written, now: datetime) -> bool:
    """Whether a text may not be true any more, and so does not leave. A person's never is."""
    if text.kind is not Kind.AUTOMATIC:
        return False
    if now - text.follows_at > rules.automatic_leaves_within:
        return True
    return text.has_newer and not text.though_newer


def risen(rules: Rules, before: Delivery, after: Delivery) -> Delivery:
    """The state that stays: reports come late and out of order, and a state only rises."""
    return after if rules.rank[after] > rules.rank[before] else before


def of_provider(rules: Rules, status: str) -> Delivery | None:
    """The provider's word for a state in ours; None for a word that we do not know."""
    return rules.provider.get(status.strip().lower())


def follows(rules: Rules, code: int | None) -> Follows:
    """What to do about a text that ended with this code. An unknown one is a person's task."""
    return Follows.TASK if code is None else rules.code.get(code, Follows.TASK)


def is_given_up(figures: Unreported, *, sent_at: datetime, now: datetime) -> bool:
    """Whether a text without a report counts as one that is not known to have arrived."""
    return now - sent_at >= figures.given_up_after


def asked_again_at(figures: Unreported, *, sent_at: datetime, now: datetime) -> datetime:
    """When to ask again about a text that is asked about now: each time after twice as long.

    Asking falls due, too, at the moment from which the text may be given up.
    """
    waited = max(now - sent_at, figures.asked_after)
    again_at = now + min(waited, figures.asked_at_least_every)
    gives_up_at = sent_at + figures.given_up_after
    return min(again_at, gives_up_at) if now < gives_up_at else again_at


def words(rules: Rules, state: Delivery, *, is_tried: bool, is_maybe_twice: bool) -> str:
    """What staff read beside a text. ``is_tried`` says that it failed and is tried again."""
    is_waiting = state in {Delivery.PLANNED, Delivery.SENDING}
    said = rules.words[_TRYING if is_waiting and is_tried else state]
    return f"{said} {rules.words[_MAYBE_TWICE]}" if is_maybe_twice else said


@cache
def load() -> Rules:
    """The rules as they stand in chat/delivery.toml."""
    with resources.files("chat").joinpath("delivery.toml").open("rb") as file:
        return read(tomllib.load(file))


def read(given: Mapping[str, Any]) -> Rules:
    """The rules in a table of that form. Every state needs a rank, so a missing one is an error."""
    figures = given["figures"]
    return Rules(
        rank={state: int(given["rank"][state.value]) for state in Delivery},
        provider={word: Delivery(state) for word, state in given["provider"].items()},
        code={int(code): Follows(what) for code, what in given["code"].items()},
        sent_anew_at_most=int(figures["sent_anew_at_most"]),
        searched_before=timedelta(minutes=figures["searched_before_minutes"]),
        waits_for_earlier=timedelta(seconds=figures["waits_for_earlier_seconds"]),
        automatic_leaves_within=timedelta(minutes=figures["automatic_leaves_within_minutes"]),
        words={name: given["words"][name] for name in (*Delivery, _TRYING, _MAYBE_TWICE)},
        unreported=_unreported(given["unreported"]),
    )


def _unreported(given: Mapping[str, Any]) -> Unreported:
    return Unreported(
        asked_after=timedelta(minutes=given["asked_after_minutes"]),
        asked_at_least_every=timedelta(minutes=given["asked_at_least_every_minutes"]),
        given_up_after=timedelta(minutes=given["given_up_after_minutes"]),
        asked_in_a_run=int(given["asked_in_a_run"]),
        run_takes_at_most=timedelta(seconds=given["run_takes_at_most_seconds"]),
        unanswered_in_a_row=int(given["unanswered_in_a_row"]),
    )
