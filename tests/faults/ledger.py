"""What the senders know: what they said, and what the service told them of it.

It lives outside the service and survives whatever happens to it.
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

# Whether a sender waits for each tick before it says the next thing.
Manner = Literal["one by one", "pipelined"]


@dataclass(kw_only=True)
class Line:
    """One message of a sender. `seq` is the number in its tick, 0 when it was kept apart."""

    number: int
    client_id: str
    text: str
    first_sent: float = 0.0
    ticked: float = 0.0
    seq: int | None = None

    def sent(self) -> None:
        """Note when it went out for the first time."""
        self.first_sent = self.first_sent or time.monotonic()


@dataclass(kw_only=True)
class Chat:
    """One conversation whose start was acknowledged, and everything its one sender said."""

    conversation: str
    token: str
    manner: Manner
    lines: list[Line] = field(default_factory=list)
    was_refused: bool = False
    shown: dict[int, str] = field(default_factory=dict)

    def another(self, sender: str) -> Line:
        """The next line: plain words, and a number that makes it one of a kind."""
        number = len(self.lines) + 1
        line = Line(
            number=number,
            client_id=f"{sender}-{number}",
            text=f"Line {number} from {sender}: the bus came late and it rained a little.",
        )
        self.lines.append(line)
        return line

    def unticked(self) -> list[Line]:
        """What was said and not acknowledged, in the order it was said."""
        return [line for line in self.lines if line.seq is None]

    def read_up_to(self) -> int:
        """The cursor of the sender's page: every number up to here it has seen or said."""
        known = {line.seq for line in self.lines} | self.shown.keys()
        return next(number for number in count(1) if number not in known) - 1


@dataclass
class Ledger:
    """Everything the senders know."""

    chats: list[Chat] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    closes: Counter[int] = field(default_factory=Counter)
    reconnected: int = 0
    # What no sender may ever be told, in words.
    contradictions: list[str] = field(default_factory=list)
    ticks: list[float] = field(default_factory=list)

    def tick(self, chat: Chat, line: Line, seq: int) -> None:
        """Note that a line was acknowledged; a second acknowledgement must say the same."""
        if line.seq is None:
            line.seq, line.ticked = seq, time.monotonic()
            self.ticks.append(line.ticked)
        elif line.seq != seq:
            self.contradictions.append(
                f"{chat.conversation}: {line.client_id} was number {line.seq}, then {seq}"
            )

    @property
    def acknowledged(self) -> int:
        """How many messages were acknowledged."""
        return len(self.ticks)

    @property
    def unticked(self) -> int:
        """How many messages still wait for their tick."""
        return sum(len(chat.unticked()) for chat in self.chats)
