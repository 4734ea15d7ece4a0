"""Does a text read like those that a person should see within minutes? A statistical helper.

It looks only at texts that no rule of the lexicon raised, raises by one step at most (high to
urgent), and says which of the child's words weighed most. It knows plain words, rows of up to
three of them, and pieces of words; each has a weight that anybody can read in `weights.txt`, and a
text's score is their sum. What it was trained on, and how well it does, stands in `card.md`.

A score is taken at the end of every word, from the beginning of every sentence, and the highest
counts: so a sentence that is added behind, or before, makes no text milder. Linear in the length
of the text.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from math import exp
from typing import Any

from triage.normalise import LONGEST_WORD

BEGINNING = "<"
LONGEST_ROW = 3
PIECES = (3, 4, 5)
# Weights are whole thousandths, so that a sum is the same on every machine.
UNIT = 1000

_PIECE_OF = "#"
# How far a score reaches from the beginning of a sentence, in words.
_FURTHEST = 60
_CACHED_WORDS = 4096
_STEEPEST = 50.0


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike a text is at its most alike place: log-odds in thousandths, and the place.

    `reaches`: whether that is enough to raise it. `first` and `last` are the plain words that
    weighed most.
    """

    score: int
    reaches: bool
    first: int
    last: int

    @property
    def share(self) -> float:
        """The score between 0 and 1, for putting texts in order."""
        return 1 / (1 + exp(-max(-_STEEPEST, self.score / UNIT)))


@dataclass(frozen=True, slots=True)
class Words:
    """What the reader of a reason is told, and who has checked the helper."""

    concern: str
    why: str
    source: str
    checked: str


class Likeness:
    """A set of weights. Without any, nothing is alike."""

    def __init__(
        self, weights: Mapping[str, int], *, start: int, threshold: int, word_cost: int = 0
    ) -> None:
        """`start` is every score's beginning; one that reaches `threshold` is alike.

        Each word costs `word_cost`, so that a long text does not get there by its length.
        """
        self._weights = weights
        self._word_cost = word_cost
        self._start = start
        self._threshold = threshold
        self._remembered = lru_cache(maxsize=_CACHED_WORDS)(self._weight_of)

    @property
    def has_weights(self) -> bool:
        """Whether it can find anything at all."""
        return bool(self._weights)

    def alike(self, words: Sequence[str], beginnings: Sequence[int]) -> Alike | None:
        """How alike these words are, whose sentences begin at `beginnings`; None without words."""
        best: int | None = None
        place = (0, 0)
        for beginning in beginnings if self._weights else ():
            score = self._start
            for number, weight in enumerate(self._each(words, beginning), start=1):
                score += weight - self._word_cost
                if best is None or score > best:
                    best, place = score, (beginning, beginning + number)
        if best is None:
            return None
        first, last = self._heaviest(words, *place)
        return Alike(score=best, reaches=best >= self._threshold, first=first, last=last)

    def _each(self, words: Sequence[str], beginning: int) -> Iterator[int]:
        weights = self._weights
        last = before = ""
        for word in words[beginning : beginning + _FURTHEST]:
            if not last:
                last = BEGINNING
                yield self._word(word) + weights.get(f"{last} {word}", 0)
            else:
                yield (
                    self._word(word)
                    + weights.get(f"{last} {word}", 0)
                    + weights.get(f"{before} {last} {word}", 0)
                )
            before, last = last, word

    def _word(self, word: str) -> int:
        # A hostile run of letters stays out of the memory.
        return (self._remembered if len(word) <= LONGEST_WORD else self._weight_of)(word)

    def _weight_of(self, word: str) -> int:
        weights = self._weights
        return weights.get(word, 0) + sum(weights.get(piece, 0) for piece in pieces(word))

    def _heaviest(self, words: Sequence[str], first: int, end: int) -> tuple[int, int]:
        # The run of words with the largest sum; a single word at least.
        best, run, run_from = None, 0, first
        place = (first, first)
        for at, weight in zip(range(first, end), self._each(words, first), strict=False):
            if run <= 0:
                run, run_from = 0, at
            run += weight
            if best is None or run > best:
                best, place = run, (run_from, at)
        return place


def features(words: Sequence[str]) -> Iterator[str]:
    """All that is weighed in these words, from the beginning of a sentence."""
    placed = [BEGINNING, *words]
    for at in range(1, len(placed)):
        for many in range(1, LONGEST_ROW + 1):
            if many <= at + 1:
                yield " ".join(placed[at - many + 1 : at + 1])
        yield from pieces(placed[at])


def pieces(word: str) -> Iterator[str]:
    """The pieces of a word, its two ends marked."""
    marked = f"|{word}|"
    for length in PIECES:
        for at in range(len(marked) - length + 1):
            yield _PIECE_OF + marked[at : at + length]


@cache
def shipped() -> Likeness:
    """The helper that ships with the package; one that finds nothing when it is switched off."""
    if not _settings()["on"]:
        return NOTHING
    text = resources.files("triage.likeness").joinpath("weights.txt").read_text("utf-8")
    return read(text, **limits())


def limits() -> dict[str, int]:
    """What a score must reach, and what each word costs, in thousandths."""
    return {name: int(_settings()[name]) for name in ("threshold", "word_cost")}


NOTHING = Likeness({}, start=0, threshold=1)


@cache
def said() -> Words:
    """What is said of a text that was raised by likeness."""
    settings = _settings()
    return Words(**{name: settings[name] for name in ("concern", "why", "source", "checked")})


def read(text: str, *, threshold: int, word_cost: int = 0) -> Likeness:
    """A helper from a file of weights: lines of `weight<TAB>feature`, and of `#` remarks."""
    lines = (line for line in text.splitlines() if line and not line.startswith("# "))
    rows = (line.partition("\t") for line in lines)
    weights = {feature: int(weight) for weight, _, feature in rows}
    start = weights.pop("", 0)
    return Likeness(weights, start=start, threshold=threshold, word_cost=word_cost)


@cache
def _settings() -> Mapping[str, Any]:
    text = resources.files("triage.likeness").joinpath("likeness.toml").read_text("utf-8")
    return tomllib.loads(text)
