"""So many of so many, with the interval that so few examples allow."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

# The normal deviate of a 95 % interval.
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Share:
    """`found` of `of`. A share of nothing has no value."""

    found: int
    of: int

    @property
    def value(self) -> float | None:
        """0 to 1, or None when there was nothing to count."""
        return self.found / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval: it stays between 0 and 1, and is honest about small sets."""
        if not self.of:
            return None
        many, share = self.of, self.found / self.of
        middle = share + _Z**2 / (2 * many)
        half = _Z * sqrt(share * (1 - share) / many + _Z**2 / (4 * many**2))
        whole = 1 + _Z**2 / many
        return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


def of(outcomes: Iterable[bool]) -> Share:
    """How many of these are so."""
    each = list(outcomes)
    return Share(sum(each), len(each))


def total(shares: Iterable[Share]) -> Share:
    """All of them together, each text counted once."""
    each = list(shares)
    return Share(sum(share.found for share in each), sum(share.of for share in each))
