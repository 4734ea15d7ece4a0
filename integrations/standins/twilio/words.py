"""What Twilio says by itself, read once from ``twilio.toml``."""

import tomllib
from enum import StrEnum
from importlib import resources

FOUND = tomllib.loads(resources.files(__package__).joinpath("twilio.toml").read_text("utf-8"))

CONNECT_SECONDS: float = FOUND["webhooks"]["connect_seconds"]
TOTAL_SECONDS: float = FOUND["webhooks"]["total_seconds"]
UNKNOWN = "Unknown error"


class Keyword(StrEnum):
    """What a carrier understands a whole text as."""

    STOP = "stop"
    START = "start"
    HELP = "help"


def keyword(text: str) -> Keyword | None:
    """Return what the carrier takes a text for: one word alone, in any case."""
    word = text.strip().upper()
    return next((each for each in Keyword if word in FOUND["keywords"][each]), None)


def reply(word: Keyword) -> str:
    """Return the carrier's own answer."""
    answer: str = FOUND["replies"][word]
    return answer


def error(code: int) -> str:
    """Return Twilio's words for an error."""
    message: str = FOUND["errors"].get(str(code), UNKNOWN)
    return message
