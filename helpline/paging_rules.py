"""The figures and words of paging by phone, from ``helpline/paging.toml``. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from chat import wording
from chat.wording import Text

_UNTIL = "{until}"
_ANY_TIME = "9am"


@dataclass(frozen=True)
class Rules:
    """When a page is given up, how long a phone rings, what a PIN takes, and what is said."""

    tries_for: timedelta
    covers_for: timedelta
    rings_for_seconds: int
    key_within_seconds: int
    pins_in_a_call: int
    promised: timedelta
    next_step: str
    words: Mapping[str, Text]

    def text(self, key: str) -> str:
        """What is texted or said."""
        return self.words[key].text

    def text_until(self, key: str, until: datetime, *, now: datetime) -> str:
        """What is said with a time in it, in England's local time."""
        return self.text(key).replace(_UNTIL, wording.opens_at(until, now=now))

    def faults(self) -> tuple[str, ...]:
        """What is wrong with these words, by the rules of whatever a screen may show."""
        return tuple(
            f"{key}: {fault}"
            for key, each in self.words.items()
            for fault in wording.faults(each.text.replace(_UNTIL, _ANY_TIME))
        )


@cache
def load() -> Rules:
    """The rules as they stand in helpline/paging.toml."""
    text = resources.files("helpline").joinpath("paging.toml").read_text("utf-8")
    return read(tomllib.loads(text))


def read(given: Mapping[str, Any]) -> Rules:
    """The rules in a mapping of that form."""
    return Rules(
        tries_for=timedelta(minutes=given["tries_for_minutes"]),
        covers_for=timedelta(seconds=given["covers_for_seconds"]),
        rings_for_seconds=given["rings_for_seconds"],
        key_within_seconds=given["key_within_seconds"],
        pins_in_a_call=given["pins_in_a_call"],
        promised=timedelta(minutes=given["promised_minutes"]),
        next_step=given["next_step"],
        words={
            key: Text(text=row["text"], is_reviewed=row["reviewed"])
            for key, row in given["words"].items()
        },
    )
