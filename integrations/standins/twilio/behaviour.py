"""How the stand-in is told to misbehave: one object, set as a whole or by its parts.

Chance is seeded, so that a test that failed can be run again.
"""

from enum import StrEnum
from typing import Any

import msgspec


class What(StrEnum):
    """What happens to a request of the API."""

    FAIL = "fail"  # nothing is done; the answer is `status` with `code`
    CLOSE = "close"  # nothing is done; the connection closes without an answer
    HANG = "hang"  # nothing is done; the connection closes after `seconds`
    DELAY = "delay"  # all is well, `seconds` later
    ACCEPT_THEN_FAIL = "accept_then_fail"  # done and kept; the answer says that it was not
    ACCEPT_THEN_CLOSE = "accept_then_close"  # done and kept; the connection closes
    ACCEPT_THEN_HANG = "accept_then_hang"  # done and kept; the connection closes after `seconds`


class On(StrEnum):
    """Which requests a fault is for."""

    ANY = "any"
    SEND = "send"  # a new text
    CALL = "call"  # a new call
    READ = "read"  # fetching and listing


class When(StrEnum):
    """When a number that takes no texts is found out."""

    REQUEST = "request"  # the request is answered 400
    AT_ONCE = "at_once"  # accepted, then `failed`
    LATER = "later"  # accepted and sent, then `undelivered`


class Habit(StrEnum):
    """What a phone does by itself when it rings."""

    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    VOICEMAIL = "voicemail"


class Options(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A misspelt name is refused, or a test would pass for nothing."""


class Fault(Options):
    """One fault of the API, for the next `times` requests, or for all when that is null."""

    what: What
    on: On = On.ANY
    times: int | None = None
    status: int = 500
    code: int = 20500
    seconds: float = 30.0


class Delivery(Options):
    """What happens to requests from us to the service."""

    drop: float = 0.0  # the probability that one never leaves
    copies: int = 1  # how often each is made, at once
    hold: int = 0  # so many are gathered, then let go in an order of chance
    delay: float = 0.0  # seconds


class Phone(Options):
    """A number that is not like the others."""

    code: int | None = None  # why it takes no texts
    when: When = When.LATER
    rings: Habit | None = None


class Behaviour(Options):
    """Everything together. The defaults are those of a well-behaved provider."""

    seed: int = 0
    faults: list[Fault] = msgspec.field(default_factory=list)
    webhooks: Delivery = msgspec.field(default_factory=Delivery)
    callbacks: Delivery = msgspec.field(default_factory=Delivery)
    phones: dict[str, Phone] = msgspec.field(default_factory=dict)
    swallow: bool = False  # texts are accepted and sent, and arrive nowhere
    carrier_keywords: bool = True  # STOP, START, HELP and the like are acted on
    pace: float = 0.1  # seconds from one state of a text to the next
    speed: float = 1.0  # how many times as fast the clocks of calls run
    clock_ahead: float = 0.0  # seconds that its calendar is ahead of the machine's
    list_lag: float = 0.0  # seconds before a new text is seen in a list

    def changed(self, changes: dict[str, Any]) -> "Behaviour":
        """Return it with some parts replaced. Raises msgspec.ValidationError."""
        return msgspec.convert(msgspec.to_builtins(self) | changes, Behaviour)

    def take(self, on: On) -> Fault | None:
        """Return the fault that a request meets, and count it."""
        for fault in self.faults:
            if fault.on in (On.ANY, on) and fault.times != 0:
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None
