"""The gate in front of every text and every call that leaves, staff's and software's.

It is asked when one is written and again when it leaves, because a STOP may have come between.
A stop, a pause and a child's no have no override. The rest of the order is said at `may_send`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Protocol

from chat.errors import UnusableTableError
from chat.numbers import Number, NumberKind
from chat.texting import TextState


class Kind(StrEnum):
    """What wants to leave. A PAGE goes to a member of staff, everything else to a child's phone."""

    AUTOMATIC = "automatic"
    REPLY = "reply"
    CALL = "call"
    PAGE_TEXT = "page_text"
    PAGE_CALL = "page_call"


class Why(StrEnum):
    """Why nothing leaves. :func:`words` says it to staff; the words stand in `sending.toml`."""

    ANOTHER_HOLDER = "another_holder"
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
    SILENT_FOR_LONG = "silent_for_long"
    OUTSIDE_WINDOW = "outside_window"
    NOT_OPENED_BY_CHILD = "not_opened_by_child"


class Window(Protocol):
    """The times that a child called safe."""

    def is_open(self, at: datetime) -> bool:
        """Whether this instant is one of them."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """What is known of a phone at this moment.

    ``window``: None when the child named no times. ``may_text`` and ``may_ring``: what the child
    said; None when never asked. ``is_blocked``: the network refuses texts (21610). ``is_dead``:
    nobody has this number. ``last_heard_at``: the phone's last text, or None; ``last_rang_at``:
    its last call to us. ``asked``: the times of a call-back that the child asked for, which is a
    yes to being rung then. ``is_present``: the number still means the contact for whom this is; a
    number that was silent for long and then wrote means somebody else. For a page only the number
    and what the network says matter, and STOP.
    """

    number: Number
    state: TextState
    window: Window | None
    may_text: bool | None
    may_ring: bool | None
    is_blocked: bool
    is_dead: bool
    last_heard_at: datetime | None
    last_rang_at: datetime | None = None
    asked: Window | None = None
    is_present: bool = True


def stranger(number: Number) -> Recipient:
    """A phone of which nothing is known but its number."""
    return Recipient(
        number=number,
        state=TextState.NEW,
        window=None,
        may_text=None,
        may_ring=None,
        is_blocked=False,
        is_dead=False,
        last_heard_at=None,
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it may leave; if not, the first reason, and whether a written one overrides it."""

    may: bool
    why: Why | None
    can_override: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What people decide on for the gate."""

    reply_window: timedelta
    new_after: timedelta
    between_automatic: timedelta
    texted: frozenset[NumberKind]
    rung: frozenset[NumberKind]
    words: Mapping[Why, str]
    source: str
    checked: str


_TEXTS = frozenset({Kind.AUTOMATIC, Kind.REPLY, Kind.PAGE_TEXT})
_PAGES = frozenset({Kind.PAGE_TEXT, Kind.PAGE_CALL})
# Only a person has a reason, and only these may be weighed against one.
_BY_A_PERSON = frozenset({Kind.REPLY, Kind.CALL})
_WEIGHED = frozenset({Why.SILENT_FOR_LONG, Why.OUTSIDE_WINDOW, Why.NOT_OPENED_BY_CHILD})


def may_send(
    recipient: Recipient,
    now: datetime,
    kind: Kind,
    *,
    is_demo: bool,
    reason: str | None = None,
) -> Verdict:
    """Whether this may leave for this phone now; if not, the gravest why.

    In this order: a number that is another contact's by now; STOP (texts and calls); the network's
    block (texts) and a number that is dead; a pause or an open check; the kind of number, and demo
    numbers in the live service or real ones in the demo; the child's no; whether the phone is new
    (:func:`believed`); the child's safe times; and last, whether the child opened this: a text
    within the reply window of the child's own last text, or what the child said yes to. A call
    needs that yes, or a call-back that the child asked for, since a thread of silent texts is no
    leave to ring.

    A written ``reason`` overrides the last three, for a person's reply or call. A page to staff
    looks at STOP, block, dead and the number only.
    """
    has_reason = reason is not None and bool(reason.strip())
    for why in _against(recipient, now, kind, is_demo=is_demo):
        can_override = why in _WEIGHED and kind in _BY_A_PERSON
        if not (can_override and has_reason):
            return Verdict(may=False, why=why, can_override=can_override)
    return Verdict(may=True, why=None, can_override=False)


def is_new(*heard_at: datetime | None, now: datetime) -> bool:
    """Whether a phone, heard at these times, was silent so long that it may be somebody else's."""
    heard = [at for at in heard_at if at is not None]
    return not heard or now - max(heard) >= load().new_after


def believed(recipient: Recipient, now: datetime) -> Recipient:
    """What still counts of what was said: all of it, or of a phone silent for long the no alone.

    A yes and the safe times opened the phone to whoever held it then. A no, a pause, a stop and a
    block stay: what is closed harms nobody who holds the phone now. Of a phone that was never
    heard, nothing has grown old.
    """
    if not _is_silent_for_long(recipient, now):
        return recipient
    return replace(
        recipient,
        window=None,
        may_text=None if recipient.may_text else recipient.may_text,
        may_ring=None if recipient.may_ring else recipient.may_ring,
    )


def words(why: Why) -> str:
    """What the person who wanted to send is told."""
    return load().words[why]


def load(text: str | None = None) -> Figures:
    """The figures from TOML text, or as shipped.

    Raises :class:`chat.errors.UnusableTableError`.
    """
    return _packaged() if text is None else _parsed(text)


def _against(recipient: Recipient, now: datetime, kind: Kind, *, is_demo: bool) -> Iterator[Why]:
    if not recipient.is_present and kind not in _PAGES:
        yield Why.ANOTHER_HOLDER
    if recipient.state is TextState.STOPPED:
        yield Why.STOPPED
    if recipient.is_blocked and kind in _TEXTS:
        yield Why.BLOCKED
    if recipient.is_dead:
        yield Why.DEAD
    if kind not in _PAGES:
        if recipient.state is TextState.PAUSED:
            yield Why.PAUSED
        if recipient.state is TextState.RECHECK:
            yield Why.RECHECK
    yield from _against_number(recipient.number, kind, is_demo=is_demo)
    if kind not in _PAGES:
        yield from _against_by_child(recipient, now, kind)


def _against_number(number: Number, kind: Kind, *, is_demo: bool) -> Iterator[Why]:
    if kind in _TEXTS and number.kind not in load().texted:
        yield Why.NOT_A_MOBILE
    if kind not in _TEXTS and number.kind not in load().rung:
        yield Why.NOT_RINGABLE
    if number.is_drama and not is_demo:
        yield Why.DRAMA_NUMBER
    if is_demo and not number.is_drama:
        yield Why.REAL_NUMBER


def _against_by_child(recipient: Recipient, now: datetime, kind: Kind) -> Iterator[Why]:
    counts = believed(recipient, now)
    asked = recipient.asked if kind is Kind.CALL else None
    said = counts.may_ring if kind is Kind.CALL else counts.may_text
    if said is False:
        yield Why.CHILD_SAID_NO
    if said is None and asked is None and _is_silent_for_long(recipient, now):
        yield Why.SILENT_FOR_LONG
    if any(each is not None and not each.is_open(now) for each in (asked, counts.window)):
        yield Why.OUTSIDE_WINDOW
    heard = recipient.last_heard_at
    is_answer = kind is not Kind.CALL and heard is not None and now - heard <= load().reply_window
    if said is None and asked is None and not is_answer:
        yield Why.NOT_OPENED_BY_CHILD


def _is_silent_for_long(recipient: Recipient, now: datetime) -> bool:
    heard = (recipient.last_heard_at, recipient.last_rang_at)
    return heard != (None, None) and is_new(*heard, now=now)


@cache
def _packaged() -> Figures:
    return _parsed(resources.files("chat").joinpath("sending.toml").read_text("utf-8"))


def _parsed(text: str) -> Figures:
    try:
        data = tomllib.loads(text)
        figures = Figures(
            reply_window=timedelta(hours=data["reply_window_hours"]),
            new_after=timedelta(days=data["new_after_days"]),
            between_automatic=timedelta(seconds=data["between_automatic_seconds"]),
            texted=frozenset(NumberKind(kind) for kind in data["texted"]),
            rung=frozenset(NumberKind(kind) for kind in data["rung"]),
            words={why: data["why"][why] for why in Why},
            source=data["source"],
            checked=data["checked"],
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise UnusableTableError(f"The gate's figures are not usable: {error}") from error
    if figures.texted - {NumberKind.MOBILE}:
        # Whatever anybody writes into the file: nobody's words are read out aloud by a landline.
        raise UnusableTableError("The gate's figures let a text go to what is no mobile.")
    if figures.reply_window <= timedelta(0) or figures.between_automatic < timedelta(0):
        raise UnusableTableError("The gate's figures hold a time below zero.")
    if figures.new_after <= figures.reply_window:
        raise UnusableTableError("The gate's figures call a phone new while its text is answered.")
    return figures
