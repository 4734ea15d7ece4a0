"""Words written without spaces, taken apart: "iwanttodie" is "i want to die".

A run is taken apart only when all of it is words that are known; of several ways, the one with the
fewest and longest words. Linear in the length of the run.
"""

from collections.abc import Callable, Container

SHORTEST = 4
LONGEST = 200
_LONGEST_WORD = 14
_ALONE = frozenset("ia")
_SHORTEST_OTHER = 3
# What each further word costs, by its length: two short words are seldom what was meant.
_COST = {1: 1.6, 2: 1.3, 3: 1.1}
_UNUSUAL = 0.7


class Joined:
    """Takes runs apart into the lexicon's words, and ordinary words between them."""

    def __init__(self, vocabulary: Container[str], is_word: Callable[[str], bool]) -> None:
        """`is_word` says whether a word outside the lexicon is an ordinary one."""
        self._vocabulary = vocabulary
        self._is_word = is_word

    def apart(self, run: str) -> str | None:
        """The run's words between single spaces; None when it is not wholly such words."""
        if not (SHORTEST <= len(run) <= LONGEST and run.isascii() and run.isalnum()):
            return None
        best: list[tuple[float, int] | None] = [(0.0, 0)]
        for end in range(1, len(run) + 1):
            # A number stays in one piece.
            inside = run[end - 1 : end + 1].isdigit() and end < len(run)
            ways = [
                (before[0] + cost, start)
                for start in range(max(0, end - _LONGEST_WORD), end)
                if not inside
                and (before := best[start]) is not None
                and (cost := self._cost(run[start:end])) is not None
            ]
            best.append(min(ways, default=None))
        words: list[str] = []
        end = len(run)
        while end > 0:
            way = best[end]
            if way is None:
                return None
            words.append(run[way[1] : end])
            end = way[1]
        return " ".join(reversed(words)) if len(words) > 1 else None

    def _cost(self, word: str) -> float | None:
        cost = _COST.get(len(word), 1.0)
        if word.isdigit():
            return cost
        if word in self._vocabulary and (len(word) > 1 or word in _ALONE):
            return cost
        if len(word) >= _SHORTEST_OTHER and self._is_word(word):
            return cost + _UNUSUAL
        return None
