"""What the pages that ask for a call show: choices with their words, and all of it shown back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from chat import calling, numbers, wording
from chat.calling import Slot
from chat.errors import NotANumberError
from helpline.public import call_asking, call_words, words
from helpline.public.call_asking import LONGEST_NAME, Planned
from helpline.public.call_wish import Wish
from helpline.public.steps import CALL_PAGES, Step
from triage.hours import LONDON

if TYPE_CHECKING:
    from helpline.wiring import Adapters


@dataclass(frozen=True, slots=True)
class Time:
    """A part of a day as a button: ``value`` is what the form sends."""

    value: str
    part: str
    span: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day, and what can be chosen of it."""

    words: str
    times: Sequence[Time]


@dataclass(frozen=True, slots=True)
class Told:
    """A call as a child is told it, before and after asking."""

    number: str = field(repr=False)
    when: str
    if_answered: str
    own_name: str = field(repr=False)
    may_leave_voicemail: bool
    is_shared_phone: bool


def of_wish(adapters: "Adapters", wish: Wish, step: Step) -> dict[str, Any]:
    """What the page of a step needs."""
    now = adapters.clock()
    return {
        "wish": wish,
        "most": LONGEST_NAME,
        "at": CALL_PAGES.index(step) + 1,
        "of": len(CALL_PAGES),
        "days": _days(adapters, wish, now) if step is Step.CALL_WHEN else (),
        "answers": tuple(calling.load().scripts),
        "told": _told_of_wish(wish, now) if step is Step.CALL_REVIEW else None,
        **_ours(adapters),
    }


def of_planned(adapters: "Adapters", planned: Planned | None) -> dict[str, Any]:
    """What the page of a call that was asked for needs."""
    now = adapters.clock()
    told = None
    if planned is not None and planned.window_until > now:
        told = Told(
            number=numbers.national(planned.number),
            when=call_words.slot(planned.slot, _today(now)),
            if_answered=planned.if_answered,
            own_name=planned.own_name or "",
            may_leave_voicemail=planned.may_leave_voicemail,
            is_shared_phone=planned.is_shared_phone,
        )
    tries = planned.tries if planned else 0
    is_late = planned is not None and told is None
    return {"told": told, "is_late": is_late, "tries_made": tries, **_ours(adapters)}


def wish_of(planned: Planned) -> Wish:
    """A call that is planned, as choices that can be changed."""
    return Wish(
        number=numbers.national(planned.number),
        is_shared_phone=planned.is_shared_phone,
        day=planned.slot.day,
        part=planned.slot.part.key,
        if_answered=planned.if_answered,
        own_name=planned.own_name or "",
        may_leave_voicemail=planned.may_leave_voicemail,
        is_change=True,
    )


def _ours(adapters: "Adapters") -> dict[str, Any]:
    own = adapters.phones
    rules, spoken = calling.load(), wording.load_spoken()
    return {
        "our_number": numbers.national(own.number) if own else "",
        "tries": rules.tries,
        "voice_says": spoken.text(wording.CALLED),
        "voicemail_no": wording.said_to_voicemail(may_leave=False),
        "voicemail_yes": wording.said_to_voicemail(may_leave=True),
    }


def _days(adapters: "Adapters", wish: Wish, now: datetime) -> tuple[Day, ...]:
    offered = call_asking.offered(adapters, now)
    return tuple(
        Day(
            call_words.day(day, _today(now)),
            tuple(_time(slot, wish) for slot in slots),
        )
        for day, slots in groupby(offered, key=lambda slot: slot.day)
    )


def _time(slot: Slot, wish: Wish) -> Time:
    return Time(
        value=f"{slot.day.isoformat()} {slot.part.key}",
        part=words.load().say(f"call.part_{slot.part.key}"),
        span=call_words.span(slot.part),
        is_chosen=(wish.day, wish.part) == (slot.day, slot.part.key),
    )


def _told_of_wish(wish: Wish, now: datetime) -> Told:
    part = calling.load().parts.get(wish.part or "")
    when = ""
    if wish.day is not None and part is not None:
        when = call_words.slot(Slot(wish.day, part), _today(now))
    return Told(
        number=_shown_number(wish.number or ""),
        when=when,
        if_answered=wish.if_answered or "",
        own_name=wish.own_name,
        may_leave_voicemail=bool(wish.may_leave_voicemail),
        is_shared_phone=bool(wish.is_shared_phone),
    )


def _shown_number(typed: str) -> str:
    try:
        return numbers.national(numbers.read(typed).e164)
    except NotANumberError:
        return typed


def _today(now: datetime) -> date:
    return now.astimezone(LONDON).date()
