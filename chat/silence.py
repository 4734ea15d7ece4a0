"""When a phone has fallen silent: after our own word, and never while a child waits for us. Pure.

What follows from it stands in `texting.toml`; how long is long stands in `silence.toml`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources

from chat import texting
from chat.errors import UnusableTableError
from chat.texting import Input


@dataclass(frozen=True, slots=True)
class Figures:
    """How long a silence is each of the clock's inputs."""

    after: Mapping[Input, timedelta]
    source: str
    checked: str

    def __post_init__(self) -> None:
        """Refuse figures that would call a child silent at once, or close before it is quiet."""
        quiet, closed = self.after[Input.SILENT_20_MINUTES], self.after[Input.SILENT_24_HOURS]
        if not timedelta() < quiet < closed:
            raise UnusableTableError("The silences are to be above zero, and each longer.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LastWord:
    """The newest word of a person in a texting, and when its phone was heard last.

    ``is_ours``: a person of ours wrote it, at ``said_at``. ``left_at``: when it was on its way to
    the phone; None while it is not, or did not arrive. ``heard_at``: the phone's last text or call.
    """

    is_ours: bool
    said_at: datetime
    left_at: datetime | None
    heard_at: datetime | None


def given(word: LastWord, *, heard_until: datetime, now: datetime) -> tuple[Input, ...]:
    """What a silence has been to the table by now, in the order of time; empty while there is none.

    ``heard_until``: up to when every text that was sent to us is here, as far as we know. What
    came later cannot be missed, so silence counts to then only: after an outage nobody is silent
    who wrote meanwhile. All three times are instants, so no change of the clocks matters; a clock
    that was put back only makes a silence shorter.
    """
    begun = since(word)
    if begun is None:
        return ()
    silence = min(heard_until, now) - begun
    after = load().after
    return tuple(
        each for each in sorted(after, key=lambda one: after[one]) if silence >= after[each]
    )


def since(word: LastWord) -> datetime | None:
    """Since when we wait for an answer to a word of ours that arrived; None while we do not."""
    if not word.is_ours or word.left_at is None:
        return None
    if word.heard_at is not None and word.heard_at >= word.said_at:
        return None
    return max(word.said_at, word.left_at)


def load(text: str | None = None) -> Figures:
    """The figures from TOML text, or as shipped.

    Raises :class:`chat.errors.UnusableTableError`.
    """
    return _packaged() if text is None else _parsed(text)


@cache
def _packaged() -> Figures:
    return _parsed(resources.files("chat").joinpath("silence.toml").read_text("utf-8"))


def _parsed(text: str) -> Figures:
    try:
        data = tomllib.loads(text)
        return Figures(
            after={
                each: timedelta(minutes=data["after_minutes"][each])
                for each in sorted(texting.FROM_CLOCK)
            },
            source=data["source"],
            checked=data["checked"],
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise UnusableTableError(f"The figures of silence are not usable: {error}") from error
