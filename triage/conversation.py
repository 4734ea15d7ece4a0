"""What a conversation says beside its words: a child asks again and again, or has gone quiet. Pure.

Everything here only raises; nothing sends a word to a child. The figures and the words are those
of `conversation.toml`. What several messages say together stands in `fragments.py`.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from triage.errors import UnusableFiguresError
from triage.grades import Grade

# Silence is looked at where a conversation is at least as grave as this.
GRAVE = (Grade.EMERGENCY, Grade.URGENT)
# Once is not again.
_FEWEST_TIMES = 2


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that a conversation shows, in plain words, and what it raises to, if anything."""

    rule: str
    concern: str
    why: str
    raises_to: Grade | None


@dataclass(frozen=True, slots=True)
class AskingAgain:
    """How often, in how long and in how few words is again and again."""

    sign: Sign
    times: int
    within: timedelta
    pause: timedelta
    short_characters: int


@dataclass(frozen=True, slots=True)
class ComingBack:
    """How many conversations, each with how few messages of the child, in how long."""

    sign: Sign
    times: int
    within: timedelta
    few_messages: int


@dataclass(frozen=True, slots=True)
class Silence:
    """After how long a silence is noticed, and after how long it calls people."""

    noticed_after: timedelta
    calls_after: timedelta

    def __post_init__(self) -> None:
        """Refuse a silence that would call people before anybody could notice it."""
        if not timedelta() < self.noticed_after <= self.calls_after:
            raise UnusableFiguresError("A silence is noticed above zero, and calls no sooner.")


@dataclass(frozen=True, slots=True)
class GoneQuiet:
    """The silences of each grave grade. ``sign.raises_to`` is what an urgent one becomes."""

    sign: Sign
    look_back: timedelta
    silences: Mapping[Grade, Silence]

    def sped_up(self, factor: int) -> "GoneQuiet":
        """Every silence divided by ``factor``: for the demo, which must not take an hour."""
        return replace(
            self,
            silences={
                grade: Silence(each.noticed_after / factor, each.calls_after / factor)
                for grade, each in self.silences.items()
            },
        )


@dataclass(frozen=True, slots=True)
class Together:
    """How close messages stand that are read as one text, and how much of a long one is."""

    within: timedelta
    most_characters: int
    note: str


@dataclass(frozen=True, slots=True)
class Figures:
    """All of `conversation.toml`."""

    most_messages: int
    together: Together
    asking_again: AskingAgain
    coming_back: ComingBack
    gone_quiet: GoneQuiet
    source: str
    checked: str

    def __post_init__(self) -> None:
        """Refuse figures that would raise what every child does, or read nothing."""
        counts = (self.asking_again.times, self.coming_back.times, self.most_messages)
        if min(counts) < _FEWEST_TIMES:
            raise UnusableFiguresError("Again is at least twice.")
        if self.asking_again.times > self.most_messages:
            raise UnusableFiguresError("So many askings are never read.")
        if self.together.within <= timedelta() or self.together.most_characters <= 0:
            raise UnusableFiguresError("What is read together has a length and a time.")

    def sign(self, rule: str) -> Sign | None:
        """The sign that a rule's id stands for; None for one that is no more."""
        every = (self.asking_again.sign, self.coming_back.sign, self.gone_quiet.sign)
        return next((each for each in every if each.rule == rule), None)


@dataclass(frozen=True, slots=True)
class Said:
    """A child's message, as far as asking again goes."""

    at: datetime
    characters: int


@dataclass(frozen=True, slots=True)
class Begun:
    """A conversation of one contact, as far as coming back goes."""

    at: datetime
    messages: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """A silence that is long enough to be noticed: what it raises, and when it calls people."""

    raises_to: Grade
    calls_at: datetime


def asks_again(unanswered: Sequence[Said], figures: AskingAgain) -> bool:
    """Whether a child whom no person has answered asked again and again up to its newest message.

    ``unanswered`` are the messages since a person's last word, in order. One asking more never
    makes it false, and no message does unless it is long or long after the others.
    """
    if not unanswered:
        return False
    newest = unanswered[-1].at
    short = [
        asking
        for asking in _askings(unanswered, figures.pause)
        if newest - asking[-1].at <= figures.within
        and sum(each.characters for each in asking) <= figures.short_characters
    ]
    return len(short) >= figures.times


def comes_back(begun: Sequence[Begun], figures: ComingBack) -> bool:
    """Whether a contact began conversations again and again, and said little in each."""
    newest = max((each.at for each in begun), default=None)
    if newest is None:
        return False
    short = [
        each
        for each in begun
        if newest - each.at <= figures.within and 0 < each.messages <= figures.few_messages
    ]
    return len(short) >= figures.times


def quiet(
    grade: Grade, *, silent_since: datetime, heard_until: datetime, figures: GoneQuiet
) -> Quiet | None:
    """What a silence in a conversation of this grade asks for by now; None while it is nothing.

    ``silent_since`` is when our last word had reached the child, and ``heard_until`` up to when a
    word of theirs would be known. Once it is something it stays so, and the grade never falls.
    """
    silence = figures.silences.get(grade)
    if silence is None or heard_until - silent_since < silence.noticed_after:
        return None
    raised = figures.sign.raises_to or grade
    return Quiet(
        raises_to=min(grade, raised, key=lambda each: each.rank),
        calls_at=silent_since + silence.calls_after,
    )


def load(text: str | None = None) -> Figures:
    """The figures from TOML text, or as shipped.

    Raises :class:`triage.errors.UnusableFiguresError`.
    """
    return _packaged() if text is None else _parsed(text)


def _askings(said: Sequence[Said], pause: timedelta) -> list[list[Said]]:
    askings: list[list[Said]] = []
    for each in said:
        if askings and each.at - askings[-1][-1].at <= pause:
            askings[-1].append(each)
        else:
            askings.append([each])
    return askings


@cache
def _packaged() -> Figures:
    return _parsed(resources.files("triage").joinpath("conversation.toml").read_text("utf-8"))


def _parsed(text: str) -> Figures:
    try:
        data = tomllib.loads(text)
        return _figures(data)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise UnusableFiguresError(
            f"The figures of conversations are not usable: {error}"
        ) from error


def _figures(data: Mapping[str, Any]) -> Figures:
    together, asking, coming, gone = (
        data[name] for name in ("together", "asking_again", "coming_back", "gone_quiet")
    )
    return Figures(
        most_messages=int(data["read"]["most_messages"]),
        together=Together(
            within=timedelta(seconds=together["within_seconds"]),
            most_characters=int(together["most_characters"]),
            note=together["note"],
        ),
        asking_again=AskingAgain(
            sign=_sign(asking, Grade(asking["raises_to"])),
            times=int(asking["times"]),
            within=timedelta(minutes=asking["within_minutes"]),
            pause=timedelta(seconds=asking["pause_seconds"]),
            short_characters=int(asking["short_characters"]),
        ),
        coming_back=ComingBack(
            sign=_sign(coming, Grade(coming["raises_to"])),
            times=int(coming["times"]),
            within=timedelta(hours=coming["within_hours"]),
            few_messages=int(coming["few_messages"]),
        ),
        gone_quiet=GoneQuiet(
            sign=_sign(gone, Grade.EMERGENCY if gone["raises_to_emergency"] else None),
            look_back=timedelta(hours=gone["look_back_hours"]),
            silences={
                grade: Silence(
                    noticed_after=timedelta(minutes=gone[grade.value]["noticed_after_minutes"]),
                    calls_after=timedelta(minutes=gone[grade.value]["calls_after_minutes"]),
                )
                for grade in GRAVE
            },
        ),
        source=data["source"],
        checked=data["checked"],
    )


def _sign(data: Mapping[str, Any], raises_to: Grade | None) -> Sign:
    return Sign(rule=data["rule"], concern=data["concern"], why=data["why"], raises_to=raises_to)
