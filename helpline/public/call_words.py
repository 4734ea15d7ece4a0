"""Times of a call in words, on the pages and in the conversation. Pure."""

from datetime import date, time

from chat.calling import Part, Slot
from helpline.public import rendering, words


def day(of: date, today: date) -> str:
    """A day near ``today`` in one word."""
    say, ahead = words.load().say, (of - today).days
    if ahead in {0, 1}:
        return say("call.today" if ahead == 0 else "call.tomorrow")
    return weekday(of)


def weekday(of: date) -> str:
    """The day of the week."""
    return words.load().say(f"times.day_{of.weekday()}")


def span(part: Part) -> str:
    """From when until when; no line breaks within a time."""
    starts, ends = (rendering.whole(_clock(each)) for each in (part.starts, part.ends))
    return words.load().say("call.span", starts=starts, ends=ends)


def slot(chosen: Slot, today: date) -> str:
    """A day and its hours, near ``today``."""
    return words.load().say("call.slot", day=day(chosen.day, today), span=span(chosen.part))


def said(chosen: Slot) -> str:
    """What stands in the conversation, in words that are still true tomorrow."""
    say, part = words.load().say, chosen.part
    hours = say("call.span", starts=_clock(part.starts), ends=_clock(part.ends))
    return say("call.said", day=weekday(chosen.day), span=hours)


def said_no() -> str:
    """What stands there when it was taken back."""
    return words.load().say("call.said_no")


def _clock(at: time) -> str:
    return rendering.wall_clock(at.hour, at.minute)
