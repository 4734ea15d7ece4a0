"""What a child has chosen so far when it asks for a call. Pure.

It stands sealed in the child's own browser until the call is asked for, so that a number that was
typed and never sent is nowhere with us.
"""

from dataclasses import dataclass, field
from datetime import date

import msgspec

from helpline.public.steps import CALL_PAGES, Step


@dataclass(frozen=True, slots=True)
class Wish:
    """Each page's choice; what was not chosen yet is None. ``number`` is as it was typed.

    ``is_change`` says that a call is planned already, and that these are to take its place.
    """

    number: str | None = field(default=None, repr=False)
    is_shared_phone: bool | None = None
    day: date | None = None
    part: str | None = None
    if_answered: str | None = None
    own_name: str = field(default="", repr=False)
    may_leave_voicemail: bool | None = None
    is_change: bool = False


_decoder = msgspec.json.Decoder(Wish)


def written(wish: Wish) -> str:
    """The wish as text, to be sealed."""
    return msgspec.json.encode(wish).decode()


def read(text: str | None) -> Wish:
    """The wish of such a text; a fresh one for what an older release wrote."""
    try:
        return _decoder.decode(text or "{}")
    except msgspec.DecodeError:
        return Wish()


def reached(wish: Wish) -> Step:
    """The first page whose choice is still to be made; the review when none is."""
    chosen = (wish.number, wish.day, wish.if_answered, wish.may_leave_voicemail)
    return next(
        (page for page, choice in zip(CALL_PAGES[:-1], chosen, strict=True) if choice is None),
        Step.CALL_REVIEW,
    )


def shown(wish: Wish, wanted: Step) -> Step:
    """The page that can be shown: none is skipped."""
    return min(wanted, reached(wish), key=CALL_PAGES.index)
