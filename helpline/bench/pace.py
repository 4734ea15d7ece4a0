"""How fast a message is read: one after the other, on one core, in texts of a text's length."""

import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import cycle, islice
from typing import Any

# A text of one part has at most so many characters.
LENGTH = 160
MANY = 20_000
_WARM = 2_000
# In the order of the benchmark of intake: one line in ten of concern, one in two hundred grave.
_EACH_WORRIED = 10
_EACH_RARE = 200


@dataclass(frozen=True, slots=True)
class Pace:
    """Milliseconds for one message, and messages in a second."""

    median_ms: float
    p99_ms: float
    per_second: float


def messages(many: int) -> list[str]:
    """Invented messages of exactly 160 characters, the same in every run."""
    lines = _lines()
    plain, worried, rare = (cycle(lines[name]) for name in ("plain", "worried", "rare"))
    made = []
    for number in range(1, many + 1):
        first = plain
        if number % _EACH_RARE == 0:
            first = rare
        elif number % _EACH_WORRIED == 0:
            first = worried
        text = next(first)
        while len(text) < LENGTH:
            text = f"{text} {next(plain)}"
        made.append(text[:LENGTH])
    return made


def measure(read: Callable[[str], object], texts: Sequence[str]) -> Pace:
    """Read them all once, after some to get warm."""
    for text in islice(cycle(texts), _WARM):
        read(text)
    took = []
    for text in texts:
        began = time.perf_counter()
        read(text)
        took.append(time.perf_counter() - began)
    ordered = sorted(took)
    return Pace(
        median_ms=1000 * ordered[len(ordered) // 2],
        p99_ms=1000 * ordered[int(0.99 * (len(ordered) - 1))],
        per_second=len(took) / sum(took),
    )


def _lines() -> dict[str, Any]:
    found = resources.files("helpline.bench").joinpath("lines.toml").read_text("utf-8")
    return tomllib.loads(found)
