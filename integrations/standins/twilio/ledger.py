"""What a test wants to know about what went to and fro. Kept in memory, except for the texts."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from integrations.standins.twilio import words

LONGEST = 2000


@dataclass(slots=True)
class Ledger:
    """Counts and lists since the last reset or start."""

    counts: Counter[str] = field(default_factory=Counter)
    troubles: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=LONGEST))
    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=LONGEST))

    def trouble(self, code: int, *, url: str, sid: str) -> None:
        """Note what Twilio's debugger would show. For a text, nothing more is done."""
        self.troubles.append(
            {
                "code": code,
                "message": words.error(code),
                "path": urlsplit(url).path,
                "sid": sid,
            }
        )

    def forget(self) -> None:
        """Begin again."""
        self.counts.clear()
        self.troubles.clear()
        self.requests.clear()
